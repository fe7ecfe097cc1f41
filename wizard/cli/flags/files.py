"""Texts that a flag names: a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from wizard.core.problem import usage


def read_text(path: Path, flag: str) -> str:
    """A text file that a flag names; ``-`` is standard input. Raises Problem (exit code 2)."""
    try:
        if str(path) == "-":
            return _standard_input(flag)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise usage("file_not_text", f"{flag}: {path} is not UTF-8 text.") from error
    except OSError as error:
        raise usage("file_unreadable", f"{flag}: {path} cannot be read: {error.strerror}.") from error


def _standard_input(flag: str) -> str:
    """All of standard input; a person at a terminal is not waited for."""
    if sys.stdin is None or sys.stdin.isatty():
        raise usage(
            "stdin_empty", f"{flag} -: nothing is piped into standard input.", f"Pipe the text in: … {flag} - < FILE"
        )
    return sys.stdin.buffer.read().decode("utf-8-sig")
