"""An answer as a row of cases: `verify` reads the same question from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wizard.core.cases.reading import read_cases
from wizard.core.events import SampleReady
from wizard.core.output.output_type import OutputType
from wizard.core.playground.case_row import case_row, case_warning
from wizard.core.playground.exchange import Exchange, Question


def exchange(question: Question, text: str = '{"a": 1}', value: Any = None, *, valid: bool = True) -> Exchange:
    return Exchange(question, SampleReady(question.prompt, text, value, valid, (), False, False, 0.5))


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ('{"a": 1}', {"a": 1}, {"a": 1}),
        ("null", None, None),
        ("a text", "a text", "a text"),
        ('{"a": ', None, '{"a": '),
    ],
)
def test_a_row_is_read_as_a_case(tmp_path: Path, text: str, value: Any, expected: Any) -> None:
    asked = Question("Wer?\n阿米里", system="Be brief.", max_tokens=5, temperature=0.5)
    found = read_cases(case_row(exchange(asked, text, value), tmp_path).encode(), "cases.jsonl")
    assert not found.errors
    (case,) = found.cases
    assert [each["content"] for each in case.messages] == ["Be brief.", "Wer?\n阿米里"]
    assert (case.prompt, case.expected, case.max_tokens) == ("Wer?\n阿米里", expected, 5)
    assert "max_tokens" not in case_row(exchange(asked), tmp_path, usual_max_tokens=5)


def test_images_are_named_as_the_file_of_cases_sees_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("in/a.png", "../b.png", "https://x.example/c.png")
    row = case_row(exchange(Question("p", images=names)), tmp_path / "in")
    (case,) = read_cases(row.encode(), "cases.jsonl").cases
    assert case.images == ("a.png", str(tmp_path.parent / "b.png"), "https://x.example/c.png")


def test_what_verify_would_do_otherwise_is_said() -> None:
    assert case_warning(exchange(Question("p"))) == ""
    assert "deployed output type" in case_warning(exchange(Question("p", output=OutputType("text"))))
    assert "not valid" in case_warning(exchange(Question("p"), valid=False))
