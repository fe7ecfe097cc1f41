"""One line that asks for a path, shown only while it is needed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class PathPrompt(Horizontal):
    """Ask with `ask`; says `Named` when a path was typed. Escape gives up."""

    DEFAULT_CSS = """
    PathPrompt { display: none; height: 1; dock: bottom; background: $boost; }
    PathPrompt.-shown { display: block; }
    PathPrompt Static { width: auto; padding: 0 1; text-style: bold; }
    PathPrompt Input { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Cancel", id="path.cancel")]

    class Named(Message):
        """A path was typed: `path` as it is written, `file` with `~` as the home that it stands for."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path
            self.file = Path(os.path.expanduser(path))  # that of `Path` raises for the home of nobody

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(**more)
        self._label = label

    def compose(self) -> ComposeResult:
        yield Static(self._label, markup=False)
        yield Input(select_on_focus=False, tooltip="The path of a file. Enter saves, Escape cancels.")

    def ask(self, proposal: str) -> None:
        """Show the line with a proposal."""
        self.add_class("-shown")
        field = self.query_one(Input)
        field.value = proposal
        field.cursor_position = len(proposal)
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_give_up()
        if event.value.strip():
            self.post_message(self.Named(event.value.strip()))

    def action_give_up(self) -> None:
        """Take the line away."""
        self.remove_class("-shown")
        self.screen.set_focus(None)
