"""What is deployed already: ask it, read its log, or make a new one."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import aclosing
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import DataTable, Static

from wizard.core.access_token import clean_line
from wizard.core.problem import Problem
from wizard.flow.ports import DeployedApp, LogQuery
from wizard.tui.command_line import teardown_command
from wizard.tui.frame import StepScreen
from wizard.tui.messages import ServicesOpened
from wizard.tui.screens.sample import SampleScreen
from wizard.tui.screens.sample_words import Target
from wizard.tui.widgets.log_file import LogFile
from wizard.tui.widgets.log_panel import LogPanel
from wizard.tui.widgets.problem_card import ProblemCard


class HomeScreen(StepScreen):
    """Functions of this environment that this program has made."""

    step = "home"
    question = "Your functions on Modal"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New function", id="home.new", tooltip="Start with the first question"),
        Binding("l", "logs", "Log", id="home.logs", tooltip="Show or hide the log of the chosen function"),
        Binding("u", "copy_undo", "Copy undo", id="home.undo", tooltip="Copy the command that tears it down"),
        Binding("r", "refresh", "Refresh", id="home.refresh", tooltip="Look again"),
        Binding("ctrl+n", "new", "New function", show=False, id="home.next"),
    ]
    CSS = """
    HomeScreen {
        #answer { layout: vertical; }
        #apps { height: auto; max-height: 50%; min-height: 4; }
        #hint { height: auto; color: $text-muted; margin-bottom: 1; }
        LogPanel { display: none; margin-top: 1; }
        LogPanel.-shown { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.apps: list[DeployedApp] = []
        self._followed = ""

    def answer(self) -> Iterable[Widget]:
        yield Static("Looking …", id="hint", markup=False)
        yield ProblemCard(id="problem", markup=False)
        yield DataTable[Text](id="apps", cursor_type="row", zebra_stripes=True)
        yield LogPanel(id="panel")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for name in ("function", "state", "version", "deployed"):
            table.add_column(name, key=name)

    def arrived(self) -> None:
        self.action_refresh()

    @on(ServicesOpened)
    def action_refresh(self) -> None:
        """Look again."""
        self.run_worker(self._look(), group="look", exclusive=True, exit_on_error=False, description="list functions")

    async def _look(self) -> None:
        ports = self.wizard.ports
        if ports is None:
            return
        card = self.query_one(ProblemCard)
        card.hide()
        try:
            await ports.cloud.connect()
            self.apps = await ports.cloud.apps()
        except Problem as problem:
            card.show(problem, "r  Look again   ·   n  New function")
            return
        self._draw()

    def _draw(self) -> None:
        table = self.query_one(DataTable)
        row = table.cursor_row
        table.clear()
        for app in self.apps:
            cells = (app.name, app.state, f"v{app.version}" if app.version else "", when(app.deployed_at))
            table.add_row(*(Text(clean_line(cell, 60)) for cell in cells), key=app.name)
        if self.apps:
            table.move_cursor(row=min(row, len(self.apps) - 1))
            table.focus()
        hint = "Enter asks it. Asleep it costs nothing but storage." if self.apps else "None yet: n makes one."
        self.query_one("#hint", Static).update(Content(hint))

    @property
    def chosen(self) -> DeployedApp | None:
        """The function under the cursor."""
        row = self.query_one(DataTable).cursor_row
        return self.apps[row] if 0 <= row < len(self.apps) else None

    @on(DataTable.RowSelected, "#apps")
    def _ask(self, event: DataTable.RowSelected) -> None:
        event.stop()
        sample = self.app.get_screen("sample")
        if self.chosen is not None and isinstance(sample, SampleScreen):
            sample.aim(Target(self.chosen.name))
            self.wizard.go("sample")

    def action_new(self) -> None:
        """The first question."""
        self.wizard.go("model")

    def action_logs(self) -> None:
        """Show the log of the chosen function, or hide it."""
        panel = self.query_one(LogPanel)
        chosen = self.chosen
        if chosen is None or (self._followed == chosen.name and panel.has_class("-shown")):
            panel.remove_class("-shown")
            self.workers.cancel_group(self, "log")
            self._followed = ""
            return
        self._followed = chosen.name
        panel.add_class("-shown")
        panel.begin(LogFile(f"log-{chosen.name}", rehearsal=self.wizard.rehearsal))
        self.run_worker(self._follow(chosen.name), group="log", exclusive=True, exit_on_error=False, description="log")

    async def _follow(self, name: str) -> None:
        ports = self.wizard.ports
        if ports is None:
            return
        try:
            async with aclosing(ports.cloud.logs(name, LogQuery(follow=True))) as lines:
                async for line in lines:
                    self.query_one(LogPanel).feed(line)
        except Problem as problem:
            self.query_one(ProblemCard).show(problem, "l  Hide the log   ·   r  Look again")

    def action_copy_undo(self) -> None:
        """Copy the command that tears the chosen function down; it says what goes, and asks."""
        if self.chosen is not None:
            self.wizard.copy(teardown_command(self.chosen.name, rehearsal=self.wizard.rehearsal), "Command")


def when(seconds: float | None) -> str:
    """A moment as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""
