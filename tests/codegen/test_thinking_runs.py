"""Reasoning before the answer, run by the real engines over a model whose logits are scripted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tests.codegen.scripted_model import FAMILY, scripted
from tests.codegen.thinking_families import tokenizer_of
from tests.support.app_process import AppProcess
from tests.support.plans import plan
from wizard.core.output.output_type import parse_output

pytest.importorskip("torch")

OUTPUT = parse_output("regex", "(yes|no)!{3}")
GREEDY: dict[str, Any] = {"temperature": 0}
ANY: dict[str, Any] = {"temperature": 1.0}
ENGINES = [
    "transformers",
    pytest.param(
        "vllm",
        marks=[pytest.mark.long, pytest.mark.skipif(not find_spec("vllm"), reason="vLLM is not installed: make vllm")],
    ),
]


@pytest.fixture(scope="module", params=ENGINES)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    folder = tmp_path_factory.mktemp("app")
    asked = plan(engine=request.param, fast_start=True, output=OUTPUT, think="40", auto_think=64)
    process = AppProcess(asked, folder, scripted(folder / "model"))
    assert process.started == {}
    yield process
    process.close()


def is_answer(answer: dict[str, Any]) -> bool:
    return re.fullmatch("(yes|no)!!!", answer["text"]) is not None and not answer["truncated"] and not answer["refused"]


def test_structure_begins_after_the_models_own_end_and_after_the_budget(app: AppProcess) -> None:
    whole, cut, off = app.asks(*({"prompt": "Is it?", "think": each} | GREEDY for each in (None, 1, "off")))
    assert [is_answer(each) for each in (whole, cut, off)] == [True] * 3, (whole, cut, off)
    assert [each["reasoning"] for each in (whole, cut, off)] == ["Hm.", "H", ""]
    assert [each["reasoning_tokens"] for each in (whole, cut, off)] == [3, 1, 0]
    assert whole["tokens"] == off["tokens"] and whole["prompt_tokens"] < off["prompt_tokens"]


def test_batches_mix_answers_that_reason_and_that_do_not(app: AppProcess) -> None:
    budgets = [0, 2, 5, 100, "auto", "low", None, "off"] * 3
    answers = app.asks(*({"prompt": f"Is it {at}?", "think": each} | ANY for at, each in enumerate(budgets)))
    assert max(answer["batch"] for answer in answers) > 1
    most = {"auto": 64, "low": 10, None: 40, "off": 0}
    for budget, answer in zip(budgets, answers, strict=True):
        limit = most.get(budget, budget)
        assert is_answer(answer), answer
        assert answer["reasoning_tokens"] <= limit
        assert re.fullmatch(r"Hm*\.?", answer["reasoning"]) if limit else answer["reasoning"] == ""
        assert len(answer["reasoning"]) == limit or answer["reasoning"].endswith(".") or not limit
    assert any(answer["reasoning"].endswith(".") for answer in answers)
    assert any(answer["reasoning"] == "Hm" for answer in answers), "no budget was used up"


@pytest.mark.long
def test_a_stream_tells_reasoning_apart_from_text(app: AppProcess) -> None:
    (streamed,) = app.asks({"stream": {"prompt": "Is it?"} | GREEDY})
    *pieces, last = streamed["pieces"]
    assert "".join(piece["text"] for piece in pieces) == last["text"] and is_answer(last)
    assert "".join(piece.get("reasoning", "") for piece in pieces) == last["reasoning"] == "Hm."
    kinds = ["reasoning" in piece for piece in pieces if piece.get("reasoning") or piece["text"]]
    assert kinds == sorted(kinds, reverse=True) and set(kinds) == {True, False}


def test_free_text_goes_on_after_the_reasoning(app: AppProcess) -> None:
    answer = app.ask("Is it?", form="none", output="", max_tokens=2, **GREEDY)
    assert (answer["reasoning"], answer["text"], answer["truncated"]) == ("Hm.", "Hm", True)


def test_an_answer_that_is_cut_short_says_so_and_keeps_its_reasoning(app: AppProcess) -> None:
    answer = app.ask("Is it?", max_tokens=2, **GREEDY)
    assert (answer["reasoning"], answer["tokens"], answer["truncated"]) == ("Hm.", 2, True)
    stopped = app.ask("Is it?", stop=["!!"], **GREEDY)
    assert stopped["stopped"] == "!!" and stopped["text"] in ("yes", "no") and stopped["reasoning"] == "Hm."


def test_a_seed_gives_the_same_reasoning_again(app: AppProcess) -> None:
    call = {"prompt": "Is it?", "seed": 5, "think": 100} | ANY
    first, other = app.asks(call)[0], app.asks(call | {"seed": 6})[0]
    again = app.asks({"prompt": "Other."} | ANY, call)[1]
    assert (again["reasoning"], again["text"]) == (first["reasoning"], first["text"])
    lengths = {app.asks(call | {"seed": seed})[0]["reasoning"] for seed in range(7, 12)}
    assert len({first["reasoning"], other["reasoning"], *lengths}) > 1


def test_what_is_asked_may_come_as_one_dict(app: AppProcess) -> None:
    (answer,) = app.asks({"arguments": [{"prompt": "Is it?", "think": 1} | GREEDY]})
    assert answer["reasoning"] == "H" and is_answer(answer)


def test_a_prompt_that_nearly_fills_the_context_leaves_the_answer_its_room(app: AppProcess) -> None:
    used = len(tokenizer_of(FAMILY.template, FAMILY.tokens)("<|user|><|stop|><|assistant|>\n<think>\n")["input_ids"])
    for left in (20, 9):
        answer = app.ask("x" * (512 - used - left), think=300, max_tokens=6, temperature=0)
        assert is_answer(answer) or answer["truncated"], answer
        assert answer["text"] and answer["reasoning"]
    assert "the model's context" in app.ask("x" * 512, think=300)["refused"]
    assert "think is" in app.ask("Is it?", think="much")["error"]
