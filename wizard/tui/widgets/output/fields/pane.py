"""A JSON Schema as a table of fields and as JSON: two views of one text, and one history to undo."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable, Static, TextArea

from wizard.core.access_token import clean_line
from wizard.core.output.kinds.schema import SCHEMA
from wizard.core.problem import Problem
from wizard.core.schema.examples import example
from wizard.core.schema.fields.edits import AddField, ChangeField, DeleteField, Edit, MoveField, change
from wizard.core.schema.fields.reading import read_fields
from wizard.core.schema.fields.row import AS_WRITTEN, FieldError, Fields, FieldShape
from wizard.core.schema.finding import Finding
from wizard.core.schema.json_layout import LaidOutJson
from wizard.core.schema.json_value import format_json
from wizard.core.schema.nodes import Pointer, parse_pointer, value_at
from wizard.tui.widgets.field import Field
from wizard.tui.widgets.output.example import ExampleView
from wizard.tui.widgets.output.fields.example_form import ExampleForm
from wizard.tui.widgets.output.fields.form import FieldForm
from wizard.tui.widgets.output.fields.table import FieldTable, Mark
from wizard.tui.widgets.output.fields.view_choice import View, ViewChoice
from wizard.tui.widgets.schema_area import SchemaArea

LONGEST = 200_000  # characters of a text that the table follows
MARKS = {"error": ("✗", "text-error"), "warning": ("!", "text-warning"), "note": ("·", "text-muted")}
EMPTY = "No fields yet. a: add one · e: from an example answer"


class SchemaPane(Vertical):
    """Shows `area` and the table of its fields. What is saved is the text of the area."""

    DEFAULT_CSS = """
    SchemaPane, SchemaPane .sides, SchemaPane .fields { height: auto; }
    SchemaPane .says { height: 2; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "other_view", "Fields/JSON", id="schema.view", tooltip="Switch between fields and JSON"),
    ]

    class Edited(Message):
        """The text was changed from the table: what the area itself says of that goes no further than here."""

    def __init__(self, area: SchemaArea) -> None:
        super().__init__()
        self.area = area
        self.view: View = "fields"
        self._laid_out = LaidOutJson("{}")
        self._fields = Fields()
        self._marks: dict[Pointer, Mark] = {}
        self._broken = ""  # why the text cannot be read
        self._said = ""  # about the last key, until the next one
        self._said_at: Pointer | None = None  # the field at which that was said
        self._example = ""

    def compose(self) -> ComposeResult:
        yield Field("Edit as", ViewChoice())
        with Vertical(classes="sides"):
            with Vertical(classes="fields"):
                yield FieldTable()
                yield Static(classes="says", markup=False)
            yield self.area

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """One view, or both where there is room."""
        self.query_one(".fields").display = self.view == "fields"
        self.area.display = self.view == "json" or self.screen.has_class("-wide")

    def on_mount(self) -> None:
        self.follow()
        self.show("json" if self._broken or self._fields.root is None else "fields")

    @property
    def table(self) -> FieldTable:
        """The table of fields."""
        return self.query_one(FieldTable)

    @property
    def main(self) -> FieldTable | SchemaArea:
        """Where editing begins: the JSON, where that has an error."""
        if self._broken:
            self.show("json")
        return self.table if self.view == "fields" else self.area

    # Views

    def show(self, view: View) -> None:
        """Show one view. On a wide terminal the JSON stands beside the fields."""
        had_focus = self.area.has_focus or self.table.has_focus
        self.view = view
        self._arrange()
        self.query_one(ViewChoice).show(view)
        if had_focus:
            (self.table if view == "fields" else self.area).focus()

    @on(ViewChoice.Chosen)
    def _view_chosen(self, event: ViewChoice.Chosen) -> None:
        event.stop()
        self.show(event.view)

    def action_other_view(self) -> None:
        self.show("json" if self.view == "fields" else "fields")

    # The text

    @on(TextArea.Changed)
    def _text_changed(self) -> None:
        self.follow()

    def follow(self, at: Pointer | None = None) -> None:
        """Show the fields of the text, with the cursor `at` one of them; those of the last good text while it has an
        error."""
        text = self.area.text
        if text == self._laid_out.text and not self._broken and at is None:
            return
        try:
            self._laid_out = _read(text)
            self._broken = ""
        except Problem as problem:
            self._broken = problem.message
            self._tell()
            return
        self._fields = read_fields(self._laid_out.value)
        self._marks = {}
        self.table.show(self._fields, self._marks, at)
        self._tell()

    def replace(self, text: str, at: Pointer | None = None) -> None:
        """Put another text into the area, as one step to undo."""
        area = self.area
        area.history.checkpoint()
        area.replace(text, (0, 0), area.document.end)
        area.move_cursor((0, 0))
        self.follow(at)
        self.post_message(self.Edited())

    # The word of the schema check, and an example

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Mark each field that a finding is about, the first one about it with its words."""
        self._marks = {}
        for finding in findings:
            row = self._fields.row_about(parse_pointer(finding.path))
            if row is not None and row.pointer not in self._marks:
                self._marks[row.pointer] = Mark(*MARKS[finding.severity], finding.message)
        self.table.show(self._fields, self._marks)
        self._tell()

    def preview(self, matches: Callable[[str], bool] | None) -> None:
        """Show an example of an answer, where `matches` says that it is one."""
        self._example = ""
        document = self._laid_out.value
        if matches is not None and not self._broken:
            try:
                text = json.dumps(example(document, document), ensure_ascii=False, default=float)
                self._example = text if matches(text) else ""
            except (ValueError, TypeError, RecursionError):  # a schema may ask for what cannot be made up
                pass
        self._tell()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        row = self.table.row_at_cursor
        if row is None or row.pointer != self._said_at:
            self._said = ""
        self._tell()

    def _say(self, text: str) -> None:
        """Say something until the person goes to another field or presses another key."""
        row = self.table.row_at_cursor
        self._said, self._said_at = text, row.pointer if row is not None else None

    def _tell(self) -> None:
        """Two lines: about the field that is highlighted, and an example of an answer."""
        about = self._about_field()
        parts = [about] if about.plain else []
        has_room = len(about.plain) < self.size.width - 2
        if self._example and has_room and not any(view.is_on_screen for view in self.screen.query(ExampleView)):
            parts.append(Content.assemble(("Example: ", "$quiet"), clean_line(self._example, 300)))
        self.query_one(".says", Static).update(Content("\n").join(parts))

    def _about_field(self) -> Content:
        if self._said:
            return Content(self._said)
        if self._broken:
            return Content.assemble(("✗ ", "$error"), clean_line(f"{self._broken} The table shows the last good one."))
        row = self.table.row_at_cursor
        if row is None:
            return Content.styled(clean_line(self._fields.note or EMPTY, 200), "$quiet")
        if (mark := self._marks.get(row.pointer)) is not None:
            return Content.assemble((f"{mark.glyph} ", f"${mark.colour}"), clean_line(mark.message, 220))
        if row.shape.type == AS_WRITTEN:
            text = json.dumps(value_at(self._laid_out.value, row.pointer), ensure_ascii=False, default=str)
            return Content.styled(clean_line(f"Kept as it is in the JSON: {text}", 200), "$quiet")
        whole = f"{row.type_words}: {row.limit_words}" if row.limit_words else row.type_words
        return Content.styled(clean_line(row.description or (whole if self.table.is_cut(row) else ""), 200), "$quiet")

    # Editing

    @on(FieldTable.Wanted)
    def _wanted(self, event: FieldTable.Wanted) -> None:
        event.stop()
        self._said = ""
        row = self.table.row_at_cursor
        if event.what in ("undo", "redo"):
            self._step_through_history(self.area.undo if event.what == "undo" else self.area.redo)
        elif event.what == "example":
            self.app.push_screen(ExampleForm(), self._use_example)
        elif self._broken or self._fields.root is None:
            self._say(f"✗ {self._broken or self._fields.note}")
        elif event.what == "add":
            parent, after = (row.pointer[:-2], row.pointer[-1]) if row is not None else (self._fields.root, None)
            self._ask_new("New field", parent, after)
        elif row is not None and event.what == "inside" and row.children is not None:
            names = list(value_at(self._laid_out.value, row.children).get("properties", {}))
            self._ask_new(f"New field in “{row.shape.name}”", row.children, names[-1] if names else None)
        elif row is not None and event.what == "edit":
            self._ask_change()
        elif row is not None:
            self._change_row(event.what)
        self._tell()

    def _step_through_history(self, step: Callable[[], None]) -> None:
        """Undo or redo; the cursor goes to the field that this brings back."""
        before = {row.pointer for row in self._fields.rows}
        step()
        self.follow()
        back = next((row.pointer for row in self._fields.rows if row.pointer not in before), None)
        self.table.show(self._fields, self._marks, back)
        self.post_message(self.Edited())

    def _change_row(self, what: str) -> None:
        row = self.table.row_at_cursor
        assert row is not None
        try:
            if what == "delete":
                self._apply(DeleteField(row.pointer))
                self._say(f"Deleted “{clean_line(row.shape.name, 60)}”. u: undo")
            else:
                self._apply(MoveField(row.pointer, -1 if what == "up" else 1), row.pointer)
        except FieldError as error:
            self._say(f"✗ {clean_line(str(error), 200)}")

    def _ask_new(self, title: str, parent: Pointer, after: str | None) -> None:
        def accept(shape: FieldShape) -> None:
            self._apply(AddField(parent, shape, after), (*parent, "properties", shape.name))

        self.app.push_screen(FieldForm(title, None, accept))

    def _ask_change(self) -> None:
        row = self.table.row_at_cursor
        assert row is not None
        place = row.pointer

        def accept(shape: FieldShape) -> None:
            self._apply(ChangeField(place, shape), (*place[:-1], shape.name))

        self.app.push_screen(FieldForm(f"Field “{row.shape.name}”", row, accept))

    def _apply(self, edit: Edit, at: Pointer | None = None) -> None:
        """Change the document, and so the text. Raises FieldError."""
        document: Any = self._laid_out.value
        new = change(document, edit)
        if new is not document:
            self.replace(self._laid_out.write(new), at)

    def _use_example(self, schema: dict[str, Any] | None) -> None:
        if schema is not None:
            self.replace(format_json(schema))


def _read(text: str) -> LaidOutJson:
    """The text as a document. Raises Problem."""
    if not text.strip():
        return LaidOutJson("{}")
    if len(text) > LONGEST:
        return LaidOutJson('"too long for a table"')
    SCHEMA.parse(text, "The schema")
    return LaidOutJson(text)
