"""The deploy: stages with their times, a live log, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import ProgressBar, Static
from textual.worker import Worker

from wizard.core.events import (
    Event,
    Failed,
    LogLine,
    Progress,
    StepFinished,
)
from wizard.core.phases import CALLING, DEPLOYING
from wizard.core.plan.cost import awake_per_hour, awake_words
from wizard.core.plan.plan import Plan
from wizard.core.plan.plan_file import write_plan
from wizard.core.problem import Problem
from wizard.flow.deploy.job import plan_event
from wizard.flow.deploy.phases import expected_times
from wizard.flow.deploy.unfinished import note_deploy
from wizard.tui.background import bug, run_exclusive
from wizard.tui.fixing_screen import FixingScreen
from wizard.tui.messages import EngineSpoke
from wizard.tui.screens.deploy.stages import STAGES, Stages
from wizard.tui.screens.review.screen import ReviewScreen
from wizard.tui.screens.sample.screen import SampleScreen
from wizard.tui.widgets.log.file import LogFile
from wizard.tui.widgets.log.panel import LogPanel
from wizard.tui.widgets.phases import PhaseClocks, PhaseList
from wizard.tui.widgets.problem_card import ProblemCard, words

ALL_PHASES = (*DEPLOYING, *CALLING)


class DeployScreen(FixingScreen):
    """Shows the job; the job itself belongs to the application and goes on while another screen is shown."""

    step = "deploy"
    question = "Deploying"
    AUTO_FOCUS = "#log"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "remedy", "Fix it", id="deploy.remedy", tooltip="Change the plan so that this works"),
        Binding("o", "open", "Open page", id="deploy.open", tooltip="Open the page where this can be fixed"),
        Binding("r", "retry", "Try again", id="deploy.retry", tooltip="Try again; finished steps are kept"),
        Binding("c", "copy_problem", "Copy", id="deploy.copy", tooltip="Copy what went wrong"),
        Binding("m", "fix", "Fix", id="deploy.mend", tooltip="Go to the question that fixes this"),
        Binding("ctrl+n", "onwards", "Test call", show=False, id="deploy.next", tooltip="Go to the test call"),
    ]
    CSS = """
    DeployScreen {
        #stages { height: 3; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-tall #phases { height: 6; }
        &.-short #phases { max-height: 3; }
        #bar { height: 1; display: none; }
        #bar.-shown { display: block; }
        #bar ProgressBar { width: 1fr; }
        #bar ProgressBar Bar { width: 1fr; }
        #progress-words { width: auto; margin-left: 1; }
        #answer { layout: vertical; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.agreed = False
        self.stages = Stages()
        self.clocks = PhaseClocks(ALL_PHASES)
        self._drawn = ("", "")
        self._noted: Path | None = None  # where it is kept that this deploy is under way
        self.worker: Worker[None] | None = None
        self.started_once = False
        self.log_panel = LogPanel(id="panel")

    def answer(self) -> Iterable[Widget]:
        yield Static(id="stages", markup=False)
        yield PhaseList(self.clocks, id="phases")
        with Horizontal(id="bar"):
            yield ProgressBar(show_eta=False, id="progress")
            yield Static(id="progress-words", markup=False)
        yield ProblemCard(id="problem", markup=False)
        yield self.log_panel

    def on_mount(self) -> None:
        self.every(0.5, self._draw_stages)

    def on_shown(self) -> None:
        self._draw_stages()
        if self.agreed:
            self.agreed = False
            self.begin()
        elif not self.started_once:
            self.call_later(self.app.switch_screen, "review")  # in its place: Back from there must not lead here again

    @property
    def running(self) -> bool:
        """Whether the job is under way."""
        return self.worker is not None and not self.worker.is_finished

    def begin(self) -> None:
        """Start the job, in the application."""
        if self.running:
            return
        self.started_once = True
        self.query_one(ProblemCard).hide()
        self.stages = Stages()
        self.wizard.session.agree()
        plan = self._plan
        rehearsal = self.wizard.rehearsal
        self.clocks = PhaseClocks(ALL_PHASES, expected_times(plan, rehearsal=rehearsal) if plan is not None else None)
        self.query_one(PhaseList).clocks = self.clocks
        self.log_panel.begin(LogFile(plan.app if plan else "deploy", rehearsal=self.wizard.rehearsal))
        sample = self.app.get_screen("sample")
        if isinstance(sample, SampleScreen) and plan is not None:
            sample.make_ready(plan.app)
        if plan is not None:
            self._noted = note_deploy(plan.app, plan.model, write_plan(plan), rehearsal=self.wizard.rehearsal)
        self.worker = self.wizard.run_worker(
            self._job(), name="deploy", group="deploy", description="deploy", exit_on_error=False
        )
        self.refresh_bindings()

    @property
    def _plan(self) -> Plan | None:
        return self.wizard.session.agreed_plan

    async def _job(self) -> None:
        app = self.wizard
        app.busy = self._busy_words()
        failed: Failed | None = None
        try:
            app.session.forget("deploy")
            for step in STAGES:
                failed = await app.run_step(step, self, app.session.agreed_job)
                if failed is not None:
                    break
        except Exception as error:  # noqa: BLE001 - a bug of ours must be seen, and must not print a secret
            failed = Failed(bug(error, "deploy"))
            app.note(failed, self)
        finally:
            app.busy = None
        if self._noted is not None:  # it has ended by itself: a session that is left or killed does not get here
            self._noted.unlink(missing_ok=True)
        self.log_panel.drain()
        self.call_later(self._ended, failed)

    def _ended(self, failed: Failed | None) -> None:
        self.query_one("#bar").remove_class("-shown")
        self._draw_stages()
        self.refresh_bindings()
        shown = self.app.screen
        if isinstance(shown, ReviewScreen):
            shown.on_shown()  # its plan was made beside this deploy
        if failed is not None:
            self._fail(failed.problem)
            if shown is not self:
                said = failed.problem.message
                self.notify(said, title="The deploy failed", severity="error", timeout=20, markup=False)
        elif self.app.screen is self:
            self.wizard.go("sample")
        else:
            self.notify("The function is deployed. The test call comes next.", title="Deploy", markup=False)

    def _busy_words(self) -> str:
        plan = self._plan
        if self.wizard.rehearsal or plan is None:
            return "A deploy is running. This demo ends when you quit, and nothing is billed."
        price = awake_words(awake_per_hour(plan.gpu, self.wizard.rates))
        return (
            f"A deploy of {plan.app} is running. Modal may finish building the image without you. A running container "
            f"costs {price} and stops {plan.scaledown_window} seconds after its last call."
        )

    # Events of the engine

    def on_engine_event(self, event: Event) -> None:
        """An event without a detour: log lines would fill the message queue, and keys would wait behind them."""
        if isinstance(event, LogLine):
            self.log_panel.feed(event)
        else:
            self.post_message(EngineSpoke(event))

    def on_engine_spoke(self, message: EngineSpoke) -> None:
        event = message.event
        self.clocks.note(event)
        match event:
            case Progress():
                self._progress(event)
                return
            case StepFinished(step="deploy"):
                self.clocks.skip(DEPLOYING)
        self.stages.note(event)
        self._draw_stages()

    def _progress(self, event: Progress) -> None:
        bar = self.query_one("#progress", ProgressBar)
        self.query_one("#bar").set_class(event.total is not None and event.done < event.total, "-shown")
        bar.update(total=event.total, progress=event.done)
        total = f" of {event.total / 1e6:.1f} MB" if event.total and event.unit == "bytes" else ""
        self.query_one("#progress-words", Static).update(Content(f"weights{total}"))

    def _draw_stages(self) -> None:
        title, lines = self.stages.title, self.stages.lines()
        if (title, lines.plain) != self._drawn:  # each update costs time that a key may be waiting for
            self._drawn = (title, lines.plain)
            self.query_one("#question", Static).update(Content(title), layout=False)
            self.query_one("#stages", Static).update(lines, layout=False)
        self.query_one(PhaseList).draw()

    def _fail(self, problem: Problem) -> None:
        self.show_problem(problem, self.wizard.session.remedy(problem, self.wizard.rates), "c  Copy")
        self.log_panel.keep(self.wizard.exit_messages)
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys for a failure are only there when something has failed."""
        if action in ("retry", "copy_problem") and self.is_mounted:
            return self.problem is not None
        return super().check_action(action, parameters)

    def action_retry(self) -> None:
        """Look again at what exists, then go on."""
        if not self.running:
            run_exclusive(self, "again", self._again)

    async def _again(self) -> None:
        job, session = self.wizard.session.job, self.wizard.session
        problem = session.unanswered()
        if problem is None and job is not None:
            job.draft = session.draft
            event = await plan_event(job)
            problem = event.problem if isinstance(event, Failed) else None
        if problem is not None:
            self._fail(problem)
        else:
            self.begin()

    def action_copy_problem(self) -> None:
        """Copy what went wrong."""
        if problem := self.problem:
            self.wizard.copy(words(problem), "Problem")

    def action_onwards(self) -> None:
        """To the sample, once there is something to call."""
        if self.wizard.session.states["deploy"] == "done":
            self.wizard.go("sample")
        else:
            self.notify("The test call comes once the function is deployed.", markup=False)
