"""Files that a person keeps, written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from wizard.core.atomic_write import write_atomically
from wizard.core.problem import Problem, usage
from wizard.flow.ports.files import FileOutcome


class LocalFiles:
    """A FilesPort over the local disk."""

    def preview_write(self, path: Path, text: str) -> FileOutcome:
        """What `write` would do. Raises Problem when it could not be done."""
        try:
            return "kept" if path.read_bytes() == text.encode() else "updated"
        except FileNotFoundError:
            folder = next(parent for parent in path.absolute().parents if os.path.exists(parent))
            if not os.access(folder, os.W_OK):
                raise _not_written(path, PermissionError(13, "Permission denied")) from None
            return "created"
        except NotADirectoryError as error:
            raise _not_written(path, error) from error
        except OSError:
            return "updated"

    def write(self, path: Path, text: str) -> FileOutcome:
        """Write a file whole or not at all. Raises Problem (exit code 2) when the disk refuses."""
        path = Path(os.path.realpath(path))  # a link stays one, and its target is written
        outcome = self.preview_write(path, text)
        if outcome == "kept":
            return outcome
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode(), mode=_mode_of(path))
        except OSError as error:
            raise _not_written(path, error) from error
        return outcome


def _mode_of(path: Path) -> int:
    """The permissions that a file has, or that a new one of this person's gets."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        os.umask(mask := os.umask(0o077))
        return 0o666 & ~mask


def _not_written(path: Path, error: OSError) -> Problem:
    return usage(
        "file_not_written", f"{path} cannot be written: {error.strerror}.", "Choose another folder with --output-dir."
    )
