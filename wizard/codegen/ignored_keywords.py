"""What the app file says of keywords that its structured-output backend is known to ignore, so that it refuses them."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.codegen.literals import literal
from wizard.core.lint.backend import StructuredOutputBackend, Support

ALWAYS = "True"
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_INTEGER, _NUMBER = 'node.get("type") == "integer"', 'node.get("type") != "integer"'
_SIBLINGS = 'node.keys() - {"$ref", "title", "description", "default", "$defs", "definitions"}'
_OVERLAP = '''


def overlap(branches: list) -> bool:
    """Whether two branches of a oneOf have one type and no constant that tells them apart."""
    parts = [(each.get("type"), each.get("properties", {}).values()) for each in branches]
    return len({json.dumps([kind, [part.get("const") for part in inner]]) for kind, inner in parts}) < len(parts)
'''
# Feature of the battery to keyword to condition: Python of the app file, about a subschema `node` and its `place`.
_WHEN: Mapping[str, Mapping[str, str]] = {
    "integer minimum/maximum (10..25)": dict.fromkeys(_BOUNDS, _INTEGER),
    "number minimum/maximum (0..1)": dict.fromkeys(_BOUNDS, _NUMBER),
    "integer multipleOf 5": {"multipleOf": _INTEGER},
    "number multipleOf 0.5": {"multipleOf": _NUMBER},
    "string minLength/maxLength 3..5": dict.fromkeys(("minLength", "maxLength"), ALWAYS),
    "pattern with maxLength": dict.fromkeys(("minLength", "maxLength"), '"pattern" in node'),
    "pattern with lookahead": {"pattern": '"(?=" in node["pattern"] or "(?!" in node["pattern"]'},
    "pattern with an optional group of repeats": {
        "pattern": 'any(f"{a}){b}" in node["pattern"] for a in "*+}" for b in "?*{")'
    },
    **{
        f"format {name}": {"format": f'node["format"] == "{name}"'}
        for name in ("date", "time", "date-time", "email", "uuid", "uri", "ipv4", "hostname", "ipv6", "duration")
    },
    "array uniqueItems": {"uniqueItems": 'node["uniqueItems"]'},
    "array contains": {"contains": ALWAYS},
    "oneOf overlapping (int 0..10 | int 5..15)": {"oneOf": 'overlap(node["oneOf"])'},
    "allOf merge objects": {"allOf": 'len(node["allOf"]) > 1 or "properties" in node'},
    "not": {"not": ALWAYS},
    "if/then/else": {"if": ALWAYS},
    "$ref sibling keywords": {"$ref": _SIBLINGS},
    "recursion depth 3": {"$ref": 'place.startswith(node["$ref"].removeprefix("#"))'},
    "propertyNames enum": {"propertyNames": ALWAYS},
    "minProperties/maxProperties 1..2": dict.fromkeys(("minProperties", "maxProperties"), ALWAYS),
    "patternProperties": {"patternProperties": ALWAYS},
    "dependentRequired": {"dependentRequired": ALWAYS},
    "property names that JSON escapes": {"properties": 'any(json.dumps(n)[1:-1] != n for n in node["properties"])'},
    "any ({})": {"{}": "not node"},
}


def ignored_keywords(backend: StructuredOutputBackend) -> str:
    """A Python literal: pairs of a keyword and the condition under which the backend is known to ignore it."""
    found: dict[str, list[str]] = {}
    for feature, when in _WHEN.items():
        if backend.support.get(feature) is Support.IGNORED:
            for word, condition in when.items():
                found.setdefault(word, []).append(condition)
    if not found:
        return f"[]  # keywords that {backend.name} is known to ignore: none"
    note = (
        f"# keywords that {backend.name} {backend.version} is known to ignore, and when (measured {backend.measured})"
    )
    lines = [
        f"    ({literal(word)}, lambda node, place: {condition}),"
        for word, conditions in found.items()
        for condition in ([ALWAYS] if ALWAYS in conditions or {_INTEGER, _NUMBER} <= set(conditions) else conditions)
    ]
    return "\n".join(["[  " + note, *lines, "]"]) + (_OVERLAP.rstrip() if "oneOf" in found else "")
