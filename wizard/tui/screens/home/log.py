"""The log of the function that is chosen: its end, where there is room for it, or all of it as it comes."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from wizard.core.access_token import clean_line
from wizard.core.events import LogLine
from wizard.core.problem import Problem
from wizard.flow.ports.modal import LogQuery
from wizard.tui.background import run_exclusive
from wizard.tui.widgets.log.file import LogFile
from wizard.tui.widgets.log.panel import LogPanel

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp

TAIL_LINES, TAIL_PAUSE = 12, 0.3  # seconds before the end of a log is asked for: the cursor may only be passing


class FunctionLog(Vertical):
    """Shows the end of a log, or follows it once `follow` is called. `followed` names the function that it follows."""

    DEFAULT_CSS = """
    FunctionLog { height: auto; }
    FunctionLog.-follows { height: 1fr; }
    FunctionLog #tail { height: auto; margin-top: 1; color: $text-muted; display: none; }
    FunctionLog #tail { text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; }
    FunctionLog LogPanel { display: none; }
    FunctionLog.-follows LogPanel { display: block; }
    """

    class Broke(Message):
        """The log that is followed has come to an end that it should not have."""

        def __init__(self, problem: Problem) -> None:
            super().__init__()
            self.problem = problem

    def __init__(self) -> None:
        super().__init__()
        self.followed = ""
        self._tail_of = ""

    def compose(self) -> ComposeResult:
        yield Static(id="tail", markup=False)
        yield LogPanel(id="panel")

    @property
    def _wizard(self) -> WizardApp:
        return cast("WizardApp", self.app)

    def show_tail_of(self, name: str, *, again: bool = False) -> None:
        """Show the end of a function's log; nothing without a name."""
        if name != self._tail_of or again:
            self._tail_of = name
            self.show_tail(())
            run_exclusive(self, "tail", self._read_tail, name)

    def show_tail(self, lines: tuple[LogLine, ...]) -> None:
        """Draw the end of a log."""
        tail = self.query_one("#tail", Static)
        tail.set_class(bool(lines), "-shown")
        texts = [clean_line(line.text, 200) for line in lines[-TAIL_LINES:]]
        tail.update(Content.assemble(("Log (l shows all of it)\n", "$quiet bold"), "\n".join(texts)))

    async def _read_tail(self, name: str) -> None:
        ports = self._wizard.ports
        if ports is None or not name or not self.screen.has_class("-wide"):
            return
        await asyncio.sleep(TAIL_PAUSE)
        lines: list[LogLine] = []
        with contextlib.suppress(Problem):  # it is a courtesy: the key for the log says what is wrong
            async with aclosing(ports.modal.logs(name, LogQuery(entries=TAIL_LINES))) as found:
                lines = [line async for line in found]
        self.show_tail(tuple(lines))

    def follow(self, name: str) -> None:
        """Show the whole log of a function, and what comes."""
        self.followed = name
        self.add_class("-follows")
        panel = self.query_one(LogPanel)
        panel.begin(LogFile(f"log-{name}", rehearsal=self._wizard.rehearsal))
        panel.view.focus()
        run_exclusive(self, "log", self._follow, name)

    async def _follow(self, name: str) -> None:
        ports = self._wizard.ports
        if ports is None:
            return
        try:
            async with aclosing(ports.modal.logs(name, LogQuery(follow=True))) as lines:
                async for line in lines:
                    self.query_one(LogPanel).feed(line)
        except Problem as problem:
            self.post_message(self.Broke(problem))

    def put_away(self) -> None:
        """Follow no more."""
        self.remove_class("-follows")
        self.workers.cancel_group(self, "log")
        self.followed = ""
