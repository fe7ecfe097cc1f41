"""Files that are fetched once, as the engine sees them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol


class CachePort(Protocol):
    """Fetched files on this machine, the latest few of them."""

    async def file(self, name: str, fetch: Callable[[], Awaitable[bytes]]) -> Path:
        """The path of a file that is fetched the first time and kept for later. Raises Problem, and what `fetch`
        raises."""

    def close(self) -> None:
        """Let what was only for this session go."""
