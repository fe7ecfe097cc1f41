"""A case as a call of the function: where each argument stands, whatever kind of case and app it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wizard.core.cases.answer import Answer
from wizard.core.cases.case import Case
from wizard.core.cases.rules import Rules
from wizard.flow.cases.judging import judge_case
from wizard.flow.cases.run import CallOptions, CaseInput, kept_answers, options_key
from wizard.flow.ports.modal import DeployedApp

TALK = {"role": "user", "content": "hi"}
SCHEMA = {"type": "object"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def case_input(**more: Any) -> CaseInput:
    return CaseInput(3, "mark", "p", 50, form="json_schema", output=SCHEMA, temperature=0.0, seed=1, **more)


@pytest.mark.parametrize(
    ("more", "arguments"),
    [
        ({}, ("p", 50, "json_schema", SCHEMA, 0.0, None, None, 1)),
        ({"messages": (TALK,)}, ("p", 50, "json_schema", SCHEMA, 0.0, None, None, 1, False, [TALK])),
        (
            {"think": 200},
            ({"prompt": "p", "max_tokens": 50, "form": "json_schema", "output": SCHEMA}
             | {"temperature": 0.0, "seed": 1, "think": 200},),
        ),
        (
            {"think": "off", "messages": (TALK,)},
            ({"prompt": "p", "max_tokens": 50, "form": "json_schema", "output": SCHEMA}
             | {"temperature": 0.0, "seed": 1, "think": "off", "messages": [TALK]},),
        ),
    ],
)  # fmt: skip
def test_a_case_is_one_call(more: dict[str, Any], arguments: tuple[Any, ...]) -> None:
    assert case_input(**more).arguments() == arguments


def test_images_go_with_the_prompt(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    images = ("https://example.org/b.png", str(tmp_path / "a.png"))
    assert case_input(images=images).arguments()[0] == ["p", "https://example.org/b.png", PNG]


def test_answers_of_another_version_or_of_other_options_are_not_of_one_run() -> None:
    app = DeployedApp("a", "ap-1", {}, "", version=1)
    keys = [
        options_key(app, CallOptions()),
        options_key(DeployedApp("a", "ap-1", {}, "", version=2), CallOptions()),
        options_key(app, CallOptions(think=200)),
        options_key(app, CallOptions(temperature=0.5)),
    ]
    assert all(one != other for at, one in enumerate(keys) for other in keys[:at])


def test_what_had_failed_and_what_cannot_be_read_is_asked_again() -> None:
    rows = [Answer("a", "1", 1, valid=True).to_mapping(), Answer("b", failed="x").to_mapping(), {"question": "c"}, {}]
    assert list(kept_answers(iter(rows))) == ["a"]


class OldEnough:
    """A class that says of everything that it is too young."""

    async def check(self, text: str) -> tuple[str, ...]:
        return ("too young",)


@pytest.mark.parametrize(
    ("answer", "errors"),
    [
        (Answer("q", '{"a": 1}', {"a": 1}, valid=True), ("too young",)),
        (Answer("q", '{"a": 1}', {"a": 1}, valid=False, errors=("no",)), ("no",)),
        (Answer("q", "It is 1.", "It is 1.", valid=True), ()),
    ],
)
async def test_a_class_has_its_word_on_valid_json(answer: Answer, errors: tuple[str, ...]) -> None:
    judged = await judge_case(Case(1, "p", {"a": 1}), answer, Rules({}), OldEnough())
    assert judged.errors == errors
    assert judged.valid == (answer.valid and not errors)
