"""A text for a regular expression, by way of Python's own parser of patterns."""

from __future__ import annotations

import re
import re._constants as c  # type: ignore[import-not-found]  # the parser behind `re`; nothing public gives the tree
import re._parser as parser  # type: ignore[import-not-found]
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_CATEGORIES = {c.CATEGORY_DIGIT: "0", c.CATEGORY_WORD: "a", c.CATEGORY_SPACE: " ", c.CATEGORY_NOT_DIGIT: "a"}
_CATEGORIES |= {c.CATEGORY_NOT_WORD: "-", c.CATEGORY_NOT_SPACE: "a"}
_CLASSES = {c.CATEGORY_DIGIT: r"\d", c.CATEGORY_WORD: r"\w", c.CATEGORY_SPACE: r"\s"}
_CLASSES |= {c.CATEGORY_NOT_DIGIT: r"\D", c.CATEGORY_NOT_WORD: r"\W", c.CATEGORY_NOT_SPACE: r"\S"}
LONGEST = 20_000
UNBOUNDED = 64  # how often a part is repeated for which the pattern sets no limit


def text_for(pattern: str, least: int = 0, most: int = 10**6) -> str | None:
    """A text that the pattern finds itself in, `least` to `most` characters long; None where none was found."""
    for repeats in (0, 1, least, 3, most):
        text = _written(pattern, _Writer(min(repeats, 2000)))
        if text is not None and least <= len(text) <= most:
            return text
    return None


def longest_for(pattern: str) -> str | None:
    """The longest text of a pattern, unbounded parts repeated `UNBOUNDED` times; None where it cannot be told."""
    return _written(pattern, _Writer(LONGEST, unbounded=UNBOUNDED, longest=True))


def is_bounded(pattern: str) -> bool:
    """Whether texts of a pattern cannot be of any length."""
    try:
        return bool(parser.parse(pattern).getwidth()[1] < c.MAXREPEAT)
    except (re.error, RecursionError, OverflowError):
        return True


@lru_cache(maxsize=256)
def _parsed(pattern: str) -> Any:
    """Probes ask for texts of the same few patterns many times."""
    return parser.parse(pattern)


def _written(pattern: str, writer: _Writer) -> str | None:
    try:
        return writer.all(_parsed(pattern))[:LONGEST]
    except (re.error, RecursionError, OverflowError, NotImplementedError, MemoryError):
        return None


@dataclass
class _Writer:
    """Writes a text for a parsed pattern. Parts are repeated `repeats` times where they may be."""

    repeats: int
    unbounded: int = 2000
    longest: bool = False

    def all(self, tree: Any) -> str:
        text = ""
        for op, value in tree:
            text += self.one(op, value)
            if len(text) > LONGEST:
                break
        return text

    def one(self, op: Any, value: Any) -> str:
        if op is c.LITERAL:
            return chr(value)
        if op is c.NOT_LITERAL:
            return "b" if value == ord("a") else "a"
        if op is c.ANY:
            return "a"
        if op is c.IN:
            return _in(value)
        if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            low, high, inner = value
            high = max(low, self.unbounded) if high is c.MAXREPEAT else high
            part = self.all(inner)
            return str(part * min(max(low, min(self.repeats, high)), LONGEST // max(1, len(part)) + 1))
        if op is c.SUBPATTERN:
            return self.all(value[-1])
        if op is c.ATOMIC_GROUP:
            return self.all(value)
        if op is c.BRANCH:
            return max(map(self.all, value[1]), key=len) if self.longest else self.all(value[1][0])
        if op is c.AT:
            return ""
        raise NotImplementedError(str(op))


def _in(items: Any) -> str:
    if items[0][0] is c.NEGATE:
        letters = (each for each in "a0 A-_.:é" if not any(_holds(item, each) for item in items[1:]))
        return next(letters, "\u4e2d")
    op, value = items[0]
    if op is c.RANGE:
        return chr(value[0])
    return _CATEGORIES.get(value, "a") if op is c.CATEGORY else chr(value)


def _holds(item: Any, letter: str) -> bool:
    op, value = item
    if op is c.LITERAL:
        return bool(ord(letter) == value)
    if op is c.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    return bool(re.match(_CLASSES.get(value, r"\S"), letter))
