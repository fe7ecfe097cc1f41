"""What a single node of a script's tree says by itself: a dotted name, a target, a literal."""

from __future__ import annotations

from typing import Any

import libcst as cst


def plain_dotted(node: cst.CSTNode) -> str:
    """``a.b.c`` as it is written; empty for anything that is more than names and dots."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    return ".".join([node.value, *reversed(parts)])


def target_of(node: cst.CSTNode) -> str:
    """The name that an assignment gives, ``self.x`` included; empty for any other target."""
    name = plain_dotted(node)
    return name if "." not in name or name.startswith("self.") else ""


def literal_of(node: cst.CSTNode) -> dict[str, Any]:
    """`value` and `is_literal` of a text or a number, as fields of an Expression; nothing for what is neither."""
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        return {"value": value, "is_literal": True} if isinstance(value, str) else {}
    if isinstance(node, (cst.Integer, cst.Float, cst.BinaryOperation)):
        try:
            return {"value": _number(node), "is_literal": True}
        except (ValueError, OverflowError):
            return {}
    return {}


def _number(node: cst.CSTNode) -> int | float:
    """A number, or a product or sum of numbers such as ``20 * 60``. Raises ValueError."""
    if isinstance(node, (cst.Integer, cst.Float)):
        return node.evaluated_value
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, (cst.Multiply, cst.Add)):
        left, right = _number(node.left), _number(node.right)
        return left * right if isinstance(node.operator, cst.Multiply) else left + right
    raise ValueError("not a number")
