"""A program on a pseudo terminal, read all the time as a real terminal is; for benchmarks."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import tempfile
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 300.0


class Terminal:
    """A program on a terminal of 120 by 40, read all the time as a real one is."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.began = time.perf_counter()
        self._tail, self._seen = b"", threading.Condition()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            os.execvpe(command[0], command, env)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._master, 1 << 16)
            except OSError:
                return
            with self._seen:
                self._tail = (self._tail + chunk)[-(1 << 18) :]
                self._seen.notify_all()

    def press(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self._master, keys)

    def wait_for(self, text: str, seconds: float = PATIENCE) -> float:
        """Seconds from now until a text is drawn. Raises TimeoutError."""
        began = time.perf_counter()
        with self._seen:
            if not self._seen.wait_for(lambda: text.encode() in self._tail, seconds):
                raise TimeoutError(f"{text!r} was never drawn: {self._tail[-300:]!r}")
        return time.perf_counter() - began

    @property
    def peak_megabytes(self) -> float:
        """The most memory that the program has held at once."""
        status = Path(f"/proc/{self.pid}/status")
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
        return int(found[1]) / 1024 if found else float("nan")

    def end(self) -> None:
        """Kill it, and wait for that."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)


@contextmanager
def terminal(*command: str) -> Iterator[Terminal]:
    """A program on a terminal while the context is open, with a state folder of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-log-") as folder:
        env = os.environ | {
            "TERM": "xterm-256color",
            "TMPDIR": folder,
            "XDG_STATE_HOME": folder,
            "XDG_CONFIG_HOME": folder,
        }
        opened = Terminal(list(command), env)
        try:
            yield opened
        finally:
            opened.end()
