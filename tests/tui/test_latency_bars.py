"""The bars of latency: their heights, their number, and the words that say the same."""

from __future__ import annotations

import pytest

from wizard.tui.widgets.latency_bars import MOST, latency_bars, latency_words


@pytest.mark.parametrize(
    ("seconds", "bars", "words"),
    [
        ([], "", ""),
        ([2.0], "█", ""),
        ([0.0, 0.0], "▁▁", "last 2 calls: 0.00-0.00 s, latest 0.00 s"),
        ([8.0, 1.0, 4.0], "█▂▅", "last 3 calls: 1.00-8.00 s, latest 4.00 s"),
        ([100.0, *[1.0] * MOST], "█" * MOST, f"last {MOST} calls: 1.00-1.00 s, latest 1.00 s"),
    ],
)
def test_a_bar_for_each_of_the_last_calls(seconds: list[float], bars: str, words: str) -> None:
    assert (latency_bars(seconds), latency_words(seconds)) == (bars, words)
