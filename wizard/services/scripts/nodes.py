"""What nodes of a script's tree say by themselves: a dotted name, a target, a literal, the names that imports give."""

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


def imported_names(module: cst.Module) -> dict[str, str]:
    """Names that imports give, with the dotted names that they stand for."""
    imports = _Imports()
    module.visit(imports)
    return imports.known


class _Imports(cst.CSTVisitor):
    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            dotted = plain_dotted(alias.name)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                self.known[alias.asname.name.value] = dotted
            else:
                self.known[dotted.partition(".")[0]] = dotted.partition(".")[0]

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = plain_dotted(node.module) if node.module else ""
        if isinstance(node.names, cst.ImportStar) or node.relative:
            return
        for alias in node.names:
            name = plain_dotted(alias.name)
            called = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else name
            self.known[called] = f"{module}.{name}"
