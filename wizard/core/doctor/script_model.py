"""What a Modal script says, as plain facts: calls, names, functions, and where in the file each of them stands.

Nothing here runs or imports the script. Places are byte offsets into its UTF-8 text, lines count from 1.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Span = tuple[int, int]
DEPTH = 6  # how many names are followed to what they stand for
_COMMA_AND_LINE_END = re.compile(rb"[ \t]*,[ \t]*(?:#[^\r\n]*)?(\r\n|\r|\n)")


@dataclass(frozen=True)
class Expression:
    """An expression. `name` is dotted, with imports resolved; `value` is a literal's, where `is_literal`."""

    span: Span
    line: int
    code: str
    name: str = ""
    value: str | int | float | bool | None = None
    is_literal: bool = False
    call: Call | None = None
    items: tuple[tuple[Expression | None, Expression], ...] | None = None  # of a dict (with keys), list, tuple or set

    @property
    def text(self) -> str | None:
        """The value of a string literal."""
        return self.value if isinstance(self.value, str) else None

    @property
    def called(self) -> str:
        """The dotted name, or that of what is called: of a decorator, whether it has parentheses or none."""
        return self.call.name if self.call else self.name


@dataclass(frozen=True)
class Argument:
    """One argument of a call; `keyword` is None for a positional one, and starts with * for an unpacked one."""

    keyword: str | None
    value: Expression
    span: Span


@dataclass(frozen=True)
class Gap:
    """Where one more item of a list goes, behind the last one, and what is written around it."""

    place: int
    before: str = ""
    after: str = ""


def gap_after(data: bytes, last: Span) -> Gap:
    """Behind the last item of a list: on a line of its own where that one has it, with a comma of its own."""
    start, end = last
    lead = data[max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1 : start]
    own_line = _COMMA_AND_LINE_END.match(data, end)
    if own_line is None or lead.strip():
        return Gap(end, ", ")
    return Gap(own_line.start(1), f"{own_line.group(1).decode()}{lead.decode()}", ",")


@dataclass(frozen=True)
class Call:
    """A call. `name` is the dotted name of what is called, imports resolved; `attr` its last part; `receiver` what an
    attribute is taken of. `owner` is the function around it, ``Class.method`` for a method, empty for the module.
    `gap` is where another argument goes."""

    span: Span
    line: int
    name: str
    attr: str
    function: Span
    arguments: tuple[Argument, ...]
    receiver: Expression | None
    owner: str
    gap: Gap

    def get(self, keyword: str) -> Expression | None:
        """The value of a keyword argument."""
        return next((each.value for each in self.arguments if each.keyword == keyword), None)

    def first(self, *keywords: str) -> Expression | None:
        """The first positional argument, or the first of these keywords that is there."""
        if self.arguments and self.arguments[0].keyword is None:
            return self.arguments[0].value
        return next((each.value for each in self.arguments if each.keyword in keywords), None)

    def at(self, place: int, keyword: str) -> Expression | None:
        """The value of a keyword argument, else the positional one at a place."""
        positional = self.positional
        return self.get(keyword) or (positional[place] if place < len(positional) else None)

    @property
    def positional(self) -> tuple[Expression, ...]:
        """The values of the positional arguments."""
        return tuple(each.value for each in self.arguments if each.keyword is None)

    @property
    def unpacks(self) -> bool:
        """True when what is passed cannot be read from the source: ``*args``, ``**options``."""
        return any(each.keyword and each.keyword.startswith("*") for each in self.arguments)


def pairs(expression: Expression | None) -> Iterator[tuple[Expression, Expression]]:
    """Names and values of a dictionary, written as ``{…}`` or as ``dict(…)``."""
    if expression is None:
        return
    if expression.call and expression.call.name == "dict":
        for argument in expression.call.arguments:
            if argument.keyword and not argument.keyword.startswith("*"):
                name = argument.keyword
                yield Expression(argument.span, argument.value.line, name, value=name, is_literal=True), argument.value
    for key, value in expression.items or ():
        if key is not None:
            yield key, value


