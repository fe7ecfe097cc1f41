"""Several commands in one process of their own, one after the other, in an environment that a test has made up.

Libraries read variables when they are imported, so each environment needs a process; starting one for each command
would take most of the time. Run as a program: arguments are command lines as JSON, output one JSON object for each.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    """How one command ended. `crash` is a traceback that came through, which must never be."""

    arguments: list[str]
    code: int
    out: str
    err: str
    crash: str = ""

    @property
    def codes(self) -> list[str]:
        """Every verdict and error code in the JSON lines of its output."""
        found = [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]
        return [each[key] for each in found for key in ("verdict", "code") if each.get(key)]


def run_all(
    commands: Sequence[Sequence[str]], variables: Mapping[str, str], folder: Path, seconds: float = 120
) -> list[Said]:
    """The commands in one process with exactly these variables; what that process says beside them is an error."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.many_commands", *map(json.dumps, commands)],
        env={"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1", **variables},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    said = [Said(**json.loads(line)) for line in lines if line.startswith("{")]
    assert len(said) == len(commands), f"{variables}\n{done.stdout!r}\n{done.stderr.decode('utf-8', 'replace')[-3000:]}"
    return said


def _run(arguments: list[str]) -> Said:
    from wizard.wiring import run

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code, crash, before = -1, "", dict(os.environ)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run(arguments)
        except BaseException:  # noqa: BLE001 - whatever comes through is what the test looks for
            crash = traceback.format_exc()
    os.environ.clear()
    os.environ.update(before)
    texts = (stream.buffer.getvalue().decode("utf-8", "replace") for stream in (out, err))
    return Said(arguments, code, *texts, crash)


if __name__ == "__main__":
    answers = [_run(json.loads(argument)) for argument in sys.argv[1:]]
    for answer in answers:
        sys.stdout.buffer.write(json.dumps(vars(answer)).encode() + b"\n")
