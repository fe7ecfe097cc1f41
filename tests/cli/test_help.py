"""Help, version, and how arguments are understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wizard import __version__
from wizard.cli.command_list import list_commands
from wizard.cli.main import spell_out

Run = Callable[..., Any]
COMMANDS = {entry.name: entry.summary for entry in list_commands()}


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=lambda c: c[0] if c else "-")
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_of_every_command_fits_a_terminal(command: list[str], flag: str, wizard: Run) -> None:
    ran = wizard(*command, flag)
    assert ran.code == 0
    assert ran.stderr == ""
    assert "Usage: outlines-wizard" in ran.stdout
    examples = ("outlines-wizard ", "$ ")  # people copy these whole
    long = [line for line in ran.stdout.splitlines() if len(line) > 80 and not line.strip().startswith(examples)]
    assert long == []


def test_every_public_command_is_listed(wizard: Run) -> None:
    listed = wizard("--help").stdout
    for name, summary in COMMANDS.items():
        assert f"  {name} " in listed
        assert summary.split(";")[0][:30] in " ".join(listed.split())


COMMAND_LINES = [[name] for name in COMMANDS if name not in ("token", "plan", "completion")] + [
    ["plan", "schema"],
    *(["token", word] for word in ("show", "set", "forget")),
]


@pytest.mark.parametrize("words", COMMAND_LINES, ids=" ".join)
def test_the_shared_flags_are_everywhere(words: list[str], wizard: Run) -> None:
    text = wizard(*words, "--help").stdout
    for flag in ("--json", "--yes", "--quiet", "--no-color", "--environment", "--rehearse"):
        assert flag in text


@pytest.mark.filterwarnings("error:The name")  # click's, of two parameters that overwrite each other
@pytest.mark.parametrize("words", COMMAND_LINES, ids=" ".join)
def test_no_flag_of_a_command_hides_another(words: list[str], wizard: Run) -> None:
    ran = wizard(*words, "--version")
    assert (ran.code, ran.stderr) == (0, "")
    assert __version__ in ran.stdout


@pytest.mark.parametrize("words", COMMAND_LINES, ids=" ".join)
def test_every_flag_says_what_it_does(words: list[str], wizard: Run) -> None:
    lines = wizard(*words, "--help").stdout.splitlines()
    flags = [at for at, line in enumerate(lines) if line.startswith("  -")]
    for at in flags:  # the sentence stands behind the flag, or on the next line where that is long
        following = lines[at + 1] if at + 1 < len(lines) else ""
        assert "  " in lines[at].strip() or following.startswith(" " * 10), lines[at]


def test_the_version(wizard: Run) -> None:
    ran = wizard("--version")
    assert ran.code == 0
    assert __version__ in ran.stdout


def test_help_in_ascii(process: Run) -> None:
    ran = process("deploy", "--help", PYTHONIOENCODING="ascii")
    assert ran.code == 0, ran.stderr
    assert "--model" in ran.stdout


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--rehearse", "x"], ["--rehearse=all", "x"]),
        (["check", "--rehearse", "a/b"], ["check", "--rehearse=all", "a/b"]),
        (["check", "--rehearse=modal", "a/b"], ["check", "--rehearse=modal", "a/b"]),
        (["call", "app", "--", "--rehearse"], ["call", "app", "--", "--rehearse"]),
        ([], []),
    ],
)
def test_rehearse_does_not_swallow_the_next_argument(typed: list[str], meant: list[str]) -> None:
    assert spell_out(typed) == meant


def test_rehearse_before_a_name_leaves_the_name(wizard: Run) -> None:
    ran = wizard("check", "--rehearse", "not a name", "--json")
    assert ran.code == 2
    assert "not a name" in ran.failed["message"]
