"""A JSON Schema with every reference in the one form that all backends follow: ``#/$defs/NAME``, without escapes.

Some backends know nothing of `$id`, `$anchor` and `$dynamicRef`, and each one reads a pointer with escapes, spaces or
the number of an item in its own way (asked on 2026-11-29).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from wizard.core.schema.json_value import JsonValue
from wizard.core.schema.nodes import Pointer, format_pointer
from wizard.core.schema.references import (
    DEFINITIONS,
    HOLD_VALUES,
    FollowedReferences,
    follow_references,
    nodes,
    with_text_ids,
)

_PLAIN = re.compile(r"#(/[A-Za-z0-9_.$:@!&'()*+,;=?-]+)*")  # what all of them take as it is
_ANCHORS = ("$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$recursiveAnchor")
_ONLY_FOR_REFERENCES = ("$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor")


@dataclass(frozen=True)
class PlainReferences:
    """A schema whose references are plain. `renamed` has the new form of each that was written otherwise."""

    schema: Any
    renamed: dict[str, str] = field(default_factory=dict)


def plain_references(schema: Any) -> JsonValue:
    """The schema with plain references: itself where they are plain already, or where one cannot be made so."""
    plain: JsonValue = with_plain_references(schema).schema
    return plain


def with_plain_references(schema: Any) -> PlainReferences:
    """The same, and which references were written anew."""
    if not isinstance(schema, dict) or all(_is_plain(schema, node) for node in nodes(schema)):
        return PlainReferences(schema)
    given = schema
    try:
        schema = with_text_ids(schema)
        found = follow_references(schema)
        if found.undecided or any(each.used for each in found.missing):
            return PlainReferences(given)
        writer = _Writer(schema, found)
        written = writer.written()
        anchored = any(key in node for node in nodes(given) for key in _ANCHORS)
        if not (writer.renamed or found.missing or anchored):
            return PlainReferences(given)  # addresses that nothing refers to are left alone
        return PlainReferences(written, writer.renamed)
    except RecursionError:  # nested too deeply, which is said elsewhere
        return PlainReferences(given)


def _is_plain(root: Any, node: dict[str, Any]) -> bool:
    if any(key in node for key in _ANCHORS) or (node is not root and isinstance(node.get("$id"), str)):
        return False
    reference = node.get("$ref")
    return not isinstance(reference, str) or _leads_plainly(root, reference)


def _leads_plainly(root: Any, reference: str) -> bool:
    """Whether a reference is a pointer that every backend takes, and leads to a subschema."""
    if not _PLAIN.fullmatch(reference):
        return False
    for part in reference.split("/")[1:]:
        if not isinstance(root, dict) or part not in root:
            return False
        root = root[part]
    return isinstance(root, dict | bool)


class _Writer:
    """Writes one schema anew. What a plain pointer cannot lead to gets a definition of its own."""

    def __init__(self, schema: dict[str, Any], found: FollowedReferences) -> None:
        self.root, self.found = schema, found
        self.renamed: dict[str, str] = {}
        self.container = "definitions" if "definitions" in schema and "$defs" not in schema else "$defs"
        kept = schema.get(self.container)
        self.taken = set(kept) if isinstance(kept, dict) else set[str]()
        self.new: dict[str, Any] = {}  # definitions that are added, by name
        self.names: dict[int, str] = {}  # of what has one, by identity
        self.moved: dict[Pointer, str] = {}  # definitions that only get another name
        self.dropped = {each.pointer for each in found.missing}

    def written(self) -> dict[str, Any]:
        # A definition is named when the first reference to it is met: once for the names, once with all of them.
        self._node(self.root, ())
        added: dict[str, Any] = {}
        while len(added) < len(self.new):
            for name in [each for each in self.new if each not in added]:
                added[name] = self._definition(self.new[name])
        whole: dict[str, Any] = self._node(self.root, ())
        if added:
            whole[self.container] = {**(whole.get(self.container) or {}), **added}
        return whole

    def _definition(self, target: Any) -> Any:
        if not isinstance(target, dict):
            return {} if target is True else {"not": {}}
        return self._node(target, None)

    def _node(self, node: Any, place: Pointer | None) -> Any:
        """A copy of a part; `place` is where it stands, None for what has been copied elsewhere."""
        if isinstance(node, list):
            return [self._node(part, _below(place, str(number))) for number, part in enumerate(node)]
        if not isinstance(node, dict):
            return node
        is_subschema, new = id(node) in self.found.subschemas, dict[str, Any]()
        for key, part in node.items():
            target = self.found.targets.get((id(node), key), self)
            if target is not self:
                new["$ref"] = self._address(target, part)
            elif is_subschema and key in DEFINITIONS and isinstance(part, dict):
                new[key] = self._definitions(part, _below(place, key))
            elif not (is_subschema and self._is_left_out(node, key, part)):
                kept = is_subschema and key in HOLD_VALUES
                new[key] = part if kept else self._node(part, _below(place, key))
        return new

    def _definitions(self, named: dict[str, Any], place: Pointer | None) -> dict[str, Any]:
        new = {}
        for name, part in named.items():
            here = _below(place, name)
            unused = here is not None and any(each[: len(here)] == here for each in self.dropped)
            if not unused:  # a definition that nobody uses may refer to what is not there, and goes
                new[self.moved.get(here or (), name)] = self._node(part, here)
        return new

    def _is_left_out(self, node: dict[str, Any], key: str, part: Any) -> bool:
        if key == "$schema":
            return node is not self.root
        if node is self.root and key in ("$id", "id"):
            return False
        return key in _ONLY_FOR_REFERENCES and isinstance(part, str | bool)

    def _address(self, target: Any, reference: str) -> str:
        if isinstance(target, bool) and _leads_plainly(self.root, reference):
            return reference
        place = self.found.places.get(id(target)) if isinstance(target, dict) else None
        plain = "#" + format_pointer(place) if place is not None else ""
        if not (plain and _leads_plainly(self.root, plain)):
            plain = f"#/{self.container}/{self._name(target, place, reference)}"
        if plain != reference:
            self.renamed[reference] = plain
        return plain

    def _name(self, target: Any, place: Pointer | None, reference: str) -> str:
        key = id(target)
        if key not in self.names:
            words = place[-1] if place else re.split(r"[/#]", reference.removesuffix(".json"))[-1]
            if place and words.isdigit():
                words = "_".join(place[-3:])
            self.names[key] = name = self._free(words)
            if place is not None and len(place) == 2 and place[0] == self.container:
                self.moved[place] = name
            else:
                self.new[name] = target
        return self.names[key]

    def _free(self, words: str) -> str:
        ascii_only = unicodedata.normalize("NFKD", words.replace("ß", "ss")).encode("ascii", "ignore").decode()
        base = re.sub(r"[^A-Za-z0-9_]+", "_", ascii_only).strip("_") or "part"
        name, number = base, 2
        while name in self.taken:
            name, number = f"{base}_{number}", number + 1
        self.taken.add(name)
        return name


def _below(place: Pointer | None, key: str) -> Pointer | None:
    return None if place is None else (*place, key)
