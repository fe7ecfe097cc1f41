"""Patterns that mean something else to other tools, one finding for each construct with the places where it stands."""

from __future__ import annotations

from wizard.core.access_token import clean_line
from wizard.core.listing import first_few
from wizard.core.schema.finding import Finding
from wizard.core.schema.json_value import JsonValue
from wizard.core.schema.nodes import Pointer, format_pointer
from wizard.core.schema.patterns.differences import Difference, pattern_differences, regex_differences
from wizard.core.schema.unknown_keywords import each_schema

MOST_PLACES = 3  # that one sentence names
MOST_FINDINGS = 12


def differing_patterns(schema: JsonValue) -> list[Finding]:
    """A warning where other validators mean another thing, or refuse the schema; else a note."""
    places: dict[Difference, list[tuple[Pointer, str]]] = {}
    for pointer, node in each_schema(schema):
        by_pattern = node.get("patternProperties")
        patterns = [(node.get("pattern"), "pattern")]
        patterns += [(each, "patternProperties") for each in by_pattern] if isinstance(by_pattern, dict) else []
        for pattern, keyword in patterns:
            for difference in pattern_differences(pattern) if isinstance(pattern, str) else ():
                places.setdefault(difference, []).append((pointer, keyword))
    ordered = sorted(places.items(), key=lambda each: not each[0].contested)
    return [_finding(difference, where) for difference, where in ordered[:MOST_FINDINGS]]


def _finding(difference: Difference, where: list[tuple[Pointer, str]]) -> Finding:
    pointers = list(dict.fromkeys(format_pointer(pointer) for pointer, _ in where))
    listed = first_few([pointer or "the top" for pointer in pointers], MOST_PLACES)
    words = f"{clean_line(difference.construct, 60)} in the pattern at {listed} {difference.words}."
    return Finding("dialect", "warning" if difference.contested else "note", words, pointers[0], where[0][1])


def differing_regex(pattern: str) -> list[Finding]:
    """The same for an expression that the whole answer matches."""
    return [
        Finding(
            "dialect", "warning" if each.contested else "note", f"{clean_line(each.construct, 60)} {each.words}."
        )
        for each in regex_differences(pattern)
    ]  # fmt: skip
