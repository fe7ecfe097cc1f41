"""Standard error: all of it is narration. Paragraphs and lines, and on a terminal one line that is drawn over."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status

_COLORS = {"green": "32", "red": "31", "yellow": "33", "dim": "2"}


class StandardError:
    """The stream, its colours and its status line. `can_redraw`: it is a terminal that can draw over a line."""

    def __init__(self, *, color: bool) -> None:
        self.can_redraw = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._color = color and self.can_redraw
        self._status: Status | None = None
        self._shown = ""  # in the status line
        self._asking = False

    @property
    def has_status(self) -> bool:
        """Whether the status line is there."""
        return self._status is not None

    def start_status(self, text: str) -> None:
        """Show the status line, with a spinner; not while something is asked."""
        self._shown = text
        if self._asking:
            return
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True, no_color=not self._color, highlight=False)
        self._status = console.status(Text(text), spinner="dots")  # a Text has no markup
        self._status.start()

    def update_status(self, text: str) -> None:
        """Put another text into the status line, where there is one."""
        from rich.text import Text

        self._shown = text
        if self._status is not None:
            self._status.update(Text(text))

    def stop_status(self) -> None:
        """Take the status line away, so that something else can be written."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    @contextmanager
    def no_status(self) -> Iterator[None]:
        """Nothing is drawn while something is asked: a status line would be written over the question."""
        was_shown = self.has_status
        self.stop_status()
        self._asking = True
        try:
            yield
        finally:
            self._asking = False
            if was_shown:
                self.start_status(self._shown)

    def paragraph(self, head: str, text: str, *, style: str = "", indent: int | None = None) -> None:
        """A paragraph behind a head; on a terminal wrapped at words, under the text or `indent` columns in."""
        lines = [text]
        if sys.stderr.isatty():
            columns = max(40, min(shutil.get_terminal_size().columns, 110))
            hang = len(head) if indent is None else indent
            lines = textwrap.wrap(head + text, columns, subsequent_indent=" " * hang, drop_whitespace=True) or [head]
            lines[0] = lines[0].removeprefix(head)
        painted = self._paint(head, style) if style else head
        self.line("\n".join([painted + lines[0], *lines[1:]]))

    def line(self, text: str) -> None:
        """A line as it is."""
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stderr.flush()

    def block(self, head: str, text: str) -> None:
        """Several lines that matter less than what they stand above, all of them indented."""
        self.line(self._paint(f"  {head}\n" + textwrap.indent(text, "    "), "dim"))

    def piece(self, text: str, *, begins: bool) -> None:
        """A part of such lines as it comes."""
        encoding = sys.stderr.encoding or "utf-8"
        shown = ("  " if begins else "") + text
        sys.stderr.write(self._paint(shown.encode(encoding, "replace").decode(encoding), "dim"))
        sys.stderr.flush()

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{_COLORS[style]}m{text}\x1b[0m" if self._color else text
