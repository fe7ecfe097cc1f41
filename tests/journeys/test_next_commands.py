"""What a failure names as next is run as it stands: in every prepared situation, by the person who has met it."""

from __future__ import annotations

import shlex
import sys

import pytest

from tests.journeys.test_scenarios import EXPECTED, LONG
from tests.support.person import BIN, MODEL, Person, Run, Serving
from tests.support.terminal import new_token
from wizard.rehearsal.scenarios import SCENARIOS

QUICK = ("expired-token",)
REPEATED = (
    "container-crashes",
    "never-starts",
    "starts-slowly",
    "package-missing",
)  # like out-of-memory
HELPS = {"gpu-refused": "--gpu", "out-of-memory": "--gpu", "no-token": "--token-from", "not-requested": "--watch"}
FAILING = [scenario for scenario in SCENARIOS if EXPECTED[scenario.name] is not None]


def wrapper(person: Person) -> str:
    """A folder with the program under its name, for a shell."""
    program = person.folder / "bin" / "outlines-wizard"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m wizard "$@"\n')
    program.chmod(0o755)
    return str(program.parent)


def in_shell(person: Person, command: str, stdin: str | None) -> Run:
    """Run a command in the person's shell."""
    path = f"{wrapper(person)}:{BIN}:/usr/local/bin:/usr/bin:/bin"
    return person.run("bash", "-c", command, stdin=stdin, PATH=path)


def follow(person: Person, serving: Serving, command: str) -> Run:
    """Do what a command says; those of other programs would leave the demo, and are not named in it."""
    name, *arguments = shlex.split(command)
    assert name == "outlines-wizard", command
    token = new_token() if "stdin" in arguments else None
    if token is not None:  # what the person pastes
        serving.change({"tokens": {"pasted": {"person": "robin", "role": "read", "value": token}}})
    if "--watch" in arguments:
        serving.change({"requests": {MODEL: {"robin": "accepted"}, f"{MODEL}-lora": {"robin": "accepted"}}})
        serving.change({"requests": {f"{MODEL}-gated-base-lora": {"robin": "accepted"}}})
    return in_shell(person, command, token)


def marks_of(scenario: str) -> list[pytest.MarkDecorator]:
    return [] if scenario in QUICK else [pytest.mark.nightly if scenario in REPEATED else pytest.mark.long]


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [pytest.param(each.name, marks=marks_of(each.name)) for each in FAILING])
def test_what_a_failure_names_is_run_as_it_stands(scenario: str, person: Person) -> None:
    serving = person.serve("--scenario", scenario)
    model = next(each.model for each in FAILING if each.name == scenario)
    failed = person.wizard("deploy", "--rehearse", "--yes", "--json", "--model", model).last
    assert failed["event"] == "Failed" and failed["next"], failed
    commands = [each["command"] for each in failed["next"]]
    assert len(set(commands)) == len(commands)
    for command in commands if scenario not in LONG else commands[:1]:
        done = follow(person, serving, command)
        assert done.code != 2 and "Traceback" not in done.stderr, done
        if HELPS.get(scenario, "nothing") in command:
            assert done.code == 0, done
    assert [command for command in commands if HELPS.get(scenario, "") in command], commands


def test_a_person_reads_the_same(person: Person) -> None:
    (named,) = person.wizard("status", "none", "--rehearse", "--json").last["next"]
    assert named["command"] == "outlines-wizard rehearse --rehearse --json"
    spoken = person.wizard("status", "none", "--rehearse").stderr
    assert f"Next: `outlines-wizard rehearse --rehearse`  {named['when']}" in spoken, spoken
