"""How long the last calls took: one bar for each, and the same in words, for whoever does not see the bars."""

from __future__ import annotations

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
MOST = 24  # calls


def latency_bars(seconds: Sequence[float], most: int = MOST) -> str:
    """A bar for each of the last calls, the newest at the right; the longest of them has the full height."""
    last = [max(each, 0.0) for each in seconds[-most:]]
    longest = max(last, default=0.0)
    if longest <= 0:
        return BARS[0] * len(last)
    return "".join(BARS[min(int(each / longest * len(BARS)), len(BARS) - 1)] for each in last)


def latency_words(seconds: Sequence[float], most: int = MOST) -> str:
    """The same as a sentence says it; empty for fewer than two calls."""
    last = seconds[-most:]
    if len(last) < 2:
        return ""
    return f"last {len(last)} calls: {min(last):.2f}-{max(last):.2f} s, latest {last[-1]:.2f} s"
