"""Numbers of a schema that have more digits than the backends read: what is enforced is the double next to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wizard.core.listing import first_few
from wizard.core.schema.exact_numbers import JsonNumber, exact
from wizard.core.schema.finding import Finding
from wizard.core.schema.nodes import Pointer, format_pointer


def find_rounded(exact_schema: Any) -> list[Finding]:
    """One warning with every such number of a schema that was read with all of its digits."""
    found = [(pointer, number) for pointer, number in _numbers(exact_schema) if exact(float(number)) != number]
    if not found:
        return []
    pairs = [f"{number} at {format_pointer(pointer)} as {float(number)!r}" for pointer, number in found]
    words = f"The backends read {first_few(pairs, 3)}: that is the nearest number that a double holds."
    return [Finding("unchecked", "warning", words, format_pointer(found[0][0][:-1]), found[0][0][-1])]


def _numbers(value: Any) -> Iterator[tuple[Pointer, JsonNumber]]:
    todo: list[tuple[Pointer, Any]] = [((), value)]
    while todo:
        pointer, part = todo.pop()
        if isinstance(part, JsonNumber):
            yield pointer, part
        elif isinstance(part, dict | list):
            inner = part.items() if isinstance(part, dict) else enumerate(part)
            todo += [((*pointer, str(key)), each) for key, each in inner]
