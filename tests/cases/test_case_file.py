"""A case added to a file: nothing that is there already is lost, and a file of another sort is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.core.cases.case import case_line
from wizard.core.cases.case_file import add_case
from wizard.core.cases.reading import read_cases
from wizard.core.problem import Problem

LINE = case_line("Wer? 阿米里\n", {"name": "Conan"}, system="Be brief.")


@pytest.mark.parametrize(
    ("before", "number"),
    [(None, 1), (b"", 1), (b'{"prompt": "a", "expected": 1}\n', 2), (b'{"prompt": "a", "expected": 1}', 2)],
)
def test_a_case_is_added_behind_those_that_are_there(tmp_path: Path, before: bytes | None, number: int) -> None:
    path = tmp_path / "cases.jsonl"
    if before is not None:
        path.write_bytes(before)
    placed = add_case(path, LINE)
    assert (placed.line, placed.is_new, placed.words) == (number, True, f"Added as line {number} of {path}")
    data = path.read_bytes()
    assert data.startswith(before or b"")
    found = read_cases(data, path.name)
    assert not found.errors and (found.cases[-1].line, found.cases[-1].expected) == (number, {"name": "Conan"})
    again = add_case(path, LINE)
    assert (again.line, again.words) == (
        number,
        f"Already there: line {number} of {path}",
    ) and path.read_bytes() == data


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("cases.csv", b"", "it is a table"),
        ("cases.jsonl", b"prompt,expected\na,1\n", "line 1: not JSON"),
        ("cases.json", b'[{"prompt": "a", "expected": 1}]', "it is one JSON list"),
        ("notes.txt", b"prompt,expected\na,1\n", "it is a table"),
        ("other.jsonl", b'{"a": 1}\n', "line 1: unknown key 'a'"),
    ],
)
def test_a_file_of_another_sort_is_left_alone(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    path = tmp_path / name
    if data:
        path.write_bytes(data)
    with pytest.raises(Problem) as caught:
        add_case(path, LINE)
    assert why in caught.value.message and "cases.jsonl" in caught.value.hint
    assert (path.read_bytes() if data else b"") == data and path.exists() is bool(data)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone" / "cases.jsonl"):
        with pytest.raises(Problem, match="cannot be written"):
            add_case(path, LINE)
