"""Questions for a compiled engine: for each keyword of a schema, an answer that breaks this keyword and no other.

An engine that lets such an answer through ignores the keyword. The other way round, an answer at the very edge of what
is valid, which the engine must not refuse. What is valid is decided by whoever is handed in, never here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from wizard.core.schema.exact_numbers import is_number, plus, times
from wizard.core.schema.examples import FORMATS, example
from wizard.core.schema.nodes import Pointer, replace_at
from wizard.core.schema.pattern_text import text_for
from wizard.core.schema.subschemas import Subschema, subschemas

Valid = Callable[[Any, Any], bool]  # (subschema, value): valid as seen from the root of the schema in question
MOST_PROBES = 3  # of each kind and keyword
SAYS_NOTHING = {
    "$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "title", "description", "default", "examples",
    "deprecated", "readOnly", "writeOnly", "$ref", "then", "else", "contentEncoding", "contentMediaType",
    "contentSchema", "$vocabulary", "$dynamicAnchor",
}  # fmt: skip
WRONG_FORMATS: dict[str, tuple[str, ...]] = {
    "date": ("2023-02-31", "2023-13-40", "0000-00-00"),
    "time": ("10:15:30", "25:00:00Z", "x"),
    "date-time": ("2023-02-31T10:15:30Z", "10000-01-01T10:15:30Z", "2023-01-01T10:15:30", "2023-01-01"),
    "duration": ("P", "1D"),
    "email": ("jane", "a b"),
    "hostname": ("-bad-", "a b", "a..b"),
    "ipv4": ("300.1.1.1", "01.2.3.4", "1.2.3"),
    "ipv6": ("zz", "1::2::3"),
    "uri": ("not a uri", "a b"),
    "uuid": ("xyz", "123e4567e89b12d3a456426614174000"),
}
ODD: tuple[Any, ...] = (
    "", "a", "zz", "not it", "A9", "日本語", 0, 1, -1, 7, 3.5, 100000, -99999, True, False, None, [], [1, 1],
    ["a", "a"], {}, {"zz": 1},
)  # fmt: skip


@dataclass(frozen=True)
class Probe:
    """`value` is a whole answer. `breaks`: it is invalid by `keyword` at `pointer` alone; else it is valid."""

    pointer: Pointer
    keyword: str
    value: Any
    breaks: bool


def removable(place: Subschema) -> list[str]:
    """Everything in a place that an engine may stumble over."""
    return [key for key in place.node if key not in ("$defs", "definitions", "title", "description", "$schema")]


def keywords(place: Subschema) -> list[str]:
    """The keywords of a place that say something about answers."""
    return [key for key in place.node if key not in SAYS_NOTHING and not key.startswith("x-")]


def probes(schema: dict[str, Any], valid: Valid, whole: Callable[[Any], Valid]) -> Iterator[Probe]:
    """Probes for every keyword of a schema. `whole(other)` judges by another schema, as `valid` does by this one."""
    for place in subschemas(schema):
        for keyword in keywords(place):
            yield from _breaking(schema, place, keyword, valid, whole)
            yield from _keeping(schema, place, keyword, valid)


def _breaking(
    schema: dict[str, Any], place: Subschema, keyword: str, valid: Valid, whole: Callable[[Any], Valid]
) -> Iterator[Probe]:
    without = {key: part for key, part in place.node.items() if key != keyword}
    found, valid_without = 0, None
    for value in _wrong(schema, place, keyword):
        if valid(place.node, value) or not valid(without, value):
            continue
        answer = place.embed(value)
        if valid(schema, answer):
            continue
        if valid_without is None:
            reduced = replace_at(schema, place.pointer, without)
            valid_without = partial(whole(reduced), reduced)
        if valid_without(answer):
            yield Probe(place.pointer, keyword, answer, breaks=True)
            found += 1
            if found == MOST_PROBES:
                return


def _keeping(schema: dict[str, Any], place: Subschema, keyword: str, valid: Valid) -> Iterator[Probe]:
    found = 0
    for value in _edge(schema, place, keyword):
        if found < MOST_PROBES and valid(place.node, value) and valid(schema, answer := place.embed(value)):
            yield Probe(place.pointer, keyword, answer, breaks=False)
            found += 1


def _wrong(schema: Any, place: Subschema, keyword: str) -> Iterator[Any]:
    """Values that may break the keyword; the likeliest ones first."""
    node, value = place.node, place.node[keyword]
    small = example(schema, node)
    if keyword in ("not", "oneOf", "anyOf", "allOf"):
        yield from _wrong_branches(schema, value, small)
    yield from _wrong_scalar(keyword, value, small)
    if isinstance(small, list) or keyword in (
        "items",
        "prefixItems",
        "uniqueItems",
        "contains",
        "minItems",
        "maxItems",
    ):
        yield from _wrong_list(schema, node, small if isinstance(small, list) else [])
    if isinstance(small, dict):
        yield from _wrong_object(schema, node, small)
    yield from ODD


def _wrong_branches(schema: Any, value: Any, small: Any, depth: int = 0) -> Iterator[Any]:
    """What each branch, and each branch of a branch, takes: several may take the same."""
    for part in value if isinstance(value, list) else [value]:
        inner = example(schema, part)
        yield inner
        if isinstance(inner, dict) and isinstance(small, dict):
            yield {**small, **inner}
        if not isinstance(part, dict):
            continue
        for key in ("minimum", "maximum"):
            yield from [part[key], plus(part[key], 1)] if is_number(part.get(key)) else []
        yield from part["enum"][:8] if isinstance(part.get("enum"), list) else ()
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(part.get(key), list) and depth < 3:
                yield from _wrong_branches(schema, part[key], small, depth + 1)


_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")


def _near_bound(keyword: str, bound: Any) -> Iterator[int | float]:
    """Values on the wrong side of a bound, and the bound itself; computed as decimals."""
    yield bound
    outward = (-1, -0.5, -100, -0.01) if keyword in ("minimum", "exclusiveMinimum") else (1, 0.5, 100, 0.01)
    yield from (value for step in outward if (value := plus(bound, step)) is not None)
    if outward[0] == 1 and (far := times(bound, 10)) is not None:
        yield far + 100


def _wrong_scalar(keyword: str, value: Any, small: Any) -> Iterator[Any]:
    number = is_number(value)
    if keyword in _BOUNDS and number:
        yield from _near_bound(keyword, value)
    elif keyword == "multipleOf" and number and is_number(small):
        steps = (1, times(value, 0.5), 0.1, times(value, 0.1), 2, 3)
        yield from (sum_ for step in steps if step is not None and (sum_ := plus(small, step)) is not None)
    elif keyword == "minLength" and number and isinstance(small, str) and value < 10_000:
        yield from (small[: int(value) - 1], "", "a" * (int(value) - 1))
    elif keyword == "maxLength" and number and isinstance(small, str) and value < 10_000:
        more = small[-1:] or "a"
        yield from (small + more * (int(value) + 1 - len(small)), "a" * (int(value) + 1), small * (int(value) + 1))
    elif keyword == "format" and isinstance(small, str):
        yield from WRONG_FORMATS.get(str(value), ())
    elif isinstance(small, str):
        yield from (small + "!", "!" + small, small + "\n", small.upper(), small.lower(), small[:-1], small + small)
    elif isinstance(small, int | float) and not isinstance(small, bool):
        yield from (small + 1, small - 1, small * 2 + 1000)
        yield from (value for step in (0.5, 0.01) if (value := plus(small, step)) is not None)


def _wrong_list(schema: Any, node: dict[str, Any], small: list[Any]) -> Iterator[list[Any]]:
    items = node.get("items") if isinstance(node.get("items"), dict) else {}
    item = example(schema, items)
    listed = items.get("enum") if isinstance(items, dict) else None
    many = listed if isinstance(listed, list) and listed else [item]
    yield from ([], small[:-1], [item], [item, item], [*small, *small[-1:]], [*small, item], small + [item] * 3)
    most = node.get("maxItems", 3)
    if isinstance(most, int) and 0 <= most < 1000:
        yield [many[at % len(many)] for at in range(most + 1)]
    for odd in ODD:
        yield [*small, odd]
        yield [odd] * max(1, len(small))


def _wrong_object(schema: Any, node: dict[str, Any], small: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in list(small)[:40]:
        yield {other: part for other, part in small.items() if other != key}
    yield {**small, "zz": 1}
    yield {**small, "zz": "zz"}
    yield {}
    properties = node["properties"] if isinstance(node.get("properties"), dict) else {}
    full = {key: example(schema, part) for key, part in list(properties.items())[:40]}
    for key, part in full.items():
        yield _in_order({**small, key: part}, properties)
        values = properties[key].get("enum") if isinstance(properties[key], dict) else None
        for value in values[:8] if isinstance(values, list) else (True, 0, "zz", -1):
            yield _in_order({**small, key: value}, properties)
    yield _in_order({**full, **small}, properties)
    for pattern, part in (node.get("patternProperties") or {}).items():
        for odd in ("zz", 0):
            yield {**small, text_for(pattern) or "x": odd if odd != example(schema, part) else None}
    more = node.get("additionalProperties")
    for count in (1, 2, 3, 5, 12):
        yield {**small, **{f"k{at}": example(schema, more if isinstance(more, dict) else {}) for at in range(count)}}


def _in_order(value: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """Keys as the schema orders them: every engine asks for that."""
    keys = [key for key in properties if key in value] + [key for key in value if key not in properties]
    return {key: value[key] for key in keys}


def _edge(schema: Any, place: Subschema, keyword: str) -> Iterator[Any]:
    """Values at the edge of what the keyword allows."""
    node, value = place.node, place.node[keyword]
    small = example(schema, node)
    if keyword in ("minimum", "maximum"):
        yield value
    elif keyword in ("maxLength", "minLength") and isinstance(value, int) and value <= 200:
        yield from ("a" * value, "日" * value)
    elif keyword == "enum" and isinstance(value, list):
        yield from (part for part in value if not (isinstance(part, str) and part.isascii()))
        yield value[-1] if value else None
    elif keyword in ("anyOf", "oneOf") and isinstance(value, list):
        yield from (example(schema, part) for part in value)
    elif keyword == "properties" and isinstance(small, dict):
        yield small
        yield _in_order({**{key: example(schema, part) for key, part in value.items()}, **small}, value)
    elif keyword == "format":
        yield FORMATS.get(str(value), "anything")
    elif keyword == "type":
        kinds = value if isinstance(value, list) else [value]
        yield from (example(schema, {**node, "type": kind}) for kind in kinds)
    else:
        yield small
