"""The field for the next prompt, in which the arrow keys bring earlier questions back, as in a shell."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from wizard.tui.widgets.opened_field import OpenedField


class PromptField(OpenedField):
    """Says `Recall` when an earlier or a later question is wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(True)", "Earlier prompt", id="prompt.older", show=False, tooltip="The prompt before"),
        Binding("down", "recall(False)", "Later prompt", id="prompt.newer", show=False, tooltip="The prompt after"),
    ]

    class Recall(Message):
        """A question that was asked is wanted; `older` is the direction."""

        def __init__(self, older: bool) -> None:
            super().__init__()
            self.older = older

    def action_recall(self, older: bool) -> None:
        self.post_message(self.Recall(older))
