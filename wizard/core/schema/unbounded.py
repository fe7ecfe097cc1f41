"""Values without a bound, which a model may go on writing until it is cut off."""

from __future__ import annotations

from wizard.core.listing import first_few
from wizard.core.schema.examples import FORMATS
from wizard.core.schema.finding import Finding
from wizard.core.schema.nodes import Node, format_pointer, types_of
from wizard.core.schema.pattern_text import is_anchored, is_bounded
from wizard.core.schema.subschemas import subschemas

_SORTS = {
    "string": ("maxLength", "A string without maxLength"),
    "pattern": ("pattern", "A pattern of any length"),
    "number": ("maximum", "A number without minimum and maximum, of any number of digits"),
    "array": ("maxItems", "An array without maxItems"),
    "object": ("maxProperties", "An object with any number of keys"),
}


def find_unbounded(schema: Node) -> list[Finding]:
    """One finding for each sort of value without a bound, with the places where it is allowed."""
    places: dict[str, list[str]] = {}
    for place in subschemas(schema):
        if sort := _unbounded_sort(place.node):
            places.setdefault(sort, []).append(format_pointer(place.pointer) or "the top")
    return [
        Finding(
            "runs_away",
            "warning",
            f"{words}: a model may keep generating until it is cut off. At {first_few(paths, 6)}.",
            path=paths[0] if paths[0] != "the top" else "",
            keyword=keyword,
        )
        for (keyword, words), paths in ((_SORTS[sort], paths) for sort, paths in places.items())
    ]  # fmt: skip


def _unbounded_sort(node: Node) -> str:
    """The sort of unbounded value that a subschema allows by itself; empty for none."""
    if {"const", "enum", "$ref"} & set(node):
        return ""
    kinds = types_of(node)
    if "string" in kinds and "maxLength" not in node and node.get("format") not in FORMATS:
        if not isinstance(node.get("pattern"), str):
            return "string"
        return "" if is_anchored(node["pattern"]) and is_bounded(node["pattern"]) else "pattern"
    if {"integer", "number"} & set(kinds):
        low = {"minimum", "exclusiveMinimum"} & set(node)
        high = {"maximum", "exclusiveMaximum"} & set(node)
        return "" if low and high else "number"
    if "array" in kinds and "maxItems" not in node and node.get("items") is not False:
        return "" if "prefixItems" in node and "items" not in node else "array"
    if "object" in kinds and "maxProperties" not in node:
        more = node.get("additionalProperties", False)
        return "object" if more is not False or "patternProperties" in node else ""
    return ""
