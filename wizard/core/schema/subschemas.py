"""Every subschema of a JSON Schema, with its pointer and a way to put a value where it judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from wizard.core.schema.examples import array_example, example, object_example
from wizard.core.schema.json_value import JsonValue
from wizard.core.schema.nodes import DEEPEST, Node, Pointer, resolve_reference

Embed = Callable[[JsonValue], JsonValue]
MOST_PLACES = 400


@dataclass(frozen=True)
class Subschema:
    """A subschema: its pointer, itself, and a function that puts a value where this subschema judges it."""

    pointer: Pointer
    node: Node
    embed: Embed


def subschemas(root: Node) -> list[Subschema]:
    """Every subschema that judges some part of an answer, each one once, `MOST_PLACES` at most."""
    places: list[Subschema] = []
    seen: set[Pointer] = set()
    todo: list[tuple[Subschema, int]] = [(Subschema((), root, lambda value: value), 0)]
    while todo and len(places) < MOST_PLACES:
        place, depth = todo.pop(0)
        if place.pointer in seen:
            continue
        seen.add(place.pointer)
        places.append(place)
        if depth < DEEPEST:
            todo += [(inner, depth + 1) for inner in _inner(root, place)]
    return places


def _inner(root: Any, place: Subschema) -> Iterator[Subschema]:
    pointer, node, embed = place.pointer, place.node, place.embed
    if (
        isinstance(node.get("$ref"), str)
        and (target := resolve_reference(root, node["$ref"]))
        and isinstance(target[1], dict)
    ):
        yield Subschema(target[0], target[1], embed)
    for key in ("anyOf", "oneOf", "allOf"):
        branches = node.get(key)
        for number, part in enumerate(branches if isinstance(branches, list) else ()):
            if isinstance(part, dict):
                yield Subschema((*pointer, key, str(number)), part, _over(root, node, embed))
    properties = node.get("properties")
    if isinstance(properties, dict):
        for name, part in properties.items():
            if isinstance(part, dict):
                yield Subschema((*pointer, "properties", name), part, _with_key(root, node, name, embed))
    if isinstance(node.get("additionalProperties"), dict):
        inner = _with_key(root, node, "another", embed)
        yield Subschema((*pointer, "additionalProperties"), node["additionalProperties"], inner)
    yield from _items(root, place)


def _items(root: Any, place: Subschema) -> Iterator[Subschema]:
    pointer, node, embed = place.pointer, place.node, place.embed
    for key in ("prefixItems", "items"):
        parts = node.get(key)
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict):
                yield Subschema((*pointer, key, str(number)), part, _with_item(root, node, number, embed))
    if isinstance(node.get("items"), dict):
        first = len(node["prefixItems"]) if isinstance(node.get("prefixItems"), list) else 0
        yield Subschema((*pointer, "items"), node["items"], _with_item(root, node, first, embed))


def _over(root: Any, node: Node, embed: Embed) -> Embed:
    """A branch judges the same value as what is around it: keys that the rest asks for are added."""

    def put(value: JsonValue) -> JsonValue:
        if isinstance(value, dict) and "properties" in node:
            around = example(root, {key: part for key, part in node.items() if key not in ("anyOf", "oneOf")})
            value = {**around, **value} if isinstance(around, dict) else value
        return embed(value)

    return put


def _with_key(root: Any, node: Node, name: str, embed: Embed) -> Embed:
    def put(value: JsonValue) -> JsonValue:
        around = example(root, node)
        around = around if isinstance(around, dict) else object_example(root, node, 0)
        order = [*node["properties"]] if isinstance(node.get("properties"), dict) else []
        whole = {**around, name: value}
        keys = [key for key in order if key in whole] + [key for key in whole if key not in order]
        return embed({key: whole[key] for key in keys})

    return put


def _with_item(root: Any, node: Node, number: int, embed: Embed) -> Embed:
    def put(value: JsonValue) -> JsonValue:
        around = array_example(root, node, 0)
        around = [*around[:number], value, *around[number + 1 :]] if number < len(around) else [*around, value]
        return embed(around)

    return put
