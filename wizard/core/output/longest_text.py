"""A JSON text whose length is known before it is written, and of which only the beginning need ever be written.

A schema of one line can ask for arrays of arrays of long strings: gigabytes as text, a few numbers as these parts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

PROSE = "the quick brown fox jumps over the lazy dog while it rains in Amsterdam and nobody minds; "


class Part:
    """A part of a JSON text; `length` is in characters, as `json.dumps` would write it."""

    length: int = 0

    def pieces(self) -> Iterator[str]:
        """The text, bit by bit."""
        raise NotImplementedError


class Known(Part):
    """Plain data."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self._text = json.dumps(value, ensure_ascii=False)
        self.length = len(self._text)

    def pieces(self) -> Iterator[str]:
        yield self._text


class Words(Part):
    """A string of so many characters of prose."""

    def __init__(self, characters: int) -> None:
        self._characters = characters
        self.length = characters + 2

    def pieces(self) -> Iterator[str]:
        yield '"' + (PROSE * (self._characters // len(PROSE) + 1))[: self._characters] + '"'


class Row(Part):
    """An array: `first`, then one item so many times."""

    def __init__(self, first: list[Part], item: Part, times: int) -> None:
        self._first, self._item, self._times = first, item, max(0, times)
        number = len(first) + self._times
        self.length = sum(part.length for part in first) + item.length * self._times + 2 * max(1, number)

    def pieces(self) -> Iterator[str]:
        yield "["
        for at in range(len(self._first) + self._times):
            yield ", " if at else ""
            yield from (self._first[at] if at < len(self._first) else self._item).pieces()
        yield "]"


class Keys(Part):
    """An object."""

    def __init__(self, members: Mapping[str, Part]) -> None:
        self.members = dict(members)
        inner = sum(len(_name(key)) + part.length for key, part in members.items())
        self.length = inner + 2 * max(1, len(members))

    def pieces(self) -> Iterator[str]:
        yield "{"
        for at, (key, part) in enumerate(self.members.items()):
            yield (", " if at else "") + _name(key)
            yield from part.pieces()
        yield "}"


def _name(key: str) -> str:
    return json.dumps(key, ensure_ascii=False) + ": "


def members_of(part: Part) -> dict[str, Part] | None:
    """The members of an object, None for anything else."""
    if isinstance(part, Keys):
        return part.members
    if isinstance(part, Known) and isinstance(part.value, dict):
        return {key: Known(value) for key, value in part.value.items()}
    return None


def beginning(part: Part, most: int) -> str:
    """The text, up to `most` characters of it."""
    written, length = [], 0
    for piece in part.pieces():
        written.append(piece)
        length += len(piece)
        if length >= most:
            break
    return "".join(written)[:most]
