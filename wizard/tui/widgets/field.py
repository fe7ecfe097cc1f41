"""One line of a form: a label, the control, and below it what is wrong with what is in the control."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static


class Field(Vertical):
    """A labelled control. The label is bright while the control has the focus."""

    DEFAULT_CSS = """
    Field { height: auto; }
    Field .wrong { display: none; height: auto; color: $text-error; }
    Field .wrong.-shown { display: block; }
    """

    def __init__(self, label: str, control: Widget) -> None:
        super().__init__()
        self._label, self.control = label, control
        self._wrong = Static(classes="wrong", markup=False)

    def compose(self) -> ComposeResult:
        with Horizontal(classes="line"):
            yield Static(self._label, classes="label", markup=False)
            yield self.control
        yield self._wrong

    @property
    def wrong(self) -> str:
        """What is wrong, as it is shown; empty where nothing is."""
        return str(self._wrong.content)

    def say(self, text: str) -> None:
        """Say what is wrong, and mark the control; "" for nothing."""
        self._wrong.update(Content(f"✗ {text}" if text else ""))
        self._wrong.set_class(bool(text), "-shown")
        self.control.set_class(bool(text), "-wrong")
        if text and self.control.has_focus:
            self.call_after_refresh(self.scroll_visible, animate=False)
