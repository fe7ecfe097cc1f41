"""Rate limits as the Hub announces them: fixed windows, counted per caller and per kind of request.

The figures are those of the Hub's documentation on rate limits (2026) for five minutes; the limit of whoami is
said to be strict and separate (documentation of huggingface_hub 2.4), its figure is a guess.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Bucket = Literal["api", "resolvers", "pages", "whoami"]


@dataclass(frozen=True)
class Limits:
    """Requests allowed per window of `window` seconds: without an access token, and with one."""

    window: int = 300
    anonymous_api: int = 500
    anonymous_resolvers: int = 3000
    anonymous_pages: int = 100
    known_api: int = 1000
    known_resolvers: int = 5000
    known_pages: int = 200
    whoami: int = 120

    def of(self, bucket: Bucket, known: bool) -> int:
        """The limit of a bucket for a caller with or without an access token."""
        if bucket == "whoami":
            return self.whoami
        return int(getattr(self, f"{'known' if known else 'anonymous'}_{bucket}"))


@dataclass(frozen=True)
class Standing:
    """Where a caller stands in a window: what is allowed, what is left, and for how many seconds."""

    bucket: str
    quota: int
    left: int
    seconds: int
    window: int
    exceeded: bool = False

    def headers(self) -> dict[str, str]:
        """``RateLimit`` and ``RateLimit-Policy``, as the Hub sends them with every answer (2026)."""
        return rate_headers(self.bucket, self.quota, self.left, self.seconds, self.window)


def rate_headers(bucket: str, quota: int, left: int, seconds: int, window: int) -> dict[str, str]:
    """The two rate-limit headers; `seconds` is the time until the window begins anew."""
    return {
        "RateLimit": f'"{bucket}";r={left};t={seconds}',
        "RateLimit-Policy": f'"fixed window";"{bucket}";q={quota};w={window}',
    }


def bucket_of(path: str) -> Bucket:
    """Which limit a path counts against."""
    if path.startswith("/api/whoami"):
        return "whoami"
    if path.startswith(("/api/", "/oauth/")):
        return "api"
    return "resolvers" if "/resolve/" in path or "/raw/" in path else "pages"


class Counter:
    """Counts requests in fixed windows. `clock` gives seconds and is there for tests."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._windows: dict[tuple[str, Bucket], tuple[float, int]] = {}

    def count(self, who: str, bucket: Bucket, known: bool) -> Standing:
        """Count one request of `who`, and say where that leaves them."""
        now, window = self._clock(), self.limits.window
        began, used = self._windows.get((who, bucket), (now, 0))
        if now - began >= window:
            began, used = now, 0
        self._windows[who, bucket] = (began, used + 1)
        quota = self.limits.of(bucket, known)
        seconds = max(1, round(began + window - now))
        return Standing(bucket, quota, max(0, quota - used - 1), seconds, window, exceeded=used >= quota)
