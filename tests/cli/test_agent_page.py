"""The page for coding agents says what the program is: each of its commands, keys, codes and verdicts, and no other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cases.test_html_report import report
from tests.cli.test_next_commands import parse
from tests.support.person import MODEL, OPEN_MODEL
from wizard.cli.agent_page import agent_page
from wizard.cli.command_list import command_names
from wizard.cli.main import program
from wizard.core.access.verdicts import VERDICTS
from wizard.core.events import CaseJudged, CasesVerified
from wizard.core.explain.explanations import ROWS
from wizard.core.problem import ExitCode

PAGE = agent_page(program)
SECTIONS = dict(re.findall(r"^## (.+?)\n\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
COMMAND_LINE = Path(__file__).parents[2] / "docs/command-line.md"
OF_ONE_COMMAND = {"Row", "TokenSaved", "TokenForgotten", "Serving"}  # in the table of the documents, and no Event
FILLED = {"ORG/MODEL": "org/model", "APP": "outlines-model", "TEXT": "Who?", "< TOKEN.txt": "", "ERROR.log": "-"}


def test_the_page_has_its_sections_and_is_one_page() -> None:
    assert list(SECTIONS) == [
        "How to use it", "Three jobs", "Without accounts: the demo",
        "Commands", "Output types (one of them)", "Events, and their keys", "Exit codes",
        "What needs a person", "Verdicts and codes of failures",
    ]  # fmt: skip
    assert len(PAGE.splitlines()) < 220 and PAGE.startswith("---\nname: outlines-wizard\n")


def test_every_command_is_there_and_no_other() -> None:
    named = re.findall(r"^- `outlines-wizard ([a-z-]+)", SECTIONS["Commands"], re.MULTILINE)
    assert set(named) == set(command_names())


def test_every_event_and_its_keys_are_there() -> None:
    events = SECTIONS["Events, and their keys"]
    names = re.findall(r"^- `([A-Z]\w+)`:", events, re.MULTILINE)
    rows = re.findall(r"^\| ((?:`[A-Z]\w+`(?:, )?)+) \|", COMMAND_LINE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(names) == len(set(names))
    assert set(names) | OF_ONE_COMMAND == set(re.findall(r"\w+", " ".join(rows)))
    assert "- `Failed`: `step`, `code`, `message`, `hint`, `url`, `retryable`, `exit_code`, `next`\n" in events
    assert "- `StepFinished`: `step`, `outcome`, `detail`\n" in events


def keys_of(name: str) -> list[str]:
    """The keys that the page gives to an event or an object."""
    (keys,) = re.findall(rf"^- `{name}`(?::| prints) (.+)$", SECTIONS["Events, and their keys"], re.MULTILINE)
    return re.findall(r"`(\w+)`", keys)


def test_events_that_show_a_record_have_its_keys() -> None:
    about = report()
    for event in (CaseJudged(about.now.answers[0]), CasesVerified(about)):
        assert keys_of(type(event).__name__) == [key for key in event.to_mapping() if key != "event"]


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
DEMO = re.findall(r"^    (outlines-wizard .+)$", SECTIONS["Without accounts: the demo"], re.MULTILINE)


def test_the_demo_is_begun_shared_and_ended() -> None:
    assert len(DEMO) == 2 and all("--rehearse" in line for line in DEMO)
    assert "outlines-wizard rehearse > rehearsal.env" in PAGE and "kill $(cat rehearsal.pid)" in PAGE
    models = re.findall(r"`(rehearsal-lab/[\w-]+)`", SECTIONS["Without accounts: the demo"])
    assert models == [MODEL, OPEN_MODEL]


@pytest.mark.parametrize("line", COMMANDS + DEMO)
def test_every_command_of_the_three_jobs_is_one_that_the_program_takes(line: str) -> None:
    for word, value in FILLED.items():
        line = line.replace(word, value)
    name, *arguments = shlex.split(line)
    assert name == "outlines-wizard" and arguments[-1] == "--json"
    parse(arguments)
