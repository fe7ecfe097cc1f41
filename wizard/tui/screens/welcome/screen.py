"""What one gets, how long it takes, what it costs and what accounts it needs; then the demo, or one's own accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from wizard.core.problem import Problem
from wizard.flow.configuration.first_time import remember_welcome, welcome_rows
from wizard.tui.background import run_exclusive
from wizard.tui.frame import StepScreen
from wizard.tui.messages import ServicesFailed, ServicesOpened

if TYPE_CHECKING:
    from wizard.flow.deploy.accounts import Account

NAME_WIDTH = 15
COLOURS = {"checking": "$quiet", "found": "$success", "missing": "$warning", "unknown": "$quiet"}


class WelcomeScreen(StepScreen):
    """Shown once, before the first question."""

    step = "welcome"
    question = "Welcome to outlines-wizard"
    AUTO_FOCUS = "#demo"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "demo", "Try the demo", id="welcome.demo", tooltip="Try it on this computer, without an account"),
        Binding("a", "accounts", "Use my accounts", id="welcome.accounts", tooltip="Go to the first question"),
        Binding("left,up", "app.focus_previous", show=False, id="welcome.previous"),
        Binding("right,down", "app.focus_next", show=False, id="welcome.next"),
    ]
    CSS = """
    WelcomeScreen {
        #welcome { height: auto; max-height: 1fr; }
        #welcome Static, .row { height: auto; }
        .row, #accounts { margin-bottom: 1; }
        .row .name { width: 12; }
        .row .words { width: 1fr; }
        #choices { height: auto; margin-top: 1; }
        #choices Button { margin-right: 2; min-width: 20; }
        #demo-words { height: auto; color: $quiet; }
        &.-short .row, &.-short #accounts { margin-bottom: 0; }
        &.-short #choices { margin-top: 0; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._accounts: tuple[Account, ...] = ()

    def answer(self) -> Iterable[Widget]:
        with VerticalScroll(id="welcome", can_focus=False):
            for name in ("what", "time", "cost"):
                with Horizontal(classes="row"):
                    yield Static(classes="name", markup=False)
                    yield Static(id=name, classes="words", markup=False)
            yield Static(id="accounts", markup=False)
        with Horizontal(id="choices"):
            yield Button("Try the demo (d)", id="demo", variant="primary", tooltip="No account, nothing is billed")
            yield Button("Use my accounts (a)", id="own", tooltip="Go to the first question")
        yield Static("The demo runs on this computer: no account, nothing is billed.", id="demo-words", markup=False)

    def on_mount(self) -> None:
        remember_welcome()
        for row, (name, words) in zip(self.query(".row"), welcome_rows(), strict=True):
            row.query_one(".name", Static).update(Content.styled(name, "bold"))
            row.query_one(".words", Static).update(Content(words))
        self._draw_accounts()

    def on_shown(self) -> None:
        if self.wizard.ports is not None:
            run_exclusive(self, "accounts", self._look)

    def on_services_opened(self, message: ServicesOpened) -> None:
        self.on_shown()

    def on_services_failed(self, message: ServicesFailed) -> None:
        """Nothing can be looked at; both answers stay, and the first question tells the reason."""

    def _show_trouble(self) -> None:
        """The first question does that."""

    def _money_line(self) -> str:
        return ""

    async def _look(self) -> None:
        from wizard.flow.deploy.accounts import hugging_face, modal

        ports = self.wizard.ports
        if ports is None:
            return
        for number, looked in enumerate(asyncio.as_completed([hugging_face(ports), modal(ports)])):
            account = await looked
            known = {each.name: each for each in self._accounts} | {account.name: account}
            self._accounts = tuple(known.values())
            self._draw_accounts()
            assert number < 2

    def _draw_accounts(self) -> None:
        from wizard.flow.deploy.accounts import CHECKING, GLYPHS

        known = {each.name: each for each in self._accounts}
        lines = [Content.styled("Accounts", "bold")]
        for default in CHECKING:
            account = known.get(default.name, replace(default))
            glyph, colour = GLYPHS[account.state], COLOURS[account.state]
            lines.append(
                Content.assemble((f"{glyph} ", colour), f"{account.name:<{NAME_WIDTH - 2}}", (account.words, "$quiet"))
            )
        self.query_one("#accounts", Static).update(Content("\n").join(lines))

    @on(Button.Pressed, "#demo")
    def action_demo(self) -> None:
        """What `--rehearse` opens."""
        try:
            self.wizard.start_demo()
        except Problem as problem:
            words = self.query_one("#demo-words", Static)
            words.update(Content.styled(f"✗ {problem.message} {problem.hint}", "$error"))

    @on(Button.Pressed, "#own")
    def action_accounts(self) -> None:
        """The first question, or the functions that exist."""
        self.wizard.begin()
