"""The wizard on screen: knows the way from screen to screen, runs the engine, and asks before it is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from wizard.tui.navigator import HOME, SCREEN_OF_STEP, STOPS, WELCOME, Navigator
from wizard.tui.serving_app import OpenServices, ServingApp
from wizard.tui.step_view import StepView

if TYPE_CHECKING:  # the first frame is on screen before any of these is imported
    from wizard.core.events import Event, Failed
    from wizard.core.plan.draft import Draft
    from wizard.flow.deploy.job_state import JobState
    from wizard.flow.ports.services import Ports
    from wizard.tui.messages import StepChosen
    from wizard.tui.wizard_session import WizardSession

CheckDemo = Callable[[], None]  # raises Problem where a demo cannot run

HERE = Path(__file__).parent
HOME_SECONDS = 5.0
INTERRUPTED = 130  # the exit code of a session that was left while something was running


def _screen(name: str) -> Callable[[], Screen[None]]:
    """A screen class by name, imported when it is first shown."""

    def make() -> Screen[None]:
        import importlib

        module = importlib.import_module(f"wizard.tui.screens.{name}.screen")
        made: Screen[None] = getattr(module, f"{name.capitalize()}Screen")()
        return made

    return make


class WizardApp(ServingApp):
    """The full-screen session."""

    TITLE = "outlines-wizard"
    CSS_PATH = [
        HERE / "wizard.tcss",
        HERE / "screens" / "model" / "screen.tcss",
    ]  # the first question's is read with our own
    ENABLE_COMMAND_PALETTE = True
    SCREENS: ClassVar[dict[str, Callable[[], Screen[Any]]]] = {name: _screen(name) for name in (HOME, WELCOME, *STOPS)}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", id="app.quit", tooltip="Quit; asks first while something is running"),
        Binding("f4", "demo", "Try the demo", id="app.demo", tooltip="Try it on this computer, without an account"),
        Binding(
            "l", "show_log('l')", "Log", id="app.log", tooltip="Show the log of the deploy or call that is running"
        ),
        Binding("f6", "show_log('f6')", "Running log", id="app.log_beside", tooltip="The same where l is another key"),
        Binding("ctrl+n", "next", "Next question", id="app.next", show=False, tooltip="Go to the next question"),
    ]

    def __init__(
        self,
        open_services: OpenServices,
        *,
        draft: Draft | None = None,
        rehearsal: bool = False,
        opens_home: bool = True,
        suggested: str | None = None,
        first_time: bool = False,
        check_demo: CheckDemo | None = None,
    ) -> None:
        super().__init__(open_services)
        self._first_time = first_time
        self._check_demo = check_demo
        self.is_hub_away = False  # the Hub could not be reached: the demo is a way on
        self.wants_demo = False  # the person has chosen the demo: it begins when this session has ended
        self.suggested = suggested  # the model to begin with, where nobody has chosen one
        self._opens_home = opens_home
        self._way = Navigator()
        self.rehearsal = rehearsal
        self.rates: Mapping[str, float] | None = None
        self._draft = draft
        self._busy: str | None = None

    @cached_property
    def session(self) -> WizardSession:
        """Where the person is in the job."""
        from wizard.core.plan.draft import Draft
        from wizard.tui.wizard_session import WizardSession

        return WizardSession(draft=self._draft or Draft())

    @property
    def busy(self) -> str | None:
        """What goes on running, in words, while something does."""
        return self._busy

    @busy.setter
    def busy(self, words: str | None) -> None:
        changed, self._busy = (words is None) != (self._busy is None), words
        if changed and self.is_running and self._screen_stack:
            self.screen.refresh_bindings()  # the key for its log comes and goes with it

    def on_mount(self) -> None:
        """Show the first question as the first frame; Textual draws nothing before its own start is over."""
        self.call_later(self.push_screen, WELCOME if self._first_time else STOPS[0])

    def on_ready(self) -> None:
        """Tell what is wrong with preferences, and open services once the first question is on screen."""
        self.tell_complaints()
        self.call_after_refresh(self.open_services)

    def services_opened(self, ports: Ports) -> None:
        """Begin the journey, with the functions that exist already where there are any."""
        self.session.open(ports)
        self._offer_home_soon()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are there, and in the footer, only while they lead somewhere."""
        if action == "back":
            return bool(self._way.before(self._place()))
        if action == "demo":
            return self.offers_demo
        if action == "show_log":
            if self.busy is None:
                return False
            from wizard.tui.running_log import leads_to_log

            return leads_to_log(self, str(parameters[0]))
        return super().check_action(action, parameters)

    # The engine

    async def run_step(self, step: str, listener: StepView, agreed_job: JobState | None = None) -> Failed | None:
        """Run one step of the engine; its events go to the journey and to `listener`. Returns the failure, if any.

        `agreed_job` is a plan that was agreed to; without it the step is about what is being decided.
        """
        from wizard.core.events import Failed
        from wizard.core.problem import Problem
        from wizard.flow.deploy.job import run_stage

        job = agreed_job or self.session.job
        if job is None:
            return Failed(Problem("not_ready", "Still starting up. Try again in a moment.", retryable=True))
        if job is self.session.job:
            job.draft = self.session.draft
        failed: Failed | None = None
        async with aclosing(run_stage(step, job)) as events:
            async for event in events:
                self.note(event, listener)
                failed = event if isinstance(event, Failed) else failed
        if job is self.session.job:
            self.session.draft = job.draft
        return failed

    @cached_property
    def _frequent(self) -> tuple[type[Event], ...]:
        from wizard.core.events import LogLine, Progress

        return LogLine, Progress

    def note(self, event: Event, listener: StepView) -> None:
        """Keep the journey and the frame up to date, and pass the event on."""
        if isinstance(event, self._frequent):  # thousands a second, and nothing of the frame depends on them
            listener.on_engine_event(event)
            return
        self.session.note(event)
        listener.on_engine_event(event)
        if isinstance(self.screen, StepView):
            self.screen.redraw_frame()

    # The way from screen to screen

    def begin(self) -> None:
        """From the first screen to the first question, or to the functions that there are already."""
        self.go(STOPS[0])
        self._offer_home_soon()

    def _offer_home_soon(self) -> None:
        if self.ports is not None and self._opens_home:
            from wizard.tui.background import run_exclusive

            run_exclusive(self, "home", self._offer_home, self.ports)

    async def _offer_home(self, ports: Ports) -> None:
        """Open with the functions that exist, unless the person has begun with a new one meanwhile, or is asked about
        a deploy that was left in the middle."""
        from wizard.core.problem import Problem
        from wizard.flow.deploy.unfinished import read_unfinished

        if await asyncio.to_thread(read_unfinished, rehearsal=self.rehearsal) is not None:
            return

        try:
            async with asyncio.timeout(HOME_SECONDS):
                apps = await ports.modal.apps()
        except (Problem, TimeoutError):  # not signed in, or out of reach: the Modal screen is the place to say so
            return
        if apps and self._is_untouched:
            self.go("home")

    @property
    def _is_untouched(self) -> bool:
        return isinstance(self.screen, StepView) and self.screen.is_untouched

    def go(self, name: str) -> None:
        """Show a screen by name."""
        self._way.go(self._place(), name)
        self.switch_screen(name)

    def advance(self) -> None:
        """Go to the question after the one that is shown."""
        if name := self._way.after(self._place()):
            self.go(name)

    def action_next(self) -> None:
        self.advance()

    def action_show_log(self, key: str) -> None:
        """The log of what runs, from wherever the person is."""
        from wizard.tui.running_log import place_of_log

        self.show_log(place_of_log(self))

    def show_log(self, place: str) -> None:
        """The log on the screen of the deploy, or on the one with all functions, beside the one that was asked."""
        from wizard.tui.messages import LogRequested

        self.go(place)
        if place == HOME:
            self.get_screen(HOME).post_message(LogRequested())

    async def action_back(self) -> None:
        """To the later screen that this one was opened from, else to the question before; nothing is lost."""
        if leads := self._way.back(self._place()):
            self.switch_screen(leads)

    def on_step_chosen(self, message: StepChosen) -> None:
        self.go(self.stop_of(message.step))

    def stop_of(self, step: str) -> str:
        """The screen for a step: the plan comes before a deploy that has not begun."""
        begun = any(self.session.states[each] != "todo" for each in ("secret", "deploy"))
        return "review" if step == "deploy" and not begun else SCREEN_OF_STEP.get(step, step)

    def _place(self) -> str:
        name = type(self.screen).__name__.removesuffix("Screen").lower()
        return name if name in STOPS else ""

    # Leaving

    def start_demo(self) -> None:
        """End this session and begin the demo. Raises Problem where it cannot run."""
        if self._check_demo is not None:
            self._check_demo()
            self.wants_demo = True
            self.leave(0)

    @property
    def offers_demo(self) -> bool:
        """Whether the demo is a way on: where the services of the person's own accounts are out of reach."""
        return self._check_demo is not None and (self.is_hub_away or self.service_error is not None)

    def action_demo(self) -> None:
        """The demo, in place of accounts that are out of reach."""
        from wizard.core.problem import Problem

        try:
            self.start_demo()
        except Problem as problem:
            self.notify(f"{problem.message} {problem.hint}", severity="warning", markup=False, timeout=20)

    def action_leave(self) -> None:
        """Quit; while something is running, ask first and say what goes on and what it costs.

        Leaving a question open is no failure; leaving what was started and has failed is.
        """
        if self.busy is None:
            failed = self.session.failed
            self.leave(int(failed.exit_code) if failed else 0)
            return
        from wizard.tui.leaving import LeavingScreen

        if not isinstance(self.screen, LeavingScreen):
            self.push_screen(LeavingScreen(self.busy), self._leave_if_agreed)

    async def action_quit(self) -> None:
        """Textual's own way out is the same one."""
        self.action_leave()

    def _leave_if_agreed(self, agreed: bool | None) -> None:
        if agreed:
            self.leave(INTERRUPTED)
