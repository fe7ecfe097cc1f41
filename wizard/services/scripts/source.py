"""Scripts on disk: read whole, taken apart when that is asked for, written whole or not at all."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

from wizard.core.access_token import clean_line
from wizard.core.atomic_write import write_atomically
from wizard.core.doctor.script_model import Script
from wizard.core.problem import Problem, usage

LARGEST = 200_000  # bytes; Modal scripts are a few hundred lines


class ScriptSource:
    """A ScriptPort over files and libcst."""

    def load(self, path: Path) -> str:
        """The text of a script. Raises Problem (exit code 2)."""
        name = clean_line(str(path), 200)
        try:
            if path.stat().st_size > LARGEST:
                raise usage(
                    "script_too_large", f"{name} is larger than {LARGEST // 1000} kB: too large for a Modal script."
                )
            data = path.read_bytes()
            return data.decode(_encoding(data))
        except (UnicodeDecodeError, SyntaxError, LookupError) as error:
            said = "it is not UTF-8 text, and names no other encoding"
            raise usage("script_not_python", f"{name} cannot be read as Python: {said}.") from error
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or "it cannot be opened"
            raise usage("file_unreadable", f"{name} cannot be read: {said}.") from error

    def parse(self, source: str, name: str = "the script") -> Script:
        """The facts of a script. Raises Problem (exit code 2) for what is not Python."""
        from wizard.services.scripts.syntax_tree import read_script

        return read_script(source, name)

    def save(self, path: Path, source: str) -> None:
        """Write a script in place of the old one, with its mode, its encoding and its byte order mark. Raises Problem
        when the disk refuses, and where the encoding cannot hold it."""
        name = clean_line(str(path), 200)
        try:
            mode = path.stat().st_mode & 0o777
            before = path.read_bytes()
            encoding = _encoding(before)
            if before.decode(encoding).encode(encoding) != before:
                raise Problem("file_not_written", f"{name} cannot be written: its encoding cannot be kept.")
            write_atomically(path.resolve(), source.encode(encoding), mode=mode)
        except (UnicodeError, SyntaxError, LookupError) as error:
            raise Problem("file_not_written", f"{name} cannot be written: its encoding cannot hold it.") from error
        except OSError as error:
            said = error.strerror or "the disk refuses"
            raise Problem("file_not_written", f"{name} cannot be written: {said}.") from error


def _encoding(data: bytes) -> str:
    """The encoding that a script is in, as Python finds it: a byte order mark, a comment in its first lines, or UTF-8.
    Raises SyntaxError or UnicodeDecodeError."""
    return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
