"""Signed in to Modal? And what its Modal Secret holds, compared with the access token of this session."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from wizard.core.problem import Problem
from wizard.flow.deploy.discovery import MODAL_SIGN_IN_HELPS
from wizard.flow.deploy.make_plan import SECRET_WORDS
from wizard.flow.ports.modal import SignInPage
from wizard.tui.background import run_exclusive
from wizard.tui.messages import EngineSpoke, ServicesOpened
from wizard.tui.screens.modal.questions import ModalQuestions
from wizard.tui.screens.modal.side import modal_note
from wizard.tui.widgets.card import Card
from wizard.tui.widgets.checks import Check, Checks
from wizard.tui.widgets.choice_panel import ChoicePanel
from wizard.tui.widgets.side_note import SideNote
from wizard.tui.wizard_session import StepState

SIGN_IN = "modal token new"
UPGRADE = "pip install --upgrade modal"
HINTS = {  # the next action by this screen's keys
    "modal_unreachable": "Check your connection and status.modal.com, then press r to check again.",
    "modal_busy": "Wait a moment, then press r to check again.",
}
NOT_SIGNED_IN = MODAL_SIGN_IN_HELPS


class ModalScreen(ModalQuestions):
    """The third question."""

    step = "modal"
    question = "Where on Modal should it run?"
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#modal-body"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,n", "go_on", "Continue", id="modal.go_on", tooltip="Go to the next question"),
        Binding("b", "sign_in", "Sign in", id="modal.sign_in", tooltip="Sign in to Modal in your browser"),
        Binding("o", "open", "Open page", id="modal.open", tooltip="Open the sign-in page in your browser"),
        Binding("c", "copy", "Copy", id="modal.copy", tooltip="Copy the sign-in page's address, or the command"),
        Binding("e", "environment", "Environment", id="modal.environment", tooltip="Choose or create an environment"),
        Binding("s", "secret", "Modal Secret", id="modal.secret", tooltip="Choose another Modal Secret"),
        Binding("r", "again", "Check again", id="modal.again", tooltip="Look again"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.problem: Problem | None = None
        self.looking = self.looked = False
        self._about: tuple[str | None, ...] | None = None
        self._goes_on = False  # Enter was pressed before Modal had answered
        self._page: SignInPage | None = None  # a sign-in that waits for its person

    def answer(self) -> Iterable[Widget]:
        with VerticalScroll(id="modal-body") as body:
            body.tooltip = "Who is signed in, and what exists on Modal already. Arrow keys scroll."
            yield Checks(2, id="checks")
            yield Card(id="verdict")
            yield from self.questions()
        yield SideNote("On Modal")

    # --- looking --------------------------------------------------------------------------------------------------

    def on_shown(self) -> None:
        card = self.query_one("#verdict", Card)
        if self.wizard.ports is None:
            card.show("plain", "Starting…")
        elif self.looking or (self.looked and self._about == self._about_now()):
            self.draw()
        else:
            self.start()
        self.refresh_bindings()

    def on_services_opened(self, message: ServicesOpened) -> None:
        self.on_shown()

    def _about_now(self) -> tuple[str | None, ...]:
        """What the answer rests on: environment, Modal Secret and what became of it, the model, the access token."""
        session = self.wizard.session
        made = session.states["secret"] if session.states["secret"] in ("done", "skipped") else None
        return (self.environment, self.secret_name, made, session.draft.model, self._fingerprint())

    def _fingerprint(self) -> str | None:
        job = self.wizard.session.job
        credential = job.report.credential if job is not None and job.report is not None else None
        return credential.token.fingerprint if credential is not None else None

    @property
    def needs_secret(self) -> bool | None:
        """Whether the function needs an access token at all; None while the model is not known."""
        job = self.wizard.session.job
        return job.facts.needs_token if job is not None and job.facts is not None else None

    def start(self) -> None:
        """Look again from the beginning."""
        self.looking, self.looked, self.problem, self.secret = True, False, None, None
        self.draw()
        run_exclusive(self, "look", self._look)

    async def _look(self) -> None:
        ports = self.wizard.ports
        assert ports is not None
        failed = await self.wizard.run_step("modal", self)
        self.problem = failed.problem if failed is not None else None
        if self.problem is None and self.needs_secret:
            try:
                self.secret = await ports.modal.secret_state(self.secret_name, self._fingerprint())
            except Problem as problem:
                self.problem = problem
        self.looking, self.looked, self._about = False, True, self._about_now()
        self.draw()
        self.redraw_frame()
        self.call_after_refresh(self.query_one("#verdict").scroll_visible, animate=False)
        if self.must_decide:
            self.ask_about_secret()
            self.draw()
        goes_on, self._goes_on = self._goes_on, False
        if goes_on and self.is_current and self.check_action("go_on", ()):
            self.wizard.go("function")

    # --- drawing --------------------------------------------------------------------------------------------------

    def on_engine_spoke(self, message: EngineSpoke) -> None:
        self.draw()

    def draw(self) -> None:
        """Draw everything again."""
        if not self.is_mounted:
            return
        session = self.wizard.session
        signed_in = Check("Modal", session.states["modal"], session.details.get("modal", ""))
        self.query_one("#checks", Checks).show([signed_in, self._secret_check()])
        card = self.query_one("#verdict", Card)
        card.display = self.must_decide or not self._is_asking  # one question at a time
        if self._page is not None:
            words = ["", f"    {self._page.url}", f"    code: {self._page.code}" if self._page.code else ""]
            card.show(
                "waiting",
                "Waiting for your browser.",
                "Approve the sign-in on this page (press o to open it).",
                words,
                "",
            )
        elif self.looking:
            card.show("plain", "Asking Modal…")
        elif self.problem is not None:
            self._draw_problem(card, self.problem)
        elif self.must_decide:
            cause = f"There is already a Modal Secret called {self.secret_name}, and outlines-wizard did not create it."
            card.show("waiting", cause, "Nothing is written to it until you approve the plan.")
        elif self.looked:
            card.show("good", "Modal is ready.", "Press Enter to continue.", self._secret_words())
        workspace = session.job.workspace if session.job is not None and self.problem is None else None
        note = modal_note(workspace, session.draft, self.secret_name, needs_secret=bool(self.needs_secret))
        self.query_one(SideNote).show([] if self._page is not None or self.looking else note)
        self.refresh_bindings()

    def on_resize(self) -> None:
        if self.looking or self.looked:
            self.call_after_refresh(self.draw)

    def _secret_check(self) -> Check:
        if self.looking and self.needs_secret:
            return Check("Modal Secret", "waiting", self.secret_name)
        if not self.looked or self.problem is not None:
            return Check("Modal Secret", "todo")
        if not self.needs_secret:
            why = "not needed: the model is open" if self.needs_secret is False else "check a model first"
            return Check("Modal Secret", "skipped", why)
        state: StepState = "waiting" if self.must_decide else "done"
        return Check("Modal Secret", state, f"{self.secret_name}: {self._state_words()}")

    def _state_words(self) -> str:
        if self.secret == "foreign" and self.wizard.session.options.replace_secret:
            return "not created by outlines-wizard; its access token will be replaced"
        if self.secret == "missing":
            return f"will be created; {SECRET_WORDS['missing']}"
        if self.secret == "outdated":
            return f"will be updated; {SECRET_WORDS['outdated']}"
        return SECRET_WORDS[self.secret] if self.secret else ""

    def _secret_words(self) -> list[str]:
        if self.secret in ("missing", "outdated"):
            return ["Nothing is written until you approve the plan."]
        if self.secret == "foreign":
            return ["Press s to choose what happens to this Modal Secret."]
        return []

    @property
    def _is_asking(self) -> bool:
        return any(panel.is_asking for panel in self.query(ChoicePanel))

    @property
    def _is_outdated(self) -> bool:
        """Whether the installed modal package is too old for Modal."""
        return self.problem is not None and self.problem.code == "modal_outdated"

    @property
    def _is_elsewhere(self) -> bool:
        """Whether the environment that was asked for is not there."""
        return self.problem is not None and self.problem.code == "environment_missing"

    def _draw_problem(self, card: Card, problem: Problem) -> None:
        if problem.code in NOT_SIGNED_IN:
            self._draw_sign_in(card, problem)
        elif self._is_outdated:
            action = "Run this command in a terminal (press c to copy it), then start outlines-wizard again:"
            card.show("bad", problem.message, action, ["", f"    {UPGRADE}"], problem.raw or "")
        elif self._is_elsewhere:
            card.show_problem(problem, "Press e to choose another one or create it.")
        else:
            again = f"{problem.hint} Press r to check again." if problem.retryable else problem.hint
            hint = HINTS.get(problem.code, again)
            card.show_problem(problem, hint)

    def _draw_sign_in(self, card: Card, problem: Problem) -> None:
        action = "Press b to sign in with your browser."
        if self._is_alone:
            card.show("bad", problem.message, action)
        else:
            action += " Or run this in another terminal, then press r:"
            card.show("bad", problem.message, action, ["", f"    {SIGN_IN}"], "")

    @property
    def _is_alone(self) -> bool:
        """Whether nobody else can reach the Modal of this session: a rehearsal that begins and ends with it."""
        ports = self.wizard.ports
        return ports is not None and ports.rehearsal and not ports.lasting

    # --- keys -----------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are there, and in the footer, only while they mean something."""
        good = self.looked and self.problem is None
        means = {
            "go_on": (good or not self.looked) and not self.must_decide and not self._is_asking,
            "copy": self._page is not None or self._is_outdated or (self._is_signed_out and not self._is_alone),
            "sign_in": self._is_signed_out and self._page is None,
            "open": self._page is not None,
            "secret": good and bool(self.needs_secret) and not self._is_asking,
            "environment": (good or self._is_elsewhere) and not self._is_asking,
            "again": self.looked and not self.looking and self._page is None and not self._is_asking,
        }
        return means.get(action, True)

    def action_go_on(self) -> None:
        """To the next question, as soon as Modal has answered."""
        self._goes_on = not self.looked
        if self.looked:
            self.wizard.go("function")

    @property
    def _is_signed_out(self) -> bool:
        return self.problem is not None and self.problem.code in (*NOT_SIGNED_IN, "modal_sign_in_failed")

    def action_sign_in(self) -> None:
        run_exclusive(self, "sign in", self._sign_in)

    async def _sign_in(self) -> None:
        """Show the page, wait for the person to approve it there, and go on by itself."""
        ports = self.wizard.ports
        assert ports is not None
        try:
            async with aclosing(ports.modal.sign_in()) as pages:
                async for page in pages:
                    self._page = page
                    self.draw()
        except Problem as problem:
            self._page, self.problem = None, problem
            self.draw()
            return
        self._page = None
        self.start()

    def action_open(self) -> None:
        if self._page is not None:
            self.wizard.open_page(self._page.url)

    def action_copy(self) -> None:
        if self._page is not None:
            self.wizard.copy(self._page.url, "Address")
        else:
            self.wizard.copy(UPGRADE if self._is_outdated else SIGN_IN, "Command")

    def action_secret(self) -> None:
        self.ask_about_secret()

    def action_again(self) -> None:
        self.start()
