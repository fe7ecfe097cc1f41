"""The page for coding agents says what the program is: each of its commands, keys, codes and verdicts, and no other."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.cli.test_next_commands import parse
from wizard.cli.agent_page import agent_page
from wizard.cli.command_list import command_names
from wizard.cli.main import program
from wizard.core.access.verdicts import VERDICTS
from wizard.core.events import Event
from wizard.core.explain.explanations import ROWS
from wizard.core.problem import ExitCode

PAGE = agent_page(program)
SECTIONS = dict(re.findall(r"^## (.+?)\n\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
FILLED = {"ORG/MODEL": "org/model", "APP": "outlines-model", "TEXT": "Who?", "< TOKEN.txt": "", "ERROR.log": "-"}


def test_the_page_has_its_sections_and_is_one_page() -> None:
    assert list(SECTIONS) == [
        "How to use it", "Three jobs", "Commands", "Output types (one of them)", "Events, and their keys", "Exit codes",
        "What needs a person", "Verdicts and codes of failures",
    ]  # fmt: skip
    assert len(PAGE.splitlines()) < 220 and PAGE.startswith("---\nname: outlines-wizard\n")


def test_every_command_is_there_and_no_other() -> None:
    named = re.findall(r"^- `outlines-wizard ([a-z-]+)", SECTIONS["Commands"], re.MULTILINE)
    assert set(named) == set(command_names())


def test_every_event_and_its_keys_are_there() -> None:
    events = SECTIONS["Events, and their keys"]
    assert {kind.__name__ for kind in Event.__subclasses__()} == set(
        re.findall(r"^- `([A-Z]\w+)`:", events, re.MULTILINE)
    )
    assert "- `Failed`: `step`, `code`, `message`, `hint`, `url`, `retryable`, `exit_code`, `next`\n" in events
    assert "- `StepFinished`: `step`, `outcome`, `detail`\n" in events


def test_every_exit_code_and_verdict_is_there() -> None:
    codes = re.findall(r"^- (\d+): \S", SECTIONS["Exit codes"], re.MULTILINE)
    assert [int(code) for code in codes] == [int(code) for code in ExitCode]
    verdicts = SECTIONS["Verdicts and codes of failures"]
    found = dict(re.findall(r"^- `(\w+)` \((\d+)\): \S", verdicts, re.MULTILINE))
    assert found == {code: str(int(row.exit_code)) for code, row in ROWS.items()}


def test_what_a_person_has_to_do_is_told() -> None:
    people = SECTIONS["What needs a person"]
    waiting = [verdict.value for verdict, row in VERDICTS.items() if row.may_open]
    assert {"not_requested", "pending_review", "reset"} <= set(waiting)
    for code in (*waiting, "no_token", "expired_token", "payment_method_missing", "modal_auth"):
        assert f"- `{code}`: " in people, code


COMMANDS = [line.strip() for line in SECTIONS["Three jobs"].splitlines() if line.startswith("    ")]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_three_jobs_is_one_that_the_program_takes(line: str) -> None:
    for word, value in FILLED.items():
        line = line.replace(word, value)
    name, *arguments = shlex.split(line)
    assert name == "outlines-wizard" and arguments[-1] == "--json"
    parse(arguments)
