"""Schemas, and parts of them, that say nothing about an answer: any JSON is valid there, and nobody else says so."""

from __future__ import annotations

from typing import Any

from wizard.core.listing import first_few
from wizard.core.schema.drafts import draft_address
from wizard.core.schema.finding import Finding
from wizard.core.schema.nodes import DEEPEST, Node, format_pointer, resolve_reference
from wizard.core.schema.subschemas import subschemas
from wizard.core.schema.unknown_keywords import KEYWORDS

MOST_PLACES = 5  # that one sentence names
_DEFINITIONS = ("$defs", "definitions")
# Keywords that never refuse an answer by themselves.
_SILENT = {
    "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$comment", "$vocabulary", "title",
    "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "contentEncoding",
    "contentMediaType", "contentSchema", "discriminator", "externalDocs", "xml", "nullable", "minContains",
    "maxContains", "additionalItems", *_DEFINITIONS,
}  # fmt: skip
_LEAST = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False, "required": []}
_NAMED = ("properties", "patternProperties", "dependentSchemas")
_ONE = ("additionalProperties", "items", "propertyNames", "unevaluatedProperties", "unevaluatedItems")
_WITHOUT_TYPE = {  # keywords that say something about values of one type alone
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
}
_DECIDES = {"type", "enum", "const", "$ref", "$dynamicRef", "anyOf", "oneOf", "allOf", "not", "if"}
_HOLDERS = ("properties", "items", "prefixItems")


def says_nothing(root: Any, node: Any, depth: int = 0) -> bool:
    """Whether every JSON value is valid under a subschema, whatever it holds."""
    if node is True or depth > DEEPEST:  # a reference that only comes back to itself says nothing
        return True
    return isinstance(node, dict) and all(_is_silent(root, node, key, part, depth + 1) for key, part in node.items())


def _is_silent(root: Any, node: Node, key: str, part: Any, depth: int) -> bool:
    if key in _SILENT or key not in KEYWORDS:
        return True
    if key in _LEAST:
        return bool(part == _LEAST[key])
    if key == "$ref":
        target = resolve_reference(root, part) if isinstance(part, str) else None
        return target is not None and says_nothing(root, target[1], depth)
    if key in _NAMED and isinstance(part, dict):
        return all(says_nothing(root, inner, depth) for inner in part.values())
    if key in _ONE and isinstance(part, dict | bool):
        return says_nothing(root, part, depth)
    if key in ("allOf", "prefixItems") and isinstance(part, list):
        return all(says_nothing(root, inner, depth) for inner in part)
    if key in ("anyOf", "oneOf") and isinstance(part, list) and (key == "anyOf" or len(part) == 1):
        return any(says_nothing(root, inner, depth) for inner in part)
    if key in ("then", "else"):
        return "if" not in node or says_nothing(root, part, depth)
    return key == "if" or (key == "not" and part is False)


def find_silent(schema: Node) -> list[Finding]:
    """What says nothing: a warning where that is the whole schema, else a note with the places inside."""
    if says_nothing(schema, schema):
        return [Finding("says_nothing", "warning", _about_the_whole(schema))]
    found = []
    if kind := _type_that_is_meant(schema):
        words = f'The schema has no "type": "{kind}" at its top, so an answer may also be {_OTHERS[kind]}.'
        found.append(Finding("says_nothing", "warning", words, "", "type"))
    inner = [each for each in subschemas(schema) if set(each.pointer[-2:]) & set(_HOLDERS)]
    silent = [format_pointer(each.pointer) for each in inner if says_nothing(schema, each.node)]
    if silent:
        words = f"Any JSON is valid at {first_few(silent, MOST_PLACES)}: the schema says nothing about it."
        found.append(Finding("says_nothing", "note", words, silent[0]))
    return found


_OTHERS = {"object": "a number, a text or a list", "array": "a number, a text or an object"}


def _type_that_is_meant(schema: Node) -> str:
    """The type whose keywords stand there without it; empty for none."""
    root, node = schema, schema
    until_draft_7 = "/draft-0" in draft_address(schema)
    for _ in range(DEEPEST):
        # Up to draft 7 nothing counts beside a $ref.
        decides = _DECIDES & set(node)
        if "$ref" not in decides or not (until_draft_7 or decides == {"$ref"}):
            break
        target = resolve_reference(root, node["$ref"]) if isinstance(node["$ref"], str) else None
        if target is None or not isinstance(target[1], dict):
            return ""
        node = target[1]
    if _DECIDES & set(node):
        return ""
    return next((kind for kind, keys in _WITHOUT_TYPE.items() if any(key in node for key in keys)), "")


def _about_the_whole(schema: Node) -> str:
    names = [
        f"#/{key}/{name}" for key in _DEFINITIONS if isinstance(schema.get(key), dict) for name in schema[key]
    ]  # fmt: skip
    if "$ref" in schema:
        return "The schema says nothing about the answer: what its $ref leads to allows any JSON."
    if not names:
        return "The schema says nothing about the answer: any JSON is valid."
    way_out = f'Add "$ref": "{names[0]}" at the top' if len(names) == 1 else "Refer to one of them at the top"
    only = "only a definition" if len(names) == 1 else "only definitions"
    return f"The top of the schema says nothing about the answer ({only}): any JSON is valid. {way_out}."


def definition_meant(schema: Node) -> Node | None:
    """The schema with a reference to its one definition that no other one uses; None where that is not clear."""
    if not says_nothing(schema, schema) or "$ref" in schema:
        return None
    names = [(key, name) for key in _DEFINITIONS if isinstance(schema.get(key), dict) for name in schema[key]]
    text = str({key: schema.get(key) for key in _DEFINITIONS})
    free = [(key, name) for key, name in names if f"'#/{key}/{name}'" not in text]
    if len(free) != 1:
        return None
    (key, name), draft = free[0], {key: part for key, part in schema.items() if key == "$schema"}
    return {**draft, "$ref": f"#/{key}/{name}", **schema}
