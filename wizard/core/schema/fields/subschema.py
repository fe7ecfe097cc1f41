"""The subschema of one field with another shape: only the keywords that the shape is about are touched."""

from __future__ import annotations

from typing import Any

from wizard.core.schema.exact_numbers import identity, is_whole, write_exact
from wizard.core.schema.fields.reading import ANNOTATIONS, OPAQUE, limits_of, type_of
from wizard.core.schema.fields.row import (
    AS_WRITTEN,
    CHOICE,
    FIELD_TYPES,
    NO_LIMITS,
    OBJECT,
    FieldError,
    FieldShape,
    FieldType,
    Range,
)
from wizard.core.schema.json_value import JsonValue
from wizard.core.schema.nodes import Node, drop_keywords

_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_OWNED: dict[str, frozenset[str]] = {  # the keywords that judge values of one type only
    "string": frozenset({
        "minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType", "contentSchema",
    }),
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "array": frozenset({
        "items", "prefixItems", "additionalItems", "contains", "minContains", "maxContains", "minItems", "maxItems",
        "uniqueItems", "unevaluatedItems",
    }),
    "object": frozenset({
        "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties",
        "maxProperties", "dependentRequired", "dependencies", "unevaluatedProperties",
    }),
}  # fmt: skip
_OF_VALUES = ("enum", "default", "examples", "example")  # they hold values of the type that was
_LIST_KEYWORDS = ("type", "items", *_OWNED["array"])


def new_subschema(shape: FieldShape) -> JsonValue:
    """The subschema of a field that is not there yet. Raises FieldError."""
    check_shape(shape)
    if shape.type == AS_WRITTEN:
        raise FieldError("Choose a type.", "type")
    return reshape({}, FieldShape(shape.name, AS_WRITTEN), shape)


def check_shape(shape: FieldShape) -> None:
    """Raise FieldError where a field cannot be that."""
    if shape.type != AS_WRITTEN and shape.type not in FIELD_TYPES:
        raise FieldError(f"There is no type “{shape.type}”.", "type")
    record = FIELD_TYPES.get(shape.type)
    if shape.type == CHOICE:
        _check_choices(shape.choices)
    if record is not None and record.least:
        is_text = record.json_type == "string"
        _check_range(shape.limits, "shortest length" if is_text else "minimum", is_text)
    if shape.is_list:
        _check_range(shape.items, "fewest items", is_count=True)


def _check_choices(choices: tuple[JsonValue, ...]) -> None:
    if not choices:
        raise FieldError("Name at least one choice.", "choices")
    seen = set()
    for choice in choices:
        if isinstance(choice, dict | list):
            raise FieldError("A choice is a text, a number, true, false or null.", "choices")
        if identity(choice) in seen:
            raise FieldError(f"{write_exact(choice, ensure_ascii=False)} is listed twice.", "choices")
        seen.add(identity(choice))


def _check_range(limits: Range, least: str, is_count: bool) -> None:
    place = "items" if least == "fewest items" else "limits"
    most = {"shortest length": "longest", "minimum": "maximum", "fewest items": "most"}[least]
    for bound in (limits.least, limits.most):
        if is_count and bound is not None and not (is_whole(bound) and bound >= 0):
            raise FieldError(f"{bound} is not a count: use a whole number from 0 up.", place)  # type: ignore[arg-type]
    if limits.least is not None and limits.most is not None and limits.least > limits.most:
        raise FieldError(f"The {least} ({limits.least}) is above the {most} ({limits.most}).", place)  # type: ignore[arg-type]


def reshape(node: JsonValue, old: FieldShape, new: FieldShape) -> JsonValue:
    """`node`, which has the shape `old`, with the shape `new`; itself where both are the same."""
    outer: Node = node if old.is_list and isinstance(node, dict) else {}
    inner: Any = outer["items"] if old.is_list else node
    changed = _reshape_value(inner, new) if new.type != AS_WRITTEN else inner
    if not new.is_list:
        return _unwrap(outer, changed) if old.is_list else changed
    if not old.is_list:
        outer, changed = _wrap(changed)
    if changed is not outer["items"]:
        outer = {**outer, "items": changed}
    return _with_limits(outer, new.items, "minItems", "maxItems")


def _wrap(inner: Any) -> tuple[Node, Any]:
    """A list of it: what describes the field goes to the list, except where the table cannot show the rest."""
    told: Node = {}
    if type_of(inner) != AS_WRITTEN:
        told = {key: inner[key] for key in ("title", "description") if key in inner}
        inner = drop_keywords(inner, *told, "default", "examples", "example")
    return {**told, "type": "array", "items": inner}, inner


def _unwrap(outer: Node, inner: Any) -> Any:
    """One item of it: what describes the field, and words that are no keywords of lists, come to the item."""
    told = drop_keywords(outer, *_LIST_KEYWORDS, "default", "examples", "example")
    return {**told, **inner} if told and isinstance(inner, dict) else inner


def _reshape_value(node: Any, new: FieldShape) -> Node:
    if type_of(node) != new.type:
        node = _retype(node if isinstance(node, dict) else {}, FIELD_TYPES[new.type])
    if new.type == CHOICE:
        return _with_choices(node, new.choices)
    record = FIELD_TYPES[new.type]
    return _with_limits(node, new.limits, record.least, record.most) if record.least else node


def _retype(node: Node, record: FieldType) -> Node:
    """Another type, in the place of the old one. Keywords that say nothing about the new type go."""
    owned = {key for kind, keys in _OWNED.items() if kind != record.json_type for key in keys}
    if record.json_type in ("integer", "number"):
        owned -= _NUMBERS
    owned |= {*OPAQUE, *_OF_VALUES, "format"}
    kept = {key: part for key, part in node.items() if key not in owned}
    typed: Node = {"type": record.json_type} if record.json_type else {}
    if record.format:
        typed["format"] = record.format
    if record.name == OBJECT:
        typed |= {"properties": {}, "additionalProperties": False}
    if record.least and limits_of(kept, record.least, record.most) is None:
        kept = drop_keywords(kept, record.least, record.most)
    if "type" not in kept:
        before = {key: kept[key] for key in ANNOTATIONS if key in kept}
        return {**before, **typed, **kept} if list(before) == list(kept)[: len(before)] else {**typed, **kept}
    whole: Node = {}
    for key, part in kept.items():
        whole |= typed if key == "type" else {key: part}
    return whole


def _with_choices(node: Node, choices: tuple[JsonValue, ...]) -> Node:
    before = node.get("enum")
    if isinstance(before, list) and [identity(each) for each in before] == [identity(each) for each in choices]:
        return node
    node = {**node, "enum": list(choices)}
    kind = node.get("type")
    return drop_keywords(node, "type") if kind is not None and not all(_is_of(each, kind) for each in choices) else node


def _is_of(value: JsonValue, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if value is None or isinstance(value, str):
        return kind == ("null" if value is None else "string")
    return kind == "number" or (kind == "integer" and is_whole(value))  # type: ignore[arg-type]


def _with_limits(node: Node, limits: Range, least: str, most: str) -> Node:
    if limits == (limits_of(node, least, most) or NO_LIMITS):
        return node
    node = dict(node)
    for keyword, bound in ((least, limits.least), (most, limits.most)):
        if bound is None:
            node.pop(keyword, None)
        elif node.get(keyword) != bound:
            node[keyword] = bound
    return node
