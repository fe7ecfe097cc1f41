"""Rewrites of a schema: the same answers, said with keywords that more structured-output backends keep to.

Each rule takes a subschema and one keyword of it and gives the subschema anew, or None where it does not apply. The
rules are sound by themselves; whoever proposes one still has it tried.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

from wizard.core.schema_places import Pointer, at, kinds_of, replaced, resolve

Node = dict[str, Any]
Rule = Callable[[Any, Node], "tuple[Node, str] | None"]
MOST_VALUES = 300  # an enum longer than this is worse than what it replaces
SHORT = 200  # characters


@dataclass(frozen=True)
class Rewrite:
    """A schema anew, and in words what was done. `exact` False: other answers are valid now."""

    schema: dict[str, Any]
    why: str
    exact: bool = True


def rewrite(schema: dict[str, Any], pointer: Pointer, keyword: str) -> Rewrite | None:
    """The schema without the trouble that `keyword` at `pointer` makes; None where no rule knows how."""
    try:
        node = at(schema, pointer)
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


def without(schema: dict[str, Any], pointer: Pointer, keyword: str) -> Rewrite:
    """The schema without a keyword: more is valid then, and it has to be checked afterwards."""
    node = {key: part for key, part in at(schema, pointer).items() if key != keyword}
    if keyword == "if":
        node = {key: part for key, part in node.items() if key not in ("then", "else")}
    return Rewrite(_put(schema, pointer, node), f"{keyword} is left out and has to be checked afterwards", exact=False)


def _put(schema: dict[str, Any], pointer: Pointer, node: Node) -> dict[str, Any]:
    new: dict[str, Any] = replaced(schema, pointer, node)
    return new


def _less(node: Node, *keywords: str) -> Node:
    return {key: part for key, part in node.items() if key not in keywords}


# Numbers

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def _integers_as_enum(root: Any, node: Node) -> tuple[Node, str] | None:
    """A small range of integers, or of multiples, as a list of them."""
    step = node.get("multipleOf", 1)
    if node.get("type") == "number" and "multipleOf" not in node:
        return None
    if node.get("type") not in ("integer", "number") or not isinstance(step, int | float) or step <= 0:
        return None
    if node["type"] == "integer" and not float(step).is_integer():
        return None
    low = _bound(node, "minimum", "exclusiveMinimum", step, math.ceil, 1)
    high = _bound(node, "maximum", "exclusiveMaximum", step, math.floor, -1)
    if low is None or high is None or not 0 <= high - low < MOST_VALUES:
        return None
    values = [_plain(number * step) for number in range(low, high + 1)]
    return {**_less(node, *_BOUNDS, "multipleOf", "type"), "enum": values}, f"{len(values)} numbers as an enum"


def _bound(
    node: Node, keyword: str, exclusive: str, step: float, rounding: Callable[[float], int], inward: int
) -> int | None:
    """The innermost bound in steps; None where there is none."""
    found = []
    if isinstance(node.get(keyword), int | float):
        found.append(rounding(node[keyword] / step))
    if isinstance(node.get(exclusive), int | float):
        edge = rounding(node[exclusive] / step)
        found.append(edge + inward if edge * step == node[exclusive] else edge)
    return (max(found) if inward > 0 else min(found)) if found else None


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else round(value, 12)


# Strings

_CLASS = re.compile(r"\^(\[(?:[^\]\\]|\\.)+\]|\\[dw])([*+])\$")


def _length_into_pattern(root: Any, node: Node) -> tuple[Node, str] | None:
    """``^[a-z]+$`` with lengths beside it as ``^[a-z]{1,4}$``."""
    match = _CLASS.fullmatch(str(node.get("pattern")))
    if match is None or "maxLength" not in node:
        return None
    low = max(int(node.get("minLength", 0)), 1 if match[2] == "+" else 0)
    pattern = f"^{match[1]}{{{low},{int(node['maxLength'])}}}$"
    return {**_less(node, "minLength", "maxLength"), "pattern": pattern}, "the length is put into the pattern"


def _shorter(root: Any, node: Node) -> tuple[Node, str] | None:
    return None if node.get("maxLength", 0) <= SHORT else ({**node, "maxLength": SHORT}, f"a length of {SHORT}")


def _format_dropped(root: Any, node: Node) -> tuple[Node, str] | None:
    """A format that no validator knows says nothing."""
    from wizard.core.schema_places import FORMATS

    if node["format"] in FORMATS:
        return None
    return _less(node, "format"), f"the format {json.dumps(node['format'])} is not a standard one and says nothing"


# Arrays


def _unique_as_enum(root: Any, node: Node) -> tuple[Node, str] | None:
    """Different items out of a short list as an enum of all such arrays."""
    if node["uniqueItems"] is not True:
        return _less(node, "uniqueItems"), "uniqueItems false says nothing"
    most = node.get("maxItems")
    if isinstance(most, int) and most <= 1:
        return _less(node, "uniqueItems"), "one item is always different from the others"
    items = _followed(root, node.get("items"))
    values = items.get("enum") if items else None
    if not isinstance(values, list) or {"contains", "prefixItems"} & set(node):
        return None
    least, most = int(node.get("minItems", 0)), min(len(values), most if isinstance(most, int) else len(values))
    count = sum(math.perm(len(values), length) for length in range(least, most + 1))
    if not 0 < count <= MOST_VALUES:
        return None
    arrays = [list(each) for length in range(least, most + 1) for each in permutations(values, length)]
    return {"enum": arrays}, f"the {count} arrays of different items as an enum"


def _contains_as_any_of(root: Any, node: Node) -> tuple[Node, str] | None:
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


# Combinations


def _one_of_as_any_of(root: Any, node: Node) -> tuple[Node, str] | None:
    """oneOf with branches that no answer can share is anyOf."""
    branches = [_followed(root, part) for part in node["oneOf"]]
    if "anyOf" in node or any(part is None for part in branches):
        return None
    pairs = [(a, b) for number, a in enumerate(branches) for b in branches[:number]]
    if not all(_disjoint(root, a, b) for a, b in pairs):
        return None
    return _renamed(node, "oneOf", "anyOf"), "the branches exclude each other, so anyOf means the same"


def _renamed(node: Node, old: str, new: str) -> Node:
    return {(new if key == old else key): part for key, part in node.items()}


def _disjoint(root: Any, a: Node | None, b: Node | None) -> bool:
    if a is None or b is None:
        return False
    kinds = [_kinds(each) for each in (a, b)]
    if all(kinds) and not kinds[0] & kinds[1]:
        return True
    values = [_values(each) for each in (a, b)]
    if values[0] is not None and values[1] is not None:
        return not {json.dumps(v) for v in values[0]} & {json.dumps(v) for v in values[1]}
    shared = set(a.get("required") or ()) & set(b.get("required") or ())
    inner = [each.get("properties") or {} for each in (a, b)]
    return any(_disjoint(root, *(_followed(root, each.get(key)) for each in inner)) for key in shared)


def _kinds(node: Node) -> set[str]:
    kinds = {str(kind) for kind in kinds_of(node) if kind}
    if not kinds and (values := _values(node)) is not None:
        names = {str: "string", bool: "boolean", type(None): "null", dict: "object", list: "array"}
        kinds = {names.get(type(value), "number") for value in values}
    return {"number" if kind == "integer" else kind for kind in kinds}


def _values(node: Node) -> list[Any] | None:
    if "const" in node:
        return [node["const"]]
    return node["enum"] if isinstance(node.get("enum"), list) else None


def _not_values(root: Any, node: Node) -> tuple[Node, str] | None:
    """An enum without what `not` forbids."""
    values, forbidden = _values(node), _values(node["not"]) if isinstance(node["not"], dict) else None
    if values is None or forbidden is None or len(node["not"]) > 1:
        return None
    banned = {json.dumps(value) for value in forbidden}
    left = [value for value in values if json.dumps(value) not in banned]
    return ({**_less(node, "not", "const"), "enum": left}, "the enum without what is forbidden") if left else None


def _merged(root: Any, node: Node) -> tuple[Node, str] | None:
    """allOf of plain parts as one part."""
    whole = _less(node, "allOf")
    for part in node["allOf"]:
        inner = _followed(root, part)
        if inner is None or (both := _both(whole, inner)) is None:
            return None
        whole = both
    return whole, "the parts of allOf as one"


def _both(a: Node, b: Node) -> Node | None:
    """What two plain subschemas say together; None where that takes more than putting keywords side by side."""
    whole = dict(a)
    for key, part in b.items():
        if key not in whole or whole[key] == part or key in ("title", "description"):
            whole.setdefault(key, part)
        elif key == "properties":
            if set(whole[key]) & set(part):
                return None
            whole[key] = {**whole[key], **part}
        elif key == "required":
            whole[key] = [*whole[key], *(name for name in part if name not in whole[key])]
        elif key in ("minimum", "exclusiveMinimum", "minLength", "minItems"):
            whole[key] = max(whole[key], part)
        elif key in ("maximum", "exclusiveMaximum", "maxLength", "maxItems"):
            whole[key] = min(whole[key], part)
        else:
            return None
    closed = "additionalProperties" in a or "additionalProperties" in b
    return None if closed and "properties" in a and "properties" in b else whole


def _ref_inlined(root: Any, node: Node) -> tuple[Node, str] | None:
    """Keywords beside a $ref put into a copy of what it refers to."""
    inner, beside = _followed(root, {"$ref": node["$ref"]}), _less(node, "$ref")
    if inner is None or not beside or (both := _both(inner, beside)) is None:
        return None
    return both, "the definition is copied, with what stands beside the $ref"


def _if_as_any_of(root: Any, node: Node) -> tuple[Node, str] | None:
    """``if`` a listed property has one value, as one branch for that value and one for the others."""
    condition, properties = node["if"], node.get("properties") or {}
    asked = condition.get("properties") if isinstance(condition, dict) else None
    if not isinstance(asked, dict) or len(asked) != 1 or set(condition) - {"properties", "required"}:
        return None
    name, rule = next(iter(asked.items()))
    own, wanted = _followed(root, properties.get(name)), _values(rule) if isinstance(rule, dict) else None
    values = _values(own) if own else None
    if values is None or wanted is None or name not in (node.get("required") or ()):
        return None
    base, branches = _less(node, "if", "then", "else"), []
    chosen = {json.dumps(value) for value in wanted}
    for then, takes in (("then", True), ("else", False)):
        left = [value for value in values if (json.dumps(value) in chosen) == takes]
        narrowed = {**base, "properties": {**properties, name: {"enum": left}}}
        more = node.get(then, {})
        both = _both(narrowed, more) if isinstance(more, dict) and "properties" not in more else None
        if left and both is None:
            return None
        branches += [both] if left else []
    kept: Node = {key: base[key] for key in ("$defs", "definitions", "title", "description", "$schema") if key in base}
    return {**kept, "anyOf": [_less(each, *kept) for each in branches if each]}, f"one branch for each kind of {name}"


def _dependents_as_any_of(root: Any, node: Node) -> tuple[Node, str] | None:
    """dependentRequired of one key, where others are forbidden: with that key and what it asks for, or without it."""
    wanted, properties = node["dependentRequired"], node.get("properties") or {}
    if not isinstance(wanted, dict) or len(wanted) != 1 or node.get("additionalProperties") is not False:
        return None
    (name, others), required = next(iter(wanted.items())), list(node.get("required") or ())
    if name not in properties or not set(others) <= set(properties):
        return None
    base = _less(node, "dependentRequired", "$defs", "definitions")
    kept: Node = {key: node[key] for key in ("$defs", "definitions") if key in node}
    branches = [{**base, "required": list(dict.fromkeys([*required, name, *others]))}]
    if name not in required:
        branches.insert(0, {**base, "properties": _less(properties, name)})
    return {**kept, "anyOf": branches}, f"one branch with {name} and one without"


def _names_as_properties(root: Any, node: Node) -> tuple[Node, str] | None:
    """A map whose keys are listed as an object with these keys, each optional."""
    names, value = _values(node["propertyNames"]), node.get("additionalProperties", {})
    if names is None or "properties" in node or value is False or "patternProperties" in node:
        return None
    properties = {str(name): value for name in names}
    new = {**_less(node, "propertyNames"), "properties": properties, "additionalProperties": False}
    return new, "the keys that are allowed as optional properties"


def _followed(root: Any, node: Any) -> Node | None:
    """A subschema, or what its $ref leads to."""
    for _ in range(8):
        if not isinstance(node, dict):
            return None
        if not isinstance(node.get("$ref"), str) or len(node) > 1:
            return node
        found = resolve(root, node["$ref"])
        node = found[1] if found else None
    return None


RULES: dict[str, tuple[Rule, ...]] = {
    **dict.fromkeys((*_BOUNDS, "multipleOf"), (_integers_as_enum,)),
    "maxLength": (_length_into_pattern, ),
    "minLength": (_length_into_pattern,),
    "pattern": (_length_into_pattern,),
    "format": (_format_dropped,),
    "uniqueItems": (_unique_as_enum,),
    "contains": (_contains_as_any_of,),
    "oneOf": (_one_of_as_any_of,),
    "not": (_not_values,),
    "allOf": (_merged,),
    "$ref": (_ref_inlined,),
    "if": (_if_as_any_of,),
    "dependentRequired": (_dependents_as_any_of,),
    "propertyNames": (_names_as_properties,),
}  # fmt: skip


def nullable_as_any_of(schema: dict[str, Any], pointer: Pointer) -> Rewrite | None:
    """OpenAPI's ``nullable``, which JSON Schema does not know, as what its author means."""
    node = at(schema, pointer)
    if node.get("nullable") is not True or not isinstance(node.get("type"), str):
        return None
    plain = {"anyOf": [_less(node, "nullable", "title", "description"), {"type": "null"}]}
    kept = {key: node[key] for key in ("title", "description") if key in node}
    return Rewrite(_put(schema, pointer, {**kept, **plain}), "nullable as anyOf with null", exact=False)


def shortened(schema: dict[str, Any], pointer: Pointer) -> Rewrite | None:
    """A long maxLength cut down, for an engine that pays by the length."""
    done = _shorter(schema, at(schema, pointer))
    return None if done is None else Rewrite(_put(schema, pointer, done[0]), done[1], exact=False)
