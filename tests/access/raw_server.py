"""A server that sends whatever bytes a test wants, and the same loop to ask it from: for generated examples."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class RawAnswer:
    """A status line, headers and a body; `length` False leaves out Content-Length, the connection closes anyway."""

    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b"{}"
    length: bool = True

    def to_bytes(self, head_only: bool) -> bytes:
        """What goes over the wire."""
        lines = [b"HTTP/1.1 %d Whatever" % self.status, *(name + b": " + value for name, value in self.headers)]
        if self.length:
            lines.append(b"Content-Length: %d" % len(self.body))
        lines.append(b"Connection: close")
        return b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if head_only else self.body)


Answering = Callable[[str, str], RawAnswer]


class RawServer:
    """One answer per connection, chosen by method and path. Coroutines of a test run in its loop, in a thread."""

    def __init__(self) -> None:
        self.answer: Answering = lambda method, path: RawAnswer()
        self.paths: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="raw server", daemon=True)
        self._thread.start()
        self._server = self.run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def run(self, job: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, which has to end soon."""
        return asyncio.run_coroutine_threadsafe(job, self._loop).result(60)

    def close(self) -> None:
        """Stop serving."""
        self._server.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, path = head.split(" ", 2)[:2]
            self.paths.append(path)
            writer.write(self.answer(method, path).to_bytes(method == "HEAD"))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
