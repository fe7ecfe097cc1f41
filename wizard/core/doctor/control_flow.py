"""Where in a script code runs only on one's own machine, and where a variable has been looked for before it is read."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wizard.core.doctor.python_source import PythonSource, own_nodes, python_source, variable_key
from wizard.core.doctor.script_model import Span

_MISSING = {"KeyError", "LookupError", "Exception", "BaseException"}
ANY = "*"  # in place of a variable's name: whichever is read


@dataclass(frozen=True)
class EnvironmentRead:
    """A variable that is read: ``os.environ["X"]`` (`must_be_there`), or ``os.environ.get("X")`` without a default."""

    variable: str
    span: Span
    line: int
    must_be_there: bool
    code: str


@dataclass(frozen=True)
class ControlFlow:
    """`local` are places that no container reaches; `guarded` those that are reached only with one of these names,
    `demanded` where an error is raised without them, `missing` what runs only where something is not there yet."""

    local: tuple[Span, ...] = ()
    guarded: tuple[tuple[Span, frozenset[str]], ...] = ()
    demanded: tuple[tuple[int, int, frozenset[str]], ...] = ()  # where, its line, names
    reads: tuple[EnvironmentRead, ...] = ()
    missing: tuple[Span, ...] = ()

    def is_local(self, span: Span) -> bool:
        """Whether no container runs what stands there."""
        return any(start <= span[0] and span[1] <= end for start, end in self.local)

    def is_guarded(self, span: Span, *names: str) -> bool:
        """Whether what stands there runs only where one of these is there: variables, or names that hold them."""
        wanted = {*names, ANY}
        return any(start <= span[0] and span[1] <= end and wanted & found for (start, end), found in self.guarded)

    def makes_up(self, span: Span) -> bool:
        """Whether what stands there is done once: where it is not there yet, as ``if model is None``."""
        return any(start <= span[0] and span[1] <= end for start, end in self.missing)

    def demands(self, within: Span, *names: str) -> Iterator[tuple[int, str]]:
        """Lines within where an error is raised because one of these is not there, and which."""
        for start, line, found in self.demanded:
            for name in sorted(found & set(names)) if within[0] <= start <= within[1] else ():
                yield line, name


@lru_cache(maxsize=64)
def read_control_flow(source: str) -> ControlFlow:
    """The control flow of a source that has been parsed before."""
    try:
        parsed = python_source(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ControlFlow()
    reader = _Reader(parsed)
    reader.visit_block(parsed.tree.body)
    return ControlFlow(
        tuple(reader.local),
        tuple(reader.guarded),
        tuple(reader.demanded),
        tuple(reader.reads()),
        tuple(reader.missing),
    )


class _Reader:
    def __init__(self, source: PythonSource) -> None:
        self._source = source
        self.local: list[Span] = []
        self.guarded: list[tuple[Span, frozenset[str]]] = []
        self.missing: list[Span] = []
        self.demanded: list[tuple[int, int, frozenset[str]]] = []

    def visit_block(self, statements: Sequence[ast.stmt]) -> None:
        """One block, statement by statement: a test that leaves it early is one for all that follows."""
        for place, node in enumerate(statements):
            rest = statements[place + 1 :]
            if isinstance(node, ast.Assert):
                self._demand(node.test)
            elif isinstance(node, ast.If):
                self._branches(node.test, node.body, node.orelse)
                if rest and _leaves(node.body) and not node.orelse:
                    self._branches(node.test, [], rest)
            elif isinstance(node, ast.Try) and any(_passes_over(handler) for handler in node.handlers):
                self.guarded.append((self._around(node.body), frozenset({ANY})))
            elif isinstance(node, (ast.With, ast.AsyncWith)):
                suppressed = [ast.unparse(item.context_expr) for item in node.items]
                if any("suppress(" in code and any(name in code for name in _MISSING) for code in suppressed):
                    self.guarded.append((self._around(node.body), frozenset({ANY})))
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
                "local_entrypoint" in ast.unparse(each) for each in node.decorator_list
            ):
                self.local.append(self._around([node]))
            for expression in own_nodes(node):
                if isinstance(expression, ast.IfExp):
                    self._branches(expression.test, [expression.body], [expression.orelse])
            for inner in _blocks(node):
                self.visit_block(inner)

    def _branches(self, test: ast.expr, then: Sequence[ast.AST], other: Sequence[ast.AST]) -> None:
        positive = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else test
        is_negative = positive is not test
        if _asks_where(positive):
            local = other if is_negative else then
            if local:
                self.local.append(self._around(local))
            return
        there, missing = (other, then) if is_negative != _is_refusal(positive) else (then, other)
        if there:
            self.guarded.append((self._around(there), frozenset(_names(positive))))
        if missing:
            self.missing.append(self._around(missing))
        if missing and isinstance(missing[-1], ast.Raise):
            self._demand(positive)

    def _demand(self, test: ast.expr) -> None:
        self.demanded.append((self._around([test])[0], test.lineno, frozenset(_names(test))))

    def _around(self, nodes: Sequence[ast.AST]) -> Span:
        return self._source.span(nodes[0])[0], self._source.span(nodes[-1])[1]

    def reads(self) -> Iterator[EnvironmentRead]:
        """Every variable that is read without a default."""
        nodes = self._source.nodes
        defaulted = {id(value) for node in nodes if isinstance(node, ast.BoolOp) for value in node.values[:-1]}
        stored = {
            id(target)
            for node in nodes
            for target in (node.targets if isinstance(node, (ast.Assign, ast.Delete)) else ())
        }
        for node in nodes:
            if (found := variable_key(node)) is None or id(node) in defaulted | stored:
                continue
            if isinstance(node, ast.Call) and (len(node.args) > 1 or node.keywords):
                continue
            key, must = found
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                span = self._source.span(node)
                yield EnvironmentRead(key.value, span, self._source.line_at(span[0]), must, ast.unparse(node))


def _asks_where(test: ast.AST) -> bool:
    """``modal.is_local()``, alone or with more; ``__name__ == "__main__"``."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(_asks_where(value) for value in test.values)
    if isinstance(test, ast.Call):
        return ast.unparse(test.func).rpartition(".")[2] == "is_local"
    return _is_main(test)


