"""Go on with a deploy that an earlier session left in the middle?"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from wizard.core.access_token import clean_line
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan_file import read_plan
from wizard.core.problem import Problem
from wizard.flow.deploy.unfinished import UnfinishedDeploy, read_unfinished
from wizard.tui.background import run_exclusive
from wizard.tui.looking import look_again
from wizard.tui.step_view import StepView

if TYPE_CHECKING:
    from wizard.tui.app import WizardApp

Answer = Literal["continue", "later", "forget"]


class ResumingScreen(ModalScreen[Answer]):
    """Asked once at the start. Nothing is deployed by saying yes: the plan comes first."""

    DEFAULT_CSS = """
    ResumingScreen { align: center middle; }
    ResumingScreen > Vertical { width: 64; max-width: 96%; height: auto; padding: 1 2; background: $panel; }
    ResumingScreen > Vertical { border: round $primary; }
    ResumingScreen Horizontal { height: auto; margin-top: 1; }
    ResumingScreen Button { margin-right: 1; min-width: 12; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "answer('continue')", "Continue", id="resuming.continue", tooltip="Go to its plan"),
        Binding("escape", "answer('later')", "Not now", id="resuming.later", tooltip="Ask again next time"),
        Binding("f", "answer('forget')", "Forget it", id="resuming.forget", tooltip="Do not ask about it again"),
    ]
    AUTO_FOCUS = "#continue"

    def __init__(self, left: UnfinishedDeploy) -> None:
        super().__init__()
        self._left = left

    def compose(self) -> ComposeResult:
        app, model = clean_line(self._left.app, 63), clean_line(self._left.model, 100)
        with Vertical():
            yield Static(
                f"The last session ended in the middle of deploying {app} ({model}).\n\n"
                "Continue with its plan? You see what exists already before anything is deployed.",
                markup=False,
            )
            with Horizontal():
                yield Button("Continue (c)", id="continue", variant="primary")
                yield Button("Not now (esc)", id="later")
                yield Button("Forget it (f)", id="forget")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        answers: dict[str | None, Answer] = {"continue": "continue", "forget": "forget"}
        self.dismiss(answers.get(event.button.id, "later"))

    def action_answer(self, answer: Answer) -> None:
        self.dismiss(answer)


async def offer_to_resume(app: WizardApp) -> None:
    """Ask about a deploy that was left in the middle, if there is one and the person has not begun with another."""
    screen, left = app.screen, await asyncio.to_thread(read_unfinished, rehearsal=app.rehearsal)
    if left is None or app.screen is not screen or not (isinstance(screen, StepView) and screen.is_untouched):
        return
    try:
        draft = read_plan(left.plan, str(left.file), Draft)
    except Problem:  # of a version that wrote plans differently
        left.forget()
        return
    app.push_screen(ResumingScreen(left), partial(_answered, app, left, draft))


def _answered(app: WizardApp, left: UnfinishedDeploy, draft: Draft, answer: Answer | None) -> None:
    if answer in ("continue", "forget"):
        left.forget()
    if answer == "continue":
        app.session.draft = draft
        run_exclusive(app, "resume", _resume, app)


async def _resume(app: WizardApp) -> None:
    """Look again at what the plan rests on, then show the plan; stop at the first question that is open."""
    app.notify("Checking what exists already…", markup=False)
    if await look_again(app):
        app.session.states["function"] = "done"
        app.go("review")
