"""Makes explicit what a JSON Schema leaves open or the backends take too loosely, before one of them gets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wizard.core.schema.json_value import JsonObject, JsonValue
from wizard.core.schema.unknown_keywords import LIST_OF_SCHEMAS, NAMED_SCHEMAS, ONE_SCHEMA
from wizard.core.schema.value_type_patterns import FORMAT_PATTERNS

OPENING = {
    "additionalProperties",
    "patternProperties",
    "unevaluatedProperties",
}  # each says whether further keys are allowed
_NAMED_PARTS = ("properties", "$defs", "definitions")
_PARTS = ("items", "prefixItems", "anyOf", "oneOf")
_COMBINING = {"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "not", "dependentSchemas", "dependencies"}


def expand_formats(schema: JsonValue) -> JsonValue:
    """A copy in which formats of `FORMAT_PATTERNS` are patterns, which the backends do keep to."""
    if isinstance(schema, list):
        return [expand_formats(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    spelled = _with_parts(schema, (*_PARTS, "allOf", "additionalProperties"), expand_formats)
    pattern = FORMAT_PATTERNS.get(str(schema.get("format")))
    if pattern and not {"pattern", "enum", "const"} & set(schema):
        del spelled["format"]
        spelled["pattern"] = f"^{pattern}$"
    return spelled


def respell_patterns(schema: JsonValue) -> JsonValue:
    """A copy whose patterns mean the same to every backend as they do to ECMA-262."""
    if isinstance(schema, list):
        return [respell_patterns(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    new = dict(schema)
    for key, value in schema.items():
        if key in NAMED_SCHEMAS and isinstance(value, dict):
            new[key] = {name: respell_patterns(part) for name, part in value.items()}
        elif key in ONE_SCHEMA or key in LIST_OF_SCHEMAS:
            new[key] = respell_patterns(value)
    if isinstance(pattern := schema.get("pattern"), str):
        new["pattern"] = _respelled(pattern)
    if isinstance(by_pattern := new.get("patternProperties"), dict):
        respelled = {_respelled(pattern): part for pattern, part in by_pattern.items()}
        new["patternProperties"] = respelled if len(respelled) == len(by_pattern) else by_pattern
    return new


def _respelled(pattern: str) -> str:
    from wizard.core.schema.patterns.respelling import respell  # not before the first question is on screen

    return respell(pattern)


def forbid_extra_properties(schema: JsonValue) -> JsonValue:
    """A copy in which objects that do not say whether further keys are allowed forbid them.

    Pydantic leaves that open, and a model then invents keys. A schema that combines objects anywhere (`allOf`, or
    keys beside `$ref`, `anyOf` and the like) is left as it is, since closing one part would forbid the keys of the
    other, and a definition may be either.
    """
    return schema if _combines(schema) else _close(schema)


def _combines(schema: Any) -> bool:
    """Whether two parts of the schema say something about the keys of one object."""
    if isinstance(schema, list):
        return any(map(_combines, schema))
    if not isinstance(schema, dict):
        return False
    if len(schema.get("allOf") or ()) > 1 or ("properties" in schema and _COMBINING & set(schema)):
        return True
    inner = [value for key, value in schema.items() if key in _PARTS]
    for key in _NAMED_PARTS:
        inner += schema[key].values() if isinstance(schema.get(key), dict) else []
    return any(map(_combines, inner))


def _close(schema: JsonValue) -> JsonValue:
    if isinstance(schema, list):
        return [_close(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = _with_parts(schema, _PARTS, _close)
    if "properties" in schema and not OPENING & set(schema):
        closed["additionalProperties"] = False
    return closed


def _with_parts(node: JsonObject, keywords: tuple[str, ...], change: Callable[[JsonValue], JsonValue]) -> JsonObject:
    """A copy in which the subschemas under `keywords`, and the named ones, are changed."""
    new = dict(node)
    for key, value in node.items():
        if key in _NAMED_PARTS and isinstance(value, dict):
            new[key] = {name: change(part) for name, part in value.items()}
        elif key in keywords:
            new[key] = change(value)
    return new
