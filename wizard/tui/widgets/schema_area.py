"""A JSON editor: highlighted without any extra library, the line with the error marked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.style import Style
from rich.text import Text
from textual.widgets import TextArea

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<text>"(?:[^"\\]|\\.)*"?)|(?P<number>-?\b\d[\d.eE+-]*)|(?P<word>\b(?:true|false|null)\b)'
)
_COLOURS = {"key": "primary", "text": "success", "number": "warning", "word": "accent"}


class SchemaArea(TextArea):
    """Edits a JSON Schema. `mark` shows where it is wrong."""

    def __init__(
        self, text: str = "", *, id: str | None = None, classes: str | None = None, tooltip: str | None = None
    ) -> None:
        super().__init__(
            text,
            id=id,
            classes=classes,
            show_line_numbers=True,
            tab_behavior="focus",
            tooltip=tooltip,
        )
        self.wrong_line: int | None = None

    def mark(self, line: int | None) -> None:
        """Mark a line, counted from one, as wrong; None for a good text."""
        if line != self.wrong_line:
            self.wrong_line = line
            self.notify_style_update()
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        """The line with its JSON tokens in the theme's colours."""
        line = super().get_line(line_index)
        theme = self.app.theme_variables
        for match in _TOKEN.finditer(line.plain):
            colour = theme.get(_COLOURS[match.lastgroup or "text"], "")
            if colour.startswith("#"):
                line.stylize(Style(color=colour), *match.span())
        if self.wrong_line == line_index + 1:
            line.stylize(Style(underline=True, bold=True))
        return line


def line_of(text: str, path: Iterable[object]) -> int | None:
    """The line, counted from one, of the value that a path of keys leads to; None when it cannot be told."""
    at = 0
    for key in path:
        if isinstance(key, str):
            found = re.compile(re.escape('"' + key + '"') + r"\s*:").search(text, at)
            if found is None:
                return None
            at = found.start()
    return text.count("\n", 0, at) + 1
