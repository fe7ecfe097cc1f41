"""The editors of the output type, one for each kind: what is typed, and nothing about what it means."""

from __future__ import annotations

import json
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Select, Static, TextArea

from wizard.core.access_token import clean_line
from wizard.core.output.output_type import Kind, OutputType
from wizard.core.output.value_patterns import TYPES
from wizard.tui.presets import GALLERY, pretty
from wizard.tui.widgets.schema_area import SchemaArea

CLEAR_TEXT = "F7 selects all of it, and Delete clears it then."
CLEAR_LINE = "End and then ctrl+u clears it."


def as_typed(output: OutputType) -> str:
    """An output type as a person would type it."""
    if output.kind == "schema":
        return pretty(output.spec)
    return ", ".join(json.loads(output.spec)) if output.kind == "choices" else output.spec


class Editor(Vertical):
    """Edits one kind of output type; made only when that kind is chosen. `first` is what it begins with."""

    kind: ClassVar[Kind] = "text"

    def __init__(self, first: str = "") -> None:
        super().__init__(id=f"of-{self.kind}")
        self._first = first

    @property
    def typed(self) -> str:
        """What is in the editor."""
        return ""

    def put(self, text: str) -> None:
        """Replace what is in the editor."""


class SchemaEditor(Editor):
    """A JSON Schema: typed, from the gallery, from a file, or from a class."""

    kind = "schema"

    def compose(self) -> ComposeResult:
        tip = f"The JSON Schema; errors are shown below, at their line. {CLEAR_TEXT}"
        yield SchemaArea(self._first, id="schema", tooltip=tip)
        with Horizontal(classes="line"):
            yield Select[int](
                [(each.name, index) for index, each in enumerate(GALLERY)],
                prompt="Examples",
                compact=True,
                id="gallery",
                tooltip="Start from an example; it replaces what is in the editor",
            )
            yield Input(
                placeholder="file or module:Class",
                compact=True,
                id="schema-file",
                tooltip="A JSON Schema file, or a Pydantic class as module:Class; Enter reads it into the editor",
            )
        yield Static(id="source", markup=False)

    def say(self, glyph: str, text: str, colour: str) -> None:
        """What became of the file or class that was named; nothing for an empty text."""
        said = self.query_one("#source", Static)
        said.display = bool(text)
        said.update(Content.assemble((glyph, f"bold {colour}"), " ", clean_line(text, 300)) if text else "")

    @property
    def area(self) -> SchemaArea:
        """The text itself."""
        return self.query_one(SchemaArea)

    @property
    def typed(self) -> str:
        return self.area.text

    def put(self, text: str) -> None:
        self.area.replace(text, (0, 0), self.area.document.end)  # and not load_text: ctrl+z brings the old one back
        self.area.move_cursor((0, 0))


class ChoicesEditor(Editor):
    """Several texts, with commas."""

    kind = "choices"

    def compose(self) -> ComposeResult:
        tip = f"At least two choices, with commas. {CLEAR_LINE}"
        yield Input(self._first, placeholder="yes, no, unclear", id="choices", tooltip=tip)

    @property
    def typed(self) -> str:
        return self.query_one(Input).value

    def put(self, text: str) -> None:
        self.query_one(Input).value = text


class RegexEditor(Editor):
    """A regular expression, and a text to try it on."""

    kind = "regex"

    def compose(self) -> ComposeResult:
        pattern, example = "[A-Z]{2}-[0-9]{4}", "an example to try on it"
        tip = f"The whole answer has to match this. {CLEAR_LINE}"
        yield Input(self._first, placeholder=pattern, id="regex", tooltip=tip)
        yield Input(placeholder=example, id="example", tooltip="Does this text match?")
        yield Static(id="matches", markup=False)

    @property
    def typed(self) -> str:
        return self.query_one("#regex", Input).value

    @property
    def example(self) -> str:
        """The text that the expression is tried on."""
        return self.query_one("#example", Input).value

    def put(self, text: str) -> None:
        self.query_one("#regex", Input).value = text

    def say(self, matches: bool | None) -> None:
        """Whether the example matches; None where there is nothing to say."""
        if matches is None:
            self.query_one("#matches", Static).update("")
            return
        glyph, word, colour = ("✓", "matches", "$success") if matches else ("✗", "does not match", "$error")
        said = Content.assemble((f"{glyph} {word}", colour), ": the whole text has to match")
        self.query_one("#matches", Static).update(said)


class TypeEditor(Editor):
    """One of the types that everybody needs."""

    kind = "type"

    def compose(self) -> ComposeResult:
        first = self._first if self._first in TYPES else "int"
        yield Select(
            [(name, name) for name in TYPES],
            value=first,
            allow_blank=False,
            compact=True,
            id="type",
            tooltip="A number, a date, a name of a country …",
        )
        yield Static(id="pattern", markup=False)

    @property
    def typed(self) -> str:
        return str(self.query_one(Select).value)

    def put(self, text: str) -> None:
        self.query_one(Select).value = text

    def show_pattern(self) -> None:
        """What such an answer looks like."""
        self.query_one("#pattern", Static).update(Content("as in " + TYPES[self.typed]))


class GrammarEditor(Editor):
    """A Lark grammar."""

    kind = "grammar"

    def compose(self) -> ComposeResult:
        tip = f"A Lark grammar; its start rule is called start. {CLEAR_TEXT}"
        yield TextArea(self._first, id="grammar", show_line_numbers=True, tab_behavior="focus", tooltip=tip)

    @property
    def typed(self) -> str:
        return self.query_one(TextArea).text

    def put(self, text: str) -> None:
        self.query_one(TextArea).load_text(text)


class TextEditor(Editor):
    """Nothing to edit."""

    kind = "text"

    def compose(self) -> ComposeResult:
        yield Static("Nothing is enforced: the model writes what it likes.", markup=False)


EDITORS: dict[str, type[Editor]] = {
    each.kind: each for each in (SchemaEditor, ChoicesEditor, RegexEditor, TypeEditor, GrammarEditor, TextEditor)
}
