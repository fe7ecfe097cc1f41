"""What is deployed already: ask it, read its log, change it, tear it down, or make a new one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import DataTable, Static

from wizard.core.access_token import clean_line
from wizard.core.events import Change
from wizard.core.problem import Problem
from wizard.flow.deploy.repeat_command import teardown_command
from wizard.flow.operate.deployed_apps import DeployedFunction, Overview, read_overview
from wizard.flow.ports.modal import Usage
from wizard.tui.background import run_exclusive
from wizard.tui.call_target import CallTarget
from wizard.tui.frame import StepScreen
from wizard.tui.looking import begin_with, look_again
from wizard.tui.messages import ServicesOpened
from wizard.tui.screens.home.details import FunctionDetails, Known, midnight
from wizard.tui.screens.home.log import FunctionLog
from wizard.tui.screens.home.table import FunctionTable
from wizard.tui.screens.home.teardown import UndoScreen
from wizard.tui.screens.home.wording import money_line
from wizard.tui.widgets.problem_card import ProblemCard

SIDE_MARGIN = 1  # cells between the list and the details
EMPTY = "Nothing is deployed yet. Press n to create your first function."


class HomeScreen(StepScreen):
    """Functions of this environment that this program has made."""

    step = "home"
    question = "Your functions on Modal"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "logs", "Log", id="home.logs", tooltip="Show or hide the log of the selected function"),
        Binding("c", "change", "Change", id="home.change", tooltip="Change its settings and deploy it again"),
        Binding("t", "tear_down", "Tear down", id="home.teardown", tooltip="Show what would be deleted, and ask"),
        Binding("n", "new", "New", id="home.new", tooltip="Create a new function"),
        Binding("o", "open_page", "Page", id="home.page", tooltip="Open its page on Modal in your browser"),
        Binding("r", "refresh", "Refresh", id="home.refresh", tooltip="Look again"),
        Binding("m", "modal", "Modal", id="home.modal", tooltip="Sign in to Modal, or choose another environment"),
        Binding(
            "u",
            "copy_undo",
            "Copy teardown command",
            show=False,
            id="home.undo",
            tooltip="Copy the command that tears it down",
        ),
        Binding("ctrl+n", "new", show=False, id="home.next"),
    ]
    CSS = """
    HomeScreen {
        #answer { layout: vertical; }
        #hint { height: auto; color: $text-muted; margin-bottom: 1; }
        #dashboard { height: 1fr; layout: vertical; }
        #apps { height: auto; max-height: 40vh; min-height: 3; display: none; }
        #apps { background: transparent; overflow-x: hidden; padding: 0; }
        #apps.-shown { display: block; }
        #list { height: auto; }
        #side { height: 1fr; margin-top: 1; }
        FunctionDetails { max-height: 100%; }
        &.-follows #list { height: 1fr; }
        &.-follows #side { display: none; }
        &.-wide #dashboard { layout: horizontal; }
        &.-wide #list { width: 1fr; height: 1fr; }
        &.-wide #apps { max-height: 60vh; }
        &.-wide #tail.-shown { display: block; }
        &.-follows #tail.-shown { display: none; }
        &.-wide #side { display: block; width: 1fr; height: auto; max-height: 100%; margin: 0 0 0 1; }
        &.-wide #side.-shown { border: round $foreground 25%; padding: 0 1; }
        &.-short #side { margin-top: 0; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.overview = Overview(())
        self.usage: Mapping[str, Usage] | None = None  # of today, by app id; None until Modal has answered
        self._looked = False

    def answer(self) -> Iterable[Widget]:
        yield Static("Looking up your functions…", id="hint", markup=False)
        yield ProblemCard(id="problem", markup=False)
        with Container(id="dashboard"):
            with Vertical(id="list"):
                yield FunctionTable()
                yield FunctionLog()
            with Vertical(id="side"):
                yield FunctionDetails()

    def on_shown(self) -> None:
        self.action_refresh()

    @on(ServicesOpened)
    def _services_opened(self) -> None:
        self.action_refresh()

    def action_refresh(self) -> None:
        """Look again."""
        run_exclusive(self, "look", self._look)

    async def _look(self) -> None:
        ports = self.wizard.ports
        if ports is None:
            return
        if not self._looked:
            self._hint("Looking up your functions…")
        card = self.query_one(ProblemCard)
        try:
            workspace = await ports.modal.connect()
            self.overview = await read_overview(ports.modal)
        except Problem as problem:
            self._hint("")
            card.show(problem.at("modal"), "r  Refresh   ·   m  Modal   ·   n  New")
            self.refresh_bindings()
            return
        card.hide()
        self._looked = True
        job = self.wizard.session.job
        if job is not None and job.workspace is None:
            job.workspace = workspace
        place = "" if workspace.environment == "main" else f", environment {clean_line(workspace.environment, 64)}"
        self.query_one("#question", Static).update(Content(self.question + place))
        self.wizard.rates = self.overview.rates
        self._draw()
        apps = [function.app for function in self.overview.functions]
        self.usage = await ports.modal.usage(apps, midnight(time.time()))
        self._show_details()
        self.query_one(FunctionLog).show_tail_of(self.chosen.name if self.chosen else "", again=True)

    def _hint(self, text: str) -> None:
        hint = self.query_one("#hint", Static)
        hint.display = bool(text)
        hint.update(Content(text))

    def _draw(self) -> None:
        table, functions = self.query_one(FunctionTable), self.overview.functions
        room = self.query_one("#answer").size.width
        if self.has_class("-wide"):
            room = (room - SIDE_MARGIN) // 2  # the details stand beside it
        table.show(functions, room)
        self._hint("" if functions else EMPTY)
        if functions and self.focused is None:
            table.focus()
        self._show_details()
        self.redraw_frame()

    def on_resize(self, event: Resize) -> None:
        if self._looked:
            self.call_after_refresh(self._draw)

    def _money_line(self) -> str:
        return money_line(self.overview) if self._looked else ""

    @on(DataTable.RowHighlighted, "#apps")
    def _show_details(self) -> None:
        chosen, shown = self.chosen, self.query_one(FunctionDetails)
        self.query_one("#side").set_class(chosen is not None, "-shown")
        shown.show(chosen, self._known(chosen), with_answer=not self.has_class("-short"))
        self.query_one(FunctionLog).show_tail_of(chosen.name if chosen else "")
        self.refresh_bindings()

    def _known(self, function: DeployedFunction | None) -> Known:
        if function is None:
            return Known()
        usage = None if self.usage is None else self.usage.get(function.app.app_id, Usage())
        return Known(usage, self.wizard.session.calls.get(function.name, ()))

    @property
    def chosen(self) -> DeployedFunction | None:
        """The function under the cursor."""
        return self.query_one(FunctionTable).chosen

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done with a function is only there when there is one."""
        if action in ("logs", "change", "tear_down", "open_page", "copy_undo") and self.is_mounted:
            return bool(self.overview.functions)
        if action == "modal" and self.is_mounted:
            return self.query_one(ProblemCard).problem is not None
        return True

    @on(DataTable.RowSelected, "#apps")
    def action_ask(self) -> None:
        """Ask the chosen function."""
        chosen = self.chosen
        if chosen is not None:
            self.wizard.session.call_target = CallTarget.deployed(chosen)
            self.wizard.go("sample")

    def action_new(self) -> None:
        """The first question."""
        self.wizard.go("model")

    def action_modal(self) -> None:
        """The question that can fix what is wrong with Modal."""
        self.wizard.go("modal")

    def action_open_page(self) -> None:
        """The app's page."""
        if self.chosen is not None:
            self.wizard.open_page(self.chosen.app.url)

    def action_copy_undo(self) -> None:
        """Copy the command that tears the chosen function down; it says what goes, and asks."""
        if self.chosen is not None:
            place = self.wizard.session.environment
            command = teardown_command(self.chosen.name, rehearsal=self.wizard.rehearsal, environment=place)
            self.wizard.copy(command, "Command")

    # The log

    def action_logs(self) -> None:
        """Show the log of the chosen function, or hide it."""
        log, chosen = self.query_one(FunctionLog), self.chosen
        if chosen is None or log.followed == chosen.name:
            log.put_away()
            self.query_one(FunctionTable).focus()
        else:
            log.follow(chosen.name)
        self.set_class(bool(log.followed), "-follows")

    def on_function_log_broke(self, message: FunctionLog.Broke) -> None:
        self.query_one(ProblemCard).show(message.problem, "l  Hide the log   ·   r  Refresh")

    # Changing

    def action_change(self) -> None:
        """Open the wizard with what the chosen function was deployed from."""
        if self.chosen is not None:
            run_exclusive(self, "change", self._change, self.chosen)

    async def _change(self, function: DeployedFunction) -> None:
        """Take its plan as the Draft, look at what the plan rests on, and stop at the first thing to be answered."""
        begin_with(self.wizard, function.draft)
        if function.record is None:
            words = "Its settings were not saved with it: please answer the questions again."
            self.notify(words, title=clean_line(function.name), severity="warning", markup=False)
            self.wizard.go("model")
            return
        self._hint(f"Checking what {clean_line(function.name)} needs…")
        if await look_again(self.wizard):
            self.wizard.go("function")
        self._hint("")

    def on_log_requested(self) -> None:
        """Show the log of the function that was asked last."""
        if not self.query_one(FunctionLog).followed:
            self.action_logs()

    # Tearing down

    def action_tear_down(self) -> None:
        """Ask whether to tear the chosen function down."""
        ports, chosen = self.wizard.ports, self.chosen
        if ports is not None and chosen is not None:
            self.app.push_screen(UndoScreen(ports.modal, chosen, self.overview), self._torn_down)

    def _torn_down(self, changes: tuple[Change, ...] | None) -> None:
        if changes is None:
            return
        gone = [change for change in changes if change.action == "delete"]
        words = ", ".join(f"{change.resource} {clean_line(change.name, 60)}" for change in gone)
        self.notify(words or "There was nothing left to delete.", title="Deleted", markup=False)
        plan = self.wizard.session.agreed_plan
        if plan is not None and any(change.name in (plan.app, plan.secret, plan.volume) for change in gone):
            self.wizard.session.forget("secret")
        if self.query_one(FunctionLog).followed in {change.name for change in gone}:
            self.action_logs()
        self.action_refresh()
