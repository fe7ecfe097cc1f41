"""Folders of this machine that hold a model, as the engine sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from wizard.core.models.local_folder import FolderFile


class FoldersPort(Protocol):
    """The disk of this machine. Calls raise Problem (exit code 2) for what is not there or cannot be read."""

    def folder_of(self, name: str) -> str | None:
        """The folder that a model's name stands for, as it is to be named; None for a model of a Hub. A name without a
        sign of a path counts where there is such a folder with a model in it."""

    async def files(self, folder: str) -> tuple[FolderFile, ...]:
        """The files of the model, without their digests."""

    async def digest(self, folder: str, file: FolderFile) -> FolderFile:
        """A file with its digest; the whole of it is read."""

    async def parameters(self, folder: str, files: Sequence[FolderFile]) -> Mapping[str, int]:
        """How many weights of each dtype there are."""

    async def read_json(self, folder: str, name: str) -> Mapping[str, Any]:
        """A JSON file; empty where it is none, or is no object."""

    async def read(self, folder: str, name: str, most: int) -> bytes:
        """A file of at most `most` bytes."""

    def path(self, folder: str, name: str) -> Path:
        """Where a file lies."""
