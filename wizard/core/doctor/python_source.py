"""A script's syntax tree by Python's own parser, with byte offsets: where a name is read, what stands where."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache

from wizard.core.doctor.script_model import Span

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LONGEST_EXPRESSION = 4000  # characters of an expression that is read
_GETS_VARIABLE = {"os.environ.get", "environ.get", "os.getenv", "getenv"}


class PythonSource:
    """The tree of a source that parses. Places are byte offsets into its UTF-8 text, as everywhere in the doctor."""

    def __init__(self, source: str) -> None:
        self.data = source.encode()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tree = ast.parse(source)
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.data))]
        self.nodes = tuple(ast.walk(self.tree))
        self._parents = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        end = _LINE_END.search(self.data)
        self.newline = end.group().decode() if end else "\n"

    def span(self, node: ast.AST) -> Span:
        """Where a node stands."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end_line, end_column = getattr(node, "end_lineno", line), getattr(node, "end_col_offset", column)
        return (self.place(line, column), self.place(end_line, end_column))

    def place(self, line: int, column: int) -> int:
        """The place of a column, counted in bytes, of a line, counted from 1."""
        return self._starts[line - 1] + column

    def line_at(self, place: int) -> int:
        """The line of a place, as Python counts them."""
        return bisect_right(self._starts, place)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around a node."""
        return self._parents.get(node)

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        """Every node around a node, the nearest first."""
        above = self._parents.get(node)
        while above is not None:
            yield above
            above = self._parents.get(above)

    def call_at(self, span: Span) -> ast.Call | None:
        """The call that stands at a place."""
        return self._calls.get(span)

    @cached_property
    def _calls(self) -> dict[Span, ast.Call]:
        return {self.span(node): node for node in self.nodes if isinstance(node, ast.Call)}

    def reads(self, name: str) -> list[ast.Name]:
        """Every place where a name is read."""
        return self._reads.get(name, [])

    @cached_property
    def _reads(self) -> dict[str, list[ast.Name]]:
        found: dict[str, list[ast.Name]] = {}
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, []).append(node)
        return found

    def bindings(self, name: str) -> list[ast.AST]:
        """What gives a name its value: assignments, parameters, imports, functions, classes."""
        return self._bindings.get(name, [])

    @cached_property
    def _bindings(self) -> dict[str, list[ast.AST]]:
        found: dict[str, list[ast.AST]] = {}
        for node in self.nodes:
            for name in bound_by(node):
                found.setdefault(name, []).append(node)
        return found

    @cached_property
    def formatted(self) -> tuple[Span, ...]:
        """Where formatted strings stand."""
        return tuple(self.span(node) for node in self.nodes if isinstance(node, ast.JoinedStr))

    def block_start(self, place: int) -> tuple[int, str] | None:
        """Where a statement can be put before the one at a place: the start of its line, and the line's indentation.

        None where the only statement that starts a line is the continuation of another one.
        """
        inner = [
            node
            for node in self.nodes
            if isinstance(node, ast.stmt) and self._first(node) <= place < self.span(node)[1]
        ]
        for node in sorted(inner, key=self._first, reverse=True):
            first = self._first(node)
            start = max(each for each in self._starts if each <= first)
            lead = self.data[start:first]
            if not lead.strip() and not self.data[first:].startswith(b"elif"):
                return start, lead.decode()
        return None

    def _first(self, node: ast.stmt) -> int:
        """Where a statement begins, its decorators included."""
        decorators = getattr(node, "decorator_list", ())
        if not decorators:
            return self.span(node)[0]
        return min(self.data.rfind(b"@", 0, self.span(each)[0]) for each in decorators)


@lru_cache(maxsize=16)
def python_source(source: str) -> PythonSource:
    """The tree of a source. Raises SyntaxError, ValueError, RecursionError or MemoryError."""
    return PythonSource(source)


def bound_by(node: ast.AST) -> list[str]:
    """The names that a node by itself gives a value."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [each.asname or each.name.partition(".")[0] for each in node.names]
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return [node.name] if node.name else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    return []


def own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement, those of the statements within it left out."""
    waiting = list(ast.iter_child_nodes(statement))
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, ast.stmt):
            yield node
            waiting += ast.iter_child_nodes(node)


def variable_key(node: ast.AST) -> tuple[ast.expr, bool] | None:
    """The name of the environment's variable that a node is about, and whether the variable has to be there."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) in ("os.environ", "environ"):
        return node.slice, True
    if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in _GETS_VARIABLE:
        return node.args[0], False
    return None


@lru_cache(maxsize=2048)
def parse_expression(code: str) -> ast.expr | None:
    """The tree of an expression; None for what is none, or is too long."""
    if len(code) > _LONGEST_EXPRESSION:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(f"({code}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def dotted_name(node: ast.AST) -> str:
    """``a.b.c`` as it is written; empty for anything that is more than names and dots."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
