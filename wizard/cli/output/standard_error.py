"""Standard error: all of it is narration. Blocks, and on a terminal one line that is drawn over."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from wizard.cli.output.layout import Block, canvas_of, paint, render

if TYPE_CHECKING:
    from rich.status import Status


class StandardError:
    """The stream and its status line. `can_redraw`: it is a terminal that can draw over a line, and may. `together`: it
    is written where results are, in order with them."""

    def __init__(self, *, color: bool, plain: bool = False, together: bool = False) -> None:
        self._together = together
        self.can_redraw = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not plain
        self._color = color
        self._status: Status | None = None
        self._shown = ""  # in the status line
        self._asking = False

    @property
    def _stream(self) -> TextIO:
        return sys.stdout if self._together else sys.stderr

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

        color = canvas_of(self._stream, color=self._color).color
        console = Console(stderr=True, no_color=not color, highlight=False)
        self._status = console.status(Text(text, overflow="ellipsis", no_wrap=True), spinner="dots")  # no markup
        self._status.start()

    def update_status(self, text: str) -> None:
        """Put another text into the status line, where there is one."""
        from rich.text import Text

        self._shown = text
        if self._status is not None:
            self._status.update(Text(text, overflow="ellipsis", no_wrap=True))

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

    def piece(self, text: str, *, begins: bool) -> None:
        """A part of a text as it comes, quieter than what follows."""
        encoding = self._stream.encoding or "utf-8"
        shown = ("  " if begins else "") + text.encode(encoding, "replace").decode(encoding)
        self._stream.write(paint(shown, "quiet", canvas_of(self._stream, color=self._color)))
        self._stream.flush()

    def show(self, *blocks: Block | str) -> None:
        """Write blocks, below what the status line has left."""
        self.stop_status()
        encoding = self._stream.encoding or "utf-8"
        for line in render(blocks, canvas_of(self._stream, color=self._color)):
            self._stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        self._stream.flush()
