"""One field in a small form: what does not apply to its type is not asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Checkbox, Input, Select, Static

from wizard.core.access_token import clean_line
from wizard.core.schema.fields.row import (
    AS_WRITTEN,
    CHOICE,
    FIELD_TYPES,
    NO_LIMITS,
    FieldError,
    FieldRow,
    FieldShape,
    Place,
)
from wizard.core.schema.fields.typed import read_choices, read_range, write_bound, write_choices
from wizard.core.schema.json_value import JsonValue
from wizard.tui.widgets.field import Field

ERRORS: dict[Place, str] = {"name": "name", "type": "type", "limits": "least", "choices": "choices", "items": "fewest"}


class FieldForm(ModalScreen[FieldShape | None]):
    """Edits a field. `accept` is asked to take the new shape, and raises FieldError where it cannot; the form stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="field-form.cancel", tooltip="Close; nothing is changed"),
        Binding("ctrl+s", "save", "Save", id="field-form.save", tooltip="Save the field"),
    ]
    CSS = """
    FieldForm { align: center middle; background: $background 60%; }
    FieldForm > Vertical { width: 90%; max-width: 72; height: auto; max-height: 100%; border: round $primary; }
    FieldForm > Vertical { background: $surface; border-title-align: left; padding: 0 1; }
    FieldForm VerticalScroll { height: auto; max-height: 14; }
    FieldForm .label { width: 12; }
    FieldForm .bounds { height: 1; width: 1fr; }
    FieldForm .bounds Input { width: 1fr; }
    FieldForm .bounds Static { width: 4; text-align: center; color: $text-muted; }
    FieldForm .hidden { display: none; }
    FieldForm .wrong { height: auto; color: $text-error; }
    FieldForm .keys { height: 1; color: $primary; text-style: bold; width: 1fr; }
    FieldForm Select SelectOverlay { max-height: 14; }
    """

    def __init__(self, title: str, row: FieldRow | None, accept: Callable[[FieldShape], None]) -> None:
        super().__init__()
        self._title, self._row, self._accept = title, row, accept
        self._shape = row.shape if row is not None else FieldShape("")

    def compose(self) -> ComposeResult:
        shape, row = self._shape, self._row
        types = [(record.label, record.name) for record in FIELD_TYPES.values()]
        if row is not None and shape.type == AS_WRITTEN:
            types.insert(0, (clean_line(f"{row.written} (written in JSON)", 60), AS_WRITTEN))
        kind = Select(types, value=shape.type, allow_blank=False, id="type", tooltip="What a value of this field is")
        name = Input(_shown(shape.name), placeholder="name", id="name", tooltip="The name of the field, as in the JSON")
        choices = Input(
            _shown(write_choices(shape.choices)),
            placeholder="red, green, blue",
            id="choices",
            tooltip="The allowed texts, separated by commas. Numbers: a JSON list such as [1, 2, 3]",
        )
        is_list = Checkbox("a list of these", shape.is_list, id="is-list", tooltip="Space: a list, or a single value")
        optional = Checkbox("may be left out", shape.is_optional, id="optional", tooltip="Space: optional or required")
        with Vertical() as box:
            box.border_title = clean_line(self._title, 60)
            with VerticalScroll(can_focus=False):
                yield Field("Name", name)
                yield Field("Type", kind)
                yield Field("Choices", choices)
                yield Field("From", _bounds("least", "most", shape.limits.least, shape.limits.most))
                yield Field("List", is_list)
                yield Field("Items", _bounds("fewest", "many", shape.items.least, shape.items.most))
                yield Field("Optional", optional)
            yield Static(classes="wrong", id="wrong", markup=False)
            with Horizontal(classes="line"):
                yield Static("Enter: save · Esc: cancel", classes="keys", markup=False)
                yield Button(
                    "Save", id="save", variant="primary", tooltip="Save the field; ctrl+s does it from anywhere"
                )

    def on_mount(self) -> None:
        self._show_what_applies()
        self.query_one("#name", Input).focus()

    @property
    def _type(self) -> str:
        return str(self.query_one("#type", Select).value)

    @on(Select.Changed, "#type")
    @on(Checkbox.Changed, "#is-list")
    def _show_what_applies(self) -> None:
        record = FIELD_TYPES.get(self._type)
        is_list = self.query_one("#is-list", Checkbox).value
        shown = {"choices": self._type == CHOICE, "least": record is not None and bool(record.least), "fewest": is_list}
        for name, is_shown in shown.items():
            self._field(name).set_class(not is_shown, "hidden")
        if record is not None and record.least:
            words = "Length" if record.least == "minLength" else "Value"
            self._field("least").query_one(".label", Static).update(words)

    def _field(self, name: str) -> Field:
        return next(each for each in self.query(Field) if each.query(f"#{name}"))

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value

    def _typed(self) -> FieldShape:
        """What is in the form. Raises FieldError."""
        record, is_list = FIELD_TYPES.get(self._type), self.query_one("#is-list", Checkbox).value
        limits = NO_LIMITS
        if record is not None and record.least:
            limits = read_range(self._value("least"), self._value("most"), "limits")
        return FieldShape(
            self._typed_name(),
            self._type,
            is_list,
            self.query_one("#optional", Checkbox).value,
            limits,
            self._choices() if self._type == CHOICE else (),
            read_range(self._value("fewest"), self._value("many"), "items") if is_list else NO_LIMITS,
        )

    def _typed_name(self) -> str:
        """What is typed is stripped; a name that nobody has changed stays as it is written, spaces and all."""
        typed, old = self._value("name").strip(), self._shape.name
        return old if typed == _shown(old).strip() else typed

    def _choices(self) -> tuple[JsonValue, ...]:
        typed, old = self._value("choices"), self._shape.choices
        return old if typed == _shown(write_choices(old)) else read_choices(typed)

    @on(Input.Submitted)
    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        wrong = self.query_one("#wrong", Static)
        try:
            shape = self._typed()
            self._accept(shape)
        except FieldError as error:
            wrong.update(Content(f"✗ {clean_line(str(error), 200)}"))
            if error.place:
                self.query_one(f"#{ERRORS[error.place]}").focus()
            return
        self.dismiss(shape)


def _shown(text: str) -> str:
    return clean_line(text, 4000)


def _bounds(least: str, most: str, *bounds: object) -> Horizontal:
    """Two limits in one line."""
    texts = [write_bound(each) for each in bounds]  # type: ignore[arg-type]
    return Horizontal(
        Input(texts[0], placeholder="no minimum", id=least, tooltip="The least that is allowed; empty for no limit"),
        Static("to"),
        Input(texts[1], placeholder="no maximum", id=most, tooltip="The most that is allowed; empty for no limit"),
        classes="bounds",
    )
