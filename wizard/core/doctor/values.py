"""What an expression of a script comes to, as a text or as the words of a command: names followed, defaults taken."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from wizard.core.doctor.meanings import Value, additions_to, assignments_of, meanings_of
from wizard.core.doctor.python_source import dotted_name, parse_expression
from wizard.core.doctor.script_model import Expression, Script

DEPTH = 10  # how many names are followed, one after the other
UNKNOWN = "\0"  # in place of a part of a command that cannot be read
_DEFAULTED = ("environ.get", "getenv", "environ.setdefault")
_FIELDS = {"parameter", "field", "Field", "Option", "Argument"}  # modal, dataclasses, pydantic, typer


@dataclass(frozen=True)
class Values:
    """The values of one script."""

    script: Script

    def text(self, expression: Expression | None, owner: str = "") -> str | None:
        """The text that an expression is known to be; of ``os.environ.get("X", "default")`` the default."""
        if expression is None or expression.is_literal:
            return expression.text if expression else None
        return self._read((expression.code, owner), DEPTH)

    def words(self, expression: Expression | None, owner: str = "") -> list[str]:
        """The words of a command: of a list, with all that is added to it, or of a text; empty for an unknown one."""
        if expression is None:
            return []
        node = parse_expression(expression.code)
        return self._words(node, owner, DEPTH) if node is not None else []

    def shell(self, expression: Expression | None, owner: str = "") -> str:
        """A command line, UNKNOWN in place of what cannot be read; empty for an unknown one."""
        node = parse_expression(expression.code) if expression is not None else None
        return (self._text(node, owner, DEPTH, True) or "") if node is not None else ""

    # --- texts ----------------------------------------------------------------------------------------------------

    def _read(self, value: Value, depth: int, partial: bool = False) -> str | None:
        node = parse_expression(value[0])
        return self._text(node, value[1], depth, partial) if node is not None else None

    def _text(self, node: ast.AST, owner: str, depth: int, partial: bool = False) -> str | None:
        if depth == 0:
            return None
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.JoinedStr(values=parts):
                return _joined([self._piece(part, owner, depth) for part in parts], partial)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                sides = [self._text(each, owner, depth, partial) for each in (left, right)]
                return _joined(sides, partial and any(sides))
            case ast.BoolOp(op=ast.Or(), values=values):
                return next((found for each in values if (found := self._text(each, owner, depth))), None)
            case ast.IfExp(body=body, orelse=other):
                return _only([self._text(each, owner, depth, partial) for each in (body, other)])
            case ast.Subscript(value=table, slice=key):
                return self._item(table, key, owner, depth)
            case ast.Call():
                return self._called(node, owner, depth, partial)
            case ast.Name() | ast.Attribute():
                return _only(
                    [
                        self._read(each, depth - 1, partial)
                        for each in meanings_of(self.script, dotted_name(node), owner, depth)
                    ]
                )
        return None

    def _piece(self, part: ast.AST, owner: str, depth: int) -> str | None:
        """A part of a formatted text."""
        node = part.value if isinstance(part, ast.FormattedValue) else part
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int)):
            return str(node.value)
        if (text := self._text(node, owner, depth)) is not None:
            return text
        codes = {code for code, _ in meanings_of(self.script, dotted_name(node), owner, depth)}
        return next(iter(codes)) if len(codes) == 1 and next(iter(codes)).isdecimal() else None

    def _called(self, node: ast.Call, owner: str, depth: int, partial: bool) -> str | None:
        name = dotted_name(node.func)
        arguments = {each.arg: each.value for each in node.keywords if each.arg}
        if name.endswith(_DEFAULTED):
            default = node.args[1] if len(node.args) > 1 else arguments.get("default")
            return self._text(default, owner, depth - 1) if default is not None else None
        last = name.rpartition(".")[2] or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
        if last in _FIELDS:
            default = arguments.get("default") or (node.args[0] if node.args and last != "field" else None)
            return self._text(default, owner, depth - 1) if default is not None else None
        if name in ("str", "shlex.quote", "quote") and len(node.args) == 1:
            return self._text(node.args[0], owner, depth - 1, partial)
        if isinstance(node.func, ast.Attribute):
            inner = node.func.value
            if last == "join" and len(node.args) == 1 and self._text(inner, owner, depth) == " ":
                return " ".join(self._words(node.args[0], owner, depth - 1)) or None
            if last in ("strip", "rstrip", "lstrip") and not node.args:
                text = self._text(inner, owner, depth - 1, partial)
                return text.strip() if text is not None else None
            if last == "get" and node.args:
                found = self._item(inner, node.args[0], owner, depth)
                default = node.args[1] if len(node.args) > 1 else None
                return found or (self._text(default, owner, depth - 1) if default is not None else None)
        if name in ("shlex.join", "join") and len(node.args) == 1:
            return " ".join(self._words(node.args[0], owner, depth - 1)) or None
        return None

    def _item(self, table: ast.AST, key: ast.AST, owner: str, depth: int) -> str | None:
        """An item of a dictionary that is written in the script."""
        found = self._values_of_key(table, key, owner, depth)
        return _only([self._text(value, whose, depth - 1) for value, whose in found])

    def _values_of_key(self, table: ast.AST, key: ast.AST, owner: str, depth: int) -> list[tuple[ast.AST, str]]:
        wanted = self._text(key, owner, depth - 1)
        found: list[tuple[ast.AST, str]] = []
        for each, whose in self._tables(table, owner, depth) if wanted is not None else ():
            for name, value in zip(each.keys, each.values, strict=True):
                if name is not None and self._text(name, whose, depth - 1) == wanted:
                    found.append((value, whose))
        return found

    def _tables(self, node: ast.AST, owner: str, depth: int) -> list[tuple[ast.Dict, str]]:
        """The dictionaries that an expression may be: one within another too, ``SETTINGS["training"]["model"]``."""
        if isinstance(node, ast.Dict):
            return [(node, owner)]
        if depth == 0:
            return []
        if isinstance(node, ast.Subscript):
            inner = self._values_of_key(node.value, node.slice, owner, depth - 1)
            return [table for value, whose in inner for table in self._tables(value, whose, depth - 1)]
        meant = [
            (parse_expression(code), whose) for code, whose in meanings_of(self.script, dotted_name(node), owner, depth)
        ]
        return [table for each, whose in meant if each is not None for table in self._tables(each, whose, depth - 1)]

    # --- words of commands ----------------------------------------------------------------------------------------

    def _words(self, node: ast.AST, owner: str, depth: int) -> list[str]:
        if depth == 0:
            return []
        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [word for each in elements for word in self._element(each, owner, depth)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [*self._words(left, owner, depth - 1), *self._words(right, owner, depth - 1)]
            case ast.Name() | ast.Attribute():
                return self._named_words(dotted_name(node), owner, depth)
            case ast.Call(func=ast.Attribute(value=inner, attr="split"), args=[]):
                return (self._text(inner, owner, depth - 1, True) or "").split()
            case ast.Call() if dotted_name(node.func) in ("shlex.split", "list") and node.args:
                text = self._text(node.args[0], owner, depth - 1, True)
                return text.split() if text else self._words(node.args[0], owner, depth - 1)
        return []

    def _element(self, node: ast.AST, owner: str, depth: int) -> list[str]:
        if isinstance(node, ast.Starred):
            return self._words(node.value, owner, depth - 1) or [UNKNOWN]
        if isinstance(node, (ast.List, ast.Tuple)):
            return self._words(node, owner, depth - 1)
        text = self._text(node, owner, depth - 1, True)
        return [text if text is not None else UNKNOWN]

    def _named_words(self, name: str, owner: str, depth: int) -> list[str]:
        for code, whose in assignments_of(self.script, name, owner):
            node = parse_expression(code)
            if node is None or not (words := self._words(node, whose, depth - 1)):
                continue
            for added in additions_to(self.script, name, owner):
                node = parse_expression(added)
                if node is not None:
                    words = [*words, *(self._words(node, owner, depth - 1) or self._element(node, owner, depth))]
            return words
        return []


def _joined(parts: Sequence[str | None], partial: bool) -> str | None:
    if not partial and any(part is None for part in parts):
        return None
    return "".join(UNKNOWN if part is None else part for part in parts)


def _only(texts: Sequence[str | None]) -> str | None:
    """The one text that all known ones are; None where they differ."""
    known = {text for text in texts if text is not None}
    return known.pop() if len(known) == 1 else None


def is_known(word: str) -> bool:
    """Whether a word of a command was read in full."""
    return UNKNOWN not in word and not re.search(r"\$\{?\w", word)
