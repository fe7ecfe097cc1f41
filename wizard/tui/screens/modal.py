"""Signed in to Modal? And what its Modal Secret holds, compared with the access token of this session."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from wizard.core.output_type import OutputType
from wizard.core.plan import SECRET_NAME, Draft
from wizard.core.problem import Problem
from wizard.flow.planning import SECRET_WORDS
from wizard.flow.ports import SecretState, SignInPage
from wizard.tui.errands import send
from wizard.tui.frame import StepScreen
from wizard.tui.journey import StepState
from wizard.tui.messages import EngineSpoke, ServicesOpened
from wizard.tui.widgets.card import Card
from wizard.tui.widgets.checks import Check, Checks

SIGN_IN = "modal token new"
NOT_SIGNED_IN = ("no_modal_token", "modal_auth")
FOREIGN = (
    ("use", "Use it as it is: nothing is written to it"),
    ("replace", "Replace the access token in it, and mark it as ours"),
    ("name", "Leave it alone, and use a Modal Secret of another name"),
)


class NameField(Input):
    """The name of another Modal Secret; Escape puts it away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.put_away", "Cancel", id="modal.cancel", tooltip="Choose again what to do with it"),
    ]


class ModalScreen(StepScreen):
    """The third question. `secret` is None until it has been looked at, or when none is needed."""

    step = "modal"
    question = "Where on Modal does it run?"
    CSS_PATH = "modal.tcss"
    AUTO_FOCUS = "#modal-body"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,n", "go_on", "Go on", id="modal.go_on", tooltip="Go to the next question"),
        Binding("b", "sign_in", "Sign in", id="modal.sign_in", tooltip="Sign in to Modal in the browser"),
        Binding("o", "open", "Open page", id="modal.open", tooltip="Open the sign-in page in the browser"),
        Binding("c", "copy", "Copy", id="modal.copy", tooltip="Copy the sign-in page's address, or the command"),
        Binding("s", "secret", "Modal Secret", id="modal.secret", tooltip="Choose another Modal Secret"),
        Binding("r", "again", "Re-check", id="modal.again", tooltip="Look again"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.problem: Problem | None = None
        self.secret: SecretState | None = None
        self.looking = self.looked = False
        self._about: tuple[str | None, ...] | None = None
        self._settled: set[str] = set()  # names of Modal Secrets that the person has decided about
        self._asking = False
        self._page: SignInPage | None = None  # a sign-in that waits for its person

    def answer(self) -> Iterable[Widget]:
        with VerticalScroll(id="modal-body"):
            yield Checks(2, id="checks")
            yield Card(id="verdict")
            choices = OptionList(id="choices", markup=False)
            choices.tooltip = "What is done with the Modal Secret that somebody else made. Enter chooses."
            yield choices
            name = NameField(placeholder="a name for the Modal Secret", id="secret-name")
            name.tooltip = "Letters, digits, dash, period and underscore, 63 at most. Enter looks whether it is there."
            yield name
            yield Static(id="name-said", markup=False)

    # --- looking --------------------------------------------------------------------------------------------------

    def arrived(self) -> None:
        card = self.query_one("#verdict", Card)
        if self.wizard.ports is None:
            card.show("plain", "Opening services…")
        elif self.looking or (self.looked and self._about == self._about_now()):
            self._draw()
        else:
            self._start()
        self.refresh_bindings()

    def on_services_opened(self, message: ServicesOpened) -> None:
        self.arrived()

    @property
    def secret_name(self) -> str:
        """The Modal Secret that the function is going to read."""
        return self.wizard.journey.draft.secret or SECRET_NAME

    def _about_now(self) -> tuple[str | None, ...]:
        """What the answer rests on: the Modal Secret's name, the model, and the access token."""
        return (self.secret_name, self.wizard.journey.draft.model, self._fingerprint())

    def _fingerprint(self) -> str | None:
        work = self.wizard.journey.work
        found = work.report.found if work is not None and work.report is not None else None
        return found.token.fingerprint if found is not None else None

    @property
    def needs_secret(self) -> bool | None:
        """Whether the function needs an access token at all; None while the model is not known."""
        work = self.wizard.journey.work
        return work.facts.needs_token if work is not None and work.facts is not None else None

    def _start(self) -> None:
        self.looking, self.looked, self.problem, self.secret = True, False, None, None
        self._draw()
        send(self, "look", self._look)

    async def _look(self) -> None:
        ports = self.wizard.ports
        assert ports is not None
        failed = await self.wizard.run_step("modal", self)
        self.problem = failed.problem if failed is not None else None
        if self.problem is None and self.needs_secret:
            try:
                self.secret = await ports.cloud.secret_state(self.secret_name, self._fingerprint())
            except Problem as problem:
                self.problem = problem
        self.looking, self.looked, self._about = False, True, self._about_now()
        if self.secret == "foreign" and self.secret_name not in self._settled:
            self._ask()
        self._draw()
        self.redraw_frame()

    # --- drawing --------------------------------------------------------------------------------------------------

    def on_engine_spoke(self, message: EngineSpoke) -> None:
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        journey = self.wizard.journey
        signed_in = Check("Modal", journey.states["modal"], journey.details.get("modal", ""))
        self.query_one("#checks", Checks).show([signed_in, self._secret_check()])
        card = self.query_one("#verdict", Card)
        if self._page is not None:
            words = ["", f"    {self._page.url}", f"    code: {self._page.code}" if self._page.code else ""]
            card.show(
                "waiting", "Waiting for the browser.", "Approve the sign-in on this page (o opens it).", words, ""
            )
        elif self.looking:
            card.show("plain", "Asking Modal…")
        elif self.problem is not None:
            self._draw_problem(card, self.problem)
        elif self._asking and self.secret == "foreign":
            cause = f"A Modal Secret called {self.secret_name} is there, and outlines-wizard did not make it."
            card.show("waiting", cause, "Say what is done with it. Nothing is written before you agree to the plan.")
        elif self.looked:
            card.show("good", "Modal is ready for this.", "Enter goes on.", self._secret_words())
        self.refresh_bindings()

    def _secret_check(self) -> Check:
        if self.looking and self.needs_secret:
            return Check("Modal Secret", "waiting", self.secret_name)
        if not self.looked or self.problem is not None:
            return Check("Modal Secret", "todo")
        if not self.needs_secret:
            why = "the model is open: none is needed" if self.needs_secret is False else "needs a checked model first"
            return Check("Modal Secret", "skipped", why)
        state: StepState = "waiting" if self.secret == "foreign" and self._asking else "done"
        return Check("Modal Secret", state, f"{self.secret_name}: {self._state_words()}")

    def _state_words(self) -> str:
        if self.secret == "foreign" and self.wizard.journey.wishes.replace_secret:
            return "was not made by outlines-wizard: its access token is going to be replaced"
        if self.secret == "missing":
            return f"to be made: {SECRET_WORDS['missing']}"
        if self.secret == "outdated":
            return f"to be updated: {SECRET_WORDS['outdated']}"
        return SECRET_WORDS[self.secret] if self.secret else ""

    def _secret_words(self) -> list[str]:
        if self.secret in ("missing", "outdated"):
            return ["Nothing is written before you agree to the plan."]
        if self.secret == "foreign":
            return ["Press s to choose what is done with the Modal Secret."]
        return []

    def _draw_problem(self, card: Card, problem: Problem) -> None:
        if problem.code in NOT_SIGNED_IN:
            action = "Press b to sign in with the browser. Or run this in another terminal, then press r:"
            card.show("bad", problem.message, action, ["", f"    {SIGN_IN}"], "")
        else:
            hint = f"{problem.hint} Press r to look again." if problem.retryable else problem.hint
            card.show_problem(problem, hint)

    # --- a Modal Secret of somebody else --------------------------------------------------------------------------

    def _ask(self) -> None:
        self._asking = True
        choices = self.query_one("#choices", OptionList)
        choices.clear_options()
        asked = FOREIGN if self.secret == "foreign" else FOREIGN[2:]
        choices.add_options(Option(Content(words), id=name) for name, words in asked)
        choices.display = True
        choices.highlighted = 1 if self.secret == "foreign" and self.wizard.journey.wishes.replace_secret else 0
        choices.focus()
        choices.scroll_visible()

    @on(OptionList.OptionSelected, "#choices")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        chosen = event.option.id
        if chosen == "name":
            self._ask_for_name()
            return
        self._wish(replace_secret=chosen == "replace")
        self._settled.add(self.secret_name)
        self.action_put_away()

    def _wish(self, *, replace_secret: bool) -> None:
        journey = self.wizard.journey
        journey.wishes = replace(journey.wishes, replace_secret=replace_secret)
        if journey.work is not None:
            journey.work.wishes = journey.wishes

    def _ask_for_name(self) -> None:
        for name in ("#secret-name", "#name-said"):
            self.query_one(name).display = True
        self.query_one("#name-said", Static).update(Content("Enter looks whether it is there."))
        self.query_one("#secret-name").focus()

    @on(Input.Submitted, "#secret-name")
    def _named(self, event: Input.Submitted) -> None:
        name = event.value.strip()
        try:
            if not name:
                raise Problem("name_missing", "No name is there.", "")
            Draft(model="-", output=OutputType("text", ""), secret=name).check()
        except Problem as problem:
            said = f"{problem.message.removeprefix('--secret ')} {problem.hint}"
            self.query_one("#name-said", Static).update(Content(said.strip()))
            return
        self.wizard.journey.decide("secret", secret=name)
        self._wish(replace_secret=False)
        self.action_put_away()
        self._start()

    def action_put_away(self) -> None:
        """Hide the questions about the Modal Secret; nothing is changed by that."""
        for name in ("#choices", "#secret-name", "#name-said"):
            self.query_one(name).display = False
        self._asking = False
        self.query_one("#modal-body").focus()
        self._draw()

    # --- keys -----------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are there, and in the footer, only while they mean something."""
        good = self.looked and self.problem is None
        means = {
            "go_on": good and not (self._asking and self.secret == "foreign"),
            "copy": self._is_signed_out or self._page is not None,
            "sign_in": self._is_signed_out and self._page is None,
            "open": self._page is not None,
            "secret": good and bool(self.needs_secret),
            "again": self.looked and not self.looking and self._page is None,
        }
        return means.get(action, True)

    def action_go_on(self) -> None:
        self.wizard.go("function")

    @property
    def _is_signed_out(self) -> bool:
        return self.problem is not None and self.problem.code in (*NOT_SIGNED_IN, "modal_sign_in_failed")

    def action_sign_in(self) -> None:
        send(self, "sign in", self._sign_in)

    async def _sign_in(self) -> None:
        """Show the page, wait for the person to approve it there, and go on by itself."""
        ports = self.wizard.ports
        assert ports is not None
        try:
            async with aclosing(ports.cloud.sign_in()) as pages:
                async for page in pages:
                    self._page = page
                    self._draw()
        except Problem as problem:
            self._page, self.problem = None, problem
            self._draw()
            return
        self._page = None
        self._start()

    def action_open(self) -> None:
        if self._page is not None:
            self.wizard.open_page(self._page.url)

    def action_copy(self) -> None:
        if self._page is not None:
            self.wizard.copy(self._page.url, "Address")
        else:
            self.wizard.copy(SIGN_IN, "Command")

    def action_secret(self) -> None:
        self._ask()

    def action_again(self) -> None:
        self._start()
