"""JSON Schemas by chance: every keyword that the table knows, nested, also where it makes little sense."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SMALL = st.integers(min_value=0, max_value=6)
NAMES = st.sampled_from(["a", "b", "name", "größe", "x y", 'qu"ote', "n-1"])
TEXTS = st.sampled_from(["red", "green", "é", 'a"b', "back\\slash", "new\nline", "", "x" * 30])
SCALARS = st.one_of(TEXTS, st.integers(-50, 50), st.booleans(), st.none(), st.sampled_from([0.5, -2.25, 1e3]))
PATTERNS = st.sampled_from(
    [
        "^[a-z]+$", "^[A-Z]{2}-[0-9]{1,4}$", "[0-9]", r"^\d{3}$", "^(yes|no)$", "^a(b[0-9]{1,3})?$", "^.{1,5}$", "^x",
        r"^[^,]{2,4}$", r"^\w+@\w+$", "^(?=a)[a-z]{3}$", r"^\S{1,8}$",
    ]
)  # fmt: skip
FORMATS = st.sampled_from(
    ["date", "time", "date-time", "uuid", "email", "ipv4", "ipv6", "hostname", "duration", "uri", "nobody-knows"]
)


def some(draw: Any, options: dict[str, Any], most: int = 3) -> dict[str, Any]:
    """A few of the options."""
    chosen = draw(st.lists(st.sampled_from(sorted(options)), max_size=most, unique=True))
    return {key: draw(options[key]) for key in chosen}


@st.composite
def strings(draw: Any) -> dict[str, Any]:
    more = some(draw, {"minLength": SMALL, "maxLength": st.integers(1, 12), "pattern": PATTERNS, "format": FORMATS}, 2)
    return {"type": "string", **more}


@st.composite
def numbers(draw: Any) -> dict[str, Any]:
    bounds = st.integers(-100, 1000) if draw(st.booleans()) else st.sampled_from([0.5, -1.5, 0, 10])
    kind = draw(st.sampled_from(["integer", "number"]))
    if kind == "integer":
        bounds = st.integers(-100, 1000)
    steps = st.sampled_from([2, 5, 10] if kind == "integer" else [0.5, 0.25, 2])
    options = {"minimum": bounds, "maximum": bounds, "exclusiveMinimum": bounds, "exclusiveMaximum": bounds}
    return {"type": kind, **some(draw, options | {"multipleOf": steps}, 3)}


ENUMS = st.lists(SCALARS, min_size=1, max_size=5, unique_by=repr).map(lambda values: {"enum": values})
LEAVES = st.one_of(
    strings(),
    numbers(),
    ENUMS,
    SCALARS.map(lambda value: {"const": value}),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {}, {"type": ["string", "null"], "maxLength": 5}]),
)


@st.composite
def arrays(draw: Any, inner: Any) -> dict[str, Any]:
    more = some(
        draw,
        {
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(1, 4),
            "uniqueItems": st.booleans(),
            "contains": LEAVES,
        },
        2,
    )
    if draw(st.integers(0, 4)) == 0:
        return {"type": "array", "prefixItems": draw(st.lists(inner, min_size=1, max_size=3)), "items": False, **more}
    return {"type": "array", "items": draw(inner), **more}


@st.composite
def objects(draw: Any, inner: Any) -> dict[str, Any]:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    whole: dict[str, Any] = {"type": "object", "properties": {name: draw(inner) for name in names}}
    whole["required"] = [name for name in names if draw(st.integers(0, 3))]
    if draw(st.booleans()):
        whole["additionalProperties"] = draw(st.sampled_from([False, True, {"type": "integer"}]))
    if draw(st.integers(0, 5)) == 0:
        options = {
            "minProperties": st.integers(0, 2), "maxProperties": st.integers(1, 3),
            "dependentRequired": st.just({names[0]: [names[-1]]}),
            "propertyNames": st.just({"maxLength": 8}),
            "patternProperties": st.just({"^x_": {"type": "integer"}}),
            "not": st.just({"required": [names[0]]}),
        }  # fmt: skip
        whole |= some(draw, options, 1)
    return whole


def combined(inner: Any) -> Any:
    """Branches."""
    branches = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        branches.map(lambda parts: {"anyOf": parts}),
        branches.map(lambda parts: {"oneOf": parts}),
        branches.map(lambda parts: {"allOf": parts}),
    )


def nested(inner: Any) -> Any:
    """One level more."""
    return st.one_of(arrays(inner), objects(inner), objects(inner), combined(inner))


SCHEMAS = objects(st.recursive(LEAVES, nested, max_leaves=6))


@st.composite
def with_definitions(draw: Any) -> dict[str, Any]:
    """A schema with a definition that it uses, now and then with keywords beside the reference."""
    schema, definition = draw(SCHEMAS), draw(st.one_of(LEAVES, objects(LEAVES)))
    beside = draw(st.sampled_from([{}, {}, {}, {"maxLength": 3}, {"minimum": 2}]))
    properties = {**schema["properties"], "ref": {"$ref": "#/$defs/D", **beside}}
    return {**schema, "properties": properties, "$defs": {"D": definition}}


GENTLE = st.one_of(
    st.integers(1, 12).map(lambda most: {"type": "string", "maxLength": most}),
    st.sampled_from(["^[a-z]{1,9}$", "^(yes|no)$", r"^\d{3}$"]).map(lambda each: {"type": "string", "pattern": each}),
    st.lists(st.sampled_from(["red", "green", 1, 2.5, None, True]), min_size=1, max_size=4, unique_by=repr).map(
        lambda values: {"enum": values}
    ),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": "integer"}, {"type": "string", "format": "date"}]),
)
MILD = objects(st.one_of(GENTLE, arrays(GENTLE), objects(GENTLE)))  # what also the least capable backend often holds
ANY = st.one_of(SCHEMAS, SCHEMAS, with_definitions())
