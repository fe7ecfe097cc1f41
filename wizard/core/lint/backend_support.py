"""Which features of JSON Schema the structured-output backends keep to, as measured.

From the battery in `tests/lint`, 2026-11-22: each feature with each backend, asked about known instances and drawn from
by a random model, judged by jsonschema. A test runs it again and fails when the installed versions behave otherwise.
`ignored` means that at least one invalid answer came through, `narrowed` that a valid one did not.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from wizard.core.output.output_type import OutputType
from wizard.core.schema.finding import Finding
from wizard.core.schema.nodes import format_pointer, resolve_reference
from wizard.core.schema.subschemas import subschemas

Support = Literal["enforced", "ignored", "narrowed", "refused"]
VERSIONS = {"outlines_core": "0.2.14", "llguidance": "1.9.1", "xgrammar": "0.2.8"}
MEASURED = "2026-11-22"
E: Support = "enforced"
I: Support = "ignored"  # noqa: E741 - reads well beside the others
N: Support = "narrowed"
R: Support = "refused"
BACKENDS = ("outlines_core", "llguidance", "xgrammar")  # the order of the columns
TABLE: dict[str, tuple[Support, Support, Support]] = {
    "integer minimum/maximum (10..25)": (I, E, E),
    "integer minimum only (>=0)": (I, E, E),
    "integer exclusiveMin/Max (10,25)": (I, E, E),
    "number minimum/maximum (0..1)": (I, E, E),
    "number exclusiveMin/Max (0,1)": (I, E, E),
    "number exponent form (1e5)": (E, E, E),
    "integer multipleOf 5": (I, E, E),
    "number multipleOf 0.5": (I, E, I),
    "integer mult 5 + range 0..100": (I, E, E),
    "string minLength/maxLength 3..5": (E, E, I),
    "string maxLength counts chars (unicode)": (N, E, I),
    "string minLength 3 only": (E, E, I),
    "pattern anchored": (E, E, E),
    "pattern unanchored (\\d{2})": (N, E, N),
    "pattern with maxLength": (I, E, I),
    "pattern with lookahead": (R, R, I),
    "pattern with an optional group of repeats": (E, E, I),
    "format date": (E, E, E),
    "format date (calendar: 2026-02-31)": (E, E, E),
    "format time": (E, E, E),
    "format date-time": (E, E, E),
    "format email": (I, E, E),
    "format uuid": (E, E, E),
    "format uri": (I, E, E),
    "format ipv4": (E, E, E),
    "format hostname": (R, E, I),
    "format ipv6": (R, E, E),
    "format duration": (R, E, E),
    "format foo (unknown)": (R, R, E),
    "enum strings": (E, E, E),
    "enum mixed types": (E, E, E),
    "enum objects/arrays": (E, E, N),
    "enum unicode/escapes": (R, E, E),
    "const string/int": (E, E, E),
    "const object": (E, E, N),
    "array minItems/maxItems 2..3": (E, E, E),
    "array minItems only 2": (E, E, E),
    "array uniqueItems": (I, R, I),
    "array of enum, maxItems": (E, E, E),
    "prefixItems tuple + items:false": (E, E, E),
    "prefixItems + min/max (pydantic tuple)": (E, E, E),
    "items array form (draft7 tuple)": (R, E, R),
    "array contains": (I, R, I),
    "array without items": (E, E, E),
    "anyOf": (E, E, E),
    "oneOf disjoint": (E, E, E),
    "oneOf overlapping (int 0..10 | int 5..15)": (I, R, I),
    "oneOf discriminated objects": (E, E, E),
    "allOf merge ranges": (I, E, I),
    "allOf merge objects": (I, E, I),
    "allOf single $ref (pydantic v1 style)": (E, E, E),
    "not": (I, R, I),
    "if/then/else": (I, R, I),
    "$ref/$defs": (E, E, E),
    "$ref definitions (draft7)": (E, E, E),
    "$ref sibling keywords": (I, E, I),
    "recursion depth 3": (I, E, E),
    "recursion depth 8": (I, E, E),
    "recursion via anyOf null": (I, E, E),
    "additionalProperties:false": (E, E, E),
    "additionalProperties absent (extras ok?)": (N, E, N),
    "additionalProperties:true": (N, E, E),
    "additionalProperties:{integer} map": (E, E, E),
    "patternProperties": (R, E, N),
    "propertyNames enum": (I, R, E),
    "minProperties/maxProperties 1..2": (I, E, E),
    "dependentRequired": (I, R, I),
    "optional: some required": (E, E, E),
    "optional: none required": (E, E, E),
    "property order other than schema's": (N, N, N),
    "nullable type list": (E, E, I),
    "nullable anyOf null (pydantic Optional)": (E, E, E),
    "OpenAPI nullable:true": (E, E, E),
    "unicode property names": (R, E, E),
    "property names that JSON escapes": (I, E, E),
    "unicode string content (raw UTF-8)": (E, E, E),
    'string escapes \\n \\" \\\\': (E, E, E),
    "boolean/null": (E, E, E),
    "any ({})": (I, E, E),
    "object without properties": (E, E, E),
    "top-level array": (E, E, E),
    "top-level enum/scalar": (E, E, E),
    "contradictory (min>max)": (I, R, R),
}

_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_BY_KEYWORD = {
    "uniqueItems": "array uniqueItems",
    "contains": "array contains",
    "not": "not",
    "if": "if/then/else",
    "propertyNames": "propertyNames enum",
    "maxProperties": "minProperties/maxProperties 1..2",
    "dependentRequired": "dependentRequired",
    "patternProperties": "patternProperties",
}


_VERBS = {"ignored": "ignores", "refused": "cannot enforce"}


def feature_of(keyword: str, node: dict[str, Any]) -> str | None:
    """The row of the table that a keyword in a subschema belongs to; None where only asking can tell."""
    value = node[keyword]
    whole = node.get("type") == "integer"
    if keyword in _NUMBERS:
        return "integer minimum/maximum (10..25)" if whole else "number minimum/maximum (0..1)"
    if keyword == "multipleOf":
        return "integer multipleOf 5" if whole else "number multipleOf 0.5"
    if keyword in ("minLength", "maxLength"):
        return "pattern with maxLength" if "pattern" in node else "string minLength/maxLength 3..5"
    if keyword == "pattern":
        if re.search(r"\(\?[=!<]", str(value)):
            return "pattern with lookahead"
        return "pattern with an optional group of repeats" if re.search(r"[*+}]\)[?*{]", str(value)) else None
    if keyword == "format":
        return f"format {value}" if f"format {value}" in TABLE else "format foo (unknown)"
    if keyword == "allOf" and isinstance(value, list) and (len(value) > 1 or "properties" in node):
        return "allOf merge objects"
    if keyword == "properties" and isinstance(value, dict):
        escaped = any(json.dumps(name, ensure_ascii=False) != f'"{name}"' for name in value)
        return "property names that JSON escapes" if escaped else None
    if keyword == "items" and isinstance(value, list):
        return "items array form (draft7 tuple)"
    return _BY_KEYWORD.get(keyword)


def said_by_the_table(keyword: str, node: dict[str, Any], backend: str) -> Support | None:
    """What the table says of a keyword; None where it says nothing."""
    row = feature_of(keyword, node)
    return TABLE[row][BACKENDS.index(backend)] if row in TABLE else None


def table_findings(output: OutputType, backend: str) -> list[Finding]:
    """What the table says of a whole output type, for a backend that is not installed."""
    if output.form != "json_schema":
        return []
    schema = json.loads(output.enforced)
    found = []
    for place in subschemas(schema):
        for keyword in place.node:
            said = said_by_the_table(keyword, place.node, backend)
            if said == "ignored" or said == "refused":
                where = format_pointer(place.pointer)
                version = VERSIONS[backend]
                words = f"{backend} {version} {_VERBS[said]} {keyword} at {where}, as measured on {MEASURED}."
                found.append(Finding(said, "error", words, where, keyword, backend, version))
    return found


def recursive(schema: dict[str, Any]) -> bool:
    """Whether a schema refers to itself."""
    for place in subschemas(schema):
        reference = place.node.get("$ref")
        target = resolve_reference(schema, reference) if isinstance(reference, str) else None
        if target is not None and place.pointer[: len(target[0])] == target[0]:
            return True
    return False
