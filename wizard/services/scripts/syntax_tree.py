"""A script's concrete syntax tree, by way of libcst, as plain facts. The script is read, never run or imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from wizard.core.access_token import clean_line
from wizard.core.doctor.python_source import PythonSource, python_source
from wizard.core.doctor.script_model import (
    Argument,
    Call,
    CallAttribute,
    Class,
    Expression,
    Function,
    Gap,
    Import,
    Script,
    Span,
    gap_after,
)
from wizard.core.problem import Problem, usage
from wizard.services.scripts.nodes import imported_names, literal_of, plain_dotted, target_of
from wizard.services.scripts.remarks import without_remarks

LARGEST = 200_000  # bytes; Modal scripts are a few hundred lines


def read_script(source: str, name: str = "the script") -> Script:
    """The facts of a script. Raises Problem (exit code 2) for what is not Python."""
    if len(source) > LARGEST:
        raise usage("script_too_large", f"{name} is too large for a Modal script.")
    parsed = _parse(source, name)
    try:
        module = cst.parse_module(source)
        spans = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
        reader = _Reader(spans, source, parsed, imported_names(module))
        module.visit(reader)
    except (cst.ParserSyntaxError, RecursionError, KeyError):  # libcst loses a place where it recurses too deeply
        raise not_python(name, "it is nested too deeply, or not written as Python is") from None
    return reader.script()


def _parse(source: str, name: str) -> PythonSource:
    """Python's own parser comes first: it has limits, and its messages are known."""
    try:
        return python_source(source)
    except SyntaxError as error:
        where = f" (line {error.lineno})" if error.lineno else ""
        raise not_python(name, f"{clean_line(error.msg or 'syntax error', 120)}{where}") from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise not_python(name, "it is nested too deeply, or holds null bytes") from error


def not_python(name: str, why: str) -> Problem:
    hint = "Save the notebook as a script first." if name.endswith(".ipynb") else "Pass a Python file with a Modal app."
    return usage("script_not_python", f"{clean_line(name, 200)} cannot be read as Python: {why}.", hint)


def _frozen(found: dict[str, dict[str, list[Expression]]]) -> dict[str, Mapping[str, tuple[Expression, ...]]]:
    return {owner: {name: tuple(all_) for name, all_ in each.items()} for owner, each in found.items()}


