"""Small changes to a source that leave everything else as it was written: comments, line ends, layout."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wizard.core.doctor.script_model import Argument, Call, Edit, Expression, Span

_TO_LINE_END = re.compile(rb"[ \t]*,?[ \t]*(#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")
_OF_A_TOOL = re.compile(rb"#\s*(?:noqa|type:|pylint|pyright|fmt|isort|ruff|nosec|pragma)")
_COMMA = re.compile(rb"\s*,[ \t]*")


def add_argument(call: Call, text: str) -> Edit:
    """Add ``keyword=value`` at the end of a call's arguments."""
    gap = call.gap
    return Edit((gap.place, gap.place), f"{gap.before}{text}{gap.after}")


def replace(expression: Expression, text: str) -> Edit:
    """Put other code where an expression is."""
    return Edit(expression.span, text)


def rename_keyword(argument: Argument, new: str) -> Edit:
    """Give a keyword argument another name."""
    start = argument.span[0]
    return Edit((start, start + len((argument.keyword or "").encode())), new)


def remove_argument(data: bytes, call: Call, argument: Argument) -> Edit:
    """Take one argument out of a call."""
    return remove_item(data, [each.span for each in call.arguments], argument.span)


def remove_call(data: bytes, call: Call) -> Edit:
    """Take a method call out of a chain: ``image.env(…)`` is ``image``; what is written around it stays."""
    start = data.rfind(b".", 0, call.function[1] - len(call.attr.encode()))
    before = data[:start].rstrip(b" \t")
    if before.endswith((b"\n", b"\r")):  # on a line of its own
        before = before[: -2 if before.endswith(b"\r\n") else -1]
        before = before.rstrip(b" \t").removesuffix(b"\\").rstrip(b" \t") if before.endswith(b"\\") else before
    return Edit((len(before), call.span[1]), "")


def remove_line(data: bytes, span: Span) -> Edit | None:
    """Take out the line of what stands alone on it; None where it does not. Its comment stays, if it is for people."""
    start, end = span
    line = max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1
    rest = _TO_LINE_END.match(data, end)
    if rest is None or data[line:start].strip():
        return None
    comment = rest.group(1)
    if comment and not _OF_A_TOOL.match(comment):
        return Edit((start, rest.start(1)), "")
    return Edit((line, rest.end()), "")


def remove_item(data: bytes, items: Sequence[Span], item: Span, *, brackets: bool = True) -> Edit:
    """Take one item out of a list that is separated by commas: its whole line, where it stands alone on it."""
    start, end = item
    if brackets and (whole := remove_line(data, item)) is not None:
        return whole
    after = next((each for each in items if each[0] >= end), None)
    if after is not None:
        return Edit((start, after[0]), "") if b"#" not in data[end : after[0]] else _with_comma(data, item)
    before = next((each for each in reversed(items) if each[1] <= start), None)
    if before is not None and b"#" not in data[before[1] : start]:
        return Edit((before[1], end), "")
    return _with_comma(data, item)


def _with_comma(data: bytes, item: Span) -> Edit:
    comma = _COMMA.match(data, item[1])
    return Edit((item[0], comma.end() if comma else item[1]), "")
