"""Events in words for a person: a live line on a terminal, plain lines elsewhere; results on standard output."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from wizard.cli.command_line import CommandLine
from wizard.cli.output.event_blocks import answer_text, finished_blocks, problem_blocks, sample_blocks
from wizard.cli.output.layout import Block, Exact, Paragraph, Style, Table, canvas_of, render
from wizard.cli.output.plan_summary import plan_blocks
from wizard.cli.output.standard_error import StandardError
from wizard.cli.output.standard_output import write_out
from wizard.cli.secret_prompt import read_secret
from wizard.core.access_token import clean, clean_line
from wizard.core.concurrency.daemon_thread import on_daemon_thread
from wizard.core.events import (
    AnswerRestarted,
    AnswerText,
    BatchWritten,
    Event,
    Failed,
    Finished,
    LogLine,
    PhaseFinished,
    PhaseSkipped,
    PhaseStarted,
    PlanReady,
    Progress,
    ReasoningText,
    SampleReady,
    SignInWaiting,
    StepFinished,
    StepSkipped,
    StepStarted,
)
from wizard.core.phases import PHASE_TITLES, UsualTime, seconds_words
from wizard.core.problem import Problem
from wizard.core.steps import TITLES

_WIDTH = 13
_BAR = 24
_PHASE_WIDTH = max(map(len, PHASE_TITLES.values()))
_PROGRESS_SECONDS = 10.0  # between two lines of progress where nothing is drawn over


class HumanReporter:
    """A Reporter for people. `plain`: nothing is drawn over. `together`: all of it goes to standard output."""

    def __init__(
        self,
        line: CommandLine,
        *,
        quiet: bool,
        color: bool,
        rehearsal: bool = False,
        plain: bool = False,
        together: bool = False,
    ) -> None:
        self._command_line = line
        self._quiet = quiet
        self._color = color
        self._rehearsal = rehearsal
        self._err = StandardError(color=color, plain=plain, together=together)
        self._live = self._err.can_redraw and not quiet
        self._step = ""
        self._phase = ""  # what is waited for, in words
        self._reasoning = False  # pieces of what is reasoned stand in the last line of standard error
        self._streaming = False  # pieces of an answer stand in the last line of standard output
        self._since = time.monotonic()
        self._told_at = time.monotonic()

    def event(self, event: Event) -> None:
        match event := self._command_line.see(event):
            case StepStarted():
                self._start(event.step)
            case StepFinished() | StepSkipped():
                self._step_over(event)
            case SignInWaiting():
                self._sign_in(event)
            case PlanReady():
                self.note(*plan_blocks(event, rehearsal=self._rehearsal))
            case LogLine():
                self._log(event)
            case AnswerText():
                self._text(event)
            case SampleReady():
                self._sample(event)
            case Failed():
                self._failed(event.problem)
            case Finished():
                self._finished(event)
            case _:
                self._goes_on(event)

    def _goes_on(self, event: Event) -> None:
        """How far something is."""
        match event:
            case Progress():
                self._progress(event)
            case BatchWritten():
                self._batch(event)
            case PhaseStarted() | PhaseFinished():
                self._phase_changes(event)
            case PhaseSkipped():
                self._phase = ""
            case _:
                return

    def failed(self, problem: Problem) -> None:
        self._failed(self._command_line.complete(problem))

    def _failed(self, problem: Problem) -> None:
        self._err.stop_status()
        if problem.code == "interrupted" and sys.stderr.isatty():
            self._err.show(Exact(""))  # the terminal has echoed ^C on this line
        if problem.code == "internal_error" and problem.raw:
            sys.stderr.write(problem.raw)
        self._err.show(*problem_blocks(problem))

    def result(self, data: dict[str, Any], blocks: Iterable[Block | str]) -> None:
        self._err.stop_status()
        for line in render(blocks, canvas_of(sys.stdout, color=self._color)):
            write_out(line + "\n")

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.result({}, [Table(rows, header)])

    def note(self, *blocks: Block | str) -> None:
        if not self._quiet:
            self._err.show(*blocks)

    async def confirm(self, question: str) -> bool:
        with self._err.no_status():
            sys.stderr.write(f"{question} [y/N] ")
            sys.stderr.flush()
            answer = await on_daemon_thread(sys.stdin.readline)
        return answer.strip().lower() in ("y", "yes")

    def ask_secret(self, question: str) -> str:
        with self._err.no_status():
            return read_secret(question)

    def _start(self, step: str) -> None:
        self._step, self._since = step, time.monotonic()
        if self._live:
            self._err.stop_status()
            self._err.start_status(TITLES[step])

    def _step_over(self, event: StepFinished | StepSkipped) -> None:
        if isinstance(event, StepFinished):
            seconds = time.monotonic() - self._since
            took = f" ({seconds:.1f} s)" if seconds >= 1 else ""
            self._line("✓ done", event.step, event.detail + took, "good")
        else:
            self._line("– skip", event.step, event.reason, "quiet")

    def _line(self, sign: str, step: str, text: str, style: Style) -> None:
        self._err.stop_status()
        self.note(Paragraph(clean_line(text, 400), f"{sign}  {TITLES.get(step, step):<{_WIDTH}} ", style))

    def _sign_in(self, event: SignInWaiting) -> None:
        code = f", and compare the code {clean_line(event.code, 40)}" if event.code else ""
        text = f"You are not signed in to Modal. Open this page{code}; the deploy then continues:"
        self._err.show(Paragraph(text, "  → ", "command"), Exact(f"    {event.url}", "command"))

    def _log(self, event: LogLine) -> None:
        if self._quiet:
            return
        if self._live and self._err.has_status:
            waiting_for = self._phase or TITLES.get(self._step, "")
            self._err.update_status(f"{waiting_for}  {clean_line(event.text, 200)}")
        else:
            self._err.show(Paragraph(clean_line(event.text, 400), f"  {event.source:<6} ", "quiet"))

    def _phase_changes(self, event: PhaseStarted | PhaseFinished) -> None:
        """What is waited for now; a line for each phase that is over, but not in the middle of an answer."""
        usual = UsualTime(event.usual, event.basis == "estimate").words if event.usual is not None else ""
        title = PHASE_TITLES.get(event.phase, event.phase)
        if isinstance(event, PhaseStarted):
            self._phase = f"{title} ({usual})" if usual else title
            if self._live and self._err.has_status:
                self._err.update_status(self._phase)
            return
        self._phase = ""
        if not self._streaming and not self._reasoning:
            words = seconds_words(event.seconds) + (f" ({usual})" if usual else "")
            had_status = self._err.has_status
            self.note(Paragraph(words, f"  ✓ {title:<{_PHASE_WIDTH}} ", "quiet"))
            if had_status:
                self._err.start_status(TITLES.get(self._step, ""))

    def _progress(self, event: Progress) -> None:
        """Only what has a rate is worth a bar: the rest is told by its log lines."""
        if self._quiet or event.rate is None:
            return
        text = progress_words(event)
        if self._live:
            if not self._err.has_status:
                self._start(event.step)
            self._err.update_status(text)
        elif time.monotonic() - self._told_at >= _PROGRESS_SECONDS:
            self._told_at = time.monotonic()
            self._err.show(f"  {text}")

    def _batch(self, event: BatchWritten) -> None:
        self._err.stop_status()
        before = f" after {event.before} that were there" if event.before else ""
        cost = f", about ${event.cost:.2f}" if event.cost is not None else ""
        lines = f"{event.lines} line{'s' * (event.lines != 1)}{before}"
        self.note(
            f"{lines} in {event.seconds:.1f} s ({event.rate:.1f} a second{cost}): {event.valid} valid, "
            f"{event.invalid + event.failed} without a valid answer. They are in {event.file}."
        )

    def _text(self, event: AnswerText) -> None:
        """A piece of an answer, as it comes."""
        self._err.stop_status()
        if isinstance(event, ReasoningText):
            if not self._quiet:
                self._err.piece(clean(event.text), begins=not self._reasoning)
            self._reasoning = True
            return
        if isinstance(event, AnswerRestarted):
            if self._streaming:
                write_out("\n")
            self.note("The container was lost. Another one starts, and the answer begins again.")
            self._reasoning = self._streaming = False
            return
        if self._reasoning and not self._streaming:
            self.note(Exact(""))
        self._streaming = True
        write_out(clean(event.text))

    def _sample(self, event: SampleReady) -> None:
        self._err.stop_status()
        streamed, self._streaming = self._streaming, False
        thought, self._reasoning = self._reasoning, False
        if streamed:
            write_out("\n")
        self.note(Exact(""), *sample_blocks(event, with_reasoning=not thought))
        if not streamed:
            write_out(answer_text(event) + "\n")
            self.note(Exact(""))

    def _finished(self, event: Finished) -> None:
        self._err.stop_status()
        if event.app:
            self.note(*finished_blocks(event, rehearsal=self._rehearsal))


def progress_words(event: Progress) -> str:
    """A bar with how much, how fast, at what cost, and how long it takes from here on."""
    parts = [f"{event.done:,.0f} {event.unit}"]
    bar = ""
    if event.total:
        full = min(_BAR, int(_BAR * event.done / event.total))
        bar = "━" * full + "╌" * (_BAR - full) + " "
        parts = [f"{event.done:,.0f} of {event.total:,.0f} {event.unit}"]
    if event.rate:
        parts.append(f"{event.rate:,.1f} a second")
    if event.cost is not None:
        parts.append(f"about ${event.cost:.2f}")
    if event.seconds_left is not None:
        minutes, seconds = divmod(round(event.seconds_left), 60)
        parts.append(f"{minutes} min {seconds:02d} s left" if minutes else f"{seconds} s left")
    return bar + " · ".join(parts)
