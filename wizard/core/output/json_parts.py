"""A JSON text whose length is known before it is written, and of which only the beginning has to be written.

A schema of one line can ask for arrays of arrays of long strings: gigabytes as text, a few numbers as these parts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from wizard.core.schema.json_value import JsonValue

PROSE = "the quick brown fox jumps over the lazy dog while it rains in Amsterdam and nobody minds; "


class JsonPart:
    """A part of a JSON text; `length` is in characters, as `json.dumps` would write it."""

    length: int = 0

    def pieces(self) -> Iterator[str]:
        """The text, bit by bit."""
        raise NotImplementedError


class ConstantPart(JsonPart):
    """Plain data."""

    def __init__(self, value: JsonValue) -> None:
        self.value = value
        self._text = json.dumps(value, ensure_ascii=False)
        self.length = len(self._text)

    def pieces(self) -> Iterator[str]:
        yield self._text


class StringPart(JsonPart):
    """A string of so many characters of prose."""

    def __init__(self, characters: int) -> None:
        self._characters = characters
        self.length = characters + 2

    def pieces(self) -> Iterator[str]:
        yield '"' + (PROSE * (self._characters // len(PROSE) + 1))[: self._characters] + '"'


class ArrayPart(JsonPart):
    """An array: `first`, then one item so many times."""

    def __init__(self, first: list[JsonPart], item: JsonPart, times: int) -> None:
        self._first, self._item, self._times = first, item, max(0, times)
        number = len(first) + self._times
        self.length = sum(part.length for part in first) + item.length * self._times + 2 * max(1, number)

    def pieces(self) -> Iterator[str]:
        yield "["
        for at in range(len(self._first) + self._times):
            yield ", " if at else ""
            yield from (self._first[at] if at < len(self._first) else self._item).pieces()
        yield "]"


class ObjectPart(JsonPart):
    """An object."""

    def __init__(self, members: Mapping[str, JsonPart]) -> None:
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


def members_of(part: JsonPart) -> dict[str, JsonPart] | None:
    """The members of an object, None for anything else."""
    if isinstance(part, ObjectPart):
        return part.members
    if isinstance(part, ConstantPart) and isinstance(part.value, dict):
        return {key: ConstantPart(value) for key, value in part.value.items()}
    return None


def write_beginning(part: JsonPart, most: int) -> str:
    """The text, up to `most` characters of it."""
    written, length = [], 0
    for piece in part.pieces():
        written.append(piece)
        length += len(piece)
        if length >= most:
            break
    return "".join(written)[:most]
