"""A JSON Schema as rows of fields; what the table has no columns for is shown as written in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from wizard.core.schema.exact_numbers import identity, is_number, is_whole
from wizard.core.schema.fields.row import (
    AS_WRITTEN,
    CHOICE,
    FIELD_TYPES,
    FORMATS,
    NO_LIMITS,
    OBJECT,
    FieldRow,
    Fields,
    FieldShape,
    Range,
)
from wizard.core.schema.json_value import JsonValue
from wizard.core.schema.nodes import DEEPEST, Node, Pointer, resolve_reference

# Keywords that change what a value may be in a way that has no column.
OPAQUE = (
    "$ref", "$dynamicRef", "$recursiveRef", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "const",
    "prefixItems", "dependentSchemas", "nullable",
)  # fmt: skip
ANNOTATIONS = (
    "title", "description", "default", "examples", "example", "$comment", "deprecated", "readOnly", "writeOnly",
)  # fmt: skip
MOST_ROWS = 500
LONGEST_WORDS = 40


def read_fields(document: JsonValue) -> Fields:
    """The fields of the object that a JSON Schema describes, those of nested objects below them."""
    found = _root(document)
    if found is None:
        return Fields((), None, f"This schema is not a list of fields: {_written(document)}. Edit it as JSON.")
    pointer, node = found
    rows = []
    for row in _rows(document, pointer, node, 0, {pointer}):
        rows.append(row)
        if len(rows) == MOST_ROWS:
            break
    return Fields(tuple(rows), pointer)


def _root(document: JsonValue) -> tuple[Pointer, Node] | None:
    """The object at the top, or the one that the top refers to."""
    pointer: Pointer = ()
    node: Any = document
    for _ in range(DEEPEST):
        if not isinstance(node, dict):
            return None
        if isinstance(node.get("$ref"), str):
            found = resolve_reference(document, node["$ref"])
            if found is None or any(key in node for key in ("type", "properties")):
                return None
            pointer, node = found
            continue
        rest = {key for key in node if key not in (*ANNOTATIONS, "$schema", "$id", "$defs", "definitions")}
        is_object = type_of(node) == OBJECT or not rest
        return (pointer, node) if is_object else None
    return None


def type_of(node: object) -> str:
    """The type that the table shows for a subschema that is not a list; AS_WRITTEN where it can show none."""
    if not isinstance(node, dict) or any(key in node for key in OPAQUE):
        return AS_WRITTEN
    kind = node.get("type")
    if not isinstance(kind, str | None) or ("type" in node and kind is None):
        return AS_WRITTEN
    if "enum" in node:
        return CHOICE if _is_choice(node["enum"]) else AS_WRITTEN
    if kind == "object" or (kind is None and "properties" in node):
        properties, required = node.get("properties", {}), node.get("required", [])
        texts = isinstance(required, list) and all(isinstance(each, str) for each in required)
        return OBJECT if isinstance(properties, dict) and texts else AS_WRITTEN
    if kind == "string" and isinstance(node.get("format"), str) and node["format"] in FORMATS:
        return FORMATS[node["format"]]
    found = next((each for each in FIELD_TYPES.values() if each.json_type == kind and not each.format), None)
    return found.name if found is not None and limits_of(node, found.least, found.most) is not None else AS_WRITTEN


def _is_choice(values: object) -> bool:
    scalars = isinstance(values, list) and all(not isinstance(each, dict | list) for each in values)
    return scalars and bool(values) and len({identity(each) for each in values}) == len(values)  # type: ignore[arg-type, attr-defined]


def limits_of(node: Node, least: str, most: str) -> Range | None:
    """What two keywords say; None where one holds what is no limit."""
    if not least:
        return NO_LIMITS
    lengths = not least.startswith("minimum")
    for keyword in (least, most):
        if keyword in node:
            value = node[keyword]
            if not is_number(value) or (lengths and not (is_whole(value) and value >= 0)):
                return None
    return Range(node.get(least), node.get(most))


def is_list(node: object) -> bool:
    """Whether a subschema is a list that the table can show: of whatever kind its items are."""
    return (
        isinstance(node, dict)
        and node.get("type") == "array"
        and isinstance(node.get("items"), dict | bool)
        and not any(key in node for key in (*OPAQUE, "enum"))
        and limits_of(node, "minItems", "maxItems") is not None
    )


def shape_of(name: str, node: Any, is_optional: bool) -> FieldShape:
    """What can be edited of a field."""
    inner, items = node, NO_LIMITS
    if in_list := is_list(node):
        inner, items = node["items"], limits_of(node, "minItems", "maxItems") or NO_LIMITS
    kind = type_of(inner)
    if kind == AS_WRITTEN:
        return FieldShape(name, kind, in_list, is_optional, items=items)
    record = FIELD_TYPES[kind]
    limits = limits_of(inner, record.least, record.most) or NO_LIMITS
    choices = tuple(inner["enum"]) if kind == CHOICE else ()
    return FieldShape(name, kind, in_list, is_optional, limits, choices, items)


def _rows(root: JsonValue, pointer: Pointer, node: Node, depth: int, seen: set[Pointer]) -> Iterator[FieldRow]:
    required = node.get("required", [])
    for name, part in node.get("properties", {}).items():
        place = (*pointer, "properties", name)
        shape = shape_of(name, part, name not in required)
        inner_place, inner = ((*place, "items"), part["items"]) if shape.is_list else (place, part)
        target = _children(root, inner_place, inner, shape.type)
        words = inner.get("description", part.get("description")) if isinstance(inner, dict) else None
        yield FieldRow(
            place,
            depth,
            shape,
            inner_place,
            _written(inner) if shape.type == AS_WRITTEN else "",
            _more(part, inner, shape),
            words if isinstance(words, str) else "",
            target[0] if target is not None else None,
        )
        if target is not None and target[0] not in seen and depth < DEEPEST:
            seen.add(target[0])
            yield from _rows(root, *target, depth + 1, seen)


def _children(root: JsonValue, place: Pointer, inner: Any, kind: str) -> tuple[Pointer, Node] | None:
    """The object whose fields stand below a field: its own, or the definition that it refers to."""
    if kind == OBJECT:
        return place, inner
    if kind == AS_WRITTEN and isinstance(inner, dict) and isinstance(inner.get("$ref"), str):
        found = resolve_reference(root, inner["$ref"])
        if found is not None and type_of(found[1]) == OBJECT:
            return found
    return None


def _more(outer: Any, inner: Any, shape: FieldShape) -> tuple[str, ...]:
    """Keywords that the table has no column for."""
    words: list[str] = []
    if shape.type != AS_WRITTEN:
        record = FIELD_TYPES[shape.type]
        shown = {"type", record.least, record.most, *ANNOTATIONS}
        shown |= {"format"} if record.format else set()
        shown |= {"enum"} if shape.type == CHOICE else set()
        shown |= {"properties", "required"} if shape.type == OBJECT else set()
        words = [key for key in inner if key not in shown]
        words = [key for key in words if not (key == "additionalProperties" and inner[key] is False)]
    if shape.is_list:
        words += [key for key in outer if key not in {"type", "items", "minItems", "maxItems", *ANNOTATIONS}]
    return tuple(words)


def _written(node: JsonValue) -> str:
    """What a subschema is that the table cannot show, in a few words."""
    if not isinstance(node, dict):
        return "anything" if node is True else "nothing" if node is False else "no schema"
    if isinstance(node.get("$ref"), str):
        return _short(str(node["$ref"]).rsplit("/", 1)[-1] or "itself")
    for keyword in ("anyOf", "oneOf", "allOf"):
        if isinstance(branches := node.get(keyword), list):
            return _short(f"{keyword}: " + ", ".join(_one_of(each) for each in branches))
    if "const" in node:
        return _short(f"always {json.dumps(node['const'], default=str, ensure_ascii=False)}")
    if isinstance(kinds := node.get("type"), list):
        return _short(" or ".join(str(each) for each in kinds))
    opaque = next((key for key in OPAQUE if key in node), "")
    return opaque or _short(str(node.get("type", "anything" if not node else "JSON")))


def _one_of(branch: JsonValue) -> str:
    kind = type_of(branch)
    if kind != AS_WRITTEN:
        return FIELD_TYPES[kind].label
    return _written(branch) if isinstance(branch, dict) and not {"anyOf", "oneOf", "allOf"} & set(branch) else "…"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_WORDS else text[: LONGEST_WORDS - 1] + "…"
