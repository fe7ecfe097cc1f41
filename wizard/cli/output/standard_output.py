"""Standard output: all of it is data, and whoever reads it may go at any time."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def write_json(data: dict[str, Any]) -> None:
    """One JSON line on standard output, at once."""
    text = json.dumps(data, ensure_ascii=False, default=str)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # a narrow terminal, or a pipe on Windows: JSON can say it in ASCII
        text = json.dumps(data, default=str)
    write_out(text + "\n")


def write_out(text: str) -> None:
    """Text on standard output, at once. Raises BrokenPipeError when nobody takes it: a reader that has gone, or a file
    on a disk that is full."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stderr.write(f"Standard output cannot be written: {error.strerror}.\n")
        raise BrokenPipeError(error.errno, error.strerror) from error


def give_up_standard_output() -> None:
    """Whatever is still to be written goes nowhere, the interpreter's last flush too."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process
