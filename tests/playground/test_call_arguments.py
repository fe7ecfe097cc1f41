"""A question as the arguments of a call, and what is refused before it is sent."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from wizard.core.output.output_type import OutputType
from wizard.core.plan.draft import Draft
from wizard.core.playground.exchange import Question
from wizard.core.problem import Problem
from wizard.flow.deploy.plan_record import PlanRecord
from wizard.flow.operate.call.arguments import call_arguments, checked_arguments
from wizard.flow.ports.services import Ports

NO_PORTS = cast(Ports, None)  # without an output type nothing is asked of them
EARLY = PlanRecord(Draft(model="org/model"))  # its app was deployed before there was a choice of engines
TODAY = PlanRecord(Draft(model="org/model", engine="transformers"), sees=False)


def test_what_is_left_to_the_function_is_not_sent() -> None:
    assert call_arguments(Question("Is it?")) == {"prompt": "Is it?"}


def test_everything_that_is_asked_is_sent_by_its_name() -> None:
    output = OutputType("schema", json.dumps({"type": "object", "properties": {"a": {"type": "integer"}}}))
    question = Question("Is it?", "Be short.", ("a.png",), output, 9, 0.0, 0.5, 7, "off", "law")
    arguments = call_arguments(question, [b"png"])
    assert arguments.pop("output")["properties"] == {"a": {"type": "integer"}}
    assert arguments == {
        "prompt": "Is it?",
        "messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Is it?"}],
        "images": [b"png"],
        "form": "json_schema",
        "max_tokens": 9,
        "temperature": 0.0,
        "top_p": 0.5,
        "seed": 7,
        "think": "off",
        "adapter": "law",
    }


@pytest.mark.parametrize(
    ("record", "question", "code", "words"),
    [
        (TODAY, Question("p", temperature=2.1), "number_out_of_range", '"Temperature" must be 0-2.'),
        (TODAY, Question("p", top_p=0.0), "number_out_of_range", '"Top p" must be 0.01-1.'),
        (TODAY, Question("p", seed=-1), "number_out_of_range", '"Seed" must be 0-4,294,967,295.'),
        (EARLY, Question("p", system="Be short."), "system_not_taken", "takes no system text"),
        (TODAY, Question("p", images=("a.png",)), "model_reads_text", ""),
        (TODAY, Question("p", adapter="law"), "adapter_unknown", ""),
        (TODAY, Question("p", think=100), "thinking_not_deployed", "without reasoning"),
    ],
)
async def test_what_an_app_does_not_take_is_refused(
    record: PlanRecord, question: Question, code: str, words: str
) -> None:
    with pytest.raises(Problem) as raised:
        await checked_arguments(NO_PORTS, "my-app", record, question, [b"x" for _ in question.images])
    assert (raised.value.code, words in raised.value.message) == (code, True)


async def test_an_app_whose_plan_was_not_kept_says_itself_what_it_does_not_take() -> None:
    question = Question("p", "Be short.", think=100, adapter="law")
    arguments: dict[str, Any] = await checked_arguments(NO_PORTS, "my-app", None, question)
    assert set(arguments) == {"prompt", "messages", "think", "adapter"}


async def test_an_app_without_reasoning_is_not_told_to_leave_it() -> None:
    assert await checked_arguments(NO_PORTS, "my-app", TODAY, Question("p", think="off")) == {"prompt": "p"}
