"""Shares of right answers with their confidence intervals, and whether two of them differ by more than chance.

Intervals are Wilson's, which hold near 0 and 1 and for few cases; pairs are compared by McNemar's exact test, and their
difference has the interval of Agresti and Min (2005). Several fields at once are corrected by Holm's method.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

CONFIDENCE = 0.95
CHANCE = 0.05  # a difference that is rarer than this by chance is more than chance
_Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)


@dataclass(frozen=True)
class Share:
    """So many of `count` are right."""

    right: int
    count: int

    @property
    def value(self) -> float:
        return self.right / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval, in which the true share lies with 95% confidence."""
        if not self.count:
            return 0.0, 1.0
        n, p, z2 = self.count, self.value, _Z * _Z
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        low = 0.0 if self.right == 0 else max(0.0, middle - half)
        return low, 1.0 if self.right == n else min(1.0, middle + half)

    @property
    def words(self) -> str:
        """As people read it."""
        low, high = self.interval
        return f"{percent(self.value)} ({self.right} of {self.count}, 95% CI {percent(low)} to {percent(high)})"

    def to_mapping(self) -> dict[str, Any]:
        low, high = self.interval
        return {
            "right": self.right,
            "count": self.count,
            "accuracy": round(self.value, 6),
            "low": round(low, 6),
            "high": round(high, 6),
        }


def percent(share: float) -> str:
    """A share in words; what is not quite all is never shown as all."""
    text = f"{100 * share:.1f}"
    if text == "100.0" and share < 1:
        text = "99.9"
    if text == "0.0" and share > 0:
        text = "0.1"
    return f"{text.removesuffix('.0')}%"


@dataclass(frozen=True)
class Difference:
    """The same `count` cases answered twice. `gained`: right now and wrong in the other; `lost`: the other way round.

    `chance` is how often a difference as large comes by chance alone.
    """

    count: int
    gained: int
    lost: int
    chance: float

    @property
    def more_than_chance(self) -> bool:
        return self.chance < CHANCE

    @property
    def value(self) -> float:
        """In how many more of the cases it is right."""
        return (self.gained - self.lost) / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Agresti's and Min's interval for the difference of paired shares."""
        n, gained, lost = self.count + 2, self.gained + 0.5, self.lost + 0.5
        middle = (gained - lost) / n
        half = _Z * math.sqrt(max(0.0, gained + lost - (gained - lost) ** 2 / n)) / n
        return max(-1.0, middle - half), min(1.0, middle + half)

    def to_mapping(self) -> dict[str, Any]:
        low, high = self.interval
        return {
            "count": self.count,
            "gained": self.gained,
            "lost": self.lost,
            "difference": round(self.value, 6),
            "low": round(low, 6),
            "high": round(high, 6),
            "chance": float(f"{self.chance:.4g}"),
            "more_than_chance": self.more_than_chance,
        }


def paired(now: Sequence[bool], before: Sequence[bool]) -> Difference:
    """Compare answers to the same cases, in the same order."""
    gained = sum(1 for one, other in zip(now, before, strict=True) if one and not other)
    lost = sum(1 for one, other in zip(now, before, strict=True) if other and not one)
    return Difference(len(now), gained, lost, mcnemar(gained, lost))


def mcnemar(gained: int, lost: int) -> float:
    """The exact two-sided chance that of `gained` + `lost` coins as few or fewer fall on the rarer side."""
    number, few = gained + lost, min(gained, lost)
    if number == 0:
        return 1.0
    logs = [_log_choose(number, k) - number * math.log(2) for k in range(few + 1)]
    return min(1.0, 2 * math.fsum(math.exp(each) for each in logs))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def corrected(differences: Sequence[Difference]) -> list[Difference]:
    """The same with Holm's correction: of many fields, one differs by chance alone sooner or later."""
    order = sorted(range(len(differences)), key=lambda at: differences[at].chance)
    chances, least = [0.0] * len(differences), 0.0
    for rank, at in enumerate(order):
        least = max(least, min(1.0, differences[at].chance * (len(differences) - rank)))
        chances[at] = least
    return [
        Difference(each.count, each.gained, each.lost, chance)
        for each, chance in zip(differences, chances, strict=True)
    ]
