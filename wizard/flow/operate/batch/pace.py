"""How fast a batch goes: how many lines may be under way, and what is done, what it has cost and how long it takes."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from wizard.core.events import Progress
from wizard.core.inference.engine import InferenceEngine

LONGEST_WINDOW = 2000
AHEAD_SECONDS = 5.0  # of work under way where answers come fast; all of it is paid for when a batch is given up


class Window:
    """How many lines may be under way: enough to keep every container busy, and no more than is worth losing.

    For each container as many as its inference engine answers together, and as many again that wait.
    """

    def __init__(self, containers: int, engine: InferenceEngine) -> None:
        self._least = min(2 * engine.max_batch * max(1, containers), LONGEST_WINDOW)
        self.size = self._least
        self._under_way = 0
        self._room = asyncio.Event()
        self._room.set()

    async def enter(self) -> None:
        """Wait until one more line may be sent."""
        await self._room.wait()
        self._under_way += 1
        self._look()

    def leave(self, rate: float) -> None:
        """A line is done; `rate` is how many are done in a second."""
        self._under_way -= 1
        self.size = max(self._least, min(int(rate * AHEAD_SECONDS), LONGEST_WINDOW))
        self._look()

    def _look(self) -> None:
        if self._under_way < self.size:
            self._room.set()
        else:
            self._room.clear()


@dataclass
class Meter:
    """Lines done, how fast, what it has cost and how long the rest takes."""

    total: int | None
    price: float | None  # dollars per hour of one container
    done: int = 0
    started: float = field(default_factory=time.monotonic)
    cost: float = 0.0
    containers: int = 0
    _recent: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=40))
    _paid_until: float = field(default_factory=time.monotonic)

    def count(self, lines: int = 1) -> None:
        """Lines are done."""
        self.done += lines
        now = time.monotonic()
        if not self._recent or now - self._recent[-1][0] >= 0.25:  # so that the last ten seconds are looked at
            self._recent.append((now, self.done))

    def pay(self) -> None:
        """Add what the containers have cost since the last time."""
        now = time.monotonic()
        self.cost += (self.price or 0.0) * self.containers * (now - self._paid_until) / 3600
        self._paid_until = now

    @property
    def rate(self) -> float:
        """Lines a second, of late."""
        if len(self._recent) < 2:
            return 0.0
        (then, before), (now, after) = self._recent[0], self._recent[-1]
        return (after - before) / (now - then)

    @property
    def dollars(self) -> float | None:
        """What it has cost so far, as far as that can be told."""
        self.pay()
        return None if self.price is None else round(self.cost, 4)

    def progress(self) -> Progress:
        """The event that says so."""
        rate = self.rate
        left = (self.total - self.done) / rate if self.total is not None and rate > 0 else None
        seconds = None if left is None else round(left, 1)
        return Progress("sample", self.done, self.total, "lines", round(rate, 2), self.dollars, seconds)