@dataclass(frozen=True)
class Function:
    """A function or method, with its decorators and all calls in its signature and body. `names` are its assignments,
    `added` what ``+=`` adds to them; `code` is its body, `signature` its parameters, comments and docstrings blank."""

    name: str
    line: int
    decorators: tuple[Expression, ...]
    calls: tuple[Call, ...]
    names: Mapping[str, tuple[Expression, ...]]
    code: str
    signature: str = ""
    parameters: tuple[str, ...] = ()
    added: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)
    span: Span = (0, 0)  # from the first decorator to the end of the body

    @property
    def short_name(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Class:
    """A class with its decorators and what is assigned in it; its methods are functions named ``Class.method``."""

    name: str
    line: int
    decorators: tuple[Expression, ...]
    names: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Import:
    """One import statement: ``from module import names``, or ``import names`` where `module` is empty."""

    span: Span  # of the names
    statement: Span
    line: int
    module: str
    names: tuple[tuple[str, str], ...]  # name, and what it is called here
    owner: str


@dataclass(frozen=True)
class CallAttribute:
    """An attribute that is taken of what a call returns: ``f(x).content``."""

    attr: str
    span: Span
    call: Span
    line: int


@dataclass(frozen=True)
class Script:
    """A whole file."""

    source: str
    calls: tuple[Call, ...]
    functions: Mapping[str, Function]
    classes: Mapping[str, Class]
    names: Mapping[str, tuple[Expression, ...]]  # assigned in the module
    imports: tuple[Import, ...]
    strings: tuple[Expression, ...]
    attributes: tuple[Expression, ...] = field(default=())  # dotted names with their imports resolved, calls included
    call_attributes: tuple[CallAttribute, ...] = field(default=())

    def resolve(self, expression: Expression | None, owner: str = "", depth: int = DEPTH) -> Expression | None:
        """What a name stands for, where it is assigned once in the function around it, in its class or the module."""
        if expression is None or depth == 0 or expression.is_literal or expression.call or not expression.name:
            return expression
        for names in self.scopes(owner):
            found = names.get(expression.name, ())
            if found:
                return self.resolve(found[-1], owner, depth - 1)
        return expression

    def root(self, expression: Expression | None, owner: str = "", depth: int = DEPTH * 3) -> str:
        """The dotted name that a chain of calls starts with: ``modal.Image.debian_slim`` for an image."""
        if expression is None or depth == 0:
            return ""
        if expression.call:
            call = expression.call
            return self.root(call.receiver, owner, depth - 1) or call.name
        head, _, rest = expression.name.partition(".")
        for names in self.scopes(owner):
            for assigned in names.get(head, ()):
                if assigned.span != expression.span and (found := self.root(assigned, owner, depth - 1)):
                    return found
        return expression.name if "." in expression.name or rest else ""

    def scopes(self, owner: str) -> Iterator[Mapping[str, tuple[Expression, ...]]]:
        """What names stand for, seen from a function: its own first, then its object's, its class's, the module's."""
        if owner in self.functions:
            yield self.functions[owner].names
        prefix = owner.rpartition(".")[0]
        if prefix:
            for name, function in self.functions.items():
                if name.startswith(f"{prefix}."):
                    yield {key: value for key, value in function.names.items() if key.startswith("self.")}
        if prefix in self.classes:
            yield {f"self.{key}": value for key, value in self.classes[prefix].names.items()}
            yield self.classes[prefix].names
        yield self.names


@dataclass(frozen=True)
class Edit:
    """Put `text` where the bytes of `span` are."""

    span: Span
    text: str

    def clashes(self, other: Edit) -> bool:
        """Whether only one of two edits can be made: they overlap, or both put a first argument into the same place."""
        if self == other:
            return False
        if self.span == other.span and self.span[0] == self.span[1]:
            return not (self.text.startswith((",", "\n", "\r")) and other.text.startswith((",", "\n", "\r")))
        return self.span[0] < other.span[1] and self.span[1] > other.span[0]


class EditSet:
    """Edits of which none clashes with another, in the order of their places."""

    def __init__(self) -> None:
        self._edits: list[Edit] = []

    def take(self, edits: Sequence[Edit]) -> bool:
        """Take all of these; none, where one clashes with what is there."""
        before = list(self._edits)
        for edit in edits:
            place = bisect_left(self._edits, edit.span, key=lambda each: each.span)
            around = [*self._edits[max(place - 1, 0) : place + 1], *self._at(place, edit.span)]
            if any(edit.clashes(other) for other in around):
                self._edits = before
                return False
            self._edits.insert(place, edit)
        return True

    def _at(self, place: int, span: Span) -> Iterator[Edit]:
        """Those that begin where another one does, or within it."""
        for other in self._edits[place:]:
            if other.span[0] > span[1]:
                return
            yield other


def apply_edits(source: str, edits: list[Edit]) -> str:
    """The source with its edits, of which none clashes with another; what is there twice is made once."""
    data = source.encode()
    parts: list[bytes] = []
    done = 0
    for edit in sorted(dict.fromkeys(edits), key=lambda each: each.span):
        parts += [data[done : edit.span[0]], edit.text.encode()]
        done = edit.span[1]
    return b"".join([*parts, data[done:]]).decode()
