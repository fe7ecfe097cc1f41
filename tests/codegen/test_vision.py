"""Tiny random models that see, run by the app file: they answer prompts with images, and each image counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.codegen.test_app_runs import ANY, CHARACTER, FREE, GREEDY, OUTPUT
from tests.codegen.tiny_vision import MARKS, WITH_TORCHVISION, data_url, picture, seeing, seeing_apart
from tests.support import torchvision_ops
from tests.support.app_process import AppProcess
from tests.support.plans import plan
from tests.support.session import nightly_beside

pytestmark = pytest.mark.long
pytest.importorskip("torch")
DARK, LIGHT = data_url(picture(colour="black")), data_url(picture(kind="JPEG"))


no_vllm = pytest.mark.skipif(not find_spec("vllm"), reason="vLLM is not installed: make vllm")
CASES = nightly_beside(
    [("transformers", "gemma3"), ("transformers", "idefics3")], [("transformers", name) for name in MARKS]
)  # of these, vLLM loads one without torchvision
CASES += [pytest.param(("vllm", "idefics3"), marks=no_vllm)]
CASES += [("transformers", name) for name in WITH_TORCHVISION]


@pytest.fixture(scope="module")
def torchvision(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds it: it is not installed, since it suits few builds of torch."""
    folder = tmp_path_factory.mktemp("torchvision")
    if not torchvision_ops.download(folder):
        pytest.skip("the package index cannot be reached")
    return folder


@pytest.fixture(scope="module", params=CASES, ids=str)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    engine, model_type = request.param
    folder = tmp_path_factory.mktemp(model_type)
    (folder / "app").mkdir()
    asked = plan(engine=engine, fast_start=True, output=OUTPUT, max_tokens=100, sees=True)
    if model_type in WITH_TORCHVISION:
        packages: Path = request.getfixturevalue("torchvision")
        model = seeing_apart(model_type, folder / "model", packages)
        process = AppProcess(asked, folder / "app", model, packages)
    else:
        process = AppProcess(asked, folder / "app", seeing(model_type, folder / "model"))
    assert process.started == {}
    yield process
    process.close()


def test_prompts_with_images_and_without_are_answered_beside_each_other(app: AppProcess) -> None:
    answers = app.asks(
        {"prompt": "What is this?", "images": [DARK], **ANY},
        {"prompt": ["Which of the two?", DARK, LIGHT], **ANY},
        {"prompt": "Describe somebody.", **ANY},
        {"prompt": "Describe somebody else.", **ANY},
        {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "?"}], "images": [LIGHT]},
        {"messages": [{"role": "user", "content": [{"type": "image", "image": DARK}, {"type": "text", "text": "?"}]}]},
    )
    assert not any(answer.get("error") or answer["refused"] for answer in answers), answers
    for answer in answers:
        assert answer["truncated"] or CHARACTER.is_valid(json.loads(answer["text"])), answer
    assert [answer["batch"] for answer in answers[:2]] == [1, 1] or app.plan.engine == "vllm"


def test_a_model_that_sees_reasons_as_well(tmp_path: Path) -> None:
    """Its tags are no tokens here, and random weights never write them: the budget ends it."""
    (tmp_path / "app").mkdir()
    model = seeing("llava", tmp_path / "model")
    template = model / "chat_template.jinja"
    template.write_text(template.read_text() + r"{{ '<think>\n' }}{# </think> #}")
    process = AppProcess(plan(output=OUTPUT, max_tokens=100, sees=True, think="20"), tmp_path / "app", model)
    asked = {"prompt": "What is this?", "images": [DARK], **ANY}
    seen, unseen, none = process.asks(asked, {"prompt": "Describe somebody.", **ANY}, asked | {"think": "off"})
    process.close()
    for answer in (seen, unseen, none):
        assert answer["truncated"] or CHARACTER.is_valid(json.loads(answer["text"])), answer
    assert [each["reasoning_tokens"] for each in (seen, unseen, none)] == [20, 20, 0]


def test_what_is_on_an_image_changes_the_answer(app: AppProcess) -> None:
    def said(image: str) -> list[str]:
        ways = [GREEDY, *({**ANY, "seed": seed} for seed in range(4))]
        return [app.ask("?", images=[image], max_tokens=40, **FREE, **way)["text"] for way in ways]

    dark = said(DARK)
    assert dark == said(DARK) != said(LIGHT)


def test_images_count_against_the_context(app: AppProcess) -> None:
    none, one, two = (app.asks({"prompt": "?", **GREEDY, "images": [DARK] * number})[0] for number in range(3))
    assert one["prompt_tokens"] - none["prompt_tokens"] >= 4
    assert two["prompt_tokens"] - one["prompt_tokens"] >= 4
    long, good = app.asks({"prompt": "word " * 2000, "images": [DARK]}, {"prompt": "?", "images": [DARK], **GREEDY})
    assert "context of 512 tokens" in long["refused"] and long["text"] == ""
    assert good["text"] == one["text"], "a neighbour was harmed"


def test_what_cannot_be_read_is_refused_and_harms_no_other(app: AppProcess) -> None:
    bad, good = app.asks({"prompt": "?", "images": [data_url(b"%PDF-1.7")]}, {"prompt": "?", "images": [DARK], **ANY})
    assert bad["error"] == "ValueError: image 1 is not a JPEG, PNG, WEBP, GIF file that can be read"
    assert CHARACTER.is_valid(json.loads(good["text"])) or good["truncated"]
    if app.plan.engine == "transformers":  # vLLM puts the image where the first mark is, and takes others as text
        marks = " ".join(mark for each in (MARKS | WITH_TORCHVISION).values() for mark in each.values())
        (marked,) = app.asks({"prompt": marks, "images": [DARK]})
        assert "the model does not take these images with this prompt" in marked["error"]


def test_where_images_cannot_be_prepared_text_is_answered_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    folder = seeing("llava", tmp_path / "model")
    (folder / "processor_config.json").write_text('{"processor_class": "LlavaProcessor"}')
    process = AppProcess(plan(output=OUTPUT, max_tokens=100, sees=True), tmp_path / "app", folder)
    try:
        assert process.started == {}
        text, image = process.asks({"prompt": "?", **ANY}, {"prompt": "?", "images": [DARK], **ANY})
        assert text["truncated"] or CHARACTER.is_valid(json.loads(text["text"]))
        assert image["error"].startswith("ValueError: images cannot be read here: ")
    finally:
        process.close()
