"""A served rehearsal for benchmarks: stand-ins in a process of their own, and commands that run against them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-m", "wizard"]
MODAL = [sys.executable, "-m", "modal"]


@dataclass(frozen=True)
class Served:
    """A rehearsal that is being served: a folder of its own, and the environment that points programs at it."""

    home: Path
    env: dict[str, str]

    def run(self, *command: str, stdin: str | None = None) -> tuple[float, str]:
        """Run a command to its end; wall seconds and standard output. Raises CalledProcessError when it fails."""
        started = time.perf_counter()
        done = subprocess.run(
            command, env=self.env, cwd=self.home, input=stdin, capture_output=True, text=True, check=False, timeout=300
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            raise SystemExit(
                f"{' '.join(command[:4])} failed ({done.returncode}): {done.stderr[-800:]}{done.stdout[-800:]}"
            )
        return seconds, done.stdout

    def events(self, *command: str) -> tuple[float, list[tuple[float, dict[str, Any]]]]:
        """Run one of our commands with --json; wall seconds, and each event with the second at which it came."""
        started = time.perf_counter()
        with subprocess.Popen(
            [*PROGRAM, *command, "--json"], env=self.env, cwd=self.home, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            events = [(time.perf_counter() - started, json.loads(line)) for line in child.stdout]
        return time.perf_counter() - started, events


@contextmanager
def serve(home: Path) -> Iterator[Served]:
    """Serve the stand-ins while the context is open."""
    env = os.environ | {"XDG_STATE_HOME": str(home / "state"), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": ""}
    with subprocess.Popen(
        [*PROGRAM, "rehearse", "--json"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as serving:
        try:
            assert serving.stdout is not None
            described = json.loads(serving.stdout.readline())
            yield Served(home, env | described["env"])
        finally:
            serving.terminate()
