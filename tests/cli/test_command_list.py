"""The folder of commands is the list: a file in it is a command, in the help and to be run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wizard.cli import commands
from wizard.cli.command_list import command_names, list_commands, load_command

Run = Callable[..., Any]

GREET = '''"""`greet-all`: a command that a test has made up."""

from __future__ import annotations

from wizard.cli.command import command
from wizard.cli.context import CommandContext

SUMMARY = "Greet everybody by name."
ORDER = 25


@command("greet-all", short_help=SUMMARY)
async def greet_all(context: CommandContext) -> int:
    """Greet everybody."""
    context.reporter.result({"event": "Greeted"}, ["Hello, everybody."])
    return 0
'''
LISTED_IN_A_FRESH_PROCESS = """
import sys
from wizard.wiring import run
assert run(["--help"]) == 0
print(*(name for name in sys.modules if name.startswith("wizard.cli.commands.")), file=sys.stderr)
"""


@pytest.fixture
def made_up_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of a command, in a folder that is searched beside the package's own."""
    folder = tmp_path / "commands"
    folder.mkdir()
    (folder / "greet_all.py").write_text(GREET)
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, "wizard.cli.commands.greet_all", raising=False)


@pytest.mark.usefixtures("made_up_command")
def test_a_file_in_the_folder_is_a_command(wizard: Run) -> None:
    listed = wizard("--help").stdout.splitlines()
    [place] = [number for number, line in enumerate(listed) if line.startswith("  greet-all ")]
    assert listed[place].split(maxsplit=1)[1] == "Greet everybody by name."
    assert listed[place - 1].startswith("  check ") and listed[place + 1].startswith("  token "), "where ORDER puts it"
    assert "Greet everybody." in wizard("greet-all", "--help").stdout
    assert wizard("greet-all").stdout == "Hello, everybody.\n"
    assert wizard("greet-all", "--json").stdout == '{"event": "Greeted"}\n'
    assert "Did you mean greet-all?" in wizard("greet-al").stderr


def test_listing_imports_no_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LISTED_IN_A_FRESH_PROCESS], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr.split()) == (0, [])


@pytest.mark.parametrize("name", command_names())
def test_a_command_is_named_as_its_file(name: str) -> None:
    command = load_command(name)
    assert command is not None and command.name == name


def test_every_command_has_a_place_of_its_own() -> None:
    entries = list_commands()
    assert [entry.name for entry in entries][:3] == ["demo", "deploy", "check"]
    assert len({entry.order for entry in entries}) == len(entries) == len(command_names())
    assert all(entry.summary for entry in entries)
    assert load_command("nonsense") is None
