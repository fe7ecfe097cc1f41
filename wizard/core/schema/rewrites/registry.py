"""Rewrites of a schema: the same answers, said with keywords that more structured-output backends keep to.

Each rule takes a subschema and one keyword of it and gives the subschema anew, or None where it does not apply. The
rules are sound by themselves; whoever proposes one still has it tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wizard.core.schema.nodes import Node, Pointer, drop_keywords, replace_at, value_at
from wizard.core.schema.rewrites.combinations import (
    dependents_as_any_of,
    if_as_any_of,
    merged,
    names_as_properties,
    not_values,
    one_of_as_any_of,
    ref_inlined,
)
from wizard.core.schema.rewrites.values import (
    BOUNDS,
    contains_as_any_of,
    format_dropped,
    integers_as_enum,
    length_into_pattern,
    unique_as_enum,
)

Rule = Callable[[Any, Node], "tuple[Node, str] | None"]
SHORT = 200  # characters
LEFT_OUT = " is left out"  # how the words of a rewrite end that takes something away


@dataclass(frozen=True)
class Rewrite:
    """A schema anew, and in words what was done. `exact` False: other answers are valid now."""

    schema: Node
    why: str
    exact: bool = True


def rewrite(schema: Node, pointer: Pointer, keyword: str) -> Rewrite | None:
    """The schema without the trouble that `keyword` at `pointer` makes; None where no rule knows how."""
    try:
        node = value_at(schema, pointer)
    except (LookupError, ValueError, TypeError):
        return None
    for rule in RULES.get(keyword, ()) if isinstance(node, dict) and keyword in node else ():
        try:
            done = rule(schema, node)
        except (TypeError, ValueError, AttributeError, OverflowError):  # keywords of another kind than a rule expects
            continue
        if done is not None:
            return Rewrite(_put(schema, pointer, done[0]), done[1])
    return None


def without(schema: Node, pointer: Pointer, keyword: str) -> Rewrite:
    """The schema without a keyword: more is valid then. Of `required`, only names that no property has are left out."""
    node = value_at(schema, pointer)
    if keyword == "required" and (named := _required_and_named(node)):
        missing = ", ".join(str(name) for name in node["required"] if name not in named)
        new = _put(schema, pointer, {**node, "required": named})
        return Rewrite(new, f"{missing} in required{LEFT_OUT}", exact=False)
    node = drop_keywords(node, keyword, *(("then", "else") if keyword == "if" else ()))
    return Rewrite(_put(schema, pointer, node), keyword + LEFT_OUT, exact=False)


def _required_and_named(node: Node) -> list[Any]:
    """Names that `required` may keep where it asks for some that no property has; empty where that is not so."""
    names, properties = node.get("required"), node.get("properties")
    if not isinstance(names, list) or not isinstance(properties, dict):
        return []
    named = [name for name in names if name in properties]
    return named if len(named) < len(names) else []


def _put(schema: Node, pointer: Pointer, node: Node) -> Node:
    new: Node = replace_at(schema, pointer, node)
    return new


RULES: dict[str, tuple[Rule, ...]] = {
    **dict.fromkeys((*BOUNDS, "multipleOf"), (integers_as_enum,)),
    "maxLength": (length_into_pattern, ),
    "minLength": (length_into_pattern,),
    "pattern": (length_into_pattern,),
    "format": (format_dropped,),
    "uniqueItems": (unique_as_enum,),
    "contains": (contains_as_any_of,),
    "oneOf": (one_of_as_any_of,),
    "not": (not_values,),
    "allOf": (merged,),
    "$ref": (ref_inlined,),
    "if": (if_as_any_of,),
    "dependentRequired": (dependents_as_any_of,),
    "propertyNames": (names_as_properties,),
}  # fmt: skip


def nullable_as_any_of(schema: Node, pointer: Pointer) -> Rewrite | None:
    """OpenAPI's ``nullable``, which JSON Schema does not know, as what its author means."""
    node = value_at(schema, pointer)
    if node.get("nullable") is not True or not isinstance(node.get("type"), str):
        return None
    plain = {"anyOf": [drop_keywords(node, "nullable", "title", "description"), {"type": "null"}]}
    kept = {key: node[key] for key in ("title", "description") if key in node}
    return Rewrite(_put(schema, pointer, {**kept, **plain}), "nullable as anyOf with null", exact=False)


def shortened(schema: Node, pointer: Pointer) -> Rewrite | None:
    """A long maxLength cut down, for an engine that pays by the length."""
    node = value_at(schema, pointer)
    if node.get("maxLength", 0) <= SHORT:
        return None
    return Rewrite(_put(schema, pointer, {**node, "maxLength": SHORT}), f"a length of {SHORT}", exact=False)
