"""The imports that a change needs, and those that nobody reads once it is made."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from wizard.core.doctor.edits import remove_item, remove_line
from wizard.core.doctor.finding import Finding
from wizard.core.doctor.python_source import PythonSource
from wizard.core.doctor.script_model import Edit, Span, gap_after

MODULES = ("os", "modal")


def import_edits(source: PythonSource, findings: Iterable[Finding]) -> list[Edit]:
    """One edit for each import that the findings' changes touch."""
    findings = list(findings)
    spans = [edit.span for finding in findings for edit in finding.edits]
    wanted = list(dict.fromkeys(name for finding in findings for name in finding.new_imports))
    dropped = {name for finding in findings for name in finding.dropped_imports}
    names = [name for name in wanted if name not in MODULES]
    edits: list[Edit] = []
    for node in source.nodes:
        if isinstance(node, ast.Import):
            edits += _plain_import(source, node, dropped, spans)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.names[0].name != "*":
            module = node.module or ""
            gone = [each for each in node.names if _is_dropped(source, f"{module}.{each.name}", each, dropped, spans)]
            takes = node.module == "modal" and isinstance(source.parent(node), ast.Module)
            edits += exchange_names(source, node, gone, names if takes else [])
            names = [] if takes else names
    lines = [f"import {name}" for name in wanted if name in MODULES]
    lines += [f"from modal import {', '.join(names)}"] if names else []
    if lines:
        place = _first_import(source)
        edits.append(Edit((place, place), "".join(f"{line}\n" for line in lines)))
    return edits


def means_something_else(source: PythonSource, name: str) -> bool:
    """Whether a name that a change would import is given by anything but that very import."""
    for node in source.bindings(name):
        if name in MODULES:
            same = isinstance(node, ast.Import) and all(each.asname != name for each in node.names)
        else:
            same = isinstance(node, ast.ImportFrom) and node.module == "modal"
        if not same:
            return True
    return False


def _plain_import(source: PythonSource, node: ast.Import, dropped: set[str], spans: list[Span]) -> list[Edit]:
    """``import modal.gpu``: the module is gone, the name modal is not."""
    gone = [each for each in node.names if each.name in dropped]
    edits = [Edit(source.span(each), each.name.partition(".")[0]) for each in gone if each.asname is None]
    unread = [each for each in gone if each.asname and _unread(source, each.asname, spans)]
    return edits + exchange_names(source, node, unread, [])


def _is_dropped(source: PythonSource, full: str, alias: ast.alias, dropped: set[str], spans: list[Span]) -> bool:
    is_named = any(full == name or full.startswith(f"{name}.") for name in dropped)
    return is_named and _unread(source, alias.asname or alias.name, spans)


def _unread(source: PythonSource, name: str, spans: list[Span]) -> bool:
    """Whether every place that reads a name is changed, and ``__all__`` does not offer it to others."""
    places = [source.span(node) for node in source.reads(name)]
    return not _is_offered(source, name) and all(
        any(s[0] <= start and end <= s[1] for s in spans) for start, end in places
    )


def _is_offered(source: PythonSource, name: str) -> bool:
    lists = [node for node in source.tree.body if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign))]
    return any(
        "__all__" in {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        and any(isinstance(each, ast.Constant) and each.value == name for each in ast.walk(node))
        for node in lists
    )


def exchange_names(
    source: PythonSource, node: ast.Import | ast.ImportFrom, gone: list[ast.alias], names: list[str]
) -> list[Edit]:
    """Take names out of an import and put others in; without any name left, the statement goes."""
    kept = [each for each in node.names if each not in gone]
    there = {each.name for each in kept}
    new = [name for name in names if name not in there]
    aliases = [source.span(each) for each in node.names]
    if not kept and len(new) != len(gone):
        return [Edit((aliases[0][0], aliases[-1][1]), ", ".join(new))] if new else [_without(source, node)]
    has_brackets = source.data[source.span(node)[1] - 1 : source.span(node)[1]] == b")"
    edits = [Edit(source.span(each), name) for each, name in zip(gone, new, strict=False)]
    left = list(aliases)
    for each in gone[len(edits) :]:
        edits.append(remove_item(source.data, left, source.span(each), brackets=has_brackets))
        left.remove(source.span(each))
    if more := new[len(gone) :]:
        gap = gap_after(source.data, aliases[-1])
        edits.append(Edit((gap.place, gap.place), "".join(f"{gap.before}{name}{gap.after}" for name in more)))
    return edits


def _without(source: PythonSource, node: ast.stmt) -> Edit:
    """Take a whole statement out: its line, or ``pass`` where something has to stand there."""
    block = next((body for body in _bodies(source.parent(node)) if node in body), [node])
    whole = remove_line(source.data, source.span(node)) if len(block) > 1 else None
    return whole or Edit(source.span(node), "pass")


def _bodies(node: ast.AST | None) -> list[list[ast.stmt]]:
    return [getattr(node, name) for name in ("body", "orelse", "finalbody") if isinstance(getattr(node, name, 0), list)]


def _first_import(source: PythonSource) -> int:
    """Where an import can be added: before the first statement of the module that imports anything but __future__."""
    body = source.tree.body
    imports = [
        statement
        for statement in body
        if any(
            isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__")
            for node in ast.walk(statement)
        )
    ]
    place = source.block_start(source.span((imports or body)[0])[0])
    return place[0] if place else 0
