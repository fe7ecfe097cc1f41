"""A fine-tune that is a LoRA adapter: from its name to answers, alone and among several, however they are asked."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.support.lora import write_lora
from tests.support.person import MODEL, Person, Run, Serving, need_local

PROMPT = "Describe Conan, 40 year old barbarian with an axe."
GREEDY = {"messages": [{"role": "user", "content": PROMPT}], "temperature": 0}

pytestmark = [pytest.mark.long, pytest.mark.slow]


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    """A Hub with two adapters of the gated model; the second one is gated too."""
    need_local()
    if importlib.util.find_spec("peft") is None:
        pytest.skip("peft is not installed: make local")
    person = Person()
    served = []
    for name, seed, access in (("a", 1, ""), ("b", 2, ":gated")):
        folder = write_lora(person.project / name, seed, MODEL)
        served += ["--serve", f"{folder}=acme/lora-{name}{access}"]
    yield person.serve(*served)
    person.leave()


def value_of(run: Run) -> Any:
    assert run.code == 0, run
    return run.one("SampleReady")["value"]


def test_one_adapter_is_deployed_with_its_base_model_and_a_second_run_changes_nothing(serving: Serving) -> None:
    person = serving.person
    first = person.wizard("deploy", "--rehearse", "--json", "--yes", "--model", "acme/lora-a", "--save-plan", "a.toml")
    plan = first.one("PlanReady")["plan"]["model"]
    assert first.code == 0 and plan["model"] == MODEL and plan["adapter"][0].startswith("lora-a=acme/lora-a@")
    assert first.last["app"] == "outlines-lora-a" and first.one("SampleReady")["valid"]
    again = person.wizard("deploy", "--rehearse", "--json", "--yes", "--plan", "a.toml")
    assert {change["action"] for change in again.one("PlanReady")["changes"]} == {"keep"}
    status = person.wizard("status", "outlines-lora-a", "--rehearse", "--json").json()
    assert status["weights"]["complete"] is True and status["adapters"] == plan["adapter"]
    refused = person.wizard("call", "outlines-lora-a", "--rehearse", "--json", "--adapter", "b", "--prompt", PROMPT)
    assert (refused.code, refused.last["code"]) == (2, "adapter_unknown")


def test_several_adapters_answer_when_they_are_named(serving: Serving) -> None:
    person = serving.person
    flags = ["--model", MODEL, "--adapter", "a=acme/lora-a", "--adapter", "b=acme/lora-b", "--app", "two", "--endpoint"]
    deployed = person.wizard("deploy", "--rehearse", "--json", "--yes", "--choices", "ab,cd,ef,gh,ij,kl", *flags)
    assert deployed.code == 0, deployed
    called = {
        name: value_of(person.wizard("call", "two", "--rehearse", "--json", *chosen, "--prompt", PROMPT))
        for name, chosen in (("", []), ("a", ["--adapter", "a"]), ("b", ["--adapter", "b"]))
    }
    assert all(len(value) == 2 for value in called.values())

    lines: list[dict[str, Any]] = [{"prompt": PROMPT, "adapter": name} for name in ("a", "b", "c")]
    (person.project / "in.jsonl").write_text("\n".join(map(json.dumps, [*lines, PROMPT, lines[0] | {"max_tokens": 9}])))
    batch = person.wizard("batch", "two", "in.jsonl", "-o", "out.jsonl", "--rehearse", "--json", "--temperature", "0")
    rows = [json.loads(line) for line in (person.project / "out.jsonl").read_text().splitlines()]
    assert batch.code == 7 and [row["valid"] for row in rows] == [True, True, False, True, True]
    assert "two has no adapter 'c'" in rows[2]["error"]

    made = json.loads(serving.modal("workspace", "proxy-tokens", "create", "--json"))
    headers = {"Modal-Key": made["Modal-Key"], "Modal-Secret": made["Modal-Secret"]}
    with httpx2.Client(base_url=deployed.last["endpoint"], headers=headers, timeout=120) as client:
        listed = {each["id"] for each in client.get("/v1/models").json()["data"]}
        assert listed == {"two", MODEL, "a", "b"}
        said = {
            name: client.post("/v1/chat/completions", json=GREEDY | {"model": name}).json()["choices"][0]["message"]
            for name in (MODEL, "a", "b")
        }
        assert client.post("/v1/chat/completions", json=GREEDY | {"model": "c"}).status_code == 404
    assert [said["a"]["content"], said["b"]["content"]] == [rows[0]["value"], rows[1]["value"]]
    assert said[MODEL]["content"] == rows[3]["value"]
