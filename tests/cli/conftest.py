"""The real command line, in this process or in one of its own, with nothing of this machine's accounts."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from wizard.wiring import run

PROJECT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9"  # where nobody listens


@dataclass(frozen=True)
class Ran:
    """How a command line ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def failed(self) -> dict[str, Any]:
        """The last line of standard output, as ``--json`` promises it."""
        lines = [json.loads(line) for line in self.stdout.splitlines()]
        assert lines, f"standard output is empty; standard error: {self.stderr}"
        assert lines[-1]["event"] == "Failed"
        return dict(lines[-1])


Run = Callable[..., Ran]


@pytest.fixture
def wizard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The program in this process, in an empty folder, without a terminal."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGING", "MODAL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(constants, "ENDPOINT", NOBODY)  # what is not refused in time shall not go out into the world
    monkeypatch.setenv("OUTLINES_WIZARD_TRUST_ENDPOINT", NOBODY)  # else the public Hub is asked whose a token is
    monkeypatch.setenv("MODAL_SERVER_URL", NOBODY)
    monkeypatch.setenv("MODAL_CONFIG_PATH", str(tmp_path / "modal.toml"))

    def ran(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        code = run(list(arguments))
        out = capsys.readouterr()
        return Ran(code, out.out, out.err)

    return ran


@pytest.fixture
def process(tmp_path: Path) -> Run:
    """The program in a process of its own, with a Hub and a Modal that nobody serves."""

    def ran(*arguments: str, stdin: bytes | None = b"", **variables: str) -> Ran:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(PROJECT),
            "HF_ENDPOINT": NOBODY,
            "OUTLINES_WIZARD_TRUST_ENDPOINT": NOBODY,
            "HF_HOME": str(tmp_path / "hf"),
            "MODAL_SERVER_URL": NOBODY,
            "MODAL_CONFIG_PATH": str(tmp_path / "modal.toml"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            **variables,
        }
        command = [sys.executable, "-m", "wizard", *arguments]
        if stdin is None:  # closed, as a daemon or `<&-` leaves it
            command = ["sh", "-c", 'exec "$@" <&-', "sh", *command]
        done = subprocess.run(
            command, input=stdin, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False
        )
        return Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    return ran
