"""The settings that few people change, folded away."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Grid
from textual.message import Message
from textual.widgets import Checkbox, Input, Label, Select

from wizard.core.access_token import clean_line
from wizard.core.plan.plan import BACKENDS, Draft, app_name

NUMBERS = (  # field of the Draft, label, what it is without an answer, help
    ("max_tokens", "Longest answer, in tokens", "512", "An answer that reaches this is cut short"),
    ("max_containers", "Most containers at once", "1", "Bounds the bill"),
    ("scaledown_window", "Idle seconds until it sleeps", "120", "Idle time is paid for, and saves a cold start"),
)


class Settings(Grid):
    """Name of the app, numbers, the structured-output backend, and the endpoint. Says `Wished` for each change."""

    class Wished(Message):
        """A setting of the Draft is to be `value`, or cannot be read because of `problem`."""

        def __init__(self, name: str, value: Any, problem: str = "") -> None:
            super().__init__()
            self.name, self.value, self.problem = name, value, problem

    def __init__(self, draft: Draft) -> None:
        super().__init__(id="settings")
        self._draft = draft

    def compose(self) -> ComposeResult:
        draft = self._draft
        yield Label("Name of the Modal app")
        yield Input(
            draft.app or "",
            placeholder=app_name(draft.model) if draft.model else "",
            id="app",
            compact=True,
            tooltip="Letters, digits, dash, period and underscore",
        )
        for name, label, default, why in NUMBERS:
            yield Label(label)
            value = getattr(draft, name)
            text = "" if value is None else str(value)
            yield Input(text, id=name, placeholder=default, type="integer", compact=True, tooltip=why)
        yield Label("Structured-output backend")
        yield Select(
            [(name, name) for name in BACKENDS],
            value=draft.backend or "auto",
            allow_blank=False,
            compact=True,
            id="backend",
            tooltip="What keeps the model to the output type; auto takes the one that enforces all of it",
        )
        yield Label("Answers over HTTP too")
        yield Checkbox(
            "for callers with a proxy token",
            bool(draft.endpoint),
            compact=True,
            id="endpoint",
            tooltip="Adds a web function; Modal lets nobody in who brings no proxy token",
        )

    def show(self, draft: Draft) -> None:
        """What has been decided elsewhere."""
        self.query_one("#app", Input).placeholder = app_name(draft.model) if draft.model else ""
        for name in ("app", *(name for name, *_ in NUMBERS)):
            value, field = getattr(draft, name), self.query_one(f"#{name}", Input)
            if value is not None and field.value != str(value):
                field.value = str(value)
        self.query_one("#backend", Select).value = draft.backend or "auto"
        self.query_one("#endpoint", Checkbox).value = bool(draft.endpoint)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        name, text = str(event.input.id), event.value.strip()
        value: Any = text or None
        if text and name != "app":
            try:
                value = int(text)
            except ValueError:
                self.post_message(self.Wished(name, None, f"“{clean_line(text, 20)}” is not a whole number."))
                return
        self.post_message(self.Wished(name, value))

    @on(Checkbox.Changed, "#endpoint")
    def _endpoint_wished(self, event: Checkbox.Changed) -> None:
        event.stop()
        self.post_message(self.Wished("endpoint", event.value or None))

    @on(Select.Changed, "#backend")
    def _backend_chosen(self, event: Select.Changed) -> None:
        event.stop()
        self.post_message(self.Wished("backend", None if event.value == "auto" else str(event.value)))
