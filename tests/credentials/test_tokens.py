"""Access tokens on this machine: which one wins, and what is none."""

from __future__ import annotations

import importlib
import io
import json
import os
import random
import string
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from huggingface_hub import constants

from wizard.core.problem import ExitCode, Problem
from wizard.flow.ports.credentials import TokenFrom
from wizard.services.credentials import os_keyring as keychain
from wizard.services.credentials.active_token import Tokens, read_token

PROJECT = Path(__file__).resolve().parents[2]
KEYRING = """
import os, time
from keyring.backend import KeyringBackend

class Stored(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        mood = os.environ.get("KEYRING_MOOD", "")
        if mood == "asleep":
            time.sleep(60)
        if mood == "broken":
            raise LookupError("org.freedesktop.DBus.Error.ServiceUnknown")
        if mood == "locked":
            from keyring.errors import KeyringLocked
            raise KeyringLocked("locked")
        holds = os.environ.get("KEYRING_HOLDS")
        if service != "outlines-wizard" or not holds:
            return None
        return '["robin"]' if username.startswith("users at ") else holds

    def set_password(self, service, username, password): ...
    def delete_password(self, service, username): ...
"""
ASK = """
import asyncio, json, sys
from wizard.core.problem import Problem
from wizard.services.credentials import os_keyring as keychain
from wizard.services.credentials.active_token import Tokens
keychain.CALL_SECONDS = 0.5
async def main():
    found = {}
    for wanted in sys.argv[1:]:
        try:
            it = await Tokens(keychain.Keychain()).find(wanted)
            found[wanted] = None if it is None else [it.token.reveal()[-4:], it.origin, it.source]
        except Problem as problem:
            found[wanted] = [problem.code, int(problem.exit_code), problem.message]
    print(json.dumps(found))
asyncio.run(main())
"""


def letters(count: int = 34) -> str:
    return "".join(random.choices(string.ascii_letters, k=count))


