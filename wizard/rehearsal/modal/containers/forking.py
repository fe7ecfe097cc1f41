"""Containers that fork from a process with everything imported: where that process is, and one container made there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.rehearsal.modal.containers import fork_server

logger = logging.getLogger(__name__)

ENTRYPOINT = fork_server.ENTRYPOINT
HUB_MODULES = ("httpx2", "httpcore2", "filelock", "tqdm.auto", "tqdm.contrib", "yaml", "packaging.version")
"""What `huggingface_hub` needs. Itself it reads addresses and folders at import: each container imports it anew."""
TORCH_MODULES = (
    *("torch", "torch._dynamo", "torch.distributed.checkpoint", "torch.distributed._composable.fsdp"),
    *("torch.nn.attention.flex_attention", "numpy.random", "safetensors.torch", "tokenizers.trainers", "regex"),
    *("jinja2.sandbox", "jinja2.ext", "jinja2.meta", "PIL.ImageOps", "PIL.ImagePalette", "tqdm.contrib.logging"),
    *("pydantic.main", "pydantic.type_adapter", "jsonschema", "genson", "diskcache", "cloudpickle", "psutil"),
    *("outlines_core", "llguidance"),
)
"""PyTorch, and what `transformers` and `outlines` need; themselves they import `huggingface_hub`."""
_GPU_DEVICES = ("/dev/nvidiactl", "/dev/kfd")
_START_SECONDS = 20.0


def can_fork() -> bool:
    """Whether a process with many libraries may fork here; macOS forbids it to those that use the system's own."""
    return sys.platform == "linux" and os.path.isdir("/proc/self/task")


def has_gpu() -> bool:
    """Whether PyTorch might open a GPU when it is imported: a forked process could not use it then."""
    return any(os.path.exists(device) for device in _GPU_DEVICES)


class ForkServer:
    """The process that containers of one or several stand-ins fork from: a shared one, or one of its own."""

    def __init__(self, folder: Path, shared: Path | None = None) -> None:
        self._address = shared or folder / "fork.sock"
        self._is_shared = shared is not None
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()

    async def connect(self) -> socket.socket:
        """A connection for one request. Starts the process if need be. Raises OSError when there is none."""
        async with self._starting:
            if not self._is_shared and (self._process is None or self._process.returncode is not None):
                await self._start()
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.setblocking(False)
            await asyncio.get_running_loop().sock_connect(connection, str(self._address))
        except BaseException:
            connection.close()
            raise
        return connection

    async def _start(self) -> None:
        """It ends by itself when its standard input breaks, so it cannot outlive this process."""
        self._address.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, fork_server.__file__, "dispatch", str(self._address)),
            env={},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(_START_SECONDS):
            if not await self._process.stdout.readline():
                raise OSError("the process that containers fork from did not start")

    async def close(self) -> None:
        """End a process of its own; containers are not its business any more."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


@dataclass
class ForkedProcess:
    """A container that was forked; in what is used of it, like `asyncio.subprocess.Process`."""

    pid: int
    stdout: asyncio.StreamReader
    stderr: asyncio.StreamReader
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _has_ended: bool = False

    async def wait(self) -> int:
        """Its exit code, negative for a signal. When the process that it forked from is gone, it is killed as well."""
        word, _, code = (await self._reader.readline()).decode().partition(" ")
        self._has_ended = True
        self._writer.close()
        return int(code) if word == "ended" else -9

    def send_signal(self, number: int) -> None:
        """Send a signal. Raises ProcessLookupError when it has ended."""
        if self._has_ended:
            raise ProcessLookupError
        os.kill(self.pid, number)


async def fork(
    server: ForkServer, python: str, modules: tuple[str, ...], program: Mapping[str, Any], folder: Path, stdin: int
) -> ForkedProcess | None:
    """Make a container, which dies when `stdin` breaks; None when only a fresh interpreter is like one. `program` is
    what the request says of it alone: its environment, and whether it is customized (see `fork_server`).

    Raises OSError when there is no server.
    """
    request = {
        "python": python,
        "modules": [ENTRYPOINT, *modules],
        "command": ["-m", ENTRYPOINT],
        "watched": True,
        "folder": str(folder),
        **program,
    }
    connection = await server.connect()
    (out, into_out), (errors, into_errors) = os.pipe(), os.pipe()
    try:
        connection.setblocking(True)
        await asyncio.to_thread(fork_server.send, connection, request, [stdin, into_out, into_errors])
    finally:
        for end in (into_out, into_errors):
            os.close(end)
    streams = [await _stream(out), await _stream(errors)]  # empty when it is refused
    reader, writer = await asyncio.open_unix_connection(sock=connection)
    word, _, rest = (await reader.readline()).decode().strip().partition(" ")
    if word != "started":
        logger.info("A container is a fresh interpreter: %s", rest)
        writer.close()
        return None
    return ForkedProcess(int(rest), streams[0], streams[1], reader, writer)


async def _stream(file: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(file, "rb", 0))
    return reader
