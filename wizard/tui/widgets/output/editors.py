"""The editors that a kind of output type may name: what is typed, and nothing about what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Select, Static, TextArea

from wizard.core.access_token import clean_line
from wizard.core.output.output_kind import EditorName, OutputKind
from wizard.core.schema.finding import Finding
from wizard.tui.widgets.field import Field
from wizard.tui.widgets.output.fields.pane import SchemaPane
from wizard.tui.widgets.output.fields.table import FieldTable
from wizard.tui.widgets.schema_area import SchemaArea

CLEAR_TEXT = "To clear it: F7 selects all, then Delete."
CLEAR_LINE = "To clear it: End, then ctrl+u."
TYPED = "-typed"  # the class of each widget whose change has what is typed checked again


class Editor(Vertical):
    """Edits output types of one kind; made only when that kind is chosen. `first` is the text that it begins with."""

    def __init__(self, kind: OutputKind, first: str = "") -> None:
        super().__init__(id=f"of-{kind.name}")
        self.kind = kind
        self._first = first

    def presets(self) -> ComposeResult:
        """A list of the kind's presets, if it has any."""
        if self.kind.presets:
            gallery = Select[int](
                [(preset.name, number) for number, preset in enumerate(self.kind.presets)],
                prompt="Choose an example",
                id="gallery",
                tooltip="Start from an example; it replaces the text in the editor",
            )
            yield Field("Start from", gallery)

    @property
    def typed(self) -> str:
        """What is in the editor."""
        return ""

    def put(self, text: str) -> None:
        """Replace what is in the editor."""

    @property
    def main(self) -> Widget | None:
        """Where editing begins; None where nothing can be edited."""
        return next((each for each in self.query("*") if each.focusable), None)

    def mark(self, line: int | None) -> None:
        """Mark a line, counted from one, as wrong; None for no line."""

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Show what the schema check found, where this editor can; nothing while it has not been asked yet."""

    def preview(self, matches: Callable[[str], bool] | None) -> None:
        """Show what answers look like. `matches` says whether a text is one; None while there is no output type."""


class SchemaEditor(Editor):
    """A JSON Schema: typed, from a preset, from a file, or from a class."""

    def compose(self) -> ComposeResult:
        tooltip = f"{self.kind.editor.help} {CLEAR_TEXT}"
        yield SchemaPane(SchemaArea(self._first, id=self.kind.name, classes=TYPED, tooltip=tooltip))
        yield from self.presets()
        named = Input(
            placeholder="schema.json or package.module:Model",
            id="schema-file",
            tooltip="A JSON Schema file, or a Pydantic class as package.module:Model; Enter reads it into the editor",
        )
        yield Field("Load from", named)
        yield Static(id="source", markup=False)

    def show_source(self, glyph: str, text: str, colour: str) -> None:
        """What became of the file or class that was named; nothing for an empty text."""
        line = self.query_one("#source", Static)
        line.display = bool(text)
        line.update(Content.assemble((glyph, f"bold {colour}"), " ", clean_line(text, 300)) if text else "")

    @property
    def area(self) -> SchemaArea:
        """The text itself."""
        return self.query_one(SchemaArea)

    @property
    def typed(self) -> str:
        return self.area.text

    def put(self, text: str) -> None:
        self.query_one(SchemaPane).replace(text)  # and not load_text: ctrl+z brings the old one back

    def mark(self, line: int | None) -> None:
        self.area.mark(line)

    @property
    def main(self) -> Widget | None:
        return next((pane.main for pane in self.query(SchemaPane) if pane.query(FieldTable)), None)

    def show_findings(self, findings: Iterable[Finding]) -> None:
        self.query_one(SchemaPane).show_findings(findings)

    def preview(self, matches: Callable[[str], bool] | None) -> None:
        self.query_one(SchemaPane).preview(matches)


class LineEditor(Editor):
    """One line of text."""

    label = "Values"

    def compose(self) -> ComposeResult:
        editor = self.kind.editor
        tooltip = f"{editor.help} {CLEAR_LINE}"
        field = Input(self._first, placeholder=editor.placeholder, id=self.kind.name, classes=TYPED, tooltip=tooltip)
        yield Field(self.label, field)
        yield from self.presets()

    @property
    def _input(self) -> Input:
        return self.query_one(f"#{self.kind.name}", Input)

    @property
    def typed(self) -> str:
        return self._input.value

    def put(self, text: str) -> None:
        self._input.value = text


class PatternEditor(LineEditor):
    """A regular expression, and a text to try it on."""

    label = "Pattern"

    def compose(self) -> ComposeResult:
        yield from super().compose()
        placeholder, tooltip = "try a text on it", "Does this text match?"
        yield Field("Try it on", Input(placeholder=placeholder, id="example", classes=TYPED, tooltip=tooltip))
        yield Static(id="matches", markup=False)

    def preview(self, matches: Callable[[str], bool] | None) -> None:
        """Whether the text that it is tried on matches."""
        example = self.query_one("#example", Input).value
        content = Content("")
        if example and matches is not None:
            is_match = matches(example)
            word, colour = ("✓ matches", "$success") if is_match else ("✗ does not match", "$error")
            content = Content.assemble((word, colour), " (the whole text has to match)")
        self.query_one("#matches", Static).update(content)


class ListEditor(Editor):
    """One of the values that the kind lists."""

    def compose(self) -> ComposeResult:
        editor = self.kind.editor
        values = Select(
            [(value, value) for value in editor.values],
            value=self._first if self._first in editor.values else editor.values[0],
            allow_blank=False,
            id=self.kind.name,
            classes=TYPED,
            tooltip=editor.help,
        )
        yield Field("Type", values)
        yield Static(id="pattern", markup=False)

    @property
    def typed(self) -> str:
        return str(self.query_one(Select).value)

    def put(self, text: str) -> None:
        self.query_one(Select).value = text

    def preview(self, matches: Callable[[str], bool] | None) -> None:
        """The pattern of the value that is chosen."""
        self.query_one("#pattern", Static).update(Content("as in " + self.kind.enforced(self.typed)))


class TextAreaEditor(Editor):
    """A longer text."""

    def compose(self) -> ComposeResult:
        tooltip = f"{self.kind.editor.help} {CLEAR_TEXT}"
        yield TextArea(
            self._first,
            id=self.kind.name,
            classes=TYPED,
            show_line_numbers=True,
            tab_behavior="focus",
            tooltip=tooltip,
        )
        yield from self.presets()

    @property
    def typed(self) -> str:
        return self.query_one(TextArea).text

    def put(self, text: str) -> None:
        self.query_one(TextArea).load_text(text)


class NoEditor(Editor):
    """Nothing to edit."""

    def compose(self) -> ComposeResult:
        yield Static(self.kind.editor.help, markup=False)


EDITORS: Mapping[EditorName, type[Editor]] = {
    "schema": SchemaEditor,
    "line": LineEditor,
    "pattern": PatternEditor,
    "list": ListEditor,
    "text_area": TextAreaEditor,
    "none": NoEditor,
}


def make_editor(kind: OutputKind, first: str) -> Editor:
    """The editor that the kind names."""
    return EDITORS[kind.editor.name](kind, first)
