"""The numbers that a question may name, with their limits: what is typed is read by them, and nothing else is sent."""

from __future__ import annotations

import math
from dataclasses import dataclass

from wizard.core.models.thinking import MOST_TOKENS


@dataclass(frozen=True)
class NumberSetting:
    """One of them; `name` is that of the field of a question. `unset` says what holds where nothing is named."""

    name: str
    title: str
    low: float
    high: float
    is_whole: bool
    unset: str
    tip: str

    @property
    def range_words(self) -> str:
        """Its limits, as a person reads them."""
        return f"{self.low:,g}-{int(self.high):,}"

    def wrong(self, value: float) -> str:
        """A sentence that names the setting and its limits; empty for a value that is allowed."""
        return "" if self.low <= value <= self.high else f'"{self.title}" must be {self.range_words}.'

    def read(self, text: str) -> tuple[float | None, str]:
        """The value that is typed, None for nothing; or a sentence about what is wrong with it."""
        typed = text.strip()
        if not typed:
            return None, ""
        try:
            value = int(typed) if self.is_whole else float(typed.replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            kind = "a whole number" if self.is_whole else "a number"
            return None, f'"{self.title}" must be {kind}, {self.range_words}.'
        wrong = self.wrong(value)
        return (None, wrong) if wrong else (value, "")


# What the generated app takes; a seed as far as every inference engine reads one, a top p as vLLM does.
NUMBERS = (
    NumberSetting(
        "max_tokens", "Longest answer", 1, MOST_TOKENS, True, "as deployed", "In tokens; a longer one is cut"
    ),
    NumberSetting("temperature", "Temperature", 0, 2, False, "the model's own", "0 always takes the likeliest token"),
    NumberSetting("top_p", "Top p", 0.01, 1, False, "the model's own", "Only the likeliest tokens up to this share"),
    NumberSetting("seed", "Seed", 0, 2**32 - 1, True, "random", "The same seed gives the same answer again"),
)
