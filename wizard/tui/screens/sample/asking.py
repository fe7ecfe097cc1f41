"""One call at a time: it runs in the application, so that it goes on while another screen is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from wizard.core.access_token import clean_line
from wizard.core.events import (
    AnswerRestarted,
    AnswerText,
    Event,
    Failed,
    LogLine,
    PhaseFinished,
    PhaseSkipped,
    PhaseStarted,
    ReasoningText,
)
from wizard.core.phases import CALLING
from wizard.core.playground.exchange import Question
from wizard.core.playground.history import AnswerHistory, QuestionHistory
from wizard.core.problem import Problem
from wizard.flow.deploy.function_calls import sample_events
from wizard.flow.operate.call.arguments import checked_arguments
from wizard.flow.operate.call.thinking import call_seconds
from wizard.tui.background import bug
from wizard.tui.call_target import CallTarget
from wizard.tui.fixing_screen import FixingScreen
from wizard.tui.messages import EngineSpoke
from wizard.tui.screens.sample.answer import Answer, Status
from wizard.tui.screens.sample.coming import ComingAnswer
from wizard.tui.widgets.log.panel import LogPanel
from wizard.tui.widgets.phases import PhaseClocks, PhaseList
from wizard.tui.widgets.problem_card import ProblemCard

WARM_SECONDS = 1.0  # a warm container has answered by then; what takes longer is a start, with its phases


class AskingScreen(FixingScreen):
    """A screen that calls a deployed function; a subclass shows what comes of it."""

    _aimed: CallTarget | None = None  # a function that was deployed before; None for the one of this session

    def __init__(self) -> None:
        super().__init__()
        self.tries = AnswerHistory()
        self.questions = QuestionHistory()
        self.answered = False  # the answer is there, though the call may still be closing
        self._began: float | None = None
        self._latest = ""
        self.looks_back = False  # at an earlier answer, while the next one comes
        self.question_asked = Question("")  # by the call that is under way, or the last one
        self._coming, self._drawn = ComingAnswer(), 0  # and how much of it is on screen
        self.partial = ""  # what came of an answer that broke off; empty where it is whole, or nothing came
        self._call: Worker[None] | None = None
        self._is_cancelled = False

    @property
    def target(self) -> CallTarget | None:
        """The function that is asked."""
        agreed_job = self.wizard.session.agreed_job
        return self._aimed or (
            CallTarget.of(agreed_job.planned.plan, agreed_job.applied.endpoint)
            if agreed_job is not None and agreed_job.planned is not None
            else None
        )

    @property
    def is_own(self) -> bool:
        """Whether the function was deployed in this session: its log is the deploy's."""
        return self._aimed is None

    @property
    def asking(self) -> bool:
        """Whether a call is under way."""
        return self._began is not None

    def failed(self, problem: Problem) -> None:
        """No answer came, or the job's first one is not what it should be."""

    def run_call(self, asking: AsyncGenerator[Event, None], question: Question) -> None:
        """Start a call: `first`, or `another`, which ask `question`."""
        self.question_asked = question
        if question.prompt:
            self.questions.add(question)
        self._call = self.wizard.run_worker(
            self._while_asking(asking), name="sample", group="sample", description="sample", exit_on_error=False
        )

    def action_cancel_call(self) -> None:
        """Cancel the call that is under way, on Modal too; what has come of the answer stays on screen."""
        if self._call is not None and self.asking and not self._is_cancelled:
            self._is_cancelled = True
            self._call.cancel()

    async def _while_asking(self, asking: AsyncGenerator[Event, None]) -> None:
        """Run one call; whatever goes wrong becomes a card."""
        self._begin()
        problem: Problem | None = None
        try:
            async with aclosing(asking) as events:
                async for event in events:
                    if isinstance(event, Failed):
                        problem = event.problem
                    else:
                        self.on_engine_event(event)
        except asyncio.CancelledError:
            if not self._is_cancelled:  # the application is being left
                raise
        except Problem as raised:
            problem = raised.at("sample")
        except Exception as error:  # noqa: BLE001 - a bug of ours must be seen
            problem = bug(error, "sample")
        finally:
            took = time.monotonic() - (self._began or 0.0)
            self._began = None
            self._stop_phases(problem)
            self.wizard.busy = None
            self.refresh_bindings()
        if self._is_cancelled and not self.answered:
            self.call_later(self.cancelled, took)
        elif problem is not None:
            self.call_later(self.failed, problem)

    def cancelled(self, seconds: float) -> None:
        """The person has cancelled the call."""
        self.keep_partial()
        came = "what came of the answer is below" if self.partial else "before an answer came"
        self.query_one(Status).say("■", f"Cancelled after {seconds:.0f} s, {came}", "$warning")
        self.query_one("#question", Static).update(Content("The call was cancelled"))
        session = self.wizard.session
        if session.states["sample"] == "waiting":  # it was the job's own: coming back here does not ask again by itself
            session.block("sample", Problem("call_cancelled", "The call was cancelled."))
            self.redraw_frame()

    def keep_partial(self) -> None:
        """The call has ended without an answer: what has come of it stays, and is said to be a part."""
        self.partial = self._coming.text
        if self.partial or self._coming.reasoned:
            self.query_one(Answer).show_partial(self.question_asked.prompt, self._coming.reasoned, self.partial)

    async def first(self) -> AsyncGenerator[Event, None]:
        """The job's own last step; its events come by way of the application. Its phases follow those of the deploy."""
        deploy: Any = self.app.get_screen("deploy")
        self.query_one(PhaseList).clocks = deploy.clocks
        if failed := await self.wizard.run_step("sample", self, self.wizard.session.agreed_job):
            yield failed

    async def another(
        self, question: Question, target: CallTarget, images: Sequence[bytes]
    ) -> AsyncGenerator[Event, None]:
        """One more question to a function that is deployed, with the files of its images. Raises Problem."""
        job = self.wizard.session.job
        if job is None:
            return
        arguments = await checked_arguments(job.ports, target.app, target.record, question, images)
        events = sample_events(
            job.ports,
            target.app,
            arguments,
            question.output or target.output,
            call_seconds(job.options.call_limit, target.record, question.think),
            target.model,
            target.gpu,
            stream=target.streams,
        )
        async with aclosing(events):
            async for event in events:
                yield event

    def _begin(self) -> None:
        self._began, self._latest, self.answered = time.monotonic(), "", False
        self._is_cancelled, self.partial, self.looks_back = False, "", False
        self._coming, self._drawn = ComingAnswer(), 0
        self.query_one(PhaseList).clocks = PhaseClocks(CALLING)
        self.query_one(ProblemCard).hide()
        self.wizard.busy = "A call is running; quitting cancels it." + (
            " Nothing is billed in the demo."
            if self.wizard.rehearsal
            else " The container stops by itself after its idle time and costs money until then."
        )
        self.query_one("#question", Static).update(Content("Calling your function"))
        self._tick()
        self.refresh_bindings()

    def _tick(self) -> None:
        if self._began is None or self.answered:
            return
        took = time.monotonic() - self._began
        has_text = self._coming.length > 0
        self.query_one(PhaseList).display = not has_text and (took > WARM_SECONDS or not self.tries)
        if self._is_cancelled:
            self.query_one(Status).say("■", "Cancelling the call…", "$warning")
        elif has_text:
            self._draw_text(took)
        else:
            self.query_one(PhaseList).draw()
            is_starting = not self.tries and self.query_one(PhaseList).clocks.running in ("", "boot")
            first = "Starting the container…" if is_starting else "Waiting for the answer…"
            self.query_one(Status).say("▶", f"{first} {took:.0f} s", "$warning", quiet=self._latest)

    def _stop_phases(self, problem: Problem | None) -> None:
        """The clocks stand still; the one that ran when something failed shows where that was."""
        for shown in self.query(PhaseList):  # there is none any more where the application is being left
            if problem is not None:
                shown.clocks.note(Failed(problem))
            else:
                shown.clocks.stop()
            shown.draw()

    def _draw_text(self, seconds: float) -> None:
        """What has come of the answer so far, and the field that is being written."""
        coming = self._coming
        self.query_one(Status).say("▶", f"{coming.doing}: {seconds:.0f} s", "$warning")
        if coming.length != self._drawn and not self.looks_back:
            self._drawn = coming.length
            self.query_one(Answer).show_so_far(self.question_asked.prompt, coming.reasoned, coming.written)

    def on_engine_event(self, event: Event) -> None:
        """Log lines and text take no detour: they would fill the message queue, and keys would wait behind them."""
        if isinstance(event, LogLine) and self.is_mounted:
            self._latest = clean_line(event.text, 80)
            deploy = self.app.get_screen("deploy")
            if self.is_own and deploy.is_mounted:
                deploy.query_one(LogPanel).feed(event)
        elif isinstance(event, (PhaseStarted, PhaseFinished, PhaseSkipped)):
            self.query_one(PhaseList).clocks.note(event)
        elif isinstance(event, (AnswerRestarted, ReasoningText, AnswerText)):
            self._coming.note(event)
            if isinstance(event, AnswerRestarted):
                self._latest = "The container was lost; the answer begins again"
        else:
            self.post_message(EngineSpoke(event))
