"""Which phase begins and ends by what is seen of a call, and how long it usually takes on this computer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.plans import plan
from wizard.codegen.app_file import render_app
from wizard.core.events import AnswerText, Event, LogLine, PhaseFinished, PhaseSkipped, PhaseStarted, SampleReady
from wizard.core.phases import COMPILING, LOADING, UsualTime, phase_of_line
from wizard.core.plan.draft import Draft
from wizard.flow.deploy.phase_times import (
    MOST_KEYS,
    MOST_RUNS,
    phase_times_file,
    remember_phase,
    run_key,
    usual_times,
)
from wizard.flow.deploy.phases import PhaseTracker, expected_times
from wizard.flow.deploy.plan_record import PlanRecord

READY = "acme/model is ready on cuda:0: 9.5 s to load"
KEY = run_key("acme/model", "L4", rehearsal=False)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own."""
    monkeypatch.setattr("platformdirs.user_state_dir", lambda name: str(tmp_path / name))
    return tmp_path


def line(text: str, at: float) -> LogLine:
    return LogLine("stdout", text, at)


def answer(*, cold: bool = True) -> SampleReady:
    timings = {"load": 9.5, "compile": 0.5, "first_token": 0.25}
    return SampleReady("p", "{}", {}, True, (), False, cold, 20.0, timings)


def follow(items: Sequence[Event]) -> list[str]:
    """What is told of a call in which these are seen."""
    tracker = PhaseTracker.of_call("acme/model", "L4", rehearsal=False)
    told: list[Event] = [tracker.begin("boot")]
    for item in items:
        told += tracker.see(item)
    signs = {PhaseStarted: ">", PhaseFinished: "=", PhaseSkipped: "-"}
    return [f"{signs[type(each)]}{each.phase}" for each in told]  # type: ignore[index,attr-defined]


COLD = (line("importing", 1.0), line(COMPILING, 5.0), line(LOADING, 5.5), line(READY, 15.0))
ALL = [">boot", "=boot", ">compile", "=compile", ">load", "=load", ">first_token", "=first_token"]


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ((*COLD, AnswerText("{"), AnswerText("}"), answer()), ALL),
        ((*COLD, answer()), ALL),  # one that does not stream
        ((*COLD, line(LOADING, 16.0), AnswerText("{}"), answer()), ALL),  # another container of the same app
        (
            (AnswerText("{}"), answer()),
            [">boot", "=boot", ">first_token", "=first_token"],
        ),  # restored from a snapshot, which says nothing
        ((AnswerText("{}"), answer(cold=False)), [">boot", "-boot"]),  # a warm container
        ((*COLD[:2], answer(cold=False)), [">boot", "=boot", ">compile", "-compile"]),  # one that was warm before it
        (COLD[:3], [">boot", "=boot", ">compile", "=compile", ">load"]),  # it fails there
    ],
)
def test_phases_follow_what_is_seen_of_a_call(items: tuple[Event, ...], told: list[str]) -> None:
    assert follow(items) == told


def test_a_warm_container_adds_nothing_to_what_is_known() -> None:
    follow((AnswerText("{}"), answer(cold=False)))
    assert usual_times(KEY) == {}


def test_the_time_between_two_lines_of_a_container_is_by_its_own_clock() -> None:
    follow((*COLD, AnswerText("{"), answer()))
    known = usual_times(KEY)
    assert (known["compile"], known["load"]) == (UsualTime(0.5), UsualTime(9.5)), "the lines came here all at once"


def test_what_a_phase_takes_is_the_middle_of_the_last_runs_and_nothing_else_is_kept() -> None:
    for seconds in (100.0, 10.0, 30.0):
        remember_phase(KEY, "build", seconds)
    assert usual_times(KEY) == {"build": UsualTime(30.0)}
    assert usual_times(run_key("acme/model", "L4", rehearsal=True)) == {}, "a demo is another machine"
    for number in range(MOST_RUNS + 5):
        remember_phase(KEY, "build", number)
    for number in range(MOST_KEYS):
        remember_phase(run_key(f"acme/{number}", "T4", rehearsal=False), "boot", 1.0)
    data = json.loads(phase_times_file().read_text())
    assert len(data) == MOST_KEYS and KEY not in data, "the pairs that were used last"
    assert phase_times_file().stat().st_mode & 0o777 == 0o600
    remember_phase(KEY, "build", 1.0)
    assert set(json.loads(phase_times_file().read_text())[KEY]) == {"build"}


@pytest.mark.parametrize("text", ["", "[]", '{"x": 3}', '{"x": {"build": "no"}}', "{", '{"x": {"build": [true, -1]}}'])
def test_a_file_that_somebody_has_broken_only_means_that_nothing_is_known(text: str) -> None:
    phase_times_file().parent.mkdir(parents=True)
    phase_times_file().write_text(text)
    assert usual_times("x") == {}
    remember_phase("x", "build", 2.0)
    assert usual_times("x") == {"build": UsualTime(2.0)}


def test_before_the_first_run_the_estimate_of_the_plan_stands_in_and_is_called_one() -> None:
    wanted = plan(weights_bytes=8_000_000_000)
    estimated = expected_times(wanted, rehearsal=False)
    assert estimated["download"] == UsualTime(90.0, estimated=True) and estimated["load"].words == "estimate 16 s"
    assert "compile" not in estimated and "first_token" not in estimated, "nothing is assumed of these"
    remember_phase(KEY, "download", 41.0)
    assert expected_times(wanted, rehearsal=False)["download"].words == "usually 41 s"
    assert expected_times(wanted, rehearsal=True) == {}, "a demo downloads from this machine"


@pytest.mark.parametrize("engine", ["transformers", "vllm"])
def test_an_app_prints_what_the_phases_are_known_by(engine: str) -> None:
    source = render_app(plan(engine=engine))
    assert source.count(f'print("{COMPILING}")') == source.count(f'print("{LOADING}")') == 1
    assert [phase_of_line(each) for each in (COMPILING, f"{LOADING}\n", READY, "loading weights: 3%")] == [
        "compile",
        "load",
        "first_token",
        None,
    ]


@pytest.mark.parametrize("record", [None, PlanRecord(Draft(app="x")), PlanRecord(Draft(model="acme/model", gpu="L4"))])
def test_a_call_is_remembered_where_it_is_known_what_runs_it(record: PlanRecord | None) -> None:
    tracker = PhaseTracker.of_record(record, rehearsal=False)
    tracker.begin("boot")
    list(tracker.see(COLD[1]))
    assert set(usual_times(KEY)) == ({"boot"} if record is not None and record.draft.gpu else set())
    assert phase_times_file().exists() is bool(record is not None and record.draft.gpu), (
        "nothing is known of the others"
    )
