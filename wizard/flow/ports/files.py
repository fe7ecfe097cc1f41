"""Files that a person keeps, as the engine sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

FileOutcome = Literal["created", "updated", "kept"]


class FilesPort(Protocol):
    """The disk of this machine."""

    def preview_write(self, path: Path, text: str) -> FileOutcome:
        """What `write` would do. Raises Problem when it could not be done."""

    def write(self, path: Path, text: str) -> FileOutcome:
        """Write a file whole or not at all. Raises Problem when the disk refuses."""
