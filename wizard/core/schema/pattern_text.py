"""A text for a regular expression, and how long such texts can get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from wizard.core.schema.patterns.matching import class_matcher, compile_pattern
from wizard.core.schema.patterns.tree import (
    Anchor,
    AnyCharacter,
    Character,
    CharacterClass,
    Choice,
    ClassItem,
    Flags,
    Group,
    Part,
    PatternError,
    Property,
    Range,
    Repeat,
    Shorthand,
)

LONGEST = 20_000
UNBOUNDED = 64  # how often a part is repeated for which the pattern sets no limit
_SHORTHANDS = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_PLAIN = "a0A -_.:é\u4e2d\n"  # letters that most classes have one of


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
    tree = _tree(pattern)
    return tree is None or _is_bounded(tree)


def is_anchored(pattern: str) -> bool:
    """Whether a pattern says of the whole text what it is, in each of its branches."""
    tree = _tree(pattern)
    return tree is not None and _is_anchored(tree, first=True) and _is_anchored(tree, first=False)


def _is_anchored(tree: Choice, *, first: bool) -> bool:
    return all(_is_anchored_branch(branch, first=first) for branch in tree.branches)


def _is_anchored_branch(branch: Sequence[Part], *, first: bool) -> bool:
    parts = [part for part in branch if not isinstance(part, Flags)]
    edge = parts[0 if first else -1] if parts else None
    if isinstance(edge, Group) and edge.kind != "look":
        return _is_anchored(edge.body, first=first)
    return isinstance(edge, Anchor) and not edge.multiline and edge.kind in ("^A" if first else "$zZ")


def _is_bounded(tree: Choice) -> bool:
    return all(_is_bounded_part(part) for branch in tree.branches for part in branch)


def _is_bounded_part(part: Part) -> bool:
    if isinstance(part, Repeat):
        return part.high is not None and _is_bounded_part(part.body)
    return not isinstance(part, Group) or part.kind == "look" or _is_bounded(part.body)


def _tree(pattern: str) -> Choice | None:
    try:
        return compile_pattern(pattern).tree
    except PatternError:
        return None


def _written(pattern: str, writer: _Writer) -> str | None:
    tree = _tree(pattern)
    if tree is None:
        return None
    try:
        return writer.choice(tree)[:LONGEST]
    except (NotImplementedError, RecursionError, MemoryError):
        return None


@dataclass
class _Writer:
    """Writes a text for a parsed pattern. Parts are repeated `repeats` times where they may be."""

    repeats: int
    unbounded: int = 2000
    longest: bool = False

    def choice(self, tree: Choice) -> str:
        return max(map(self.all, tree.branches), key=len) if self.longest else self.all(tree.branches[0])

    def all(self, parts: Sequence[Part]) -> str:
        text = ""
        for part in parts:
            text += self.one(part)
            if len(text) > LONGEST:
                break
        return text

    def one(self, part: Part) -> str:
        match part:
            case Character():
                return chr(part.code)
            case AnyCharacter():
                return "a"
            case Repeat():
                high = max(part.low, self.unbounded) if part.high is None else part.high
                count = max(part.low, min(self.repeats, high))
                text = self.one(part.body) if count else ""
                return text * min(count, LONGEST // max(1, len(text)) + 1)
            case Group() if part.kind != "look":
                return self.choice(part.body)
            case Anchor() if part.kind not in "bB":
                return ""
            case Flags():
                return ""
            case Shorthand() | Property() | CharacterClass():
                return _one_of(part)
        raise NotImplementedError("a look at what stands around, or a reference")


@lru_cache(maxsize=512)
def _one_of(item: Shorthand | Property | CharacterClass) -> str:
    """One character of a class."""
    if isinstance(item, Shorthand):
        return _SHORTHANDS[item.letter]
    if isinstance(item, CharacterClass) and item.items and not item.negated and not item.operations:
        first: ClassItem = item.items[0]
        if isinstance(first, Shorthand):
            return _SHORTHANDS[first.letter]
        if isinstance(first, Character | Range):
            return chr(first.code if isinstance(first, Character) else first.low.code)
    holds = class_matcher(item)
    letter = next(filter(holds, _PLAIN), None) or next(filter(holds, map(chr, _SEARCHED)), None)
    if letter is None:
        raise NotImplementedError("a class of which no character is known")
    return letter


_SEARCHED = (*range(0x20, 0xD800), *range(0xE000, 0xFFFD), *range(0x1F300, 0x1F700))
