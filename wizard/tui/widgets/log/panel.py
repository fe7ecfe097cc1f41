"""A log with all that people do with one: its state in words, a search line, a pill for what is new, its file."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from wizard.core.access_token import clean
from wizard.core.events import LogLine
from wizard.tui.widgets.log.file import LogFile
from wizard.tui.widgets.log.view import SOURCES, LogView
from wizard.tui.widgets.opened_field import OpenedField
from wizard.tui.widgets.path_prompt import PathPrompt

FLUSHES_PER_SECOND = 12
PER_FLUSH = 2_500  # lines taken in one go, so that keys are answered in between


class LogPanel(Vertical):
    """Feed it lines with `feed`; they are drawn a dozen times a second."""

    DEFAULT_CSS = """
    LogPanel { height: 1fr; min-height: 5; }
    LogPanel #log { height: 1fr; }
    LogPanel #log-state { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    LogPanel #pill { display: none; height: 1; dock: bottom; width: auto; min-width: 12; margin: 0 0 1 2; }
    LogPanel #pill.-shown { display: block; }
    LogPanel #search { display: none; background: $boost; }
    LogPanel #search.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "filter", "Source", id="log.filter", tooltip="Show one source at a time"),
        Binding("slash", "search", "Search", key_display="/", id="log.search", tooltip="Find a text in the log"),
        Binding(
            "n", "again(False)", "Next match", show=False, id="log.next", tooltip="Go to the next match in the log"
        ),
        Binding(
            "N,p", "again(True)", "Previous match", show=False, id="log.previous", tooltip="Go to the match before"
        ),
        Binding("w", "wrap", "Wrap", id="log.wrap", tooltip="Wrap long lines, or not"),
        Binding("t", "timestamps", "Times", id="log.times", tooltip="Show when each line came"),
        Binding("y", "copy", "Copy", id="log.copy", tooltip="Copy the selection, or every line that is shown"),
        Binding("s", "save", "Save", id="log.save", tooltip="Save the whole log to a file"),
        Binding("end,G", "follow", "Follow", show=False, id="log.follow", tooltip="Follow new lines"),
    ]

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.add_class("ring")
        self.border_title = "Log"
        self._buffer: list[LogLine] = []
        self._state = ""
        self._has_lines = False
        self.file: LogFile | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="log-state", markup=False)
        view = LogView(id="log")
        view.tooltip = "The live log. Arrow keys scroll and pause it; End follows it again."
        yield view
        yield Button("", id="pill", variant="warning")
        yield OpenedField(placeholder="find", id="search")
        yield PathPrompt("Save log as", id="save-log")

    def on_mount(self) -> None:
        self.set_interval(1 / FLUSHES_PER_SECOND, self.flush)

    def on_unmount(self) -> None:
        if self.file is not None:
            self.file.write(self._buffer)
            self.file.close()

    @property
    def view(self) -> LogView:
        """The lines."""
        return self.query_one(LogView)

    def begin(self, file: LogFile) -> None:
        """A new log, kept in `file`."""
        if self.file is not None:
            self.flush()
            self.file.close()
        self.file = file
        self._buffer.clear()
        self.view.clear()
        _spare_the_keys()

    def feed(self, line: LogLine) -> None:
        """One more line. It is made safe here, once for screen and file, and not when a key may be waiting."""
        text = clean(line.text)
        self._buffer.append(line if text == line.text else replace(line, text=text))

    def flush(self) -> None:
        """Draw what has come, and write it to the file. Of a flood only the file gets what the screen would forget."""
        if not self._buffer or not self.query(LogView):  # while it is taken down, the clock goes on for a moment
            return
        flood = len(self._buffer) - self.view.max_lines
        size = min(flood, PER_FLUSH * 8) if flood > PER_FLUSH else PER_FLUSH
        batch, self._buffer = self._buffer[:size], self._buffer[size:]
        if self.file is not None:
            self.file.write(batch)
        if size > PER_FLUSH:
            self.view.total += size
        else:
            self.view.write(batch)

    def drain(self) -> None:
        """Flush everything: the log has ended."""
        while self._buffer and self.query(LogView):
            self.flush()

    def keep(self, exit_messages: list[str]) -> None:
        """Something failed: the file stays in any case, and where it is is said again at the end."""
        path = self.file.keep() if self.file is not None else None
        line = f"Deploy log: {path}"
        if path is not None and line not in exit_messages:
            exit_messages.append(line)

    @on(LogView.Changed)
    def _tell_state(self) -> None:
        view = self.view
        if bool(view.total) != self._has_lines:  # keys for them come and go with the lines
            self._has_lines = bool(view.total)
            self.refresh_bindings()
        parts = [f"log: {view.source}", f"{view.total} lines", "following" if view.following else "paused"]
        parts += ["wrapped"] if view.wrap else []
        if view.needle:
            parts.append(f"“{view.needle}”")
        if self.file is not None and (self.file.path or self.file.write_error):
            parts.append(self.file.write_error or str(self.file.path))
        state = " · ".join(parts)
        if state != self._state:
            self._state = state
            self.query_one("#log-state", Static).update(Content(state), layout=False)  # always one line
        pill = self.query_one("#pill", Button)
        shown = not view.following and view.waiting > 0
        pill.set_class(shown, "-shown")
        if shown:
            pill.label = f"+{view.waiting} lines (end)"

    @on(Button.Pressed, "#pill")
    def action_follow(self) -> None:
        """Follow new lines."""
        self.view.follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done with lines is there, and in the footer, while there are any."""
        return not self.query(LogView) or bool(self.view.total)

    def action_filter(self) -> None:
        """Show the next source only; after the last one, all of them."""
        place = SOURCES.index(self.view.source)
        self.view.source = SOURCES[(place + 1) % len(SOURCES)]

    def action_wrap(self) -> None:
        """Wrap long lines, or not."""
        self.view.wrap = not self.view.wrap

    def action_timestamps(self) -> None:
        """Show when each line came, or not."""
        self.view.timestamps = not self.view.timestamps

    def action_search(self) -> None:
        """Ask what to find."""
        field = self.query_one("#search", Input)
        field.add_class("-shown")
        field.focus()

    @on(Input.Submitted, "#search")
    def _search_for(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.remove_class("-shown")
        self.view.needle = event.value
        self.view.focus()
        if event.value:
            self.action_again(True)
        self._tell_state()

    @on(OpenedField.Left, "#search")
    def _search_left(self, event: OpenedField.Left) -> None:
        event.stop()
        event.field.remove_class("-shown")
        self.view.focus()

    def action_again(self, back: bool) -> None:
        """The next match, or the one before."""
        place, count = self.view.find(back=back)
        if self.view.needle:
            said = f"match {place} of {count}" if count else "not found"
            self.notify(said, title=self.view.needle, timeout=2, markup=False)

    def action_copy(self) -> None:
        """Copy what is selected, or else every line that passes the filter."""
        text = self.screen.get_selected_text() or self.view.shown_text
        self.app.copy_to_clipboard(text)
        self.notify(f"{text.count(chr(10)) + 1 if text else 0} lines copied", markup=False)

    def action_save(self) -> None:
        """Ask where the whole log is to be saved."""
        self.query_one(PathPrompt).ask("deploy.log")

    def on_path_prompt_named(self, message: PathPrompt.Named) -> None:
        message.stop()
        target = message.file
        try:
            if self.file is not None and self.file.path is not None:
                import shutil

                shutil.copyfile(self.file.path, target)
            else:
                target.write_text(self.view.shown_text + "\n", encoding="utf-8")
        except OSError as error:
            self.notify(f"{target} cannot be written: {error.strerror}.", severity="error", markup=False)
            return
        self.notify(str(target), title="Log saved", markup=False)


def _spare_the_keys() -> None:
    """Have Python walk over all objects seldom: a key that is pressed meanwhile waits for 60 ms and more. What is there
    by now stays, and lines come and go without cycles, so that there is next to nothing to be found."""
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], 1_000)
