"""Can we read its weights? The checks as they happen, one verdict, and the one key that helps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import aclosing
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from wizard.core.access.verdicts import VERDICTS, Verdict
from wizard.core.access_token import clean_line
from wizard.core.models.adapter import MOST_ADAPTERS
from wizard.core.problem import Problem
from wizard.flow.access.report import AccessReport
from wizard.flow.access.wait import FIRST_SECONDS, wait_for_gate
from wizard.flow.ports.credentials import Credential
from wizard.flow.ports.hub import ModelSummary
from wizard.tui.background import run_exclusive
from wizard.tui.messages import EngineSpoke, ServicesOpened
from wizard.tui.screens.access.gates import gate_checks, gate_pages
from wizard.tui.screens.access.new_token import TokenScreen
from wizard.tui.screens.access.session_token import find_help
from wizard.tui.screens.access.side import access_note
from wizard.tui.screens.access.trust_question import GO_ON, is_asked, remember
from wizard.tui.screens.access.wording import key_hint, keys_for
from wizard.tui.screens.model.rows import count_or_dash
from wizard.tui.widgets.card import Card, Mood
from wizard.tui.widgets.checks import Check, Checks
from wizard.tui.widgets.login_panel import LoginPanel
from wizard.tui.widgets.side_note import SideNote
from wizard.tui.widgets.token_entry import TokenEntry

PARTS = (("model", "Model"), ("access", "Access"), ("token", "Access token"))
LONGEST_LINE, SHORT_LINE = 500, 100  # characters of the Hub's own words
OPENED_SECONDS = 1.5  # the good news stays this long before the screen goes on by itself


def _key(key: str, action: str, label: str, tooltip: str) -> Binding:
    return Binding(key, action, label, id=f"access.{action}", tooltip=tooltip)


class AccessScreen(TokenScreen):
    """The second question. `problem` is the verdict that stands in the way; `judged` says whether there is one."""

    step = "access"
    question = "Can your access token read the model's weights?"
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#access-body"
    first_pause: ClassVar[float] = FIRST_SECONDS
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("enter,n", "go_on", "Continue", "Go to the next question"),
        _key("o", "open", "Open", "Open the page in your browser; the address stays on screen"),
        _key("c", "copy", "Copy", "Copy the page's address"),
        _key("p", "paste", "Paste", "Paste another access token; it stays hidden"),
        _key("b", "login", "Log in", "Log in to Hugging Face with a code in your browser"),
        _key("u", "better", "Use it", "Use the access token on this machine that works"),
        _key("k", "keep", "Save token", "Save the access token in the OS keyring"),
        _key("t", "trust", "Trust", "Send your access token to this Hub, now and later"),
        Binding("escape", "back", "Back", id="frame.back", tooltip="Go back one question; your answers are kept"),
        _key("m", "other", "Model", "Choose another model"),
        _key("r", "again", "Check again", "Look again"),
        *(Binding(str(n), f"alternative({n - 1})", show=False, id=f"access.alternative.{n}") for n in (1, 2, 3)),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.problem: Problem | None = None
        self.judged = False
        self.looking = False
        self._about: tuple[str | None, str | None] | None = None
        self._waiting_since: float | None = None
        self._others: list[ModelSummary] = []
        self._goes_on = False  # Enter was pressed before there was a verdict
        self._seen: AccessReport | None = None  # what waiting has seen since

    def answer(self) -> Iterable[Widget]:
        with VerticalScroll(id="access-body") as body:
            body.tooltip = "What was checked, and what to do next. Arrow keys scroll."
            yield Checks(len(PARTS) + MOST_ADAPTERS, id="checks")
            yield Card(id="verdict")
            yield LoginPanel(id="login")
            yield TokenEntry(id="entry")
            yield Static(id="others-title", markup=False)
            others = OptionList(id="others", markup=False)
            others.tooltip = (
                "Open models of similar size. Press Enter or a number to choose one; the checks start again."
            )
            yield others
            yield Static(id="keyring", markup=False)
        yield SideNote("What this rests on")

    def on_mount(self) -> None:
        self.every(1, self._draw_checks)

    # --- looking --------------------------------------------------------------------------------------------------

    def on_shown(self) -> None:
        session = self.wizard.session
        card = self.query_one("#verdict", Card)
        if self.wizard.ports is None:
            card.show("plain", "Starting…")
        elif session.draft.model is None:
            card.show("plain", "No model has been chosen yet.", "Press m to choose one.")
        elif self._about == (session.draft.model, session.draft.revision) and (self.looking or self.judged):
            self.draw()
        else:
            self.start()
        self.refresh_bindings()

    def on_screen_suspend(self) -> None:
        """A look that is not finished when the person leaves is begun anew when they come back."""
        self._goes_on = False
        if self.looking:
            self.workers.cancel_group(self, "look")
            self.looking = self.judged = False
            self.wizard.session.forget("model")

    def on_services_opened(self, message: ServicesOpened) -> None:
        self.on_shown()

    def start(self) -> None:
        """Look again from the beginning; what waited for the old verdict stops."""
        draft = self.wizard.session.draft
        self.workers.cancel_group(self, "wait")
        self.workers.cancel_group(self, "help")
        self._about, self.problem, self.judged, self.looking = (draft.model, draft.revision), None, False, True
        self._waiting_since, self._others, self._seen, self.better, self.keepable = None, [], None, None, None
        self.draw()
        run_exclusive(self, "look", self._look)

    async def _look(self) -> None:
        session = self.wizard.session
        session.forget("access")
        if session.job is not None:
            session.job.report = None  # an older verdict must not speak for this one
        problem: Problem | None = None
        for step, _ in PARTS:
            failed = await self.wizard.run_step(step, self)
            if failed is not None:
                problem = failed.problem
                break
        self.looking, self.judged, self.problem = False, True, problem
        self._about = (session.draft.model, session.draft.revision)
        self.draw()
        self.call_after_refresh(self.query_one("#verdict").scroll_visible, animate=False)
        self.redraw_frame()
        self.wizard.is_hub_away = problem is not None and problem.code == Verdict.HUB_UNREACHABLE
        goes_on, self._goes_on = self._goes_on, False
        if problem is not None:
            self._get_help(problem)
        elif goes_on and self.is_current:
            self.wizard.go("modal")
        elif self.fresh is not None:
            run_exclusive(self, "help", self.offer_keyring, *self.fresh)

    @property
    def report(self) -> AccessReport | None:
        """What the engine knows of this model and access token."""
        job = self.wizard.session.job
        return self._seen or (job.report if job is not None and self.judged else None)

    def _get_help(self, problem: Problem) -> None:
        """Wait for the gate, look for open models, and for an access token that works, as far as they make sense."""
        report = self.report
        if report is None or report.problem is None:
            return
        if VERDICTS[report.verdict].may_open and report.credential is not None:
            run_exclusive(self, "wait", self._wait, report, report.credential)
        run_exclusive(self, "help", self._find_help, problem, report)

    async def _find_help(self, problem: Problem, report: AccessReport) -> None:
        job = self.wizard.session.job
        if job is not None:
            self._others, self.better = await find_help(job.ports, problem, report)
            self.draw()

    async def _wait(self, report: AccessReport, credential: Credential) -> None:
        """Until the gate opens or closes for good; then go on, if the person is still here."""
        assert self.wizard.ports is not None
        self._waiting_since = time.time()
        self._draw_checks()
        async with aclosing(wait_for_gate(self.wizard.ports.hub, report, credential, self.first_pause)) as reports:
            async for fresh in reports:
                if self._about is None or self._about[0] != self.wizard.session.draft.model:
                    return  # another model by now
                if fresh.verdict is Verdict.READY:
                    break
                self.problem, self._seen = fresh.problem, fresh
                self.draw()
        self._waiting_since, self._others, self._seen = None, [], None
        run_exclusive(self, "look", self._look_after_waiting)

    async def _look_after_waiting(self) -> None:
        await self._look()
        if self.problem is None:
            self.notify(f"{self._about[0] if self._about else 'The model'} can be read now.", markup=False)
            await asyncio.sleep(OPENED_SECONDS)
            if self.is_current:
                self.wizard.go("modal")

    def on_resize(self) -> None:
        if self.looking or self.judged:
            self.call_after_refresh(self.draw)

    # --- drawing --------------------------------------------------------------------------------------------------

    def on_engine_spoke(self, message: EngineSpoke) -> None:
        self.draw()

    def draw(self) -> None:
        if not self.is_mounted:
            return
        self._draw_checks()
        report = self.report
        card = self.query_one("#verdict", Card)
        self.query_one("#checks").display = self.login is None  # the code of a login needs all the room that there is
        asking = self.login is not None or self.query_one("#entry").display
        card.display = (self.looking or self.judged) and not asking
        if self.looking:
            card.show("plain", "Checking…")
        elif self.problem is not None:
            raw = (report.raw if report else None) or ""
            mine = [self.problem.url or "", *gate_pages(report), *(report.notes if report else ())]
            if self.better is not None:
                mine.append(f"{self.better.source} has an access token that works: press u to use it.")
            mood: Mood = "waiting" if self._waiting_since is not None else "bad"
            hint = key_hint(self.problem) + (" Press f4 to try the demo instead." if self.wizard.offers_demo else "")
            card.show(mood, self.problem.message, hint, mine, self._hub_said(raw))
        elif self.judged and report is not None and report.problem is not None:
            card.show("waiting", report.problem.message, GO_ON, report.notes)
        elif self.judged and report is not None:
            card.show("good", report.cause, "Press Enter to continue.", report.notes)
        self._draw_others()
        self.query_one(SideNote).show([] if asking else access_note(report))
        self.query_one("#keyring").display = self.judged and self.fresh is not None and self.problem is None
        self.refresh_bindings()

    def _hub_said(self, raw: str) -> str:
        """The Hub's own line; two lines of it where there is little room."""
        if self.has_class("-short"):
            return ""
        limit = LONGEST_LINE if self.has_class("-wide") else SHORT_LINE
        return clean_line(f"Hub response: {raw}", limit) if raw else ""

    def _draw_checks(self) -> None:
        session, report = self.wizard.session, self.report
        checks = []
        for step, title in PARTS:
            state, found = session.states[step], session.details.get(step, "").removeprefix(f"{session.draft.model}: ")
            if state == "waiting" and not self.looking:
                state, found = "skipped", "the Hub does not say"
            if step == "access" and state in ("done", "blocked") and report is not None and report.gates:
                checks += gate_checks(report, waiting=self._waiting_since is not None)
                continue
            if step == "access" and state in ("done", "blocked") and report is not None:
                found = VERDICTS[report.verdict].in_brief
                if report.may_be_proven_later:
                    state, found = "waiting", "checked later, in the download step on Modal"
                if self._waiting_since is not None:
                    state, found = "waiting", f"{found}, {self._waited(self._waiting_since)}"
            checks.append(Check(title, state, found))
        self.query_one("#checks", Checks).show(checks)

    def _draw_others(self) -> None:
        title, others = self.query_one("#others-title", Static), self.query_one("#others", OptionList)
        title.display = others.display = bool(self._others)
        title.update(Content("Open models of similar size, no access needed:"))
        if len(self._others) != others.option_count or not self._others:
            others.clear_options()
            others.add_options(
                Option(Content(f"{n}  {item.repo_id}  {count_or_dash(item.parameters)}"))
                for n, item in enumerate(self._others, 1)
            )

    def _waited(self, since: float) -> str:
        minutes, seconds = divmod(int(time.time() - since), 60)
        return f"since {time.strftime('%H:%M', time.localtime(since))} ({minutes}:{seconds:02d})"

    # --- keys -----------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are there, and in the footer, only while they mean something."""
        keys = keys_for(self.problem) if self.problem is not None else frozenset[str]()
        if self.login is not None:
            keys = frozenset("oc")
        means = {
            "go_on": self.problem is None and (self.judged or self.wizard.session.draft.model is not None),
            "open": "o" in keys,
            "copy": "c" in keys,
            "paste": "p" in keys,
            "login": "b" in keys,
            "better": self.better is not None,
            "keep": self.keepable is not None,
            "trust": self.judged and is_asked(self.report),
            "other": "m" in keys or self.wizard.session.draft.model is None,
            "again": "r" in keys,
        }
        return means.get(action, True)

    def action_go_on(self) -> None:
        """To the next question, as soon as there is a verdict that lets one."""
        self._goes_on = not self.judged
        if self.judged:
            self.wizard.go("modal")

    def _address(self) -> str | None:
        return self.login.url_with_code if self.login else self.problem.url if self.problem else None

    def action_open(self) -> None:
        if (url := self._address()) is not None:
            self.wizard.open_page(url)

    def action_copy(self) -> None:
        if (url := self._address()) is not None:
            self.wizard.copy(url, "Address")

    def action_trust(self) -> None:
        if self.wizard.ports is not None:
            try:
                self.notify(clean_line(remember(self.wizard.ports), LONGEST_LINE), markup=False, timeout=10)
            except Problem as problem:
                self.notify(clean_line(problem.message), severity="error", markup=False)
            self.start()

    def action_other(self) -> None:
        self.wizard.go("model")

    def action_again(self) -> None:
        self.start()

    def action_alternative(self, index: int) -> None:
        if index < len(self._others):
            self.wizard.session.decide("model", model=self._others[index].repo_id, revision=None, adapter=None)
            self.start()

    @on(OptionList.OptionSelected, "#others")
    def _alternative_selected(self, event: OptionList.OptionSelected) -> None:
        self.action_alternative(event.option_index)

    async def action_back(self) -> None:
        """Escape stops a login that waits; otherwise it goes back."""
        if self.login is not None:
            self.workers.cancel_group(self, "token")
        else:
            await self.wizard.action_back()
