"""A small number that the bounds and the step of a subschema allow, in exact arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.core.schema.exact_numbers import Number, exact, is_multiple, is_number, is_whole, plus, steps_in, times
from wizard.core.schema.nodes import Node


def example_number(node: Node, *, whole: bool) -> int | float:
    """The first number that fits among those near the bounds; 1 where none of them does."""
    good = next((value for value in _candidates(node) if value is not None and _fits(node, value, whole=whole)), 1)
    return int(good) if is_whole(good) else good


def _candidates(node: Node) -> Iterator[int | float | None]:
    low, high, below, above = (
        value if is_number(value := node.get(key)) else None
        for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    )
    step = node.get("multipleOf")
    if is_number(step) and exact(step) > 0:
        start = low if low is not None else below if below is not None else 0
        first = steps_in(start, step)
        yield from (times(step, first + more) for more in (0, 1, 2, -1))
    yield from (1, 0)
    bounds = [each for each in (low, high, below, above) if each is not None]
    yield from (plus(each, more) for more in (0, 1, -1, 0.5, -0.5) for each in bounds)
    if len(bounds) > 1:
        least, most = min(bounds, key=exact), max(bounds, key=exact)
        total = plus(least, most)
        yield None if total is None else times(total, 0.5)


def _fits(node: Node, value: Number, *, whole: bool) -> bool:
    number, step = exact(value), node.get("multipleOf")
    return (
        (not is_number(low := node.get("minimum")) or number >= exact(low))
        and (not is_number(high := node.get("maximum")) or number <= exact(high))
        and (not is_number(below := node.get("exclusiveMinimum")) or number > exact(below))
        and (not is_number(above := node.get("exclusiveMaximum")) or number < exact(above))
        and (not is_number(step) or exact(step) <= 0 or is_multiple(number, step))
        and (not whole or is_whole(number))
    )