class Machine:
    """A machine with a home of its own, and what is found on it."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.home, self._patch = home, patch
        (home / "backends").mkdir()
        (home / "backends" / "stored_keyring.py").write_text(textwrap.dedent(KEYRING))
        patch.syspath_prepend(home / "backends")
        patch.setattr(constants, "HF_TOKEN_PATH", str(home / "hf" / "token"))
        patch.setattr(keychain, "CALL_SECONDS", 0.3)
        sys.modules.pop("stored_keyring", None)
        keyring.set_keyring(importlib.import_module("stored_keyring").Stored())

    async def ask(self, *wanted: TokenFrom, stdin: bytes = b"", **variables: str) -> dict[str, list[object] | None]:
        found: dict[str, list[object] | None] = {}
        with self._patch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            for name, value in variables.items():
                patch.setenv(name, value)
            for origin in wanted:
                try:
                    it = await Tokens(keychain.Keychain()).find(origin)
                    found[origin] = None if it is None else [it.token.reveal()[-4:], it.origin, it.source]
                except Problem as problem:
                    found[origin] = [problem.code, int(problem.exit_code), problem.message]
        return found

    def log_in(self, text: str) -> None:
        (self.home / "hf").mkdir(exist_ok=True)
        (self.home / "hf" / "token").write_text(text)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    before = keyring.get_keyring()
    yield Machine(tmp_path, monkeypatch)
    keyring.set_keyring(before)


@pytest.mark.parametrize("mood", ["", "asleep"])
def test_a_process_of_its_own_finds_the_same_and_ends(mood: str, machine: Machine) -> None:
    """The library reads HF_HOME when it is imported; a keyring that waits for ever must not keep a process alive."""
    env, file = "hf_" + letters(), "hf_" + letters()
    machine.log_in(file)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(machine.home),
        "HF_HOME": str(machine.home / "hf"),
        "HF_TOKEN": env,
        "PYTHONPATH": os.pathsep.join([str(PROJECT), str(machine.home / "backends")]),
        "PYTHON_KEYRING_BACKEND": "stored_keyring.Stored",
        "KEYRING_MOOD": mood,
    }
    command = [sys.executable, "-c", ASK, "auto", "env", "hf", "keyring"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=40, check=True)
    assert json.loads(done.stdout) == {
        "auto": [env[-4:], "env", "HF_TOKEN"],
        "env": [env[-4:], "env", "HF_TOKEN"],
        "hf": [file[-4:], "hf", "`hf auth login`"],
        "keyring": None,
    }
    assert done.stderr == ""


async def test_the_environment_wins_over_the_file_and_the_file_over_the_keyring(machine: Machine) -> None:
    env, file, ring = ("hf_" + letters() for _ in range(3))
    machine.log_in(file + "\n")
    every = ("auto", "env", "hf", "keyring")
    found = await machine.ask(*every, HF_TOKEN=f" {env}\n", KEYRING_HOLDS=ring)
    assert found["auto"] == found["env"] == [env[-4:], "env", "HF_TOKEN"]
    assert found["hf"] is not None and found["hf"][:2] == [file[-4:], "hf"]
    assert found["keyring"] is not None and found["keyring"][:2] == [ring[-4:], "keyring"]

    found = await machine.ask("auto", "env", HF_TOKEN="  ", KEYRING_HOLDS=ring)
    assert found["auto"] is not None and found["auto"][1] == "hf"
    assert found["env"] is None

    (machine.home / "hf" / "token").unlink()
    found = await machine.ask("auto", "hf", KEYRING_HOLDS=ring)
    assert found["auto"] is not None and found["auto"][:2] == [ring[-4:], "keyring"]
    assert found["hf"] is None


async def test_the_older_variable_counts_where_the_newer_is_empty(machine: Machine) -> None:
    value = "hf_" + letters()
    found = await machine.ask("auto", HF_TOKEN="", HUGGING_FACE_HUB_TOKEN=value)
    assert found["auto"] == [value[-4:], "env", "HUGGING_FACE_HUB_TOKEN"]


async def test_a_bare_machine_has_none_and_that_is_no_problem(machine: Machine) -> None:
    assert await machine.ask("auto", "env", "hf", "keyring") == dict.fromkeys(["auto", "env", "hf", "keyring"])


@pytest.mark.parametrize("mood", ["asleep", "broken", "locked"])
async def test_a_keyring_in_trouble_holds_nothing_up_and_says_nothing(
    mood: str, machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    assert await machine.ask("auto", KEYRING_MOOD=mood, KEYRING_HOLDS="x") == {"auto": None}
    assert time.monotonic() - started < 4
    assert capfd.readouterr().err == ""


async def test_standard_input_gives_one_line(machine: Machine) -> None:
    value = "hf_" + letters()
    found = await machine.ask("stdin", stdin=f"{value}\r\nsecond line\n".encode())
    assert found["stdin"] == [value[-4:], "stdin", "standard input"]


@pytest.mark.parametrize(
    ("stdin", "code", "exit_code"),
    [
        (b"", "no_token_on_stdin", 2),
        (b"\n", "no_token_on_stdin", 2),
        (b"hf_ has spaces\n", "invalid_token", 4),
        ("hf_ümlaut\n".encode(), "invalid_token", 4),
        ("hf_utf16\n".encode("utf-16"), "invalid_token", 4),  # what PowerShell pipes
        (b"\xff\xfe\xfa\n", "invalid_token", 4),
    ],
)
async def test_standard_input_without_a_token(stdin: bytes, code: str, exit_code: int, machine: Machine) -> None:
    found = (await machine.ask("stdin", stdin=stdin))["stdin"]
    assert found is not None
    assert found[:2] == [code, exit_code]


def test_what_cannot_be_sent_is_said_without_repeating_it() -> None:
    for text in (
        f"hf_{letters()} hf_{letters()}",
        f"hf_{letters(10)}\n{letters(10)}",
        "hf_" + letters(20) + "é",
        "a\x00b",
    ):
        with pytest.raises(Problem) as caught:
            read_token(text, "HF_TOKEN")
        assert caught.value.exit_code is ExitCode.CREDENTIALS
        assert "HF_TOKEN" in caught.value.message
        assert text not in str(caught.value.to_mapping())


@pytest.mark.parametrize("value", ["none", "hf_xxx", '"hf_quoted"', "Bearer hf_x", "your_token_here", "hf_..."])
def test_what_cannot_be_one_does_not_pass_as_one(value: str) -> None:
    """It would win, so it is named and not passed over."""
    with pytest.raises(Problem) as caught:
        read_token(value, "HF_TOKEN")
    assert caught.value.exit_code is ExitCode.CREDENTIALS


async def test_a_broken_winner_is_named_and_not_passed_over(machine: Machine) -> None:
    machine.log_in("hf_" + letters())
    found = (await machine.ask("auto", HF_TOKEN="'quoted'"))["auto"]
    assert found is not None
    assert found[:2] == ["invalid_token", 4]
    assert "HF_TOKEN" in str(found[2])


async def test_a_list_of_stored_tokens_that_is_damaged_does_no_harm(machine: Machine) -> None:
    value = "hf_" + letters()
    machine.log_in(value)
    for text in ("[half", "no section = 1", "[a]\n[a]\nhf_token = x\n", "[x]\nhf_token = %(y)s\n", "\x00\x01"):
        (machine.home / "hf" / "stored_tokens").write_text(text)
        assert (await machine.ask("hf"))["hf"] == [value[-4:], "hf", "`hf auth login`"], text


def test_nothing_is_no_token() -> None:
    assert read_token("", "x") is None
    assert read_token(" \r\n\t ", "x") is None


def test_a_pasted_token_is_stripped() -> None:
    value = "hf_" + letters()
    found = read_token(f"\t {value}\r\n", "x")
    assert found is not None
    assert found.reveal() == value
