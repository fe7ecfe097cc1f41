"""A one-line field whose arrow keys move through the list below it, so that one never has to leave the field."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.message import Message
from textual.widgets import DataTable, Input


class SearchField(Input):
    """An Input that passes vertical movement on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "submit", "Choose", id="model.take", tooltip="Use what you typed in full, or the highlighted row"
        ),
        Binding("down", "move('cursor_down')", "Next in the list", show=False),
        Binding("up", "move('cursor_up')", "Previous in the list", show=False),
        Binding("pagedown", "move('page_down')", "Further down the list", show=False),
        Binding("pageup", "move('page_up')", "Further up the list", show=False),
    ]

    class Moved(Message):
        """The person wants to move in the list: the name of a cursor action."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def action_move(self, action: str) -> None:
        self.post_message(self.Moved(action))


class ModelList(DataTable[Text]):
    """The list itself; its key for choosing stands in the footer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Choose", id="model.choose", tooltip="Use the highlighted model"),
    ]

    class Widened(Message):
        """The list has another width, and other columns may fit."""

    _width = 0

    def on_resize(self, event: Resize) -> None:
        """Tell, once the width is really another one."""
        if event.size.width != self._width:
            self._width = event.size.width
            self.post_message(self.Widened())
