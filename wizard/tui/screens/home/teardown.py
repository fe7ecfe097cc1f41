"""Tear a function down? Shows what would go, what stays and what that costs; asks; does it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from wizard.core.access_token import clean_line
from wizard.core.events import Change
from wizard.core.problem import Problem
from wizard.flow.deploy.discovery import size_words
from wizard.flow.operate.deployed_apps import DeployedFunction, Overview
from wizard.flow.operate.teardown import plan_teardown, undo
from wizard.flow.ports.modal import ModalPort
from wizard.tui.background import bug, run_exclusive
from wizard.tui.screens.review.changes import changes_table
from wizard.tui.widgets.problem_card import ProblemCard

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp


class UndoScreen(ModalScreen[tuple[Change, ...] | None]):
    """Ends with what was changed; None when the person keeps everything."""

    DEFAULT_CSS = """
    UndoScreen { align: center middle; }
    UndoScreen > VerticalScroll { width: 72; max-width: 96%; height: auto; max-height: 90%; padding: 1 2; }
    UndoScreen > VerticalScroll { background: $panel; border: round $error; }
    UndoScreen #what { text-style: bold; margin-bottom: 1; height: auto; }
    UndoScreen #changes, UndoScreen #stays { height: auto; }
    UndoScreen #stays { margin-top: 1; color: $text-muted; }
    UndoScreen Horizontal { height: auto; margin-top: 1; }
    UndoScreen.-narrow Horizontal { layout: vertical; }
    UndoScreen Button { margin-right: 1; min-width: 15; }
    UndoScreen #volume { min-width: 18; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-normal")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "keep", "Keep it", id="undo.keep"),
        Binding("y", "agree", "Tear down", id="undo.agree"),
        Binding("v", "volume", "Delete weights too", id="undo.volume"),
    ]

    def __init__(self, modal: ModalPort, function: DeployedFunction, overview: Overview) -> None:
        super().__init__()
        self._modal_port, self._function, self._overview = modal, function, overview
        self.changes: list[Change] = []
        self.with_volume = False
        self.doing = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(f"Tear down {clean_line(self._function.name)}?", id="what", markup=False)
            yield Static("Checking what would be deleted…", id="changes", markup=False)
            yield Static(id="stays", markup=False)
            yield ProblemCard(id="problem", markup=False)
            with Horizontal():
                yield Button("Keep it (esc)", id="keep", variant="primary")
                yield Button("Delete weights too (v)", id="volume")
                yield Button("Tear down (y)", id="agree", variant="error")

    def on_mount(self) -> None:
        self.query_one("#keep", Button).focus()  # Enter must not tear down
        self._look()

    def _look(self) -> None:
        self.changes = []
        run_exclusive(self, "undo", self._plan)

    async def _plan(self) -> None:
        try:
            name, secret = self._function.name, self._function.secret
            self.changes = await plan_teardown(self._modal_port, name, secret, with_volume=self.with_volume)
        except Problem as problem:
            self._fail(problem)
            return
        except Exception as error:  # noqa: BLE001 - a bug of ours must be seen
            self._fail(bug(error, "modal"))
            return
        self._draw()

    def _draw(self) -> None:
        told = [replace(each, why=each.why.replace("pass --volume", "press v")) for each in self.changes]
        self.query_one("#changes", Static).update(changes_table(told))
        kept = any(change.resource == "volume" and change.action == "keep" for change in self.changes)
        price = f"${self._overview.storage_per_month:.2f}/month"
        stays = f"Kept: {size_words(self._overview.stored)} of weights, {price}." if kept else ""
        self.query_one("#stays", Static).update(Content(stays or "Nothing that costs money is left."))
        self.query_one("#volume", Button).label = "Keep weights (v)" if self.with_volume else "Delete weights too (v)"

    def _fail(self, problem: Problem) -> None:
        self.doing = False
        self.query_one("#changes", Static).update("")
        self.query_one(ProblemCard).show(problem, "esc  Back   ·   y  Try again")

    def action_volume(self) -> None:
        """Let the weights go too, or not."""
        if not self.doing:
            self.with_volume = not self.with_volume
            self._look()

    def action_keep(self) -> None:
        """Change nothing."""
        if self.doing:
            self.notify("Teardown is running.", markup=False)
        else:
            self.dismiss(None)

    def action_agree(self) -> None:
        """Do it; after a problem, look again first."""
        if self.doing:
            return
        card = self.query_one(ProblemCard)
        if card.problem is not None:
            card.hide()
            self._look()
        elif self.changes:
            self.doing = True
            self.query_one("#what", Static).update(Content("Tearing down…"))
            run_exclusive(self, "undo", self._undo)

    async def _undo(self) -> None:
        app = cast("WizardApp", self.app)
        app.busy = f"{self._function.name} is being torn down. If you quit now, what is left stays and may cost money."
        try:
            await undo(self._modal_port, self.changes)
        except Problem as problem:
            self._fail(problem)
            return
        except Exception as error:  # noqa: BLE001 - a bug of ours must be seen, and Escape must lead out again
            self._fail(bug(error, "modal"))
            return
        finally:
            app.busy = None
        self.dismiss(tuple(self.changes))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        actions = {"keep": self.action_keep, "volume": self.action_volume, "agree": self.action_agree}
        actions[str(event.button.id)]()
