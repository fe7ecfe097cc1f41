"""The output type as a person edits it: one editor per kind, checked while they type."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Select, Static, TextArea

from wizard.core.access_token import clean_line
from wizard.core.output.kinds.registry import KINDS
from wizard.core.output.output_type import OutputType, parse_output
from wizard.core.plan.plan import DEFAULT_BACKEND
from wizard.core.problem import Problem, usage
from wizard.core.schema.finding import Finding
from wizard.core.schema.json_value import format_json
from wizard.core.schema.nodes import format_pointer
from wizard.core.schema.says_nothing import says_nothing
from wizard.flow.lint.lint import NotEnforced, prove_compiles
from wizard.flow.ports.services import Ports
from wizard.tui.background import run_exclusive
from wizard.tui.widgets.field import Field
from wizard.tui.widgets.output.editors import TYPED, Editor, PatternEditor, SchemaEditor, make_editor
from wizard.tui.widgets.output.fields.pane import SchemaPane
from wizard.tui.widgets.schema_area import line_of

EMPTY = "output_empty"  # the code of an editor that nobody has typed into yet: no mistake
DEBOUNCE = 0.25  # seconds without a key before a text is checked
_CLASS = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


class OutputPanel(Vertical):
    """Edits one output type. Says `Decided` whenever what is typed has been checked."""

    class Decided(Message):
        """The output type was checked: it is `output`, or None because of `problem`."""

        def __init__(self, output: OutputType | None, problem: Problem | None) -> None:
            super().__init__()
            self.output, self.problem = output, problem

    def __init__(self, first: OutputType | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.output: OutputType | None = None
        self.problem: Problem | None = None
        self.ports: Ports | None = None
        self.backend = DEFAULT_BACKEND
        self._kind = first.kind if first else "schema"
        # For editors that are not made yet:
        self._texts: dict[str, str] = {first.kind: text_of(first)} if first else {}
        self._timer: Timer | None = None
        self._checked: tuple[str, str, str] | None = None

    def compose(self) -> ComposeResult:
        kinds = [(kind.label, kind.name) for kind in KINDS.values()]
        kind = Select(kinds, value=self._kind, allow_blank=False, id="kind", tooltip="The kind of output")
        yield Field("Kind", kind)
        with Vertical(id="editors"):
            yield make_editor(KINDS[self._kind], self._texts.get(self._kind, ""))
        yield Static(id="verdict", markup=False)

    def load(self, output: OutputType | None) -> None:
        """Show an output type that was decided elsewhere, in place of what is being edited."""
        if output is None or output == self.current:
            return
        text = text_of(output)
        editor = self._editor(output.kind)
        if editor is None:
            self._texts[output.kind] = text
        elif editor.typed != text:
            editor.put(text)
        self.query_one("#kind", Select).value = output.kind

    def _editor(self, kind: str) -> Editor | None:
        return next((editor for editor in self.query(Editor) if editor.kind.name == kind), None)

    @property
    def kind(self) -> str:
        """The kind that is being edited."""
        return str(self.query_one("#kind", Select).value)

    @property
    def typed(self) -> str:
        """What is in the editor of that kind."""
        editor = self._editor(self.kind)
        return editor.typed if editor is not None and editor.is_mounted else self._texts.get(self.kind, "")

    @property
    def current(self) -> OutputType | None:
        """What is being edited now, also where it has not been checked yet; None where it is none."""
        if (self.kind, self.typed, self.backend) == self._checked:
            return self.output
        try:
            return read(self.kind, self.typed)
        except Problem:
            return None

    async def settle(self) -> None:
        """Check what is typed, now; says `Decided` unless it has been checked before."""
        kind, typed = self.kind, self.typed
        if self.ports is None or (kind, typed, self.backend) == self._checked:
            return
        output, problem = None, None
        try:
            output = read(kind, typed)
            proof = await prove_compiles(self.ports, output, self.backend)
            if (kind, typed) != (self.kind, self.typed):
                return  # the person typed on; a later check is under way
            schema = output.json_schema
            if schema is not None and says_nothing(schema, schema):  # no praise until the whole report is there
                self.say("!", f"{output.summary}: {proof}, but the schema leaves the answer open", "$warning")
            else:
                self.say("✓", f"{output.summary}: {proof}", "$success")
        except Problem as wrong:
            problem, output = wrong, None
            self._say_problem(problem)
        self._checked = (kind, typed, self.backend)
        self.output, self.problem = output, problem
        self.mark(_line(problem, typed) if problem else None)
        self.show_findings(_findings(problem) if problem else ())
        self._preview()
        self.post_message(self.Decided(output, problem))

    def _say_problem(self, problem: Problem, *, is_asked: bool = False) -> None:
        """Nothing typed is no mistake until the person `is_asked` for it."""
        line = _line(problem, self.typed)
        words = (f"line {line}: " if line else "") + f"{problem.message} {problem.hint}".strip()
        if problem.code == EMPTY and not is_asked:
            self.say("○", words, "$quiet", quiet=True)
        else:
            self.say("✗", words, "$error")

    def refuse(self, problem: Problem) -> None:
        """What is typed is an output type, but not for what it is wanted: say why, until it is changed."""
        self.output, self.problem = None, problem
        self._say_problem(problem)

    def go_to_editor(self) -> None:
        """Go to what is edited, or to the list of kinds where there is nothing to edit."""
        editor = self._editor(self.kind)
        main = editor.main if editor is not None else None
        self.screen.set_focus(main or self.query_one("#kind"))  # at once: the next key may be on its way

    def go_to_problem(self) -> None:
        """Go to what has to be changed; the line below it says why."""
        self.go_to_editor()
        verdict = self.query_one("#verdict", Static)
        if self.problem is not None:
            self._say_problem(self.problem, is_asked=True)
        self.call_after_refresh(verdict.scroll_visible, animate=False)

    def mark(self, line: int | None) -> None:
        """Mark a line of what is being edited, where its editor can."""
        editor = self._editor(self.kind)
        if editor is not None:
            editor.mark(line)

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Show what the schema check found in the editor, where that can."""
        editor = self._editor(self.kind)
        if editor is not None and editor.is_mounted:
            editor.show_findings(findings)

    def say(self, glyph: str, text: str, colour: str, *, quiet: bool = False) -> None:
        """The one line under the editor; `quiet` where nothing is wrong and nothing is done."""
        line = Content.assemble((glyph, f"bold {colour}"), " ", (clean_line(text, 300), "$quiet" if quiet else ""))
        self.query_one("#verdict", Static).update(line)

    def _preview(self) -> None:
        editor, ports, output = self._editor(self.kind), self.ports, self.output
        if editor is None or not editor.is_mounted:
            return
        if ports is None or output is None:
            editor.preview(None)
        else:
            editor.preview(lambda text: ports.validation.judge(output, text).valid)

    @on(Select.Changed, "#kind")
    async def _kind_changed(self, event: Select.Changed) -> None:
        event.stop()
        await self._show_editor(self.kind)
        self._soon()

    async def _show_editor(self, kind: str) -> None:
        """Editors are made when they are needed, since each takes time; what is typed into the others stays."""
        if self._editor(kind) is None:
            await self.query_one("#editors").mount(make_editor(KINDS[kind], self._texts.get(kind, "")))
        for editor in self.query(Editor):
            editor.display = editor.kind.name == kind

    @on(Select.Changed, "#gallery")
    def _example_chosen(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, int) and not isinstance(event.value, bool):
            editor = self._editor(self.kind)
            if editor is not None:
                editor.put(editor.kind.presets[event.value].text)
            event.select.clear()

    @on(Input.Submitted, "#schema-file")
    def _source_named(self, event: Input.Submitted) -> None:
        event.stop()
        run_exclusive(self, "read", self._read_source, event.value.strip())

    async def _read_source(self, source: str) -> None:
        """A schema from a file or a class; what is in the editor is replaced only by one that could be read."""
        editor = self._editor(self.kind)
        if not isinstance(editor, SchemaEditor) or not source:
            return
        try:
            if _CLASS.fullmatch(source) and self.ports is not None:
                editor.show_source("…", f"Importing {source}", "$warning")
                text = format_json(json.loads(await self.ports.lint.schema_of_class(source)))
            else:
                text = await asyncio.to_thread(read_file, source)
        except Problem as problem:
            editor.show_source("✗", problem.message.removeprefix("--model-class "), "$error")
            return
        editor.show_source("", "", "")
        editor.put(text)

    @on(Select.Changed, f".{TYPED}")
    @on(Input.Changed, f".{TYPED}")
    @on(TextArea.Changed, f".{TYPED}")
    @on(SchemaPane.Edited)
    def _soon(self) -> None:
        editor = self._editor(self.kind)
        if isinstance(editor, PatternEditor):
            self._preview()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, self._check)

    def check_again(self, backend: str) -> None:
        """The structured-output backend is another one now."""
        self.backend = backend
        self._soon()

    def _check(self) -> None:
        run_exclusive(self, "check", self.settle)


def text_of(output: OutputType) -> str:
    """An output type as a person edits it."""
    return output.record.format_text(output.spec)


def read(kind: str, typed: str) -> OutputType:
    """The output type that is typed. Raises Problem."""
    record = KINDS[kind]
    if record.editor.name != "none" and not typed.strip():
        raise usage(EMPTY, "Nothing typed yet.", "Start from an example." if record.presets else "")
    return parse_output(kind, typed, f"The {kind}")


def read_file(path: str) -> str:
    """A file that a person names. Raises Problem."""
    try:
        with Path(os.path.expanduser(path)).open("rb") as file:
            return file.read(1 << 20).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise usage("file_not_text", f"{path} is not UTF-8 text.") from error
    except (OSError, ValueError, RuntimeError) as error:
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


def _findings(problem: Problem) -> tuple[Finding, ...]:
    """What a problem is about, where its cause tells the places."""
    cause = problem.__cause__
    if isinstance(cause, NotEnforced):
        return cause.findings
    path = getattr(cause, "absolute_path", None)  # a SchemaError
    return (Finding("refused", "error", problem.message, format_pointer(tuple(map(str, path)))),) if path else ()
