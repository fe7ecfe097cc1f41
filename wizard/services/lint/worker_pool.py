"""Warm child processes of lint: each has one structured-output backend loaded, and answers one question at a time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from wizard.core.lint.backend import StructuredOutputBackend
from wizard.services.local.child_process import environment_without_tokens

MOST_QUESTIONS = 50  # that one child answers before another takes its place
MOST_IDLE = 2  # children of one backend that are kept
_CHUNK = 1 << 16
_QUIET = {
    "TORCHDYNAMO_DISABLE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "RAYON_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
}


class Worker:
    """One child. It ends when this process does, since its standard input is at its end then."""

    def __init__(self, backend: StructuredOutputBackend) -> None:
        self.backend = backend
        self.questions = 0
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(
                (sys.executable, "-P", "-m", "wizard.services.lint.worker", backend.module),
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                env=environment_without_tokens(modal=False) | _QUIET,
                start_new_session=True,
            )

    @property
    def lives(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    async def ask(self, question: bytes, hear: Callable[[Mapping[str, Any]], None]) -> tuple[int, bool]:
        """Ask, and let each line of the answer be heard. Returns how the process that answered has ended, and whether
        the child can be asked again."""
        loop, rest = asyncio.get_running_loop(), b""
        self.questions += 1
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # what it said first still counts
            await loop.sock_sendall(self._socket, question + b"\n")
        with contextlib.suppress(ConnectionResetError):
            while chunk := await loop.sock_recv(self._socket, _CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in map(json.loads, lines):
                    if line["stage"] == "ended":
                        return line["code"], True
                    hear(line)
        return await asyncio.to_thread(self._process.wait), False

    def close(self) -> None:
        """End the child and what it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._socket.close()
        self._process.wait()


class WorkerPool:
    """Children that wait for the next question, by backend."""

    def __init__(self) -> None:
        self._idle: dict[str, list[Worker]] = {}

    def take(self, backend: StructuredOutputBackend) -> Worker:
        """A child that nobody else asks."""
        idle = self._idle.setdefault(backend.name, [])
        while idle:
            worker = idle.pop()
            if worker.lives:
                return worker
            worker.close()
        return Worker(backend)

    def give_back(self, worker: Worker, *, healthy: bool) -> None:
        """Keep a child for later; it is ended where it hit a limit, has answered enough, or enough others wait."""
        idle = self._idle.setdefault(worker.backend.name, [])
        if healthy and worker.questions < MOST_QUESTIONS and len(idle) < MOST_IDLE:
            idle.append(worker)
        else:
            worker.close()

    def close(self) -> None:
        """End every child that waits."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
