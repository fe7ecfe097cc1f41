"""Fields or JSON: which of two views of one schema is shown, with both named."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

View = Literal["fields", "json"]
LABELS: dict[View, str] = {"fields": " Fields ", "json": " JSON "}


class ViewChoice(Static, can_focus=True):
    """Shows both; the arrow keys, Space or a click choose the other one."""

    DEFAULT_CSS = """
    ViewChoice { width: 1fr; height: 1; padding: 0 1; border-left: outer $foreground 25%; }
    ViewChoice:focus { border-left: outer $primary; background-tint: $primary 15%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose('fields')", "Fields", show=False, id="view.fields", tooltip="Show the fields"),
        Binding("right", "choose('json')", "JSON", show=False, id="view.json", tooltip="Show the JSON"),
        Binding("space,enter", "other", "Switch", id="view.switch", tooltip="Switch between fields and JSON"),
    ]

    class Chosen(Message):
        """The person chose a view."""

        def __init__(self, view: View) -> None:
            super().__init__()
            self.view = view

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.tooltip = "Edit the schema as a table of fields or as JSON; both are the same document. f4 switches."
        self.view: View = "fields"

    def show(self, view: View) -> None:
        """Mark the view that is shown."""
        self.view = view
        styles = {each: "bold reverse" if each == view else "$text-muted" for each in LABELS}
        parts = [(LABELS[each], styles[each]) for each in LABELS]
        self.update(Content.assemble(parts[0], "│", parts[1], ("  f4 switches", "$quiet")))

    def action_choose(self, view: View) -> None:
        self.post_message(self.Chosen(view))

    def action_other(self) -> None:
        self.post_message(self.Chosen("json" if self.view == "fields" else "fields"))

    def on_click(self, event: Click) -> None:
        at = event.x - 2  # past the edge and the padding
        self.post_message(self.Chosen("fields" if at < len(LABELS["fields"]) else "json"))
