"""A file of JSON lines that a run adds to and a later one goes on with: each row is written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Self

from wizard.core.next_command import again
from wizard.core.problem import ExitCode, Problem, usage

FLUSH_BYTES = 1 << 16


class RowFile:
    """Rows, one a line. Use `begin`."""

    def __init__(self, path: Path, descriptor: int, *, made: bool) -> None:
        self.path, self._descriptor, self._made = path, descriptor, made
        self._good = 0  # bytes of whole rows
        self._buffer = bytearray()
        self.rest = b""  # what a killed run wrote half, after `whole_rows`

    @classmethod
    def begin(cls, path: Path) -> Self:
        """Open a file, or make it. Raises Problem (exit code 2)."""
        made = not os.path.exists(path)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(path, flags, 0o644)
        except OSError as error:
            raise not_written(path, error) from error
        return cls(path, descriptor, made=made)

    @property
    def size(self) -> int:
        """How many bytes are in it."""
        return os.fstat(self._descriptor).st_size

    def is_same(self, other: BinaryIO) -> bool:
        """Whether another open file is this one."""
        return os.path.sameopenfile(self._descriptor, other.fileno())

    def claim(self, busy: str) -> None:
        """Keep a second run out, where the system can; `busy` begins the sentence about it. Raises Problem."""
        try:
            import fcntl

            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            return
        except BlockingIOError as error:
            raise usage("output_busy", f"{busy} {self.path}.", "Wait until it ends.") from error
        except OSError:  # a file system without locks
            return

    def whole_rows(self) -> Iterator[bytes]:
        """The rows that are there; then `rest` is what follows the last whole one."""
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            for line in file:
                if line.endswith(b"\n"):
                    self._good += len(line)
                    yield line
                else:
                    self.rest = line

    def cut(self) -> None:
        """Go on after the last whole row."""
        os.ftruncate(self._descriptor, self._good)
        os.lseek(self._descriptor, self._good, os.SEEK_SET)

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row; it is on disk after `flush`. Raises Problem (exit code 2) when the disk refuses."""
        self._buffer += json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        if len(self._buffer) >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand every row to the system. A disk that is full leaves whole rows only."""
        rest = memoryview(bytes(self._buffer))
        self._buffer.clear()
        size = len(rest)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            self._good += size
        except OSError as error:
            self._cut_half()
            raise not_written(self.path, error) from error

    def _cut_half(self) -> None:
        """Keep the whole rows of what was written before the disk refused."""
        try:
            end = os.lseek(self._descriptor, 0, os.SEEK_CUR)
            written = os.pread(self._descriptor, end - self._good, self._good) if hasattr(os, "pread") else b""
            self._good += written.rfind(b"\n") + 1
            self.cut()
        except OSError:  # a device; there is nothing to cut
            return

    def give_up(self) -> None:
        """Give the file back as it is."""
        os.close(self._descriptor)

    def close(self) -> None:
        """Give the file back; one that was begun and holds nothing goes."""
        empty = self._made and self._good == 0
        os.close(self._descriptor)
        if empty:
            self.path.unlink(missing_ok=True)


def not_written(path: Path, error: OSError) -> Problem:
    """The Problem (exit code 2) of a disk that refuses."""
    hint = "Free some space or name another file; --resume keeps what is there."
    return usage("output_not_written", f"{path} cannot be written: {error.strerror}.", hint)


def stopped_early(error: BaseException, kept: str) -> Problem:
    """The Problem of a run that has ended before its end. `kept` says what is in its file; empty where it has none."""
    hint = "Run the same command with --resume to finish." if kept else ""
    resume = (again("to finish", "--resume"),) if kept else ()
    if isinstance(error, Problem):
        said = " ".join(filter(None, (error.hint, kept, hint)))
        return replace(error, hint=said, next=resume or error.next).at("sample")
    code, message = ExitCode.INTERRUPTED, f"Interrupted. {kept}".strip()
    return Problem("interrupted", message, hint, retryable=True, exit_code=code, step="sample", next=resume)
