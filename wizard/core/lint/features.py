"""The features of JSON Schema that structured-output backends are measured by, and which of them a keyword is.

They are those of the battery in `tests/lint`; each backend's record says what it does with each.
"""

from __future__ import annotations

import json
import re
from typing import Any

FEATURES = (
    "integer minimum/maximum (10..25)",
    "integer minimum only (>=0)",
    "integer exclusiveMin/Max (10,25)",
    "number minimum/maximum (0..1)",
    "number exclusiveMin/Max (0,1)",
    "number exponent form (1e5)",
    "integer multipleOf 5",
    "number multipleOf 0.5",
    "integer mult 5 + range 0..100",
    "string minLength/maxLength 3..5",
    "string maxLength counts chars (unicode)",
    "string minLength 3 only",
    "pattern anchored",
    "pattern unanchored (\\d{2})",
    "pattern with maxLength",
    "pattern with lookahead",
    "pattern with an optional group of repeats",
    "format date",
    "format date (calendar: 2026-02-31)",
    "format time",
    "format date-time",
    "format email",
    "format uuid",
    "format uri",
    "format ipv4",
    "format hostname",
    "format ipv6",
    "format duration",
    "format foo (unknown)",
    "enum strings",
    "enum mixed types",
    "enum objects/arrays",
    "enum unicode/escapes",
    "const string/int",
    "const object",
    "array minItems/maxItems 2..3",
    "array minItems only 2",
    "array uniqueItems",
    "array of enum, maxItems",
    "prefixItems tuple + items:false",
    "prefixItems + min/max (pydantic tuple)",
    "items array form (draft7 tuple)",
    "array contains",
    "array without items",
    "anyOf",
    "oneOf disjoint",
    "oneOf overlapping (int 0..10 | int 5..15)",
    "oneOf discriminated objects",
    "allOf merge ranges",
    "allOf merge objects",
    "allOf single $ref (pydantic v1 style)",
    "not",
    "if/then/else",
    "$ref/$defs",
    "$ref definitions (draft7)",
    "$ref sibling keywords",
    "recursion depth 3",
    "recursion depth 8",
    "recursion via anyOf null",
    "additionalProperties:false",
    "additionalProperties absent (extras ok?)",
    "additionalProperties:true",
    "additionalProperties:{integer} map",
    "patternProperties",
    "propertyNames enum",
    "minProperties/maxProperties 1..2",
    "dependentRequired",
    "optional: some required",
    "optional: none required",
    "property order other than schema's",
    "nullable type list",
    "nullable anyOf null (pydantic Optional)",
    "OpenAPI nullable:true",
    "unicode property names",
    "property names that JSON escapes",
    "unicode string content (raw UTF-8)",
    'string escapes \\n \\" \\\\',
    "boolean/null",
    "any ({})",
    "object without properties",
    "top-level array",
    "top-level enum/scalar",
    "contradictory (min>max)",
)
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


def feature_of(keyword: str, node: dict[str, Any]) -> str | None:
    """The feature that a keyword in a subschema belongs to; None where only asking can tell."""
    value = node[keyword]
    whole = node.get("type") == "integer"
    if keyword in _NUMBERS:
        return "integer minimum/maximum (10..25)" if whole else "number minimum/maximum (0..1)"
    if keyword == "multipleOf":
        return "integer multipleOf 5" if whole else "number multipleOf 0.5"
    if keyword in ("minLength", "maxLength"):
        return "pattern with maxLength" if "pattern" in node else "string minLength/maxLength 3..5"
    if keyword == "pattern":
        if re.search(r"\(\?<?[=!]", str(value)):
            return "pattern with lookahead"
        return "pattern with an optional group of repeats" if re.search(r"[*+}]\)[?*{]", str(value)) else None
    if keyword == "format":
        return f"format {value}" if f"format {value}" in FEATURES else "format foo (unknown)"
    if keyword == "allOf" and isinstance(value, list) and (len(value) > 1 or "properties" in node):
        return "allOf merge objects"
    if keyword == "properties" and isinstance(value, dict):
        escaped = any(json.dumps(name, ensure_ascii=False) != f'"{name}"' for name in value)
        return "property names that JSON escapes" if escaped else None
    if keyword == "items" and isinstance(value, list):
        return "items array form (draft7 tuple)"
    return _BY_KEYWORD.get(keyword)
