"""Every entry of a log is given out once, however often and from wherever it is read."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard.services.modal.logs import LogDeduplicator


@dataclass(frozen=True)
class Entry:
    """As the SDK has it."""

    number: int
    message: str
    source: str = "stdout"
    context_ids: tuple[str, ...] = ("ta-1",)

    @property
    def timestamp(self) -> datetime:
        return datetime.fromtimestamp(1_700_000_000 + self.number // 3, UTC)  # three share a moment


def log_of(length: int, dice: random.Random) -> list[Entry]:
    """Entries in order, many of them alike."""
    return [Entry(number, dice.choice(["same", "same", f"{number}"])) for number in range(length)]


def test_readings_that_overlap_give_each_entry_once() -> None:
    dice = random.Random(11)
    for _ in range(200):
        log = log_of(60, dice)
        gate, given, start = LogDeduplicator(), [], 0
        while start < len(log):  # each reading begins at some moment that was read already, and breaks off somewhere
            moment = log[dice.randrange(0, start + 1)].timestamp
            begin = next(i for i, entry in enumerate(log) if entry.timestamp == moment)
            end = dice.randrange(start, len(log) + 1)
            is_new = gate.reading()
            given += [entry for entry in log[begin:end] if is_new(entry)]
            start = max(start, end)
        assert sorted(e.message + str(e.timestamp) for e in given) == sorted(e.message + str(e.timestamp) for e in log)


def test_memory_is_bounded_and_what_was_forgotten_does_not_come_again() -> None:
    gate = LogDeduplicator(remembered=100)
    log = [Entry(number, str(number)) for number in range(2000)]
    is_new = gate.reading()
    assert sum(map(is_new, log)) == 2000
    assert len(gate._given) <= 100
    again = gate.reading()
    assert sum(map(again, log)) == 0
