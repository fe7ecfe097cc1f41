"""Tiny models that see, deployed on the stand-ins: a receipt becomes JSON by `call`, `batch` and the endpoint."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.codegen.images_part import images_part
from tests.codegen.tiny_vision import data_url, picture, seeing
from tests.support.person import APP, Person, Run, Serving, need_local
from wizard.core.inference.engine_registry import engines
from wizard.core.plan.call_snippets import MAKE_PROXY_TOKEN

pytestmark = [pytest.mark.long, pytest.mark.slow]

RECEIPT = {
    "title": "Receipt",
    "type": "object",
    "properties": {"cents": {"type": "integer", "minimum": 0, "maximum": 99999}, "currency": {"enum": ["EUR", "USD"]}},
    "required": ["cents", "currency"],
    "additionalProperties": False,
}
ASKED = "What is on this receipt?"


def of_engine(name: str) -> Any:
    here = importlib.util.find_spec(name) is not None
    return pytest.param(name, marks=pytest.mark.skipif(not here, reason=f"{name} is not installed"))


@pytest.fixture(scope="module", params=[of_engine(each.name) for each in engines()])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A rehearsal with two models that see."""
    need_local()
    folder, person = tmp_path_factory.mktemp("models"), Person()
    try:
        models = {name: seeing(name, folder / name) for name in ("gemma3", "idefics3")}
        yield person.serve(*(f"--serve={path}=acme/{name}" for name, path in models.items()))
    finally:
        person.leave()


def ask(person: Person, app: str, *flags: str) -> Run:
    limits = ["--max-tokens", "60"]
    return person.wizard("call", app, "--rehearse", "--json", "--prompt", ASKED, *limits, *flags, seconds=500)


@pytest.mark.parametrize("model", ["gemma3", "idefics3"])
def test_a_receipt_becomes_json(at_work: Serving, engine: str, model: str) -> None:
    if engine == "vllm" and model == "gemma3" and not importlib.util.find_spec("torchvision"):
        pytest.skip("vLLM reads images for it with torchvision")
    person = at_work.person
    (person.project / "receipt.json").write_text(json.dumps(RECEIPT))
    (person.project / "till.png").write_bytes(picture(90, 200))
    (person.project / "photo.jpg").write_bytes(picture(300, 200, "JPEG"))
    app = f"sees-{model}-{engine.replace('_', '-')}"
    flags = ["--model", f"acme/{model}", "--schema", "receipt.json", "--app", app, "--engine", engine, "--endpoint"]
    done = person.deploy(*flags, "--no-sample", seconds=400)
    assert done.one("PlanReady")["plan"]["model"]["sees"] is True
    assert "images=[open(" in done.last["next"]["python"] and done.last["next"]["again"].endswith(" --image FILE")

    for images in ([], ["till.png"], ["till.png", "photo.jpg"]):
        run = ask(person, app, *(f"--image={image}" for image in images))
        sample = run.one("SampleReady")
        assert run.code == 0 and sample["valid"], run
        assert set(sample["value"]) == {"cents", "currency"}

    rows = batch(person, app)
    assert [row["valid"] for row in rows] == [True, True, True, False], rows
    assert "gone.png cannot be read" in rows[3]["error"]
    cases(person, app)
    endpoint(at_work, done.last["endpoint"])


def cases(person: Person, app: str) -> None:
    """Cases with images: the first is asked alone, the others by map."""
    lines = [{"prompt": ASKED, "images": images} for images in (["till.png"], ["till.png", "photo.jpg"], ["photo.jpg"])]
    asked = "".join(
        f"{json.dumps(line | {'expected': {'cents': 5}, 'compare': {'cents': '±99999'}})}\n" for line in lines
    )
    (person.project / "cases.jsonl").write_text(asked)
    flags = ("--cases", "cases.jsonl", "--max-tokens", "60", "--min-accuracy", "1")
    run = person.wizard("verify", app, "--rehearse", "--json", *flags, seconds=500)
    assert run.code == 0, run
    assert [each["right"] for each in run.all("CaseJudged")] == [True] * 3


def batch(person: Person, app: str) -> list[dict[str, Any]]:
    lines = [ASKED, {"prompt": ASKED, "images": ["till.png"]}, {"prompt": ASKED, "images": ["till.png", "photo.jpg"]}]
    lines.append({"prompt": ASKED, "images": ["gone.png"]})
    (person.project / "in.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (out := person.project / f"{app}.jsonl").unlink(missing_ok=True)
    flags = ["--rehearse", "--json", "-o", str(out), "--max-tokens", "60"]
    done = person.wizard("batch", app, "../a project/in.jsonl", *flags, folder=person.home, seconds=500)
    assert done.code == 7, done
    return [json.loads(line) for line in out.read_text().splitlines()]


def endpoint(at_work: Serving, url: str) -> None:
    token = at_work.modal_json(*MAKE_PROXY_TOKEN.split()[1:])
    image = {"type": "image_url", "image_url": {"url": data_url(picture())}}
    hostile = {"https://169.254.169.254/": "not on the public internet", data_url(b"%PDF-1.7"): "image 1 is not a JPEG"}

    async def send(*parts: Any) -> httpx2.Response:
        async with httpx2.AsyncClient(base_url=url, headers=token, follow_redirects=True, timeout=280) as client:
            content = [*parts, {"type": "text", "text": ASKED}]
            body = {"messages": [{"role": "user", "content": content}], "max_tokens": 60}
            return await client.post("/v1/chat/completions", json=body)

    answer = asyncio.run(send(image)).json()
    assert set(json.loads(answer["choices"][0]["message"]["content"])) == {"cents", "currency"}
    assert answer["usage"]["prompt_tokens"] > asyncio.run(send()).json()["usage"]["prompt_tokens"]
    for address, words in hostile.items():
        refused = asyncio.run(send({"type": "image_url", "image_url": address}))
        assert (refused.status_code, words in refused.json()["error"]["message"]) == (400, True), refused.text
    assert set(json.loads(by_outlines(url, token))) == {"cents", "currency"}
    many = asyncio.run(send(*[image] * (images_part()["MAX_IMAGES"] + 1)))
    assert (many.status_code, "are too many" in many.json()["error"]["message"]) == (400, True)


def by_outlines(url: str, token: dict[str, str]) -> str:
    """What Outlines' own client gets for an image."""
    import outlines
    from openai import OpenAI
    from PIL import Image

    client = OpenAI(base_url=f"{url}/v1", api_key="-", default_headers=token, timeout=280)
    model: Any = outlines.from_vllm(client, client.models.list().data[0].id)
    asked = [ASKED, outlines.inputs.Image(Image.open(io.BytesIO(picture())))]
    answer: str = model(asked, outlines.json_schema(RECEIPT), max_tokens=60)
    return answer


def test_a_model_that_reads_text_is_sent_no_images(at_work: Serving) -> None:
    person = at_work.person
    (person.project / "till.png").write_bytes(picture())
    person.deploy("--no-sample")
    refused = ask(person, APP, "--image", "till.png")
    assert (refused.code, refused.last["code"]) == (2, "model_reads_text")
    assert "reads text only: it takes no images" in refused.last["message"]
    (person.project / "text.jsonl").write_text(json.dumps({"prompt": ASKED, "images": ["till.png"]}))
    done = person.wizard("batch", APP, "text.jsonl", "--rehearse", "--json", "-o", "rows.jsonl")
    assert done.code == 7 and "reads text only" in Path(person.project / "rows.jsonl").read_text()
