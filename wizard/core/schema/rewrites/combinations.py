"""Rewrites of subschemas that are combined, conditional, or said beside each other."""

from __future__ import annotations

from typing import Any

from wizard.core.schema.exact_numbers import exact, identity
from wizard.core.schema.nodes import Node, drop_keywords, follow_reference, types_of, values_of


def one_of_as_any_of(root: Any, node: Node) -> tuple[Node, str] | None:
    """oneOf with branches that no answer can share is anyOf."""
    branches = [follow_reference(root, part) for part in node["oneOf"]]
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
    values = [values_of(each) for each in (a, b)]
    if values[0] is not None and values[1] is not None:
        return not set(map(identity, values[0])) & set(map(identity, values[1]))
    shared = set(a.get("required") or ()) & set(b.get("required") or ())
    inner = [each.get("properties") or {} for each in (a, b)]
    return any(_disjoint(root, *(follow_reference(root, each.get(key)) for each in inner)) for key in shared)


def _kinds(node: Node) -> set[str]:
    kinds = {str(kind) for kind in types_of(node) if kind}
    if not kinds and (values := values_of(node)) is not None:
        names = {str: "string", bool: "boolean", type(None): "null", dict: "object", list: "array"}
        kinds = {names.get(type(value), "number") for value in values}
    return {"number" if kind == "integer" else kind for kind in kinds}


def not_values(root: Any, node: Node) -> tuple[Node, str] | None:
    """An enum without what `not` forbids."""
    values, forbidden = values_of(node), values_of(node["not"]) if isinstance(node["not"], dict) else None
    if values is None or forbidden is None or len(node["not"]) > 1:
        return None
    banned = set(map(identity, forbidden))
    left = [value for value in values if identity(value) not in banned]
    return (
        ({**drop_keywords(node, "not", "const"), "enum": left}, "the enum without what is forbidden") if left else None
    )


def merged(root: Any, node: Node) -> tuple[Node, str] | None:
    """allOf of plain parts as one part."""
    whole = drop_keywords(node, "allOf")
    for part in node["allOf"]:
        inner = follow_reference(root, part)
        if inner is None or (both := _both(whole, inner)) is None:
            return None
        whole = both
    return whole, "the parts of allOf as one"


def _both(a: Node, b: Node) -> Node | None:
    """What two plain subschemas say together; None where that takes more than putting keywords side by side."""
    whole = dict(a)
    for key, part in b.items():
        if key not in whole or identity(whole[key]) == identity(part) or key in ("title", "description"):
            whole.setdefault(key, part)
        elif key == "properties":
            if set(whole[key]) & set(part):
                return None
            whole[key] = {**whole[key], **part}
        elif key == "required":
            whole[key] = [*whole[key], *(name for name in part if name not in whole[key])]
        elif key in ("minimum", "exclusiveMinimum", "minLength", "minItems"):
            whole[key] = max(whole[key], part, key=exact)
        elif key in ("maximum", "exclusiveMaximum", "maxLength", "maxItems"):
            whole[key] = min(whole[key], part, key=exact)
        else:
            return None
    closed = "additionalProperties" in a or "additionalProperties" in b
    return None if closed and "properties" in a and "properties" in b else whole


def ref_inlined(root: Any, node: Node) -> tuple[Node, str] | None:
    """Keywords beside a $ref put into a copy of what it refers to."""
    inner, beside = follow_reference(root, {"$ref": node["$ref"]}), drop_keywords(node, "$ref")
    if inner is None or not beside or (both := _both(inner, beside)) is None:
        return None
    return both, "the definition is copied, with what stands beside the $ref"


def if_as_any_of(root: Any, node: Node) -> tuple[Node, str] | None:
    """``if`` a listed property has one value, as one branch for that value and one for the others."""
    condition, properties = node["if"], node.get("properties") or {}
    asked = condition.get("properties") if isinstance(condition, dict) else None
    if not isinstance(asked, dict) or len(asked) != 1 or set(condition) - {"properties", "required"}:
        return None
    name, rule = next(iter(asked.items()))
    own, wanted = follow_reference(root, properties.get(name)), values_of(rule) if isinstance(rule, dict) else None
    values = values_of(own) if own else None
    if values is None or wanted is None or name not in (node.get("required") or ()):
        return None
    base, branches = drop_keywords(node, "if", "then", "else"), []
    chosen = set(map(identity, wanted))
    for then, takes in (("then", True), ("else", False)):
        left = [value for value in values if (identity(value) in chosen) == takes]
        narrowed = {**base, "properties": {**properties, name: {"enum": left}}}
        more = node.get(then, {})
        both = _both(narrowed, more) if isinstance(more, dict) and "properties" not in more else None
        if left and both is None:
            return None
        branches += [both] if left else []
    kept: Node = {key: base[key] for key in ("$defs", "definitions", "title", "description", "$schema") if key in base}
    return {
        **kept,
        "anyOf": [drop_keywords(each, *kept) for each in branches if each],
    }, f"one branch for each kind of {name}"


def dependents_as_any_of(root: Any, node: Node) -> tuple[Node, str] | None:
    """dependentRequired of one key, where others are forbidden: with that key and what it asks for, or without it."""
    wanted, properties = node["dependentRequired"], node.get("properties") or {}
    if not isinstance(wanted, dict) or len(wanted) != 1 or node.get("additionalProperties") is not False:
        return None
    (name, others), required = next(iter(wanted.items())), list(node.get("required") or ())
    if name not in properties or not set(others) <= set(properties):
        return None
    base = drop_keywords(node, "dependentRequired", "$defs", "definitions")
    kept: Node = {key: node[key] for key in ("$defs", "definitions") if key in node}
    branches = [{**base, "required": list(dict.fromkeys([*required, name, *others]))}]
    if name not in required:
        branches.insert(0, {**base, "properties": drop_keywords(properties, name)})
    return {**kept, "anyOf": branches}, f"one branch with {name} and one without"


def names_as_properties(root: Any, node: Node) -> tuple[Node, str] | None:
    """A map whose keys are listed as an object with these keys, each optional."""
    names, value = values_of(node["propertyNames"]), node.get("additionalProperties", {})
    if names is None or "properties" in node or value is False or "patternProperties" in node:
        return None
    properties = {str(name): value for name in names}
    new = {**drop_keywords(node, "propertyNames"), "properties": properties, "additionalProperties": False}
    return new, "the keys that are allowed as optional properties"
