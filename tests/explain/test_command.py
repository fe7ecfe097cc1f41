"""`explain` as a person and as a script call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.explain.corpus.hub_errors import NO_TOKEN, transformers

PROJECT = Path(__file__).resolve().parents[2]
KEYS = {"verdict", "cause", "hint", "url", "model", "evidence", "sure"}
IN_MODAL = "$ modal run app.py\n" + transformers(401, NO_TOKEN)


def run(*arguments: str, stdin: bytes, folder: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, with nothing of this machine's accounts."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(PROJECT), **variables}
    environment |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    return subprocess.run(
        [sys.executable, "-m", "wizard", "explain", *arguments],
        input=stdin,
        env=environment,
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_a_script_gets_one_object(tmp_path: Path) -> None:
    done = run("--json", stdin=NO_TOKEN.encode(), folder=tmp_path)
    assert done.returncode == 0
    assert done.stderr == b""
    (line,) = done.stdout.decode().splitlines()
    said = json.loads(line)
    assert set(said) >= KEYS
    assert said["verdict"] == "no_token"
    assert said["sure"] is True
    assert said["evidence"] == [NO_TOKEN]


def test_a_person_gets_sentences_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "a log.txt").write_bytes(IN_MODAL.replace("\n", "\r\n").encode("utf-16"))
    done = run("a log.txt", stdin=b"", folder=tmp_path)
    assert done.returncode == 0
    shown = done.stdout.decode()
    assert "no token" in shown
    assert "not certain" in shown
    assert "│ " in shown
    assert "outlines-wizard check acme/tiny-7b" in shown


def test_a_token_on_this_machine_was_never_forwarded(tmp_path: Path) -> None:
    without = json.loads(run("--json", stdin=IN_MODAL.encode(), folder=tmp_path).stdout)
    assert (without["verdict"], without["sure"]) == ("no_token", False)
    assert "env_not_forwarded" in without["others"]
    token = "hf_" + "".join(chr(97 + byte % 26) for byte in os.urandom(34))
    done = run("--json", stdin=IN_MODAL.encode(), folder=tmp_path, HF_TOKEN=token)
    said = json.loads(done.stdout)
    assert said["verdict"] == "env_not_forwarded"
    assert said["sure"] is False
    assert token.encode() not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        ((), b"", "nothing_pasted"),
        (("-",), b"  \n", "nothing_pasted"),
        (("missing.log",), b"", "file_unreadable"),
        ((".",), b"", "file_unreadable"),
        (("\udcff",), b"", "flag_not_text"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(
    arguments: tuple[str, ...], stdin: bytes, code: str, tmp_path: Path
) -> None:
    done = run("--json", *arguments, stdin=stdin, folder=tmp_path)
    assert done.returncode == 2
    assert json.loads(done.stdout)["code"] == code


def test_on_a_terminal_one_end_of_input_is_enough(on_a_terminal: Callable[..., tuple[int, str]]) -> None:
    code, shown = on_a_terminal("explain", asks="Ctrl-D", typed=f"{NO_TOKEN}\n\x04")
    assert code == 0 and "no token" in shown
    assert max(len(line) for line in shown.splitlines() if "http" not in line and "│" not in line) <= len(NO_TOKEN)
