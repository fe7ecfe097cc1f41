"""Events in words for a person: a live line on a terminal, plain lines elsewhere; results on standard output."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Iterable, Sequence
from typing import Any

from wizard.cli.output.standard_output import write_out
from wizard.core.access_token import clean, clean_line
from wizard.core.concurrency.daemon_thread import on_daemon_thread
from wizard.core.events import (
    BatchWritten,
    Event,
    Failed,
    Finished,
    LogLine,
    PlanReady,
    Progress,
    SampleReady,
    SignInWaiting,
    StepFinished,
    StepSkipped,
    StepStarted,
)
from wizard.core.problem import Problem
from wizard.core.sizing.cost import CostEstimate, dollars
from wizard.core.sizing.fit_report import FitReport
from wizard.core.steps import TITLES

_SIGNS = {"create": ("+", "create"), "update": ("~", "change"), "keep": ("=", "keep"), "delete": ("-", "delete")}
_WIDTH = 13
_BAR = 24
_PROGRESS_SECONDS = 10.0  # between two lines of progress where nothing is drawn over


class HumanReporter:
    """A Reporter for people."""

    def __init__(self, *, quiet: bool, color: bool, rehearsal: bool = False) -> None:
        self._quiet = quiet
        self._rehearsal = rehearsal
        on_screen = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"  # one that can draw over a line
        self._live = on_screen and not quiet
        self._color = color and on_screen
        self._status: Any = None
        self._step = ""
        self._since = time.monotonic()
        self._told_at = time.monotonic()

    def event(self, event: Event) -> None:
        match event:
            case StepStarted():
                self._start(event.step)
            case StepFinished():
                self._line("✓", "done", event.step, event.detail + self._took(), "green")
            case StepSkipped():
                self._line("–", "skip", event.step, event.reason, "dim")
            case SignInWaiting():
                self._sign_in(event)
            case PlanReady():
                self._plan(event)
            case LogLine():
                self._log(event)
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
        self._stop()
        if problem.code == "interrupted" and sys.stderr.isatty():
            self._write("")  # the terminal has echoed ^C on this line
        if problem.code == "internal_error" and problem.raw:
            sys.stderr.write(problem.raw)
        where = f"{TITLES.get(problem.step or '', '')}: " if problem.step in TITLES else ""
        self._say("✗ failed  ", where + clean_line(problem.message, 1000), style="red", indent=2)
        if problem.hint:
            self._say("  → ", clean_line(problem.hint, 1000))
        if problem.url:
            self._write(f"    {clean(problem.url)}")
        if problem.raw and problem.code != "internal_error" and problem.raw not in problem.message:
            self._say("    the answer was: ", clean_line(problem.raw, 300), style="dim", indent=4)

    def result(self, data: dict[str, Any], lines: Iterable[str]) -> None:
        self._stop()
        for line in lines:
            write_out(" ".join(clean(line).splitlines()) + "\n")  # text from outside makes no lines of its own

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        widths = [max(len(str(row[i])) for row in (header, *rows)) for i in range(len(header))]
        for row in (header, *rows):
            cells = (str(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
            write_out("  ".join(cells).rstrip() + "\n")

    def note(self, text: str) -> None:
        if not self._quiet:
            self._say("", clean(text), indent=2)

    async def confirm(self, question: str) -> bool:
        self._stop()
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        answer = await on_daemon_thread(sys.stdin.readline)
        return answer.strip().lower() in ("y", "yes")

    def _start(self, step: str) -> None:
        self._step, self._since = step, time.monotonic()
        if self._live:
            self._stop()
            from rich.console import Console

            console = Console(stderr=True, no_color=not self._color, highlight=False)
            self._status = console.status(_plain(TITLES[step]), spinner="dots")
            self._status.start()

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _line(self, sign: str, word: str, step: str, text: str, style: str) -> None:
        self._stop()
        if not self._quiet:
            self._say(f"{sign} {word}  {TITLES.get(step, step):<{_WIDTH}} ", clean_line(text, 400), style=style)

    def _took(self) -> str:
        seconds = time.monotonic() - self._since
        return f" ({seconds:.1f} s)" if seconds >= 1 else ""

    def _sign_in(self, event: SignInWaiting) -> None:
        self._stop()
        code = f", and compare the code {clean_line(event.code, 40)}" if event.code else ""
        self._say("  → ", f"There is no sign-in to Modal yet. Open this page{code}; this goes on by itself:")
        self._write(f"    {clean(event.url)}")

    def _plan(self, event: PlanReady) -> None:
        if self._quiet:
            return
        self._stop()
        self._write("\n  What will happen")
        for change in event.changes:
            sign, word = _SIGNS[change.action]
            style = {"create": "green", "update": "yellow", "delete": "red"}.get(change.action, "dim")
            self._say(f"    {sign} {word:<7}{change.resource:<8} ", f"{change.name}: {change.why}", style=style)
        if event.notes:
            self._write("\n  Output")
        for note in event.unenforced:
            self._say("    ! ", clean_line(note, 400), style="yellow", indent=6)
        for note in event.notes[len(event.unenforced) :]:
            self._say("    ", clean_line(note, 400), style="dim", indent=4)
        self._fit(event.fit)
        self._cost(event.cost)
        self._sources(event.sources)
        self._write("")

    def _fit(self, report: FitReport | None) -> None:
        if report is None:
            return
        self._write("\n  Memory")
        self._say("    ", f"{report.reason}.")
        for note in report.fit.footprint.notes:
            self._say("    ", f"{note}.", style="dim", indent=4)
        for why, command in report.alternatives:
            self._say("    or  ", f"{command}    ({why})", indent=8)

    def _sources(self, sources: dict[str, str]) -> None:
        if not sources:
            return
        self._write("\n  Where it comes from")
        for source in dict.fromkeys(sources.values()):
            names = ", ".join(name.replace("_", " ") for name, each in sources.items() if each == source)
            self._say("    ", f"{source}: {names}", indent=4)

    def _cost(self, cost: CostEstimate | None) -> None:
        if cost is None:  # nothing will run that does not run already
            return
        would = "On Modal it would cost" if self._rehearsal else "It costs"
        self._write("\n  Cost")
        self._say(
            "    ",
            f"{would} about {dollars(cost.first_run)} for the first run: {dollars(cost.build)} to build, "
            f"{dollars(cost.download)} to download, {dollars(cost.cold_start)} to start, {dollars(cost.sample)} for "
            f"the sample, {dollars(cost.idle_tail)} for the idle time after it.",
        )
        self._say(
            "    ",
            f"Afterwards {dollars(cost.per_hour)} an hour awake (nothing asleep), {dollars(cost.per_thousand_calls)} "
            f"for 1,000 calls, {dollars(cost.storage_per_month)} a month for storage.",
        )
        self._say("    ", f"Assumed: {'; '.join(cost.assumptions)}. Prices: {cost.as_of}.", style="dim", indent=4)

    def _log(self, event: LogLine) -> None:
        if self._quiet:
            return
        if self._live and self._status is not None:
            text = clean_line(event.text, 60)
            self._status.update(_plain(f"{TITLES[self._step]}  {text}"))
        else:
            self._write(f"  {event.source:<6} {clean_line(event.text, 400)}")

    def _progress(self, event: Progress) -> None:
        """Only what has a rate is worth a bar: the rest is told by its log lines."""
        if self._quiet or event.rate is None:
            return
        text = progress_words(event)
        if self._live:
            if self._status is None:
                self._start(event.step)
            self._status.update(_plain(text))
        elif time.monotonic() - self._told_at >= _PROGRESS_SECONDS:
            self._told_at = time.monotonic()
            self._write(f"  {text}")

    def _batch(self, event: BatchWritten) -> None:
        self._stop()
        if self._quiet:
            return
        before = f" after {event.before} that were there" if event.before else ""
        cost = f", about ${event.cost:.2f}" if event.cost is not None else ""
        lines = f"{event.lines} line{'s' * (event.lines != 1)}{before}"
        self._say(
            "",
            f"{lines} in {event.seconds:.1f} s ({event.rate:.1f} a second{cost}): {event.valid} valid, "
            f"{event.invalid + event.failed} without a valid answer. They are in {event.file}.",
        )

    def _sample(self, event: SampleReady) -> None:
        self._stop()
        wrong = "refused" if event.refused else "cut short" if event.truncated else "NOT valid"
        verdict = "valid" if event.valid else wrong
        if not self._quiet:
            cold = ", cold start" if event.cold else ""
            self._write(f"\n  Prompt  {clean_line(event.prompt, 300)}")
            self._write(f"  Sample  {verdict}, {event.seconds:.2f} s{cold}")
        value = event.value if event.value is not None else event.text
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        write_out(clean(text) + "\n")
        if not self._quiet:
            self._write("")

    def _finished(self, event: Finished) -> None:
        self._stop()
        if self._quiet or not event.app:
            return
        if event.dry_run:
            self._write(f"Nothing was changed (--dry-run); it took {event.seconds:.1f} s to look.")
            return
        self._say("", f"Done in {event.seconds:.1f} s: app {event.app} in environment {event.environment}.", indent=2)
        if event.cost is not None and event.cost.total:
            would = "On Modal this would have" if self._rehearsal else "This has"
            cost = event.cost
            self._say(
                "  ",
                f"{would} cost {dollars(cost.total)}: {dollars(cost.download)} to download, {dollars(cost.sample)} "
                f"for start and sample, {dollars(cost.idle_tail)} for the idle time that begins now.",
            )
        for word, command in event.next.items():
            self._write(f"  {word:<6} {clean(command)}")  # in one line, to be copied

    def _say(self, head: str, text: str, *, style: str = "", indent: int | None = None) -> None:
        """A paragraph behind a head; on a terminal wrapped at words, under the text or `indent` columns in."""
        lines = [text]
        if sys.stderr.isatty():
            columns = max(40, min(shutil.get_terminal_size().columns, 110))
            hang = len(head) if indent is None else indent
            lines = textwrap.wrap(head + text, columns, subsequent_indent=" " * hang, drop_whitespace=True) or [head]
            lines[0] = lines[0].removeprefix(head)
        painted = self._paint(head, style) if style else head
        self._write("\n".join([painted + lines[0], *lines[1:]]))

    def _write(self, text: str) -> None:
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stderr.flush()

    def _paint(self, text: str, style: str) -> str:
        codes = {"green": "32", "red": "31", "yellow": "33", "dim": "2"}
        return f"\x1b[{codes[style]}m{text}\x1b[0m" if self._color else text


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


def _plain(text: str) -> Any:
    """Text for rich without its markup."""
    from rich.text import Text

    return Text(text)
