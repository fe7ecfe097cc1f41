"""Two answers beside each other: the fields of JSON that differ, or the words of texts, marked in both."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from wizard.core.access_token import clean, clean_line
from wizard.core.schema.json_value import JsonValue

WORDS_COMPARED = 1500  # of each text, between what both begin and end with: difflib's time grows with the square
DEEPEST = 40  # levels of JSON whose fields are compared one by one; what is below counts as one field
INDENT = "  "

Path: TypeAlias = tuple[str | int, ...]
Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class MarkedText:
    """A text and the parts of it that the other one does not have."""

    text: str
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """`fields` are the names of those that differ; None where the answers were compared as texts."""

    one: MarkedText
    other: MarkedText
    fields: tuple[str, ...] | None = None

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not (self.fields or self.one.marks or self.other.marks)

    @property
    def summary(self) -> str:
        """What differs, in a few words."""
        if self.is_same:
            return "Both answers are the same"
        if self.fields is None:
            places = max(len(self.one.marks), len(self.other.marks))
            return f"The texts differ in {places:,} {'place' if places == 1 else 'places'}"
        names = ", ".join(clean_line(each or "the whole answer", 40) for each in self.fields[:6])
        more = f" and {len(self.fields) - 6} more" if len(self.fields) > 6 else ""
        return f"{len(self.fields)} {'field differs' if len(self.fields) == 1 else 'fields differ'}: {names}{more}"


@dataclass(frozen=True)
class _Leaf:
    start: int
    end: int
    value: JsonValue


def compare_answers(one: str, other: str) -> Comparison:
    """Two answers as they came: field by field where both are JSON objects or lists, else by their words."""
    values = [json_of(each) for each in (one, other)]
    if not all(isinstance(each, dict | list) for each in values):
        first, second = clean(one), clean(other)
        return Comparison(*_marked_words(first, second))
    (first, leaves), (second, others) = map(layout, values)
    marks: tuple[list[Span], list[Span]] = ([], [])
    names: list[str] = []
    for path in (*leaves, *(path for path in others if path not in leaves)):
        here, there = leaves.get(path), others.get(path)
        if here and there and _same(here.value, there.value):
            continue
        if not any(path[:length] in leaves or path[:length] in others for length in range(len(path))):
            names.append(field_name(path))
        if here and there and isinstance(here.value, str) and isinstance(there.value, str):
            found = _marked_words(first[here.start : here.end], second[there.start : there.end])
            for each, at, into in zip(found, (here.start, there.start), marks, strict=True):
                into += [(start + at, end + at) for start, end in each.marks]
            continue
        for leaf, into in zip((here, there), marks, strict=True):
            if leaf is not None:
                into.append((leaf.start, leaf.end))
    return Comparison(
        MarkedText(first, tuple(sorted(marks[0]))), MarkedText(second, tuple(sorted(marks[1]))), tuple(names)
    )


def json_of(text: str) -> JsonValue:
    """The JSON value of a text; None where it is none, or nothing that Python reads."""
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def field_name(path: Path) -> str:
    """A field as people write it: `weapon`, `items[2].name`; empty for the whole answer."""
    name = ""
    for part in path:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def layout(value: JsonValue) -> tuple[str, dict[Path, _Leaf]]:
    """JSON text, one field a line, and where in it each value stands. Everything in it can be shown."""
    pieces: list[str] = []
    leaves: dict[Path, _Leaf] = {}
    length = 0
    for text, path, leaf in _pieces(value, ()):
        if path is not None:
            leaves[path] = _Leaf(length, length + len(text), leaf)
        pieces.append(text)
        length += len(text)
    return "".join(pieces), leaves


def _pieces(value: JsonValue, path: Path) -> Iterator[tuple[str, Path | None, JsonValue]]:
    """The text piece by piece; a piece with a path is the value of that field."""
    if not isinstance(value, dict | list) or not value or len(path) >= DEEPEST:
        yield _flat(value), path, value
        return
    items: list[tuple[str | int, JsonValue]] = [*(value.items() if isinstance(value, dict) else enumerate(value))]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{opening}\n", None, None
    for number, (key, each) in enumerate(items):
        name = f"{_flat(key)}: " if isinstance(key, str) else ""
        yield f"{INDENT * (len(path) + 1)}{name}", None, None
        yield from _pieces(each, (*path, key))
        yield "\n" if number == len(items) - 1 else ",\n", None, None
    yield f"{INDENT * len(path)}{closing}", None, None


def _flat(value: JsonValue) -> str:
    try:
        return clean(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "…"


def _same(one: JsonValue, other: JsonValue) -> bool:
    """Equal as JSON, in which true is no number."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    try:
        return one == other
    except RecursionError:
        return False


def _marked_words(one: str, other: str) -> tuple[MarkedText, MarkedText]:
    """Two texts with the words marked that only one of them has."""
    if one == other:
        return MarkedText(one), MarkedText(other)
    words = [[match.span() for match in re.finditer(r"\w+|[^\w\s]+", text)] for text in (one, other)]
    first, second = ([text[start:end] for start, end in each] for text, each in zip((one, other), words, strict=True))
    begin = _common(first, second)
    end = _common(first[begin:][::-1], second[begin:][::-1])
    middle, others = first[begin : len(first) - end], second[begin : len(second) - end]
    marks: tuple[list[Span], list[Span]] = ([], [])
    for start, stop, start2, stop2 in _changes(middle, others):
        for spans, into, (low, high) in zip(words, marks, ((start, stop), (start2, stop2)), strict=True):
            if low < high:
                into.append((spans[begin + low][0], spans[begin + high - 1][1]))
    return MarkedText(one, tuple(marks[0])), MarkedText(other, tuple(marks[1]))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = zip(one, other, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _changes(one: list[str], other: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where two lists of words differ; all of what is behind the first words that are compared."""
    short, short2 = one[:WORDS_COMPARED], other[:WORDS_COMPARED]
    for tag, start, stop, start2, stop2 in difflib.SequenceMatcher(None, short, short2).get_opcodes():
        if tag != "equal":
            yield start, stop, start2, stop2
    if len(one) > len(short) or len(other) > len(short2):
        yield len(short), len(one), len(short2), len(other)
