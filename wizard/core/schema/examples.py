"""Small values that a JSON Schema allows, and how an engine may write them."""

from __future__ import annotations

import itertools
import json
from typing import Any

from wizard.core.schema.exact_numbers import exact, plus
from wizard.core.schema.example_numbers import example_number
from wizard.core.schema.json_value import JsonObject, JsonValue
from wizard.core.schema.nodes import DEEPEST, Node, resolve_reference, values_of

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


def example(root: Any, node: Any, depth: int = 0) -> JsonValue:
    """A small value that probably is valid under `node`; whoever needs to know asks a validator."""
    if not isinstance(node, dict) or depth > DEEPEST:
        return TEXT if not isinstance(node, dict) else None
    if values := values_of(node):
        return values[0]
    if isinstance(node.get("$ref"), str) and (target := resolve_reference(root, node["$ref"])) is not None:
        return example(root, target[1], depth + 1)
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


def _guess(node: Node) -> str:
    for kind, keys in (
        ("object", ("properties", "required", "additionalProperties", "patternProperties", "minProperties")),
        ("array", ("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems")),
        ("integer", ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum")),
    ):
        if any(key in node for key in keys):
            return kind
    return "string"


def _example_of_all(root: Any, node: Node, depth: int) -> JsonValue:
    rest = {key: value for key, value in node.items() if key not in ("allOf", "$defs", "definitions")}
    parts = [example(root, part, depth + 1) for part in (*node["allOf"], *([rest] if rest else []))]
    whole = [part for part in parts if isinstance(part, dict)]
    if whole:
        return {key: value for part in whole for key, value in part.items()}
    numbers = [part for part in parts if isinstance(part, int | float) and not isinstance(part, bool)]
    return max(numbers, key=exact) if numbers and len(numbers) == len(parts) else parts[0]


def _of_type(root: Any, node: Node, kind: str, depth: int) -> JsonValue:
    match kind:
        case "null":
            return None
        case "boolean":
            return True
        case "integer" | "number":
            return example_number(node, whole=kind == "integer")
        case "array":
            return array_example(root, node, depth)
        case "object":
            return object_example(root, node, depth)
        case _:
            return _text(node)


def _text(node: Node) -> str:
    text = FORMATS.get(str(node.get("format")), TEXT)
    least, most = _size(node, "minLength", 0), _size(node, "maxLength", 10**6)
    if isinstance(node.get("pattern"), str):
        from wizard.core.schema.pattern_text import text_for

        text = text_for(node["pattern"], least, most) or text
    return (text + "x" * max(0, least - len(text)))[:most] if least < 10**5 else text


def _size(node: Node, key: str, default: int) -> int:
    value = node.get(key)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def array_example(root: Any, node: Node, depth: int) -> list[JsonValue]:
    """The shortest array that `node` asks for."""
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
        last = values[-1]
        if (
            node.get("uniqueItems") is True
            and not many
            and isinstance(last, int | float)
            and not isinstance(last, bool)
        ):
            values[-1] = plus(last, len(values))
    return values


def object_example(root: Any, node: Node, depth: int) -> JsonObject:
    """An object with the keys that `node` requires, and with as many more as it asks for."""
    properties = node["properties"] if isinstance(node.get("properties"), dict) else {}
    required = [key for key in node.get("required") or () if isinstance(key, str)]
    least = min(_size(node, "minProperties", 0), 50)
    more = node.get("additionalProperties")
    rest = more if isinstance(more, dict) else {}
    spare = [key for key in properties if key not in required][: max(0, least - len(set(required)))]
    whole = {key: example(root, part, depth + 1) for key, part in properties.items() if key in (*required, *spare)}
    for key in required:
        whole.setdefault(key, example(root, rest or {"type": "string"}, depth + 1))
    others = (name for number in itertools.count() if (name := f"key{number or ''}") not in properties)
    while len(whole) < least:
        whole[next(others)] = example(root, rest, depth + 1)
    return whole


def as_texts(value: JsonValue) -> list[str]:
    """The ways in which an engine may write a value: with the usual separators, tight, and with escapes."""
    texts = []
    for ascii_only in (False, True):
        for separators in ((", ", ": "), (",", ":")):
            text = json.dumps(value, ensure_ascii=ascii_only, separators=separators)
            if text not in texts:
                texts.append(text)
    return texts
