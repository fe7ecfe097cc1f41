"""The files of `verify --cases`: bad lines, rules that fit nothing, answers that are kept, what `--against` names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wizard.cli.cases.blocks import call_again, check_accuracy
from wizard.cli.cases.files import AnswersFile, load_cases, load_rules, load_run
from wizard.cli.cases.flags import read_against
from wizard.cli.cases.verify import answers_path
from wizard.core.cases.answer import Answer, judge
from wizard.core.cases.case import Case
from wizard.core.cases.report import Asked, CasesReport, Side
from wizard.core.cases.rules import Rules
from wizard.core.problem import Problem

KEY = {"app": "a", "version": 1, "think": None}
CASES = [Case(line, f"p{line}", {"a": 1}) for line in (1, 2, 3)]
ANSWER = Answer(CASES[0].question, '{"a": 1}', {"a": 1}, valid=True, seconds=0.5, tokens=4, spent=0.25)


def refused(code: str, call: Any, *arguments: Any, **more: Any) -> Problem:
    """The Problem, with exit code 2, of a call."""
    with pytest.raises(Problem) as caught:
        call(*arguments, **more)
    assert (caught.value.code, int(caught.value.exit_code)) == (code, 2)
    return caught.value


def test_bad_lines_are_named_before_anything_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text("{}\n" * 8)
    said = refused("cases_invalid", load_cases, file, None).message
    assert said.count("line ") == 5 and "3 more lines cannot be used" in said
    refused("file_unreadable", load_cases, tmp_path / "none.jsonl", None)


def test_images_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    file.write_text(json.dumps({"prompt": "?", "images": ["a.png", "https://example.org/b.png"], "expected": 1}))
    assert load_cases(file, None).cases[0].images == (str(tmp_path / "a.png"), "https://example.org/b.png")
    file.write_text(json.dumps({"prompt": "?", "images": ["b.png"], "expected": 1}))
    assert "b.png cannot be read" in refused("cases_invalid", load_cases, file, None).message


@pytest.mark.parametrize(
    ("assignment", "said"),
    [("b=exact", "no case has a field b"), ("a=near", "'near' is not a rule"), ("a=set", "line 1: a has the rule set")],
)
def test_a_rule_that_fits_nothing_is_refused(assignment: str, said: str) -> None:
    assert said in refused("rule_invalid", load_rules, [assignment], CASES).message


def test_a_rule_may_ignore_a_field() -> None:
    assert load_rules(["a=ignore"], CASES).of(("a",)).name == "ignore"


def test_answers_are_kept_as_they_come_and_found_by_what_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "r.answers.jsonl"
    first = AnswersFile.open(path, KEY, resume=False)
    first.told({"model": "m"})
    first.add(ANSWER)
    first.add(Answer(CASES[1].question, failed="the container ended", spent=0.5))
    first.pay(0.25)
    with path.open("ab") as file:
        file.write(b'{"question": "half')  # a kill in the middle of a write
    first.close()
    refused("output_exists", AnswersFile.open, path, KEY, resume=False)
    again = AnswersFile.open(path, KEY, resume=True)
    assert again.kept == {ANSWER.question: [ANSWER]}, "what had failed is asked again"
    assert (again.about, again.spent) == ({"model": "m"}, 1.0)
    busy = refused("output_busy", AnswersFile.open, path, KEY, resume=True)
    assert "Another run is writing" in busy.message
    again.close()
    assert path.read_bytes().endswith(b"}\n"), "the half row is cut off"
    other = refused("output_of_another", AnswersFile.open, path, KEY | {"version": 2}, resume=True)
    assert "version 1; this one has version 2" in other.message
    path.write_text("a log\n")
    refused("output_foreign", AnswersFile.open, path, KEY, resume=True)


def test_a_run_that_asked_nothing_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "r.answers.jsonl"
    AnswersFile.open(path, KEY, resume=False).close()
    assert not path.exists()
    AnswersFile.open(None, KEY, resume=False).add(ANSWER)


def test_an_earlier_run_is_read_from_its_report_or_its_answers(tmp_path: Path) -> None:
    side = Side(Asked("a", version=3, about={"model": "m"}), (judge(CASES[0], ANSWER, Rules({})),), 0.25)
    report = tmp_path / "r.json"
    report.write_text(json.dumps(CasesReport("c", "main", True, {}, side).with_answers()))
    rows = tmp_path / "r.answers.jsonl"
    rows.write_text(
        json.dumps({"run": KEY | {"version": 3}, "about": {}}) + "\n" + json.dumps(ANSWER.to_mapping()) + "\n"
    )
    for path in (report, rows):
        before = load_run(path, CASES, Rules({}))
        assert (before.asked.app, before.asked.version, before.cost) == ("a", 3, 0.25)
        assert [each.answer for each in before.answers] == [ANSWER], "only the cases that both have"
    refused("against_without_cases", load_run, report, CASES[1:], Rules({}))
    report.write_text('{"no": "report"}')
    refused("output_foreign", load_run, report, CASES, Rules({}))


def test_against_names_an_app_a_file_or_call_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("before.json").write_text("{}")
    assert read_against("other-app", "app").app == "other-app"
    assert read_against("before.json", "app").file == Path("before.json")
    options = read_against('--think 200 --choices "yes,no"', "app").options
    assert options is not None and (options["think"], options["choices"]) == ("200", "yes,no")
    text = read_against("--text", "app").options
    assert text is not None and text["text"] is True
    assert "only the current version" in refused("against_version", read_against, "3", "app").message
    assert "No such option" in refused("against_invalid", read_against, "--thinking 5", "app").message
    refused("against_invalid", read_against, "--max-tokens many", "app")
    refused("file_unreadable", read_against, "after.json", "app")


def test_a_case_can_be_asked_again_by_a_command() -> None:
    case = Case(1, "it's", {"a": 1}, messages=({"role": "system", "content": "s"},), images=("a.png",), max_tokens=5)
    judged = judge(case, ANSWER, Rules({}))
    report = CasesReport("c", "main", True, {}, Side(Asked("app"), (judged,)))
    words = call_again(report, judged)
    assert words == (
        "outlines-wizard call app --rehearse --system s --image a.png --max-tokens 5 --prompt 'it'\"'\"'s'"
    )


def test_answers_stand_beside_the_report() -> None:
    assert answers_path(Path("out/r.json"), against=False) == Path("out/r.answers.jsonl")
    assert answers_path(Path("r.json"), against=True) == Path("r.against.answers.jsonl")
    assert answers_path(None, against=False) is None


def test_below_what_is_required_the_worst_field_is_named_and_how_to_read_on() -> None:
    wrong = Answer("q", '{"a": 2}', {"a": 2}, valid=True)
    side = Side(Asked("app"), (judge(CASES[0], ANSWER, Rules({})), judge(CASES[1], wrong, Rules({}))))
    report = CasesReport("c", "main", False, {}, side, min_accuracy=0.9)
    with pytest.raises(Problem) as caught:
        check_accuracy(report, "", resumes=True)
    problem = caught.value
    assert (problem.code, int(problem.exit_code)) == ("accuracy_too_low", 7)
    assert "1 of 2 answers are right, 50%; 90% is required. Lowest: a 50%." in problem.message
    assert [each.command for each in problem.next] == ["{again} --html report.html --resume"]
    check_accuracy(CasesReport("c", "main", False, {}, side, min_accuracy=0.5), "r.html", resumes=False)
