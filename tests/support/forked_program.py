"""Programs of this project and of the SDKs, forked from a process that has imported the libraries that they share.

Each saves half a second of importing and more. Nothing is imported beforehand that reads its settings when it is
imported: not the SDKs, and of this project the layers that do without them. Where a program could differ, it is started
the usual way (`fork_server`); `tests/cli`, `tests/terminal` and `tests/packaging` start it that way always.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from wizard.rehearsal.modal.containers.fork_server import send
from wizard.rehearsal.stand_ins import FORK_SERVER

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SCRIPTS = tuple(str(BIN / name) for name in ("modal", "hf", "outlines-wizard"))
MODULES = (
    *("modal_proto.api_pb2", "modal_proto.api_grpc", "grpclib.client", "grpclib.server", "synchronicity"),
    *("aiohttp.web", "httpx2", "httpcore2", "anyio", "truststore", "certifi", "cbor2", "filelock", "yaml", "toml"),
    *("click", "markdown_it", "linkify_it", "jsonschema", "tomlkit", "platformdirs", "dateutil"),
    *("rich.console", "rich.table", "rich.live", "rich.progress", "rich.tree", "rich.panel", "rich.prompt"),
    *("rich.markdown", "rich.syntax", "rich.traceback"),
)
LAYERS = ("core", "codegen", "flow", "cli", "rehearsal")  # whatever they need of an SDK is imported when it is used


@functools.cache
def own_modules() -> tuple[str, ...]:
    """This project's modules that are imported beforehand; none where another copy of it is installed."""
    where = "import wizard; print(wizard.__file__)"
    found = subprocess.run([sys.executable, "-I", "-c", where], capture_output=True, text=True, check=False).stdout
    if Path(found.strip()) != CHECKOUT / "wizard" / "__init__.py":
        return ()
    folders = [(str(CHECKOUT / "wizard" / layer), f"wizard.{layer}.") for layer in LAYERS]
    named = [each.name for folder, prefix in folders for each in pkgutil.walk_packages([folder], prefix)]
    return ("wizard.wiring", "wizard.demo_servers", *named)


class ForkedProgram:
    """A program that was forked; in what tests use of it, like `subprocess.Popen` with text."""

    def __init__(self, connection: socket.socket, pid: int, streams: Sequence[IO[str] | None]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = streams
        self._connection = connection

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. Raises TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            word, _, code = _line(self._connection).partition(" ")
            self._connection.close()
            self.returncode = int(code) if word == "ended" else -signal.SIGKILL
        return self.returncode

    def communicate(self, given: str | None, timeout: float) -> tuple[str, str]:
        """Write to it, and read what it says until it has ended. Raises TimeoutExpired, after it was killed."""
        with ThreadPoolExecutor(3) as threads:
            reads = [threads.submit(stream.read) for stream in (self.stdout, self.stderr) if stream]
            if self.stdin is not None:
                threads.submit(self._write, given or "")
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                raise
            out, errors = (read.result() for read in reads)
        for stream in (self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        return out, errors

    def _write(self, given: str) -> None:
        assert self.stdin is not None
        with contextlib.suppress(BrokenPipeError), self.stdin:
            self.stdin.write(given)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def start(command: Sequence[str], env: dict[str, str], folder: Path, stdin: int) -> ForkedProgram | None:
    """Fork a program in a session of its own; None where it has to be started the usual way.

    `stdin` is a file, or one of the constants of `subprocess`; the output comes through pipes.
    """
    words = list(command[1:]) if command[0] == sys.executable else list(command)
    address = os.environ.get(FORK_SERVER)
    if not address or (words[:2] != ["-m", "wizard"] and words[0] not in SCRIPTS):
        return None
    given, writes = os.pipe() if stdin == subprocess.PIPE else (os.dup(stdin) if stdin >= 0 else _nothing(), -1)
    (out, into_out), (errors, into_errors) = os.pipe(), os.pipe()
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
        is_ours = words[:2] == ["-m", "wizard"] and env.get("PYTHONPATH") == str(CHECKOUT)
        modules = (*MODULES, *own_modules()) if is_ours else MODULES
        request = {"python": sys.executable, "modules": modules, "command": words, "watched": False}
        send(connection, request | {"environment": env, "folder": str(folder)}, [given, into_out, into_errors])
        word, _, rest = _line(connection).partition(" ")
    finally:
        for file in (given, into_out, into_errors):
            os.close(file)
    if word == "started":
        streams = [_text(writes, "w") if writes >= 0 else None, _text(out, "r"), _text(errors, "r")]
        return ForkedProgram(connection, int(rest), streams)
    for file in (writes, out, errors):
        if file >= 0:
            os.close(file)
    connection.close()
    return None


def _line(connection: socket.socket) -> str:
    """The next line of the server's answer, and nothing after it."""
    line = b""
    while (piece := connection.recv(1)) not in (b"", b"\n"):
        line += piece
    return line.decode()


def _nothing() -> int:
    return os.open(os.devnull, os.O_RDONLY)


def _text(file: int, mode: str) -> IO[str]:
    return open(file, mode, encoding="utf-8", errors="replace")
