"""JSON text as its owner laid it out: what an edit of the value leaves alone keeps its place, spaces and digits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from json import JSONDecoder
from typing import Any

from wizard.core.schema.exact_numbers import float_or_exact, write_exact
from wizard.core.schema.json_value import LINE_LENGTH, JsonValue

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"true|false|null|-?[0-9][0-9.eE+-]*")
_STRINGS = JSONDecoder()
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(eq=False)
class _Part:
    """A value, and where its text stands. `keys` are those of an object as they are written, by key."""

    start: int
    end: int
    value: Any
    members: dict[str, _Part] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    items: list[_Part] = field(default_factory=list)


class LaidOutJson:
    """A JSON text and its value. `write` gives the text of another value, made from this one by edits that share what
    they do not change."""

    def __init__(self, text: str) -> None:
        """`text` has to be JSON: raises ValueError or IndexError for other text, RecursionError for a deep one."""
        self.text = text
        self._by_identity: dict[int, _Part] = {}
        self._root = self._read(_past_space(text, 0))
        indented = re.search(r"\n([ \t]+)\S", text[self._root.start : self._root.end])
        self._unit = indented[1] if indented is not None else "  "

    @property
    def value(self) -> JsonValue:
        """The value of the text; numbers that no float is equal to are exact decimals."""
        value: JsonValue = self._root.value
        return value

    def write(self, new: JsonValue) -> str:
        """The text of `new`."""
        root = self._root
        return self.text[: root.start] + self._write(root, new, "") + self.text[root.end :]

    # Reading

    def _read(self, at: int) -> _Part:
        first = self.text[at]
        if first == '"':
            value, end = _STRINGS.raw_decode(self.text, at)
            return _Part(at, end, value)
        if first in "{[":
            part = self._read_object(at) if first == "{" else self._read_list(at)
            self._by_identity[id(part.value)] = part
            return part
        found = _SCALAR.match(self.text, at)
        if found is None:
            raise ValueError(f"no JSON value at {at}")
        word = found[0]
        is_integer = word.lstrip("-").isdigit()
        value = _WORDS[word] if word in _WORDS else int(word) if is_integer else float_or_exact(word)
        return _Part(at, found.end(), value)

    def _read_object(self, at: int) -> _Part:
        part = _Part(at, at, {})
        at = _past_space(self.text, at + 1)
        while self.text[at] != "}":
            key, end = _STRINGS.raw_decode(self.text, at)
            part.keys[key] = self.text[at:end]
            member = self._read(_past_space(self.text, _past_space(self.text, end) + 1))
            part.members[key], part.value[key] = member, member.value
            at = _past_space(self.text, member.end)
            if self.text[at] == ",":
                at = _past_space(self.text, at + 1)
        part.end = at + 1
        return part

    def _read_list(self, at: int) -> _Part:
        part = _Part(at, at, [])
        at = _past_space(self.text, at + 1)
        while self.text[at] != "]":
            item = self._read(at)
            part.items.append(item)
            part.value.append(item.value)
            at = _past_space(self.text, item.end)
            if self.text[at] == ",":
                at = _past_space(self.text, at + 1)
        part.end = at + 1
        return part

    # Writing

    def _write(self, old: _Part | None, new: Any, margin: str) -> str:
        same = self._by_identity.get(id(new))
        if same is not None and same.value is new:
            return self._as_written(same, margin)
        if old is not None and _is_same(old.value, new):
            return self._as_written(old, margin)
        if not isinstance(new, dict | list) or not new:
            return write_exact(new, ensure_ascii=False)
        inside = margin + self._unit
        if isinstance(new, dict):
            parts = self._write_members(old, new, inside)
            opening, closing = "{", "}"
        else:
            parts = [self._write(_same_item(old, item), item, inside) for item in new]
            opening, closing = "[", "]"
        flat = f"{opening}{', '.join(parts)}{closing}"
        if self._is_flat(old, new, flat, margin):
            return flat
        return f"{opening}\n{inside}" + f",\n{inside}".join(parts) + f"\n{margin}{closing}"

    def _write_members(self, old: _Part | None, new: dict[str, Any], inside: str) -> list[str]:
        members, keys = (old.members, old.keys) if old is not None else ({}, {})
        gone, come = [key for key in members if key not in new], [key for key in new if key not in members]
        renamed = {come[0]: members[gone[0]]} if len(gone) == len(come) == 1 else {}
        return [
            f"{keys.get(key) or write_exact(key, ensure_ascii=False)}: "
            f"{self._write(members.get(key) or renamed.get(key), value, inside)}"
            for key, value in new.items()
        ]

    def _is_flat(self, old: _Part | None, new: Any, flat: str, margin: str) -> bool:
        """Whether a value stays on one line: as it was, and else where it is short and holds no other object."""
        if len(flat) + len(margin) > LINE_LENGTH or "\n" in flat:
            return False
        if old is not None and type(old.value) is type(new) and old.value:
            return "\n" not in self.text[old.start : old.end]
        return bool(margin) and "{" not in flat[1:]

    def _as_written(self, part: _Part, margin: str) -> str:
        """The text itself. Where it comes to stand further in or out, its lines do."""
        raw = self.text[part.start : part.end]
        if "\n" not in raw:
            return raw
        line = self.text[self.text.rfind("\n", 0, part.start) + 1 : part.start]
        before = line[: len(line) - len(line.lstrip(" \t"))]
        return raw if before == margin else raw.replace("\n" + before, "\n" + margin)


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


def _same_item(old: _Part | None, item: Any) -> _Part | None:
    return next((each for each in old.items if _is_same(each.value, item)), None) if old is not None else None


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are written alike: same types, and the same keys in the same order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return bool(one == other)