class _Reader(cst.CSTVisitor):
    def __init__(self, spans: Any, source: str, parsed: PythonSource, known: Mapping[str, str]) -> None:
        self.known = known
        self._spans, self._source, self._parsed = spans, source, parsed
        self._plain = without_remarks(source, parsed)
        self._expressions: dict[int, Expression] = {}
        self._scope: list[tuple[str, bool]] = []  # name, is a class
        self._calls: list[Call] = []
        self._calls_by_owner: dict[str, list[Call]] = {}
        self._names: dict[str, dict[str, list[Expression]]] = {}
        self._added: dict[str, dict[str, list[Expression]]] = {}
        self._class_names: dict[str, dict[str, list[Expression]]] = {}
        self._functions: dict[str, Function] = {}
        self._classes: dict[str, Class] = {}
        self._imports: list[Import] = []
        self._strings: list[Expression] = []
        self._attributes: list[Expression] = []
        self._call_attributes: list[CallAttribute] = []
        self._inner = 0  # inside of a longer dotted name

    def script(self) -> Script:
        """What was read."""
        names = _frozen(self._names)
        added = _frozen(self._added)
        functions = {
            name: replace(
                function,
                calls=tuple(self._calls_by_owner.get(name, ())),
                names=names.get(name, {}),
                added=added.get(name, {}),
            )
            for name, function in self._functions.items()
        }
        in_classes = _frozen(self._class_names)
        classes = {name: replace(each, names=in_classes.get(name, {})) for name, each in self._classes.items()}
        return Script(
            self._source,
            tuple(self._calls),
            functions,
            classes,
            names.get("", {}),
            tuple(self._imports),
            tuple(self._strings),
            tuple(self._attributes),
            tuple(self._call_attributes),
        )

    # --- scopes ---------------------------------------------------------------------------------------------------

    @property
    def _owner(self) -> str:
        """The function around this place; nested functions belong to the outermost one."""
        parts: list[str] = []
        for name, is_class in self._scope:
            parts.append(name)
            if not is_class:
                return ".".join(parts)
        return ""

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        name = ".".join([*(each for each, _ in self._scope), node.name.value])
        decorators = tuple(self._expression(each.decorator) for each in node.decorators)
        self._classes[name] = Class(name, self._line(node.name), decorators)
        self._scope.append((node.name.value, True))

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self._scope.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        decorators = tuple(self._expression(each.decorator) for each in node.decorators)
        is_outermost = not self._owner
        self._scope.append((node.name.value, False))
        parameters = (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)
        if is_outermost:
            start, body = self._span(node)[0], self._span(node.body)
            self._functions[self._owner] = Function(
                self._owner,
                self._line(node.name),
                decorators,
                (),
                {},
                self._plain[body[0] : body[1]].decode("utf-8", "replace"),
                self._plain[self._span(node.name)[1] : body[0]].decode("utf-8", "replace"),
                tuple(each.name.value for each in parameters),
                span=(min((each.span[0] for each in decorators), default=start), body[1]),
            )
        for parameter in parameters:
            if parameter.default is not None:
                self._assign(parameter.name.value, parameter.default)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._scope.pop()

    # --- facts ----------------------------------------------------------------------------------------------------

    def visit_Import(self, node: cst.Import) -> None:
        self._import(node, "", node.names)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        if not isinstance(node.names, cst.ImportStar) and node.module is not None and not node.relative:
            self._import(node, plain_dotted(node.module), node.names)

    def _import(self, node: cst.CSTNode, module: str, aliases: Any) -> None:
        names = tuple(
            (
                plain_dotted(alias.name),
                alias.asname.name.value
                if alias.asname and isinstance(alias.asname.name, cst.Name)
                else plain_dotted(alias.name),
            )
            for alias in aliases
        )
        span = (self._span(aliases[0].name)[0], self._alias_end(aliases[-1]))
        self._imports.append(Import(span, self._span(node), self._line(node), module, names, self._owner))

    def _alias_end(self, alias: cst.ImportAlias) -> int:
        return self._span(alias.asname.name if alias.asname else alias.name)[1]

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._assign(target_of(target.target), node.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self._assign(target_of(node.target), node.value)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if isinstance(node.operator, cst.AddAssign) and (name := target_of(node.target)):
            self._added.setdefault(self._owner, {}).setdefault(name, []).append(self._expression(node.value))

    def visit_Call(self, node: cst.Call) -> None:
        call = self._expression(node).call
        assert call is not None
        self._calls.append(call)
        self._calls_by_owner.setdefault(call.owner, []).append(call)

    def visit_Attribute(self, node: cst.Attribute) -> None:
        if self._inner == 0 and (expression := self._expression(node)).name:
            self._attributes.append(expression)
        if isinstance(node.value, cst.Call):
            inner = self._span(node.value)
            self._call_attributes.append(CallAttribute(node.attr.value, self._span(node), inner, self._line(node.attr)))
        self._inner += 1

    def leave_Attribute(self, original_node: cst.Attribute) -> None:
        self._inner -= 1

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        self._strings.append(self._expression(node))

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> None:
        self._strings.append(self._expression(node))

    # --- expressions ----------------------------------------------------------------------------------------------

    def _assign(self, name: str, value: cst.BaseExpression) -> None:
        if not name:
            return
        in_class = self._scope and all(is_class for _, is_class in self._scope)
        names = self._class_names if in_class else self._names
        where = ".".join(each for each, _ in self._scope) if in_class else self._owner
        names.setdefault(where, {}).setdefault(name, []).append(self._expression(value))

    def _expression(self, node: cst.CSTNode) -> Expression:
        if id(node) in self._expressions:
            return self._expressions[id(node)]
        span = self._span(node)
        details: dict[str, Any] = {}
        if isinstance(node, cst.Call):
            details["call"] = self._call(node, span)
        elif isinstance(node, (cst.Name, cst.Attribute)):
            details |= self._named(node)
        elif isinstance(node, (cst.Dict, cst.List, cst.Tuple, cst.Set)):
            details["items"] = self._items(node)
        elif isinstance(node, cst.BinaryOperation) and isinstance(node.left, cst.List):
            details["items"] = (*self._items(node.left), (None, self._expression(node.right)))  # [...] + MORE
        else:
            details |= literal_of(node)
        expression = Expression(span, self._line_at(span[0]), self._code(node), **details)
        self._expressions[id(node)] = expression
        return expression

    def _named(self, node: cst.Name | cst.Attribute) -> dict[str, Any]:
        written = plain_dotted(node)
        if written in ("True", "False", "None"):
            return {"value": {"True": True, "False": False, "None": None}[written], "is_literal": True}
        head, dot, rest = written.partition(".")
        return {"name": f"{self.known.get(head, head)}{dot}{rest}" if written else ""}

    def _items(
        self, node: cst.Dict | cst.List | cst.Tuple | cst.Set
    ) -> tuple[tuple[Expression | None, Expression], ...]:
        items: list[tuple[Expression | None, Expression]] = []
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                items.append((self._expression(element.key), self._expression(element.value)))
            elif isinstance(element, cst.Element):
                items.append((None, self._expression(element.value)))
            else:  # *MORE, **MORE
                span = self._span(element)
                items.append((None, Expression(span, self._line_at(span[0]), self._code(element))))
        return tuple(items)

    def _call(self, node: cst.Call, span: Span) -> Call:
        arguments = tuple(
            Argument(
                each.star or (each.keyword.value if each.keyword else None),
                self._expression(each.value),
                self._span(each),
            )
            for each in node.args
        )
        attribute = node.func if isinstance(node.func, cst.Attribute) else None
        gap = gap_after(self._parsed.data, arguments[-1].span) if arguments else Gap(span[1] - 1)
        return Call(
            span,
            self._line_at(self._span(attribute.attr)[0] if attribute else span[0]),
            self._named(node.func)["name"]
            if isinstance(node.func, (cst.Name, cst.Attribute)) and plain_dotted(node.func)
            else "",
            attribute.attr.value if attribute else plain_dotted(node.func),
            self._span(node.func),
            arguments,
            self._expression(attribute.value) if attribute else None,
            self._owner,
            gap,
        )

    def _span(self, node: cst.CSTNode) -> Span:
        span = self._spans[node]
        return (span.start, span.start + span.length)

    def _line(self, node: cst.CSTNode) -> int:
        return self._line_at(self._span(node)[0])

    def _line_at(self, place: int) -> int:
        return self._parsed.line_at(place)

    def _code(self, node: cst.CSTNode) -> str:
        start, end = self._span(node)
        return self._parsed.data[start:end].decode("utf-8", "replace")
