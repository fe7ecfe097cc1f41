"""The table of a schema's fields: a row for each, those of a nested object indented below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.message import Message
from textual.widgets import DataTable

from wizard.core.access_token import clean_line
from wizard.core.schema.fields.row import AS_WRITTEN, FieldRow, Fields
from wizard.core.schema.nodes import Pointer

Asked = Literal["add", "inside", "edit", "delete", "undo", "redo", "up", "down", "example"]
NEED_A_ROW = ("edit", "delete", "up", "down")
HEADER = ("Field", "Type", "Optional", "Limits")
NARROW_HEADER = ("Field", "Type", "Opt.", "Limits")  # where each cell counts
NARROW = 46  # cells
LEAST_LIMITS = 8  # cells
PADDING = 2  # cells around what a column holds


@dataclass(frozen=True)
class Mark:
    """What the schema check found at a field."""

    glyph: str
    colour: str
    message: str


class FieldTable(DataTable[Text]):
    """Shows fields and says `Wanted` for each key that would change one; it changes nothing itself."""

    DEFAULT_CSS = """
    FieldTable { height: auto; min-height: 3; max-height: 9; background: transparent; overflow-x: hidden; }
    FieldTable { border-left: outer $foreground 25%; }
    FieldTable:focus { border-left: outer $primary; }
    FieldTable > .datatable--header { background: transparent; color: $text-muted; text-style: none; }
    FieldTable > .datatable--cursor { background: $foreground 10%; color: $foreground; text-style: none; }
    FieldTable:focus > .datatable--cursor { background: $primary 30%; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "want('add')", "Add", id="fields.add", tooltip="Add a field below this one"),
        Binding("enter", "want('edit')", "Edit", id="fields.edit", tooltip="Change this field"),
        Binding("d,delete", "want('delete')", "Delete", id="fields.delete", tooltip="Delete this field; u undoes it"),
        Binding("e", "want('example')", "Example", id="fields.example", tooltip="Make fields from an example answer"),
        Binding("u,ctrl+z", "want('undo')", "Undo", show=False, id="fields.undo", tooltip="Undo the last change"),
        Binding("ctrl+y", "want('redo')", "Redo", show=False, id="fields.redo", tooltip="Redo what was undone"),
        Binding("i", "want('inside')", "Add inside", id="fields.inside", tooltip="Add a field to this object"),
        Binding(
            "shift+up", "want('up')", "Up", key_display="⇧↑", show=False, id="fields.up", tooltip="Move it up"
        ),
        Binding(
            "shift+down", "want('down')", "Down", key_display="⇧↓", show=False, id="fields.down", tooltip="Move it down"
        ),
    ]  # fmt: skip

    class Wanted(Message):
        """A key asks for something."""

        def __init__(self, what: Asked) -> None:
            super().__init__()
            self.what = what

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, cell_padding=1)
        self.tooltip = "The fields of an answer. Arrow keys choose one, Enter changes it, a adds one."
        self._fields, self._marks = Fields(), dict[Pointer, Mark]()

    @property
    def row_at_cursor(self) -> FieldRow | None:
        """The field that is highlighted."""
        rows = self._fields.rows
        return rows[self.cursor_row] if 0 <= self.cursor_row < len(rows) else None

    def show(self, fields: Fields, marks: Mapping[Pointer, Mark], at: Pointer | None = None) -> None:
        """Show fields; the cursor goes to the one `at` a place, else stays where it is."""
        row = self.row_at_cursor
        wanted = at if at is not None else row.pointer if row is not None else None
        before = self.cursor_row
        self._fields, self._marks = fields, dict(marks)
        self._draw()
        number = next((n for n, each in enumerate(fields.rows) if each.pointer == wanted), before)
        if fields.rows:
            self.move_cursor(row=min(number, len(fields.rows) - 1), animate=False)
        self.refresh_bindings()

    def _draw(self) -> None:
        widths = self._widths()
        self.clear(columns=True)
        for label, width in zip(self._header, widths, strict=True):
            self.add_column(label, width=width)
        for row in self._fields.rows:
            self.add_row(*self._cells(row, widths))

    @property
    def _header(self) -> tuple[str, ...]:
        return NARROW_HEADER if self.size.width < NARROW else HEADER

    def _widths(self) -> list[int]:
        """Names and types get what they need, as far as there is room; limits get the rest."""
        optional = len(self._header[2])
        room = max(self.size.width - len(HEADER) * PADDING - optional, 20)
        rows = self._fields.rows
        name = max((2 * row.depth + 2 + len(row.shape.name) for row in rows), default=0)
        kind = max((len(row.type_words) for row in rows), default=0)
        name = max(min(name, room * 2 // 5), 5)
        kind = max(min(kind, room - name - LEAST_LIMITS), 4)
        return [name, kind, optional, room - name - kind]

    def is_cut(self, row: FieldRow) -> bool:
        """Whether there is no room for all that the table shows of a field."""
        widths = self._widths()
        return len(row.limit_words) > widths[3] or len(row.type_words) > widths[1]

    def _cells(self, row: FieldRow, widths: list[int]) -> list[Text]:
        name = Text("  " * row.depth)
        mark = self._marks.get(row.pointer)
        if mark is not None and mark.glyph in "✗!":
            name.append(f"{mark.glyph} ", self._style(mark.colour))
        name.append(clean_line(row.shape.name, 60))
        limits = clean_line(row.limit_words, 120)
        quiet = self._style("text-muted") if row.shape.type == AS_WRITTEN else Style()
        optional = "yes" if row.shape.is_optional else ""
        cells = [name, Text(clean_line(row.type_words, 60), quiet), Text(optional), Text(limits, quiet)]
        for cell, width in zip(cells, widths, strict=True):
            cell.truncate(width, overflow="ellipsis")
        return cells

    def _style(self, colour: str) -> Style:
        value = self.app.theme_variables.get(colour, "")
        return Style(color=value) if value.startswith("#") else Style()

    def on_resize(self, event: Resize) -> None:
        row = self.cursor_row
        self._draw()
        self.move_cursor(row=row, animate=False)

    def action_want(self, what: Asked) -> None:
        self.post_message(self.Wanted("add" if what == "edit" and not self._fields.rows else what))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is there when it can do something."""
        if action != "want":
            return True
        row = self.row_at_cursor
        if parameters == ("inside",):
            return row is not None and row.children is not None
        return row is not None if parameters[0] in ("delete", "up", "down") else True

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """A click on the highlighted row."""
        event.stop()
        self.post_message(self.Wanted("edit"))
