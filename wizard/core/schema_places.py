"""Where in a JSON Schema something is said, and how a value gets there: every place with an instance around it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

Pointer = tuple[str, ...]
Embed = Callable[[Any], Any]
MOST_PLACES = 400
DEEPEST = 12
TEXT = "text"
FORMATS: dict[str, str] = {  # one good text for each format that draft 2020-12 names
    "date": "2024-02-29",
    "time": "10:15:30Z",
    "date-time": "2024-02-29T10:15:30Z",
    "duration": "P1DT2H",
    "email": "jane@example.com",
    "idn-email": "jane@example.com",
    "hostname": "a.example.com",
    "idn-hostname": "a.example.com",
    "ipv4": "10.0.0.1",
    "ipv6": "::1",
    "uri": "https://example.com/a",
    "uri-reference": "/a",
    "iri": "https://example.com/a",
    "iri-reference": "/a",
    "uri-template": "/a/{b}",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "json-pointer": "/a",
    "relative-json-pointer": "0/a",
    "regex": "a+",
}


@dataclass(frozen=True)
class Place:
    """A subschema: its pointer, itself, and a function that puts a value where this subschema judges it."""

    pointer: Pointer
    node: dict[str, Any]
    embed: Embed


def kinds_of(node: dict[str, Any]) -> list[Any]:
    """What `type` says, as a list; [None] where it says nothing."""
    kinds = node.get("type")
    return kinds if isinstance(kinds, list) else [kinds]


def written(pointer: Pointer) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in pointer)


def at(schema: Any, pointer: Pointer) -> Any:
    """What the pointer leads to. Raises LookupError where it leads nowhere."""
    for part in pointer:
        schema = schema[int(part)] if isinstance(schema, list) else schema[part]
    return schema


def replaced(schema: Any, pointer: Pointer, new: Any) -> Any:
    """A copy in which `new` stands at the pointer; what is not on the way is shared."""
    if not pointer:
        return new
    first, rest = pointer[0], pointer[1:]
    if isinstance(schema, list):
        return [replaced(item, rest, new) if str(i) == first else item for i, item in enumerate(schema)]
    return {key: replaced(value, rest, new) if key == first else value for key, value in schema.items()}


def resolve(root: Any, reference: str) -> tuple[Pointer, Any] | None:
    """Where a local reference (``#/…``) leads; None for any other, or one that leads nowhere."""
    if reference == "#":
        return (), root
    if not reference.startswith("#/"):
        return None
    pointer = tuple(part.replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/"))
    try:
        return pointer, at(root, pointer)
    except (LookupError, ValueError, TypeError):
        return None


def example(root: Any, node: Any, depth: int = 0) -> Any:
    """A small value that probably is valid under `node`; whoever needs to know asks a validator."""
    if not isinstance(node, dict) or depth > DEEPEST:
        return TEXT if not isinstance(node, dict) else None
    if "const" in node:
        return node["const"]
    if isinstance(node.get("enum"), list) and node["enum"]:
        return node["enum"][0]
    if isinstance(node.get("$ref"), str) and (found := resolve(root, node["$ref"])) is not None:
        return example(root, found[1], depth + 1)
    for key in ("anyOf", "oneOf"):
        branches = [b for b in node.get(key) or () if isinstance(b, dict)] if isinstance(node.get(key), list) else []
        if branches and "properties" not in node:
            rest = {k: v for k, v in node.items() if k not in (key, "$defs", "definitions")}
            small = min(branches, key=lambda b: b.get("type") != "null") if depth > 4 else branches[0]
            return example(root, rest | small, depth + 1)
    if isinstance(node.get("allOf"), list) and node["allOf"]:
        return _example_of_all(root, node, depth)
    kind = node.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    return _of_type(root, node, kind or _guess(node), depth)


def _guess(node: dict[str, Any]) -> str:
    for kind, keys in (
        ("object", ("properties", "required", "additionalProperties", "patternProperties", "minProperties")),
        ("array", ("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems")),
        ("integer", ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum")),
    ):
        if any(key in node for key in keys):
            return kind
    return "string"


def _example_of_all(root: Any, node: dict[str, Any], depth: int) -> Any:
    rest = {key: value for key, value in node.items() if key not in ("allOf", "$defs", "definitions")}
    parts = [example(root, part, depth + 1) for part in (*node["allOf"], *([rest] if rest else []))]
    whole = [part for part in parts if isinstance(part, dict)]
    if whole:
        return {key: value for part in whole for key, value in part.items()}
    numbers = [part for part in parts if isinstance(part, int | float) and not isinstance(part, bool)]
    return max(numbers) if numbers and len(numbers) == len(parts) else parts[0]


def _of_type(root: Any, node: dict[str, Any], kind: str, depth: int) -> Any:
    match kind:
        case "null":
            return None
        case "boolean":
            return True
        case "integer" | "number":
            return _number(node, whole=kind == "integer")
        case "array":
            return _array(root, node, depth)
        case "object":
            return _object(root, node, depth)
        case _:
            return _text(node)


def _text(node: dict[str, Any]) -> str:
    text = FORMATS.get(str(node.get("format")), TEXT)
    least, most = _size(node, "minLength", 0), _size(node, "maxLength", 10**6)
    if isinstance(node.get("pattern"), str):
        from wizard.core.pattern_text import text_for

        text = text_for(node["pattern"], least, most) or text
    return (text + "x" * max(0, least - len(text)))[:most] if least < 10**5 else text


def _size(node: dict[str, Any], key: str, default: int) -> int:
    value = node.get(key)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def _number(node: dict[str, Any], *, whole: bool) -> int | float:
    step = node.get("multipleOf")
    low, high = node.get("minimum"), node.get("maximum")
    below, above = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    bounds = [value for value in (low, high, below, above) if _is_number(value)]
    candidates: list[int | float] = [1, 0, *bounds]
    candidates += [value + more for value in bounds for more in (1, -1, 0.5, -0.5)]
    if _is_number(step) and step > 0:
        start = low if _is_number(low) else below if _is_number(below) else 0
        candidates = [step * (int(start / step) + more) for more in (0, 1, 2, -1)] + candidates
    if len(bounds) > 1:
        candidates.append((min(bounds) + max(bounds)) / 2)

    def fits(value: float) -> bool:
        return (
            (not _is_number(low) or value >= low)
            and (not _is_number(high) or value <= high)
            and (not _is_number(below) or value > below)
            and (not _is_number(above) or value < above)
            and (not _is_number(step) or step <= 0 or abs(value / step - round(value / step)) < 1e-9)
            and (not whole or value == int(value))
        )

    good = next((value for value in candidates if fits(value)), 1)
    return int(good) if good == int(good) else good


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _array(root: Any, node: dict[str, Any], depth: int) -> list[Any]:
    first = node.get("prefixItems") if isinstance(node.get("prefixItems"), list) else None
    if first is None and isinstance(node.get("items"), list):
        first = node["items"]
    least = min(_size(node, "minItems", 0), 50)
    values = [example(root, part, depth + 1) for part in first or ()]
    rest = node.get("items") if isinstance(node.get("items"), dict) else {}
    if "contains" in node:
        values.append(example(root, node["contains"], depth + 1))
    many = rest.get("enum") if isinstance(rest, dict) and isinstance(rest.get("enum"), list) else None
    while len(values) < least:
        values.append(many[len(values) % len(many)] if many else example(root, rest, depth + 1))
        if node.get("uniqueItems") is True and not many and _is_number(values[-1]):
            values[-1] += len(values)
    return values


def _object(root: Any, node: dict[str, Any], depth: int) -> dict[str, Any]:
    properties = node["properties"] if isinstance(node.get("properties"), dict) else {}
    required = [key for key in node.get("required") or () if isinstance(key, str)]
    whole = {key: example(root, part, depth + 1) for key, part in properties.items() if key in required}
    more = node.get("additionalProperties")
    for key in required:
        whole.setdefault(key, example(root, more if isinstance(more, dict) else {"type": "string"}, depth + 1))
    if not whole and _size(node, "minProperties", 0) > 0:
        name, part = next(iter(properties.items()), ("key", more if isinstance(more, dict) else {}))
        whole[name] = example(root, part, depth + 1)
    return whole


def places(root: dict[str, Any]) -> list[Place]:
    """Every subschema that judges some part of an answer, each one once, `MOST_PLACES` at most."""
    found: list[Place] = []
    seen: set[Pointer] = set()
    todo: list[tuple[Place, int]] = [(Place((), root, lambda value: value), 0)]
    while todo and len(found) < MOST_PLACES:
        place, depth = todo.pop(0)
        if place.pointer in seen:
            continue
        seen.add(place.pointer)
        found.append(place)
        if depth < DEEPEST:
            todo += [(inner, depth + 1) for inner in _inner(root, place)]
    return found


def _inner(root: Any, place: Place) -> Iterator[Place]:
    pointer, node, embed = place.pointer, place.node, place.embed
    if isinstance(node.get("$ref"), str) and (target := resolve(root, node["$ref"])) and isinstance(target[1], dict):
        yield Place(target[0], target[1], embed)
    for key in ("anyOf", "oneOf", "allOf"):
        branches = node.get(key)
        for number, part in enumerate(branches if isinstance(branches, list) else ()):
            if isinstance(part, dict):
                yield Place((*pointer, key, str(number)), part, _over(root, node, embed))
    properties = node.get("properties")
    if isinstance(properties, dict):
        for name, part in properties.items():
            if isinstance(part, dict):
                yield Place((*pointer, "properties", name), part, _with_key(root, node, name, embed))
    if isinstance(node.get("additionalProperties"), dict):
        inner = _with_key(root, node, "another", embed)
        yield Place((*pointer, "additionalProperties"), node["additionalProperties"], inner)
    yield from _items(root, place)


def _items(root: Any, place: Place) -> Iterator[Place]:
    pointer, node, embed = place.pointer, place.node, place.embed
    for key in ("prefixItems", "items"):
        parts = node.get(key)
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict):
                yield Place((*pointer, key, str(number)), part, _with_item(root, node, number, embed))
    if isinstance(node.get("items"), dict):
        first = len(node["prefixItems"]) if isinstance(node.get("prefixItems"), list) else 0
        yield Place((*pointer, "items"), node["items"], _with_item(root, node, first, embed))


def _over(root: Any, node: dict[str, Any], embed: Embed) -> Embed:
    """A branch judges the same value as what is around it: keys that the rest asks for are added."""

    def put(value: Any) -> Any:
        if isinstance(value, dict) and "properties" in node:
            around = example(root, {key: part for key, part in node.items() if key not in ("anyOf", "oneOf")})
            value = {**around, **value} if isinstance(around, dict) else value
        return embed(value)

    return put


def _with_key(root: Any, node: dict[str, Any], name: str, embed: Embed) -> Embed:
    def put(value: Any) -> Any:
        around = example(root, node)
        around = around if isinstance(around, dict) else _object(root, node, 0)
        order = [*node["properties"]] if isinstance(node.get("properties"), dict) else []
        whole = {**around, name: value}
        keys = [key for key in order if key in whole] + [key for key in whole if key not in order]
        return embed({key: whole[key] for key in keys})

    return put


def _with_item(root: Any, node: dict[str, Any], number: int, embed: Embed) -> Embed:
    def put(value: Any) -> Any:
        around = _array(root, node, 0)
        around = [*around[:number], value, *around[number + 1 :]] if number < len(around) else [*around, value]
        return embed(around)

    return put


def as_texts(value: Any) -> list[str]:
    """The ways in which an engine may write a value: with the usual separators, tight, and with escapes."""
    texts = []
    for ascii_only in (False, True):
        for separators in ((", ", ": "), (",", ":")):
            text = json.dumps(value, ensure_ascii=ascii_only, separators=separators)
            if text not in texts:
                texts.append(text)
    return texts
