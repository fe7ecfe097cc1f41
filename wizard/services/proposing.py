"""Rewrites that hold: each one is compiled, put to the probes and drawn from before it is proposed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def propose(examination: Any, engine: Any) -> Iterator[dict[str, Any]]:
    """Nothing yet."""
    yield from ()
