"""The output type as a person edits it: one editor per kind, checked while they type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Input, Select, Static, TextArea

from wizard.core.access_token import clean_line
from wizard.core.output_type import TYPES, OutputType, choices_type, python_type, regex_type, schema_type
from wizard.core.problem import Problem, usage
from wizard.flow.ports import WorkbenchPort
from wizard.tui.gallery import GALLERY, pretty
from wizard.tui.widgets.schema_area import SchemaArea, line_of

KINDS: tuple[tuple[str, str], ...] = (
    ("JSON Schema", "schema"),
    ("One of several choices", "choices"),
    ("Regular expression", "regex"),
    ("A number, a date, …", "type"),
    ("Lark grammar", "grammar"),
    ("Free text", "text"),
)
DEBOUNCE = 0.25  # seconds without a key before a text is checked


class OutputPanel(Vertical):
    """Edits one output type. Says `Decided` whenever what is typed has been checked."""

    class Decided(Message):
        """The output type was checked: it is `output`, or None because of `problem`."""

        def __init__(self, output: OutputType | None, problem: Problem | None) -> None:
            super().__init__()
            self.output, self.problem = output, problem

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.output: OutputType | None = None
        self.problem: Problem | None = None
        self.workbench: WorkbenchPort | None = None
        self.backend = "llguidance"
        self._timer: Timer | None = None
        self._checked: tuple[str, str, str] | None = None

    def compose(self) -> ComposeResult:
        yield Select(KINDS, value="schema", allow_blank=False, compact=True, id="kind", tooltip="What kind of output")
        with ContentSwitcher(initial="of-schema"):
            with Vertical(id="of-schema"):
                yield SchemaArea(id="schema", tooltip="The JSON Schema; errors are shown below, at their line")
                with Horizontal(classes="line"):
                    yield Select[int](
                        [(each.name, index) for index, each in enumerate(GALLERY)],
                        prompt="Examples",
                        compact=True,
                        id="gallery",
                        tooltip="Start from an example; it replaces what is in the editor",
                    )
                    yield Input(
                        placeholder="or a file: path, Enter",
                        compact=True,
                        id="schema-file",
                        tooltip="The path of a JSON Schema; Enter reads it into the editor",
                    )
            with Vertical(id="of-choices"):
                yield Input(placeholder="yes, no, unclear", id="choices", tooltip="At least two choices, with commas")
            with Vertical(id="of-regex"):
                yield Input(placeholder="[A-Z]{2}-[0-9]{4}", id="regex", tooltip="The whole answer has to match this")
                yield Input(placeholder="an example to try on it", id="example", tooltip="Does this text match?")
                yield Static(id="matches", markup=False)
            with Vertical(id="of-type"):
                yield Select([(name, name) for name in TYPES], value="int", allow_blank=False, compact=True, id="type")
                yield Static(id="pattern", markup=False)
            with Vertical(id="of-grammar"):
                yield TextArea(id="grammar", show_line_numbers=True, tab_behavior="focus", tooltip="A Lark grammar")
            with Vertical(id="of-text"):
                yield Static("Nothing is enforced: the model writes what it likes.", markup=False)
        yield Static(id="verdict", markup=False)

    def load(self, output: OutputType | None) -> None:
        """Show an output type that was decided elsewhere."""
        if output is None or output == self.output:
            return
        self.query_one("#kind", Select).value = output.kind
        match output.kind:
            case "schema":
                self.query_one("#schema", SchemaArea).load_text(pretty(output.spec))
            case "choices":
                self.query_one("#choices", Input).value = ", ".join(json.loads(output.spec))
            case "regex":
                self.query_one("#regex", Input).value = output.spec
            case "type":
                self.query_one("#type", Select).value = output.spec
            case "grammar":
                self.query_one("#grammar", TextArea).load_text(output.spec)
            case _:
                pass

    @property
    def kind(self) -> str:
        """The kind that is being edited."""
        return str(self.query_one("#kind", Select).value)

    @property
    def typed(self) -> str:
        """What is in the editor of that kind."""
        match self.kind:
            case "schema" | "grammar":
                return self.query_one(f"#{self.kind}", TextArea).text
            case "choices" | "regex":
                return self.query_one(f"#{self.kind}", Input).value
            case "type":
                return str(self.query_one("#type", Select).value)
            case _:
                return ""

    async def settle(self) -> None:
        """Check what is typed, now; says `Decided` unless it has been checked before."""
        kind, typed = self.kind, self.typed
        if self.workbench is None or (kind, typed, self.backend) == self._checked:
            return
        output, problem = None, None
        try:
            output = read(kind, typed)
            said = await self.workbench.compile(output, self.backend)
            if (kind, typed) != (self.kind, self.typed):
                return  # the person typed on; a later check is under way
            self._say("✓", f"{output.summary}: {said}", "$success")
        except Problem as wrong:
            problem, output = wrong, None
            self._wrong(wrong, typed)
        self._checked = (kind, typed, self.backend)
        self.output, self.problem = output, problem
        if kind == "schema":
            self.query_one("#schema", SchemaArea).mark(_line(problem, typed) if problem else None)
        self._try_example()
        self.post_message(self.Decided(output, problem))

    def _wrong(self, problem: Problem, typed: str) -> None:
        line = _line(problem, typed) if self.kind == "schema" else None
        where = f"line {line}: " if line else ""
        self._say("✗", where + f"{problem.message} {problem.hint}".strip(), "$error")

    def _say(self, glyph: str, text: str, colour: str) -> None:
        said = Content.assemble((glyph, f"bold {colour}"), " ", clean_line(text, 300))
        self.query_one("#verdict", Static).update(said)

    def _try_example(self) -> None:
        if self.kind == "type":
            self.query_one("#pattern", Static).update(Content("as in " + TYPES[self.typed]))
        example = self.query_one("#example", Input).value
        matches = self.query_one("#matches", Static)
        if self.kind != "regex" or not example or self.output is None or self.workbench is None:
            matches.update("")
            return
        good = self.workbench.judge(self.output, example).valid
        glyph, word, colour = ("✓", "matches", "$success") if good else ("✗", "does not match", "$error")
        matches.update(Content.assemble((f"{glyph} {word}", colour), ": the whole text has to match"))

    @on(Select.Changed, "#kind")
    def _kind_changed(self) -> None:
        self.query_one(ContentSwitcher).current = f"of-{self.kind}"
        self._soon()

    @on(Select.Changed, "#gallery")
    def _example_chosen(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, int) and not isinstance(event.value, bool):
            self.query_one("#schema", SchemaArea).load_text(GALLERY[event.value].text)
            event.select.clear()

    @on(Input.Submitted, "#schema-file")
    def _file_named(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self.query_one("#schema", SchemaArea).load_text(read_file(event.value))
        except Problem as problem:
            self._say("✗", problem.message, "$error")

    @on(Select.Changed, "#type")
    @on(Input.Changed, "#choices,#regex,#example")
    @on(TextArea.Changed, "#schema,#grammar")
    def _soon(self) -> None:
        if self.query_one("#example", Input).has_focus:
            self._try_example()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, self._check)

    def check_again(self, backend: str) -> None:
        """The structured-output backend is another one now."""
        self.backend = backend
        self._soon()

    def _check(self) -> None:
        self.run_worker(self.settle(), group="check", exclusive=True, exit_on_error=False, description="check the type")


def read(kind: str, typed: str) -> OutputType:
    """The output type that is typed. Raises Problem."""
    if kind != "text" and not typed.strip():
        raise usage("output_empty", "Nothing is typed yet.", "Start from an example." if kind == "schema" else "")
    match kind:
        case "schema":
            return schema_type(typed, "The schema")
        case "choices":
            return choices_type(typed)
        case "regex":
            return regex_type(typed)
        case "type":
            return python_type(typed)
        case "grammar":
            return OutputType("grammar", typed)
        case _:
            return OutputType("text")


def read_file(path: str) -> str:
    """A file that a person names. Raises Problem."""
    try:
        with Path(path.strip()).expanduser().open("rb") as file:
            return file.read(1 << 20).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise usage("file_not_text", f"{path} is not UTF-8 text.") from error
    except (OSError, ValueError) as error:
        raise usage(
            "file_unreadable", f"{path} cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from error


def _line(problem: Problem, typed: str) -> int | None:
    """The line that a problem is about, where its cause tells."""
    cause = problem.__cause__
    if isinstance(cause, json.JSONDecodeError):
        return cause.lineno
    path = getattr(cause, "absolute_path", None)  # a SchemaError
    return line_of(typed, path) if path else None
