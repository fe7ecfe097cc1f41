"""An HTTP answer as it came, for what has to look at the wire itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class HttpAnswer:
    """Status, headers by lower-case name, the beginning of the body, and when each piece of it came, in seconds."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    pieces: tuple[float, ...] = ()

    @property
    def text(self) -> str:
        """The beginning of the body as text."""
        return self.body.decode("utf-8", "replace")
