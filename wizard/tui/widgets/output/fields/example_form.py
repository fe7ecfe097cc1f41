"""Where an example answer is pasted, to make the fields from it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static, TextArea

from wizard.core.access_token import clean_line
from wizard.core.schema.from_examples import NoExample, schema_from_examples


class ExampleForm(ModalScreen[dict[str, Any] | None]):
    """Gives the schema of what is pasted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="example-form.cancel", tooltip="Close; nothing is changed"),
        Binding("ctrl+s", "use", "Use it", id="example-form.use", tooltip="Make the fields from what is pasted"),
    ]
    CSS = """
    ExampleForm { align: center middle; background: $background 60%; }
    ExampleForm > Vertical { width: 90%; max-width: 90; height: 80%; border: round $primary; padding: 0 1; }
    ExampleForm > Vertical { background: $surface; border-title-align: left; }
    ExampleForm .what { height: auto; color: $text-muted; }
    ExampleForm TextArea { height: 1fr; }
    ExampleForm .wrong { height: auto; color: $text-error; }
    ExampleForm .keys { height: 1; color: $primary; text-style: bold; width: 1fr; }
    """

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Fields from an example answer"
            told = "Paste an answer as you would like to get it, as JSON. Several, one after the other: what some of "
            yield Static(f"{told}them lack is optional.", classes="what", markup=False)
            yield TextArea(
                id="pasted",
                tab_behavior="focus",
                placeholder='{"name": "Amiri", "age": 53}',
                tooltip="An example answer as JSON; ctrl+s makes the fields from it",
            )
            yield Static(classes="wrong", id="wrong", markup=False)
            with Horizontal(classes="line"):
                yield Static("ctrl+s: use it · Esc: cancel", classes="keys", markup=False)
                yield Button("Use it", id="use", variant="primary", tooltip="Replace the schema with these fields")

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    @on(Button.Pressed, "#use")
    def action_use(self) -> None:
        try:
            schema = schema_from_examples(self.query_one(TextArea).text)
        except NoExample as error:
            self.query_one("#wrong", Static).update(Content(f"✗ {clean_line(str(error), 200)}"))
            self.query_one(TextArea).focus()
            return
        self.dismiss(schema)
