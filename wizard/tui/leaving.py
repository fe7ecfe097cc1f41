"""Quit while something is running? Says what goes on, and what that costs."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class LeavingScreen(ModalScreen[bool]):
    """True when the person wants to go all the same. `what` names what is running, in words."""

    DEFAULT_CSS = """
    LeavingScreen { align: center middle; }
    LeavingScreen > Vertical { width: 64; max-width: 90%; height: auto; padding: 1 2; background: $panel; }
    LeavingScreen > Vertical { border: round $warning; }
    LeavingScreen Horizontal { height: auto; margin-top: 1; }
    LeavingScreen Button { margin-right: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "Stay", id="leaving.stay"),
        Binding("y", "answer(True)", "Quit", id="leaving.quit"),
    ]

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(f"{self.what}\n\nQuit anyway? You can resume later.", markup=False)
            with Horizontal():
                yield Button("Stay (esc)", id="stay", variant="primary")
                yield Button("Quit (y)", id="quit", variant="error")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "quit")

    def action_answer(self, leave: bool) -> None:
        self.dismiss(leave)
