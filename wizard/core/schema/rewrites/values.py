"""Rewrites of what one number, string or array may be, each as the same answers in other keywords."""

from __future__ import annotations

import json
import math
import re
from itertools import permutations, product
from typing import Any

from wizard.core.schema.exact_numbers import Number, exact, is_multiple, is_number, is_whole, steps_in, times
from wizard.core.schema.nodes import Node, drop_keywords, follow_reference

MOST_VALUES = 300  # an enum longer than this is worse than what it replaces
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def integers_as_enum(root: Any, node: Node) -> tuple[Node, str] | None:
    """A small range of integers, or of multiples, as a list of them."""
    step = node.get("multipleOf", 1)
    if node.get("type") == "number" and "multipleOf" not in node:
        return None
    if node.get("type") not in ("integer", "number") or not is_number(step) or exact(step) <= 0:
        return None
    if node["type"] == "integer" and not is_whole(step):
        return None
    low = _bound(node, "minimum", "exclusiveMinimum", step, lower=True)
    high = _bound(node, "maximum", "exclusiveMaximum", step, lower=False)
    if low is None or high is None or not 0 <= high - low < MOST_VALUES:
        return None
    values = [times(step, number) for number in range(low, high + 1)]
    if None in values:  # more digits than a double has
        return None
    return {**drop_keywords(node, *BOUNDS, "multipleOf", "type"), "enum": values}, f"{len(values)} numbers as an enum"


def _bound(node: Node, keyword: str, exclusive: str, step: Number, *, lower: bool) -> int | None:
    """The innermost bound in steps; None where there is none."""
    found = []
    for key in (keyword, exclusive):
        if is_number(edge := node.get(key)):
            steps, on_a_step = steps_in(edge, step), is_multiple(edge, step)
            steps += lower and not on_a_step
            if key == exclusive and on_a_step:
                steps += 1 if lower else -1
            found.append(steps)
    return (max(found) if lower else min(found)) if found else None


_CLASS = re.compile(r"\^(\[(?:[^\]\\]|\\.)+\]|\\[dw])([*+])\$")


def length_into_pattern(root: Any, node: Node) -> tuple[Node, str] | None:
    """``^[a-z]+$`` with lengths beside it as ``^[a-z]{1,4}$``."""
    match = _CLASS.fullmatch(str(node.get("pattern")))
    if match is None or "maxLength" not in node:
        return None
    low = max(int(node.get("minLength", 0)), 1 if match[2] == "+" else 0)
    pattern = f"^{match[1]}{{{low},{int(node['maxLength'])}}}$"
    return {**drop_keywords(node, "minLength", "maxLength"), "pattern": pattern}, "the length is put into the pattern"


def format_dropped(root: Any, node: Node) -> tuple[Node, str] | None:
    """A format that no validator knows says nothing."""
    from wizard.core.schema.examples import FORMATS

    if node["format"] in FORMATS:
        return None
    return drop_keywords(
        node, "format"
    ), f"the format {json.dumps(node['format'])} is not a standard one and says nothing"


def unique_as_enum(root: Any, node: Node) -> tuple[Node, str] | None:
    """Different items out of a short list as an enum of all such arrays."""
    if node["uniqueItems"] is not True:
        return drop_keywords(node, "uniqueItems"), "uniqueItems false says nothing"
    most = node.get("maxItems")
    if isinstance(most, int) and most <= 1:
        return drop_keywords(node, "uniqueItems"), "one item is always different from the others"
    items = follow_reference(root, node.get("items"))
    values = items.get("enum") if items else None
    if not isinstance(values, list) or {"contains", "prefixItems"} & set(node):
        return None
    least, most = int(node.get("minItems", 0)), min(len(values), most if isinstance(most, int) else len(values))
    count = sum(math.perm(len(values), length) for length in range(least, most + 1))
    if not 0 < count <= MOST_VALUES:
        return None
    arrays = [list(each) for length in range(least, most + 1) for each in permutations(values, length)]
    return {"enum": arrays}, f"the {count} arrays of different items as an enum"


def contains_as_any_of(root: Any, node: Node) -> tuple[Node, str] | None:
    """An array that must contain something, of few lengths, as one branch for each place that it can stand in."""
    most, least = node.get("maxItems"), max(1, int(node.get("minItems", 0)))
    if (
        not isinstance(most, int)
        or most > 4
        or {"prefixItems", "minContains", "maxContains", "uniqueItems"} & set(node)
    ):
        return None
    if node.get("type") != "array":
        return None
    item = node.get("items", {})
    both = {"allOf": [item, node["contains"]]} if item not in ({}, True) else node["contains"]
    if isinstance(node["contains"], dict) and "const" in node["contains"]:
        both = node["contains"]
    branches = []
    for length, spot in product(range(least, most + 1), range(most)):
        if spot < length:
            first = [both if number == spot else item for number in range(length)]
            branches.append({"type": "array", "prefixItems": first, "items": False, "minItems": length})
    return {"anyOf": branches}, "one branch for each place where the wanted item can stand"
