"""Problems: one sentence, one next action, one exit code."""

from __future__ import annotations

import traceback

from wizard.core.problem import ExitCode, Problem, usage


def test_exit_codes_are_the_ones_that_scripts_know() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "FAILED": 1,
        "USAGE": 2,
        "GATE_CLOSED": 3,
        "CREDENTIALS": 4,
        "NOT_AGREED": 5,
        "REMOTE": 6,
        "INVALID_SAMPLE": 7,
        "INTERRUPTED": 130,
    }


def test_it_reads_as_its_message() -> None:
    assert str(Problem("code", "What happened.", "What to do.")) == "What happened."


def test_the_first_step_that_was_named_stays() -> None:
    problem = Problem("code", "m")
    assert problem.at("deploy").step == "deploy"
    assert problem.at("deploy").at("sample").step == "deploy"
    assert problem.step is None, "the original is not changed"


def test_usage_is_exit_code_two_and_not_worth_a_retry() -> None:
    problem = usage("flag_missing", "m", "h")
    assert (problem.exit_code, problem.retryable, problem.hint) == (ExitCode.USAGE, False, "h")


def test_it_shows_what_it_came_from() -> None:
    try:
        try:
            raise ValueError("foreign")
        except ValueError as error:
            raise usage("code", "ours") from error
    except Problem as problem:
        text = "".join(traceback.format_exception(problem))
    assert "foreign" in text
    assert "ours" in text
