"""What a command shows, as blocks, and how a block becomes lines: the one renderer of the command line.

On a terminal, lines are wrapped at words, with their continuation under the text; elsewhere they stay whole, for those
who search them. What is to be copied is never broken: an address, a path, a command in `backticks`, a flag with its
value, and everything that is `Exact`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TextIO
from unicodedata import combining, east_asian_width

from wizard.core.access_token import clean

Style = Literal["", "good", "bad", "warning", "quiet", "title", "command"]

_COLORS: dict[str, str] = {
    "good": "green",
    "bad": "red",
    "warning": "yellow",
    "quiet": "dim",
    "title": "bold",
    "command": "cyan",
}
_WIDEST = 120  # columns; longer lines are hard to read
_NARROWEST = 40
_LEAST_COLUMN = 24  # columns that are left for a text beside others; with less it goes below them
_WORDS = re.compile(r"(?:`[^`\n]*`|--[a-z][a-z-]* (?=[^\s-])|\S)+")
_COMMAND = re.compile(r"`[^`\n]+`")


@dataclass(frozen=True)
class Canvas:
    """Where lines go: so many columns, None for as many as a line takes, with or without colour."""

    width: int | None = None
    color: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A text behind a head, such as a sign and a word, which has the colour. `hang`: where further lines begin; None
    for below the text."""

    text: str
    head: str = ""
    style: Style = ""
    hang: int | None = None
    text_style: Style = ""


@dataclass(frozen=True)
class Exact:
    """One line to be copied, or laid out already: it stays as it is."""

    text: str
    style: Style = ""


@dataclass(frozen=True)
class Facts:
    """Names with their texts, one below the other; a name that is empty goes on with the one before."""

    rows: tuple[tuple[str, str], ...]
    margin: int = 0


@dataclass(frozen=True)
class Table:
    """Rows in columns. `numbers`: columns that are aligned on the right. Only the widest column is ever wrapped."""

    rows: Sequence[Sequence[str]]
    header: Sequence[str] = ()
    numbers: tuple[int, ...] = ()
    margin: int = 0


Block = Paragraph | Exact | Facts | Table


def canvas_of(stream: TextIO, *, color: bool) -> Canvas:
    """What a stream can show. `color` False: a flag says no; else NO_COLOR, FORCE_COLOR and the terminal decide."""
    is_terminal = stream.isatty()
    return Canvas(_columns(stream) if is_terminal else None, color and wants_color(is_terminal=is_terminal))


def wants_color(*, is_terminal: bool) -> bool:
    """Whether the environment wants colours: NO_COLOR first, then FORCE_COLOR, then what the terminal is."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return is_terminal and os.environ.get("TERM") != "dumb"


def render(blocks: Iterable[Block | str], canvas: Canvas) -> Iterator[str]:
    """The lines of these blocks; a text alone is a paragraph."""
    for block in blocks:
        match block:
            case str():
                yield from _paragraph(Paragraph(block), canvas)
            case Paragraph():
                yield from _paragraph(block, canvas)
            case Exact():
                yield paint(_one_line(block.text), block.style, canvas)
            case Facts():
                yield from _facts(block, canvas)
            case Table():
                yield from _table(block, canvas)


def wrap(text: str, width: int | None, first: int = 0, hang: int = 0) -> list[str]:
    """The lines of a text whose first line has `first` columns taken, and whose others begin at column `hang`."""
    if width is None:
        return [text]
    lines, taken = [""], first
    end = 0
    for found in _WORDS.finditer(text):
        space, word = text[end : found.start()], found.group()
        end = found.end()
        if lines[-1].strip() and taken + _cells(space) + _cells(word) > width:
            lines.append(" " * hang + word)
            taken = hang + _cells(word)
        else:
            lines[-1] += space + word
            taken += _cells(space) + _cells(word)
    return lines


def paint(text: str, style: Style, canvas: Canvas) -> str:
    """A text in its colour."""
    if not (canvas.color and style and text):
        return text
    from rich.color import ColorSystem
    from rich.style import Style as RichStyle

    return RichStyle.parse(_COLORS[style]).render(text, color_system=ColorSystem.STANDARD)


def _paragraph(block: Paragraph, canvas: Canvas) -> Iterator[str]:
    text, head = _one_line(block.text), _one_line(block.head)
    hang = _cells(head) if block.hang is None else block.hang
    if canvas.width is not None and hang > canvas.width - _LEAST_COLUMN:
        hang = 4
    first, *others = wrap(text, canvas.width, _cells(head), hang)
    yield paint(head, block.style, canvas) + _inline(first, block.text_style, canvas)
    for line in others:
        yield _inline(line, block.text_style, canvas)


def _one_line(text: str) -> str:
    """Text from outside makes no lines of its own."""
    return " ".join(clean(text).splitlines())


def _inline(text: str, style: Style, canvas: Canvas) -> str:
    """A line of a paragraph; commands in it have their own colour."""
    if style or not canvas.color:
        return paint(text, style, canvas)
    return _COMMAND.sub(lambda found: paint(found.group(), "command", canvas), text)


def _facts(block: Facts, canvas: Canvas) -> Iterator[str]:
    rows = [(_one_line(name), text) for name, text in block.rows]
    width = max((_cells(name) for name, _ in rows), default=0)
    for name, text in rows:
        head = " " * block.margin + name + " " * (width - _cells(name) + 2)
        yield from _paragraph(Paragraph(text, head, "title"), canvas)


def _table(block: Table, canvas: Canvas) -> Iterator[str]:
    rows = [[_one_line(str(cell)) for cell in row] for row in (block.header, *block.rows) if row]
    if not rows:
        return
    widths = [max(_cells(row[at]) for row in rows) for at in range(len(rows[0]))]
    wrapped = max(range(len(widths)), key=lambda at: 0 if at in block.numbers else widths[at])
    if canvas.width is not None:
        beside = block.margin + sum(widths) - widths[wrapped] + 2 * (len(widths) - 1)
        widths[wrapped] = min(widths[wrapped], max(_LEAST_COLUMN, canvas.width - beside))
    for number, row in enumerate(rows):
        style: Style = "title" if block.header and number == 0 else ""
        text = wrap(row[wrapped], widths[wrapped] if canvas.width is not None else None)
        for line, part in enumerate(text):
            cells = [part if at == wrapped else cell if line == 0 else "" for at, cell in enumerate(row)]
            padded = (_pad(cells[at], width, right=at in block.numbers) for at, width in enumerate(widths))
            yield paint((" " * block.margin + "  ".join(padded)).rstrip(), style, canvas)


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _cells(text))
    return space + text if right else text + space


def _columns(stream: TextIO) -> int:
    try:
        columns = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = shutil.get_terminal_size().columns
    return max(_NARROWEST, min(columns or 80, _WIDEST))


def _cells(text: str) -> int:
    """The columns that a text takes; Chinese signs take two."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)
