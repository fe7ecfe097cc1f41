"""Events in words for a person: a live line on a terminal, plain lines elsewhere; results on standard output."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from wizard.cli.output.plan_summary import write_plan
from wizard.cli.output.standard_error import StandardError
from wizard.cli.output.standard_output import write_out
from wizard.cli.secret_prompt import read_secret
from wizard.core.access_token import clean, clean_line
from wizard.core.concurrency.daemon_thread import on_daemon_thread
from wizard.core.events import (
    AnswerText,
    BatchWritten,
    Event,
    Failed,
    Finished,
    LogLine,
    PlanReady,
    Progress,
    ReasoningText,
    SampleReady,
    SignInWaiting,
    StepFinished,
    StepSkipped,
    StepStarted,
)
from wizard.core.plan.cost import dollars
from wizard.core.problem import Problem
from wizard.core.steps import TITLES

_WIDTH = 13
_BAR = 24
_PROGRESS_SECONDS = 10.0  # between two lines of progress where nothing is drawn over


class HumanReporter:
    """A Reporter for people."""

    def __init__(self, *, quiet: bool, color: bool, rehearsal: bool = False) -> None:
        self._quiet = quiet
        self._rehearsal = rehearsal
        self._out = StandardError(color=color)
        self._live = self._out.can_redraw and not quiet
        self._step = ""
        self._reasoning = False  # pieces of what is reasoned stand in the last line of standard error
        self._streaming = False  # pieces of an answer stand in the last line of standard output
        self._since = time.monotonic()
        self._told_at = time.monotonic()

    def event(self, event: Event) -> None:
        match event:
            case StepStarted():
                self._start(event.step)
            case StepFinished() | StepSkipped():
                self._step_over(event)
            case SignInWaiting():
                self._sign_in(event)
            case PlanReady():
                self._plan(event)
            case LogLine():
                self._log(event)
            case AnswerText():
                self._text(event)
            case SampleReady():
                self._sample(event)
            case Progress():
                self._progress(event)
            case BatchWritten():
                self._batch(event)
            case Failed():
                self.failed(event.problem)
            case Finished():
                self._finished(event)
            case _:
                return

    def failed(self, problem: Problem) -> None:
        self._out.stop_status()
        if problem.code == "interrupted" and sys.stderr.isatty():
            self._out.line("")  # the terminal has echoed ^C on this line
        if problem.code == "internal_error" and problem.raw:
            sys.stderr.write(problem.raw)
        if problem.code == "not_agreed":
            self._out.line(clean_line(problem.message))  # what somebody has chosen is no failure
            return
        where = f"{TITLES.get(problem.step or '', '')}: " if problem.step in TITLES else ""
        self._out.paragraph("✗ failed  ", where + clean_line(problem.message, 1000), style="red", indent=2)
        if problem.hint:
            self._out.paragraph("  → ", clean_line(problem.hint, 1000))
        if problem.url:
            self._out.line(f"    {clean(problem.url)}")
        if problem.raw and problem.code != "internal_error" and problem.raw not in problem.message:
            self._out.paragraph("    response: ", clean_line(problem.raw, 300), style="dim", indent=4)

    def result(self, data: dict[str, Any], lines: Iterable[str]) -> None:
        self._out.stop_status()
        for line in lines:
            write_out(" ".join(clean(line).splitlines()) + "\n")  # text from outside makes no lines of its own

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        widths = [max(len(str(row[i])) for row in (header, *rows)) for i in range(len(header))]
        for row in (header, *rows):
            cells = (str(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
            write_out("  ".join(cells).rstrip() + "\n")

    def note(self, text: str) -> None:
        if not self._quiet:
            self._out.paragraph("", clean(text), indent=2)

    async def confirm(self, question: str) -> bool:
        with self._out.no_status():
            sys.stderr.write(f"{question} [y/N] ")
            sys.stderr.flush()
            answer = await on_daemon_thread(sys.stdin.readline)
        return answer.strip().lower() in ("y", "yes")

    def ask_secret(self, question: str) -> str:
        with self._out.no_status():
            return read_secret(question)

    def _start(self, step: str) -> None:
        self._step, self._since = step, time.monotonic()
        if self._live:
            self._out.stop_status()
            self._out.start_status(TITLES[step])

    def _step_over(self, event: StepFinished | StepSkipped) -> None:
        if isinstance(event, StepFinished):
            self._line("✓", "done", event.step, event.detail + self._took(), "green")
        else:
            self._line("–", "skip", event.step, event.reason, "dim")

    def _line(self, sign: str, word: str, step: str, text: str, style: str) -> None:
        self._out.stop_status()
        if not self._quiet:
            self._out.paragraph(
                f"{sign} {word}  {TITLES.get(step, step):<{_WIDTH}} ", clean_line(text, 400), style=style
            )

    def _took(self) -> str:
        seconds = time.monotonic() - self._since
        return f" ({seconds:.1f} s)" if seconds >= 1 else ""

    def _sign_in(self, event: SignInWaiting) -> None:
        self._out.stop_status()
        code = f", and compare the code {clean_line(event.code, 40)}" if event.code else ""
        self._out.paragraph("  → ", f"You are not signed in to Modal. Open this page{code}; the deploy then continues:")
        self._out.line(f"    {clean(event.url)}")

    def _plan(self, event: PlanReady) -> None:
        if self._quiet:
            return
        self._out.stop_status()
        write_plan(self._out, event, rehearsal=self._rehearsal)

    def _log(self, event: LogLine) -> None:
        if self._quiet:
            return
        if self._live and self._out.has_status:
            text = clean_line(event.text, 60)
            self._out.update_status(f"{TITLES[self._step]}  {text}")
        else:
            self._out.line(f"  {event.source:<6} {clean_line(event.text, 400)}")

    def _progress(self, event: Progress) -> None:
        """Only what has a rate is worth a bar: the rest is told by its log lines."""
        if self._quiet or event.rate is None:
            return
        text = progress_words(event)
        if self._live:
            if not self._out.has_status:
                self._start(event.step)
            self._out.update_status(text)
        elif time.monotonic() - self._told_at >= _PROGRESS_SECONDS:
            self._told_at = time.monotonic()
            self._out.line(f"  {text}")

    def _batch(self, event: BatchWritten) -> None:
        self._out.stop_status()
        if self._quiet:
            return
        before = f" after {event.before} that were there" if event.before else ""
        cost = f", about ${event.cost:.2f}" if event.cost is not None else ""
        lines = f"{event.lines} line{'s' * (event.lines != 1)}{before}"
        self._out.paragraph(
            "",
            f"{lines} in {event.seconds:.1f} s ({event.rate:.1f} a second{cost}): {event.valid} valid, "
            f"{event.invalid + event.failed} without a valid answer. They are in {event.file}.",
        )

    def _text(self, event: AnswerText) -> None:
        """A piece of an answer, as it comes."""
        self._out.stop_status()
        if isinstance(event, ReasoningText):
            if not self._quiet:
                self._out.piece(clean(event.text), begins=not self._reasoning)
            self._reasoning = True
            return
        if self._reasoning and not self._streaming and not self._quiet:
            self._out.line("")
        self._streaming = True
        write_out(clean(event.text))

    def _sample(self, event: SampleReady) -> None:
        self._out.stop_status()
        streamed, self._streaming = self._streaming, False
        thought, self._reasoning = self._reasoning, False
        if streamed:
            write_out("\n")
        wrong = "refused" if event.refused else "cut short" if event.truncated else "NOT valid"
        verdict = "valid" if event.valid else wrong
        if not self._quiet:
            cold = ", cold start" if event.cold else ""
            self._out.line(f"\n  Prompt  {clean_line(event.prompt, 300)}")
            self._out.line(f"  Sample  {verdict}, {event.seconds:.2f} s{cold}")
            if event.reasoning.strip() and not thought:
                self._out.block(f"Reasoned ({event.reasoning_tokens} tokens)", clean(event.reasoning.strip()))
        if streamed:
            return
        value = event.value if event.value is not None else event.text
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        write_out(clean(text) + "\n")
        if not self._quiet:
            self._out.line("")

    def _finished(self, event: Finished) -> None:
        self._out.stop_status()
        if self._quiet or not event.app:
            return
        if event.dry_run:
            self._out.line(f"Nothing was changed (--dry-run). Took {event.seconds:.1f} s.")
            return
        self._out.paragraph(
            "", f"Done in {event.seconds:.1f} s: app {event.app} in environment {event.environment}.", indent=2
        )
        if event.cost is not None and event.cost.total:
            would = "On Modal this would have" if self._rehearsal else "This has"
            cost = event.cost
            self._out.paragraph(
                "  ",
                f"{would} cost {dollars(cost.total)}: {dollars(cost.download)} to download, {dollars(cost.sample)} "
                f"for start and sample, {dollars(cost.idle_tail)} for the idle time that starts now.",
            )
        programs = [word for word, text in event.next.items() if "\n" in text]
        for word, command in event.next.items():
            if word not in programs:
                self._out.line(f"  {word:<6} {clean(command)}")  # in one line, to be copied
        if event.endpoint and programs:
            for line in event.next[programs[0]].splitlines():
                self._out.line(clean(line))
            flag = " --rehearse" if event.rehearsal else ""
            others = ", ".join(programs[1:])
            self._out.line(f"  more   outlines-wizard status {event.app}{flag}    (the same for {others})")


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
