"""Fetched files, kept on this machine: the latest few of them, for this person alone."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from wizard.core.atomic_write import write_atomically
from wizard.core.problem import usage

KEPT_FILES = 12


class FileCache:
    """A CachePort over one folder; a temporary one, which goes with the cache, for None and where it cannot be made."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    async def file(self, name: str, fetch: Callable[[], Awaitable[bytes]]) -> Path:
        """The path of a file that is fetched the first time and kept for later, the latest few of them."""
        if self._folder is None or not await asyncio.to_thread(_can_be_made, self._folder):
            self._temporary = tempfile.TemporaryDirectory(prefix="outlines-wizard-")
            self._folder = Path(self._temporary.name)
        path = self._folder / name
        if path.is_file():
            return path
        data = await fetch()
        await asyncio.to_thread(_keep, path, data)
        return path

    def close(self) -> None:
        """Let a temporary folder go, and what is in it."""
        if self._temporary is not None:
            self._temporary.cleanup()
            self._folder = self._temporary = None


def _can_be_made(folder: Path) -> bool:
    """Whether the folder is there, or can be: some homes cannot be written, or are none."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, ValueError):
        return False
    return True


def _keep(path: Path, data: bytes) -> None:
    """Write whole or not at all, and let the oldest ones go."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, data)
        whole = [each for each in path.parent.iterdir() if not each.name.startswith(".")]
        for old in sorted(whole, key=_when_written)[:-KEPT_FILES]:
            old.unlink(missing_ok=True)  # another process may be at the same
    except OSError as error:
        raise usage("cache_not_written", f"{path.parent} cannot be written: {error.strerror}.") from error


def _when_written(path: Path) -> float:
    """In seconds since 1970; 0 of a file that has gone meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
