"""Flags that are given before the command are the command's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wizard import __version__

Run = Callable[..., Any]
PROJECT = Path(__file__).resolve().parents[2]


def test_a_scenario_and_json_before_the_command(wizard: Run) -> None:
    ran = wizard("--scenario", "list", "--json", "deploy")
    assert ran.code == 0, ran.stderr
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert "hub-down" in {row.get("scenario") for row in rows}


def test_flags_behind_the_command_win(wizard: Run) -> None:
    assert "Without a terminal" in wizard("--scenario", "list", "deploy", "--scenario", "ready").stderr, "no list"
    assert wizard("--scenario", "nonsense", "deploy", "--scenario", "list").code == 0


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        (["--rehearse", "completion", "bash"], "--rehearse"),
        (["--environment", "dev", "completion", "bash"], "--environment"),
        (["--environment", "dev", "token"], "--environment"),
        (["--yes"], "--yes"),
        (["-q"], "--quiet"),
        (["--no-color"], "--no-color"),
    ],
)
def test_a_flag_that_the_command_does_not_know_is_refused(arguments: list[str], flag: str, wizard: Run) -> None:
    ran = wizard(*arguments)
    assert (ran.code, ran.stdout) == (2, "")
    assert flag in ran.stderr and "--help" in ran.stderr
    assert wizard("--json", *arguments).failed["code"] == "flags_invalid"


def test_a_rehearsal_before_a_command_of_a_group(process: Run) -> None:
    pytest.importorskip("torch")
    shown = process("--rehearse", "token", "show", "--json")
    assert shown.code == 0, shown.stderr
    data = json.loads(shown.stdout)
    assert data["endpoint"].startswith("http://127.0.0.1:") and not data["endpoint"].endswith(":9"), "the stand-in"
    assert data["winner"], "the rehearsal's own"


def test_a_screen_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    import pty  # not on Windows

    mine, theirs = pty.openpty()
    light = "import sys; sys.modules['torch'] = None; from wizard.wiring import run; sys.exit(run(['--rehearse']))"
    ran = subprocess.run(
        [sys.executable, "-c", light],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(PROJECT), "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    os.close(mine)
    said = ran.stderr.decode()
    assert ran.returncode == 2, said
    assert "needs torch" in said and "Install the extra" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", [["deploy"], ["token", "show"], ["rehearse"], []])
def test_every_command_says_the_version(command: list[str], wizard: Run) -> None:
    said = wizard(*command, "--version")
    assert (said.code, said.stdout) == (0, f"outlines-wizard, version {__version__}\n")