def _is_refusal(test: ast.AST) -> bool:
    """``"X" not in os.environ``, ``token is None``, ``token == ""``: true where it is missing."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    against = test.comparators[0]
    is_empty = isinstance(against, ast.Constant) and against.value in ("", None)
    return isinstance(test.ops[0], ast.NotIn) or (is_empty and isinstance(test.ops[0], (ast.Is, ast.Eq)))


def _is_main(test: ast.AST) -> bool:
    return isinstance(test, ast.Compare) and ast.unparse(test).replace('"', "'") == "__name__ == '__main__'"


def _names(test: ast.AST) -> Iterator[str]:
    """Texts and dotted names of a test."""
    for node in ast.walk(test):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, (ast.Name, ast.Attribute)):
            yield ast.unparse(node)


def _leaves(statements: list[ast.stmt]) -> bool:
    """Whether a block ends what it stands in, without an error."""
    last = statements[-1] if statements else None
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return ast.unparse(last.value.func) in ("sys.exit", "exit", "quit")
    return isinstance(last, (ast.Return, ast.Continue, ast.Break))


def _passes_over(handler: ast.ExceptHandler) -> bool:
    """Whether a missing variable is caught, and not raised again."""
    caught = ast.unparse(handler.type) if handler.type is not None else "Exception"
    raises = any(isinstance(node, ast.Raise) for statement in handler.body for node in ast.walk(statement))
    return any(name in caught for name in _MISSING) and not raises


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
    for handler in getattr(node, "handlers", ()):
        yield handler.body
    for case in getattr(node, "cases", ()):
        yield case.body
