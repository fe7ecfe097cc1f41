"""Two people, or two CI jobs, deploy the same app at once: nothing is corrupted, and one of them is told."""

from __future__ import annotations

import pytest

from tests.journeys.test_interrupted import Terminal
from tests.support.person import APP, Person, Run, Running, Serving

pytestmark = pytest.mark.slow


def start(person: Person, folder: str, choices: str) -> Running:
    """A deploy in a folder of its own, as on another machine."""
    (person.project / folder).mkdir(exist_ok=True)
    flags = ("--yes", "--json", "--no-sample", "--choices", choices, "--output-dir", folder)
    return person.start_wizard("deploy", "--rehearse", *flags)


def both(serving: Serving, first: str, second: str) -> list[Run]:
    """Both deploys, held up at the moment when they publish, so that neither sees the other before."""
    serving.arm("modal:AppPublish", "delay", seconds=2.5, times=1)
    running = [start(serving.person, "one", first), start(serving.person, "two", second)]
    runs = [each.end(90) for each in running]
    serving.behave()
    return runs


def check_whole(serving: Serving, runs: list[Run]) -> str:
    """One app, one Secret, one Volume; its plan is that of one of the two. What it offers."""
    apps = [app for app in serving.modal_json("app", "list") if app["state"] == "deployed"]
    assert [app["description"] for app in apps] == [APP], apps
    assert serving.secrets() == ["outlines-wizard-hf"]
    status = serving.person.wizard("status", APP, "--rehearse", "--json").json()
    assert status["weights"]["complete"] is True
    assert status["secret"]["state"] == "current"
    sample = serving.person.wizard("call", APP, "--rehearse", "--json", "--prompt", "Which?")
    value = sample.one("SampleReady")["value"]
    assert value in status["output"], (value, status["output"])
    assert all("Traceback" not in run.stderr for run in runs)
    return str(status["output"])


@pytest.mark.long
@pytest.mark.parametrize("there", [False, True], ids=["first-deploy", "redeploy"])
def test_two_plans_at_once(there: bool, person: Person) -> None:
    serving = person.serve()
    if there:
        person.deploy("--no-sample", "--choices", "before,it")
    runs = both(serving, "red,green", "up,down")
    check_whole(serving, runs)
    told = [run for run in runs if run.last["event"] == "Failed"]
    assert told, runs
    for run in told:
        assert run.last["code"] in ("deployed_at_once", "app_changed"), run
        assert (run.code, run.last["step"], run.last["retryable"]) == (1, "deploy", True)
        assert "Someone else" in run.last["message"] and run.last["hint"]
    again = person.deploy("--no-sample", "--choices", "red,green")
    assert check_whole(serving, [again]) == "one of red, green"


@pytest.mark.long
def test_one_plan_at_once_is_no_conflict(person: Person) -> None:
    serving = person.serve()
    person.deploy("--no-sample", "--choices", "before,it")
    runs = both(serving, "red,green", "red,green")
    assert [run.last["event"] for run in runs] == ["Finished", "Finished"], runs
    assert check_whole(serving, runs) == "one of red, green"
    kept = person.deploy("--no-sample", "--choices", "red,green")
    assert kept.outcomes()["deploy"] == "kept"


@pytest.mark.long
def test_a_plan_that_somebody_else_overtakes_before_it_is_agreed_to(person: Person) -> None:
    """One reads the plan for a while, and the other one is done meanwhile: nothing is deployed over what it is not
    about."""
    serving = person.serve()
    terminal = Terminal(person, "deploy", "--rehearse", "--no-sample", "--choices", "red,green")
    terminal.wait_for(b"Go ahead?")
    person.deploy("--no-sample", "--choices", "up,down", "--output-dir", "two")
    terminal.type(b"y\n")
    assert terminal.end(60) == 1, terminal.output.decode(errors="replace")
    assert b"Someone else deployed" in terminal.output
    assert serving.versions() == ["v1"]
    assert person.deploy("--no-sample", "--choices", "up,down", "--output-dir", "two").outcomes()["deploy"] == "kept"
