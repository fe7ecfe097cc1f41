"""A part of a form: a ring with a title, both brighter while something in it has the focus."""

from __future__ import annotations

from textual.containers import Vertical
from textual.widget import Widget


class Section(Vertical):
    """Controls that belong together, under one title."""

    def __init__(self, title: str, *children: Widget, id: str | None = None) -> None:
        super().__init__(*children, id=id, classes="ring")
        self.border_title = title
