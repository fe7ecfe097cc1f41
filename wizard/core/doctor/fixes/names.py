"""Names that a script reads and nobody gives it: compared before and after a change, they show what it took away."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from wizard.core.doctor.python_source import PythonSource, bound_by

_GIVEN = {*dir(builtins), "__file__", "__name__", "__doc__", "__annotations__", "__builtins__", "__spec__", "__path__",
          "__package__", "__loader__", "__class__", "__module__", "__qualname__"}  # fmt: skip
_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def missing_names(source: PythonSource) -> dict[tuple[str, str], int]:
    """Scope and name of every name that is read where nothing gives it a value, or before something does; its line."""
    found: dict[tuple[str, str], int] = {}
    _look(source.tree, "", [], found)
    return found


def _look(scope: _Scope, label: str, outer: list[set[str]], found: dict[tuple[str, str], int]) -> None:
    nodes = list(_own(scope))
    declared = {name for node in nodes if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names}
    places: dict[str, tuple[int, int]] = {}
    for node in nodes:
        for name in bound_by(node):
            if name not in declared:
                places[name] = min(places.get(name, (10**9, 0)), _place(node))
        if isinstance(node, _COMPREHENSIONS):  # what a comprehension gives stands behind what reads it
            targets = {each.id for g in node.generators for each in ast.walk(g.target) if isinstance(each, ast.Name)}
            places |= {name: min(places.get(name, (10**9, 0)), _place(node)) for name in targets}
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        places |= dict.fromkeys(_parameters(scope), (0, 0))
    local = set(places)
    visible = [*outer, local]
    is_class = isinstance(scope, ast.ClassDef)
    for node in nodes:
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id in _GIVEN:
            continue
        around = any(node.id in names for names in outer)
        known = around if node.id in declared or node.id not in local else True
        own = node.id in local and node.id not in declared and not (is_class and around)
        early = own and _place(node) < places[node.id]
        if not known or early:
            found.setdefault((label, node.id), node.lineno)
    inner = outer if is_class else visible  # methods do not see the names of their class
    for node in nodes:
        if isinstance(node, _SCOPES):
            _look(node, f"{label}.{getattr(node, 'name', 'lambda')}", inner, found)


def _own(scope: _Scope) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of the functions and classes in it; their decorators, bases, defaults and
    annotations belong to it."""
    waiting: list[ast.AST] = [scope.body] if isinstance(scope, ast.Lambda) else list(scope.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting += [*node.decorator_list, *_signature(node.args), *([node.returns] if node.returns else [])]
        elif isinstance(node, ast.Lambda):
            waiting += _signature(node.args)
        elif isinstance(node, ast.ClassDef):
            waiting += [*node.decorator_list, *node.bases, *node.keywords]
        else:
            waiting += list(ast.iter_child_nodes(node))


def _signature(arguments: ast.arguments) -> list[ast.AST]:
    annotated = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    annotations = [each.annotation for each in annotated if each is not None and each.annotation is not None]
    return [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None), *annotations]


def _parameters(scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    given = scope.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return [each.arg for each in every if each is not None]


def _place(node: ast.AST) -> tuple[int, int]:
    return (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
