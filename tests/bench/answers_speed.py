"""Measures keys on the screen of the answers, with a hundred of them and one of 100,000 characters. `make bench`."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.answers_child import ANSWERS
from tests.bench.terminal import terminal

CHILD = Path(__file__).with_name("answers_child.py")
UP, F8, ENTER = b"\x1b[A", b"\x1b[19~", b"\r"
PAUSE = 0.05  # seconds between two keys

Row = Callable[..., None]


def measured() -> tuple[list[float], list[float], float]:
    """Milliseconds until each earlier question is in the field, until each answer is shown again, and megabytes."""
    recalled, reopened = [], []
    with terminal(sys.executable, str(CHILD)) as opened:
        opened.wait_for("measuring", 120)
        time.sleep(1.0)
        for number in reversed(range(ANSWERS)):
            opened.press(UP)
            recalled.append(opened.wait_for(f"question{number:05d}", 20) * 1000)
            time.sleep(PAUSE)
        opened.press(F8)
        opened.wait_for("listed", 20)
        for number in reversed(range(ANSWERS - 1)):
            opened.press(UP)
            time.sleep(PAUSE)
            opened.press(ENTER)
            reopened.append(opened.wait_for(f"> answer{number:05d}", 20) * 1000)
            time.sleep(PAUSE)
        memory = opened.peak_megabytes
    return sorted(recalled), sorted(reopened), memory


def bench_answers(row: Row) -> None:
    """The key that brings a question back, and the one that shows an answer again."""
    recalled, reopened, memory = measured()
    row("key for an earlier question, 100 answers kept, median", statistics.median(recalled), "ms")
    row("  99th of 100", recalled[-2], "ms", "<= 50")
    row("key that shows an earlier answer, one has 100,000 characters, median", statistics.median(reopened), "ms")
    row("  98th of 99", reopened[-2], "ms", "<= 50")
    row("  longest", reopened[-1], "ms")
    row("  most memory of the wizard meanwhile", memory, "MB")


if __name__ == "__main__":
    from tests.bench.run import row as show

    bench_answers(show)
