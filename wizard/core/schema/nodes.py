"""Subschemas one by one: where one stands in a JSON Schema, what it refers to, and what it says by itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from jsonpointer import JsonPointer, JsonPointerException

from wizard.core.schema.json_value import JsonValue

Node = dict[str, Any]  # a subschema as somebody wrote it: any keyword may hold anything
Pointer = tuple[str, ...]
DEEPEST = 12  # levels that are looked into; a schema may refer to itself


def types_of(node: Node) -> list[Any]:
    """What `type` says, as a list; [None] where it says nothing."""
    types = node.get("type")
    return types if isinstance(types, list) else [types]


def format_pointer(pointer: Pointer) -> str:
    """A JSON pointer as text (RFC 6901)."""
    return JsonPointer.from_parts(pointer).path


def parse_pointer(pointer: str) -> Pointer:
    """The parts of a JSON pointer, as text. Raises JsonPointerException for text that is none."""
    return tuple(JsonPointer(pointer).parts)


def value_at(schema: Any, pointer: Pointer) -> Any:
    """What the pointer leads to. Raises LookupError, ValueError or TypeError where it leads nowhere.

    JsonPointer.resolve would write the whole document into its error, and a schema may have thousands of such pointers.
    """
    for part in pointer:
        schema = schema[int(part)] if isinstance(schema, list) else schema[part]
    return schema


def replace_at(schema: Any, pointer: Pointer, new: Any) -> Any:
    """A copy in which `new` stands at the pointer; what is not on the way is shared."""
    if not pointer:
        return new
    first, rest = pointer[0], pointer[1:]
    if isinstance(schema, list):
        return [replace_at(item, rest, new) if str(i) == first else item for i, item in enumerate(schema)]
    return {key: replace_at(value, rest, new) if key == first else value for key, value in schema.items()}


def resolve_reference(root: Any, reference: str) -> tuple[Pointer, Any] | None:
    """Where a local reference (``#/…``) leads; None for any other, or one that leads nowhere."""
    if not reference.startswith("#"):
        return None
    try:
        pointer = parse_pointer(unquote(reference[1:]))
        return pointer, value_at(root, pointer)
    except (JsonPointerException, LookupError, ValueError, TypeError):
        return None


def drop_keywords(node: Node, *keywords: str) -> Node:
    """A copy without these keywords."""
    return {key: part for key, part in node.items() if key not in keywords}


def values_of(node: Node) -> list[JsonValue] | None:
    """The values that `const` or `enum` lists; None where neither is there."""
    if "const" in node:
        return [node["const"]]
    return node["enum"] if isinstance(node.get("enum"), list) else None


def follow_reference(root: Any, node: Any) -> Node | None:
    """A subschema, or what its $ref leads to."""
    for _ in range(8):
        if not isinstance(node, dict):
            return None
        if not isinstance(node.get("$ref"), str) or len(node) > 1:
            return node
        target = resolve_reference(root, node["$ref"])
        node = target[1] if target else None
    return None
