"""Cases files as people write them and as programs export them; a sentence for each line that cannot be used."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from wizard.core.cases.case import Cell, case_line
from wizard.core.cases.reading import read_cases


def lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_json_lines_give_a_prompt_or_messages_and_what_is_expected() -> None:
    talk = [{"role": "user", "content": "hi"}]
    found = read_cases(
        b"\xef\xbb\xbf"
        + lines(
            {"prompt": "one", "expected": {"a": 1}, "id": 7, "max_tokens": 9, "compare": {"a": "±1"}},
            {"messages": talk, "expected": "yes", "images": ["a.png"]},
        )
        + b"\r\n"
        + lines({"prompt": "three", "system": "Be brief.", "expected": None}),
        "cases.jsonl",
    )
    assert found.errors == []
    one, two, three = found.cases
    assert (one.line, one.prompt, one.expected, one.id, one.max_tokens, one.rules) == (
        *(1, "one", {"a": 1}, 7, 9),
        {"a": "±1"},
    )
    assert (two.messages, two.images, two.name) == (tuple(talk), ("a.png",), "line 2")
    assert three.line == 4 and three.messages[0] == {"role": "system", "content": "Be brief."}


def test_the_question_stays_the_same_when_only_the_expected_value_is_corrected() -> None:
    before, after, other = read_cases(
        lines({"prompt": "p", "expected": 1}, {"prompt": "p", "expected": 2}, {"prompt": "q", "expected": 1}), "c.jsonl"
    ).cases
    assert before.question == after.question != other.question


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"no JSON", "line 1: not JSON: Expecting value at column 1"),
        (b'"only a prompt"', "line 1: an object with a prompt and the expected value is needed"),
        (b'{"prompt": "p"}', "line 1: there is no expected value in it"),
        (b'{"prompt": " ", "expected": 1}', "line 1: there is no prompt in it"),
        (b'{"prompt": "p", "expected": 1, "answer": 2}', "line 1: unknown key 'answer'"),
        (b'{"prompt": "p", "messages": [{"content": ""}], "expected": 1}', "line 1: a case has a prompt or messages"),
        (b'{"prompt": "p", "expected": 1, "compare": {"a": "near"}}', "line 1: 'near' is not a rule"),
        (b'{"prompt": "p", "expected": 1, "max_tokens": 0}', "line 1: max_tokens is not a number"),
        (b'{"prompt": "\xff", "expected": 1}', "line 1: not UTF-8 text (byte 13)"),
        (b'{"prompt": "\\ud800", "expected": 1}', "line 1: "),
        (b"[" * 100_000, "line 1: "),
        (b"", "line 1: there is no case in it"),
        (b"PK\x03\x04rest", "line 1: this is a workbook"),
    ],
)
def test_a_line_that_cannot_be_used_has_its_sentence(raw: bytes, said: str) -> None:
    found = read_cases(raw, "cases.jsonl")
    assert len(found.errors) == 1 and found.errors[0].startswith(said)


def test_every_bad_line_is_said_and_the_good_ones_are_kept() -> None:
    found = read_cases(b'{}\n{"prompt": "p", "expected": 1}\n7\n', "cases.jsonl")
    assert [error[:7] for error in found.errors] == ["line 1:", "line 3:"]
    assert [case.line for case in found.cases] == [2]


def test_a_batch_output_gives_cases_beside_its_input() -> None:
    asked = ['"first"', '{"prompt": "second", "max_tokens": 5}', '"third"']
    marks = [hashlib.sha256(line.encode()).hexdigest()[:12] for line in asked]
    rows = [
        {"line": 1, "input": marks[0], "value": {"a": 1}, "valid": True, "error": None},
        {"line": 2, "input": marks[1], "id": "x", "value": "yes", "valid": True, "error": None},
        {"line": 3, "input": marks[2], "value": None, "valid": False, "error": "cut short", "text": "{"},
    ]
    found = read_cases(lines(*rows), "out.jsonl", "\n".join(asked).encode())
    assert (found.errors, found.unanswered) == ([], 1)
    assert [(case.prompt, case.expected, case.max_tokens, case.id) for case in found.cases] == [
        ("first", {"a": 1}, None, None),
        ("second", "yes", 5, "x"),
    ]
    alone = read_cases(lines(*rows[:1]), "out.jsonl")
    assert "--inputs" in alone.errors[0]
    other = read_cases(lines(*rows[:1]), "out.jsonl", b'"another"')
    assert "is not what this line answers" in other.errors[0]


def test_an_answer_of_the_screen_becomes_a_case() -> None:
    line = case_line("Describe Conan.", {"name": "Conan"}, system="Be brief.")
    (case,) = read_cases(line.encode(), "kept.jsonl").cases
    assert (case.prompt, case.expected, len(case.messages)) == ("Describe Conan.", {"name": "Conan"}, 2)


TABLES: list[tuple[str, bytes]] = [
    ("comma", b'prompt,name,age\n"Conan, 40",Conan,40\n'),
    ("semicolon, BOM, Windows lines", "\ufeffprompt;name;age\r\nConan, 40;Conan;40\r\n".encode()),
    ("tab, UTF-16", "prompt\tname\tage\r\nConan, 40\tConan\t40\r\n".encode("utf-16")),
    ("named columns beside others", b'expected.name,expected.age,Prompt,notes\nConan,40,"Conan, 40",why\n'),
]


@pytest.mark.parametrize(("kind", "data"), TABLES, ids=[kind for kind, _ in TABLES])
def test_a_spreadsheet_export_is_read(kind: str, data: bytes) -> None:
    found = read_cases(data, "cases.csv")
    assert found.errors == []
    (case,) = found.cases
    assert case.prompt == "Conan, 40" and case.line == 2
    assert [(name, cell.text) for name, cell in case.cells] == [("name", "Conan"), ("age", "40")]


def test_a_table_may_hold_whole_answers_and_cells_of_several_lines() -> None:
    data = b'prompt,expected,id\n"two\nlines","{""a"": 1}",x\nshort,yes,\n\n,,\n'
    found = read_cases(data, "cases.txt")
    assert found.errors == []
    first, second = found.cases
    assert (first.prompt, first.expected, first.id, first.line) == ("two\nlines", {"a": 1}, "x", 2)
    assert (second.expected, second.line) == (Cell("yes"), 4)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"question,expected\na,b\n", "line 1: no column is called prompt"),
        (b"prompt\na\n", "line 1: no column holds what is expected"),
        (b"prompt,a,a\nx,1,2\n", "line 1: two columns are called 'a'"),
        (b"prompt,a\nx,1,2\n", "line 2: 3 cells in a table of 2 columns"),
        (b"prompt,a\nx,\n", "line 2: nothing is expected of the answer"),
        (b"prompt,a\n,1\n", "line 2: there is no prompt in it"),
        (b"prompt,a,max_tokens\nx,1,many\n", "line 2: max_tokens is not a whole number"),
        (b"prompt,a\ncaf\xe9,1\n", "line 2: not UTF-8 text"),
        (b'prompt,a\n"x,1\n', "line 2: not a table"),
        (b'"prompt"x,a\nx,1\n', "line 1: not a table"),
    ],
)
def test_a_row_that_cannot_be_used_has_its_sentence(data: bytes, said: str) -> None:
    found = read_cases(data, "cases.csv")
    assert len(found.errors) == 1 and found.errors[0].startswith(said)
