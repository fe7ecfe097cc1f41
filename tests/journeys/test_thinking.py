"""A model that thinks, from the plan to its answers: with flags, in a batch, under verify, and over HTTP."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.codegen.scripted_model import scripted
from tests.support.app_process import MODEL as PLAIN
from tests.support.person import Person, Serving, need_local
from wizard.core.plan.call_snippets import MAKE_PROXY_TOKEN

pytest.importorskip("torch")
pytestmark = [pytest.mark.long, pytest.mark.slow]

MODEL, APP, HIDDEN = "acme/thinker", "thinker", "acme/hidden"
PLAN = ("--model", MODEL, "--app", APP, "--regex", "(yes|no)!!!", "--prompt", "Is it?", "--think", "30", "--endpoint")


def hidden(folder: Path) -> Path:
    """A model that does not think, with its template where the Hub does not show it."""
    shutil.copytree(PLAIN, folder)
    template = folder / "chat_template.jinja"
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": template.read_text()}))
    template.unlink()
    return folder


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, Any]]:
    """A person with a function whose model reasons, and how the deploy went."""
    need_local()
    folder = tmp_path_factory.mktemp("model")
    somebody = Person()
    serving = somebody.serve(
        *("--serve", f"{scripted(folder / 'thinker')}={MODEL}"), *("--serve", f"{hidden(folder / 'hidden')}={HIDDEN}")
    )
    done = somebody.deploy(*PLAN)
    yield serving, done
    somebody.leave()


def is_answer(text: str) -> bool:
    return re.fullmatch("(yes|no)!!!", text) is not None


def test_the_plan_counts_it_and_the_first_sample_has_it(deployed: tuple[Serving, Any]) -> None:
    _, done = deployed
    ready = done.one("PlanReady")
    assert ready["plan"]["output"]["think"] == "30" and ready["plan"]["model"]["auto_think"] == 64
    assert any("30 of them reasoning" in said for said in ready["cost"]["assumptions"])
    sample = done.one("SampleReady")
    assert sample["valid"] and is_answer(sample["text"])
    assert re.fullmatch(r"Hm*\.?", sample["reasoning"]) and 1 < sample["reasoning_tokens"] <= 30


def test_a_call_chooses_and_streams_it_apart(deployed: tuple[Serving, Any]) -> None:
    person = deployed[0].person
    ask = ("call", APP, "--rehearse", "--prompt", "Is it?")
    short = person.wizard(*ask, "--json", "--think", "1").one("SampleReady")
    assert (short["reasoning"], short["reasoning_tokens"]) == ("H", 1) and is_answer(short["text"])
    off = person.wizard(*ask, "--json", "--think", "off").one("SampleReady")
    assert off["reasoning"] == "" and is_answer(off["text"])
    streamed = person.wizard(*ask, "--json", "--stream")
    sample = streamed.one("SampleReady")
    assert "".join(event["text"] for event in streamed.all("ReasoningText")) == sample["reasoning"] != ""
    assert "".join(event["text"] for event in streamed.all("AnswerText")) == sample["text"]
    for flags in ((), ("--stream",)):
        people = person.wizard(*ask, *flags)
        assert is_answer(people.stdout.strip()), "standard output is the answer alone"
        assert "Hm" in people.stderr
    quiet = person.wizard(*ask, "--stream", "--quiet")
    assert is_answer(quiet.stdout.strip()) and "Hm" not in quiet.stderr
    wrong = person.wizard(*ask, "--json", "--think", "lots")
    assert (wrong.code, wrong.last["code"]) == (2, "think_unknown")


def test_lines_of_a_batch_choose_too(deployed: tuple[Serving, Any]) -> None:
    person = deployed[0].person
    lines: list[Any] = [{"prompt": "Is it?", "think": each} for each in (1, "off", "auto", False, "much", -1)]
    (person.project / "in.jsonl").write_text("".join(json.dumps(each) + "\n" for each in [*lines, "Is it?"]))
    person.wizard("batch", APP, "in.jsonl", "-o", "out.jsonl", "--rehearse", "--json", "--think", "2")
    rows = [json.loads(line) for line in (person.project / "out.jsonl").read_text().splitlines()]
    assert [row["valid"] for row in rows] == [True, True, True, True, False, False, True]
    assert [row.get("reasoning", "")[:1] for row in rows] == ["H", "", "H", "", "", "", "H"]
    assert rows[0]["reasoning"] == "H" and len(rows[6]["reasoning"]) == 2
    assert "think takes off, auto, or a number" in rows[4]["error"]


def test_verify_draws_with_and_without(deployed: tuple[Serving, Any]) -> None:
    person = deployed[0].person
    for think, most in (("off", 0), ("3", 3)):
        done = person.wizard("verify", APP, "--rehearse", "--json", "--samples", "12", "--think", think)
        report = done.one("SamplesVerified")
        assert (report["valid"], report["samples"]) == (12, 12), done
        assert report["reasoning_tokens"] <= most and (report["reasoning_tokens"] > 0) == (most > 0)
        assert str(report["think"]) == think


def test_cases_compare_two_budgets(deployed: tuple[Serving, Any]) -> None:
    person = deployed[0].person
    cases = [{"prompt": f"Is it {number}?", "expected": "yes!!!"} for number in range(3)]
    (person.project / "cases.jsonl").write_text("".join(json.dumps(each) + "\n" for each in cases))
    ask = ("verify", APP, "--rehearse", "--json", "--cases", "cases.jsonl", "--think", "2")
    done = person.wizard(*ask, "--against", "--think off")
    assert done.code == 0, done
    judged = done.all("CaseJudged")
    assert [each["reasoning"] != "" for each in judged] == [True] * 3 + [False] * 3
    assert all(is_answer(each["text"]) for each in judged)
    report = done.one("CasesVerified")
    assert (report["options"], report["against"]["options"]) == ("--think 2", "--think off")
    assert 3 <= report["reasoning_tokens"] <= 6 and report["against"]["reasoning_tokens"] == 0


async def test_the_endpoint_tells_it_apart(deployed: tuple[Serving, Any]) -> None:
    serving, done = deployed
    made = serving.modal_json(*MAKE_PROXY_TOKEN.split()[1:])
    headers = {"Modal-Key": made["Modal-Key"], "Modal-Secret": made["Modal-Secret"]}
    body: dict[str, Any] = {"messages": [{"role": "user", "content": "Is it?"}], "temperature": 0}
    address = f"{done.last['endpoint']}/v1/chat/completions"
    async with httpx2.AsyncClient(headers=headers, follow_redirects=True, timeout=280) as client:

        async def ask(**more: Any) -> Any:
            return (await client.post(address, json=body | more)).json()

        whole = await ask(reasoning_effort="high")
        message = whole["choices"][0]["message"]
        assert message["reasoning_content"] == message["reasoning"] == "Hm." and is_answer(message["content"])
        usage = whole["usage"]
        assert usage["completion_tokens_details"] == {"reasoning_tokens": 3}
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        off = (await ask(think="off"))["choices"][0]["message"]
        assert "reasoning" not in off and is_answer(off["content"])
        assert (await ask(think=-2))["error"]["param"] == "think"
        async with client.stream("POST", address, json=body | {"stream": True, "think": 2}) as response:
            lines = [line.removeprefix("data: ") async for line in response.aiter_lines() if line]
        deltas = [json.loads(line)["choices"][0]["delta"] for line in lines[:-1]]
        assert lines[-1] == "[DONE]"
        assert "".join(delta.get("reasoning_content", "") for delta in deltas) == "Hm"
        assert is_answer("".join(delta.get("content", "") for delta in deltas))


def test_a_model_that_does_not_think_is_refused_before_anything_is_paid_for(deployed: tuple[Serving, Any]) -> None:
    person = deployed[0].person
    refused = person.deploy("--think", "200", code=2)
    assert refused.last["code"] == "model_does_not_think" and "does not think" in refused.last["message"]
    planned = person.deploy("--think", "auto", "--dry-run")
    assert planned.one("PlanReady")["plan"]["output"]["think"] == "off"
    person.deploy("--app", "plain", "--no-sample")
    call = person.wizard("call", "plain", "--rehearse", "--json", "--prompt", "Who?", "--think", "50")
    assert (call.code, call.last["code"]) == (2, "thinking_not_deployed")


def test_where_the_template_is_not_shown_the_container_refuses_with_its_reason(deployed: tuple[Serving, Any]) -> None:
    person = deployed[0].person
    refused = person.deploy("--model", HIDDEN, "--app", "hidden", "--think", "200", code=1)
    assert "does not think: its chat template knows no reasoning" in refused.last["message"], refused.last
