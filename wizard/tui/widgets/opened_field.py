"""A field that is gone to by a key of its own: Escape leaves it, and not the screen that it stands on."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class OpenedField(Input):
    """Says `Left` when the person leaves it; what is typed stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", id="field.leave", tooltip="Leave the field; what is typed stays"),
    ]

    class Left(Message):
        """Escape was pressed in the field."""

        def __init__(self, field: OpenedField) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> OpenedField:
            return self.field

    def action_leave(self) -> None:
        self.post_message(self.Left(self))
