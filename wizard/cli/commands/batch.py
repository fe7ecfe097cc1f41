"""`batch`: many prompts through a deployed function, a JSON line in and a JSON line out for each."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from wizard.cli.batch_files import OutputFile, count_lines, open_input, read_inputs
from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.flags.call import max_tokens_flag, think_flag
from wizard.cli.row_file import stopped_early
from wizard.core.events import BatchWritten, LogLine, Progress
from wizard.core.plan.names import FUNCTION_NAME
from wizard.core.problem import ExitCode, Problem
from wizard.flow.deploy.plan_record import read_record
from wizard.flow.operate.batch.lines import BatchRow
from wizard.flow.operate.batch.run import run_batch
from wizard.flow.operate.call.thinking import read_think, think_argument
from wizard.flow.operate.deployed_apps import find_app
from wizard.flow.ports.services import Ports

SUMMARY = "Many prompts (JSON lines) through a deployed function."
ORDER = 70

FLUSH_SECONDS = 0.5
NAMED_LINES = 5  # so many lines without a valid answer are named one by one


@command("batch", short_help=SUMMARY)
@click.argument("app")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path), metavar="OUT", help="Output file.")
@click.option("--resume", is_flag=True, help="Continue an OUT from an earlier run.")
@max_tokens_flag
@think_flag("an answer")
@click.option("--temperature", type=click.FloatRange(0, 10), metavar="T", help="Sampling temperature.")
async def batch(
    context: CommandContext,
    app: str,
    source: Path,
    output: Path,
    resume: bool,
    max_tokens: int | None,
    think: str | None,
    temperature: float | None,
) -> int:
    """Ask the function of APP once for every line of IN, through Modal's own map, and write one line for each to OUT,
    in the same order.

    A line of IN is a JSON string, or an object with `prompt`, and `max_tokens`, `think`, `adapter`, `id` and `images`
    (paths as seen from the folder of IN) if wanted. A line of OUT has `line` (its number in IN), `value`, `valid` and
    `error`. A line that cannot be used, or has no valid answer, says so there and stops nothing.

    \b
    outlines-wizard batch outlines-tiny-character prompts.jsonl -o characters.jsonl
    """
    budget = read_think("--think", think) if think is not None else None
    options = {} if temperature is None else {"temperature": temperature}
    with open_input(source) as lines:
        out = OutputFile.open(output, lines, resume=resume)
        try:
            run = _Run(context, out, max_tokens, budget, options, total=count_lines(lines))
            async with context.services() as ports:
                return await _ask_all(run, ports, app, lines)
        finally:
            out.close()


@dataclass
class _Run:
    context: CommandContext
    out: OutputFile
    max_tokens: int | None
    think: int | str | None
    options: dict[str, Any]
    total: int
    started: float = field(default_factory=time.monotonic)
    valid: int = 0
    invalid: int = 0
    failed: int = 0
    bad_lines: list[int] = field(default_factory=list)
    last: Progress | None = None

    def add(self, row: BatchRow) -> None:
        """Count a row and write it; a line that could not be used is said at once."""
        self.out.write(row)
        self.valid += row.valid
        self.invalid += not row.valid and row.was_answered
        self.failed += not row.was_answered
        if not row.valid and len(self.bad_lines) < NAMED_LINES:
            self.bad_lines.append(row.asked.line)
            error = str(row.error)
            about = f"line {row.asked.line} "  # an error about the line itself begins with it
            self.context.reporter.note(error if error.startswith(about) else f"{about[:-1]}: {error}")

    @property
    def lines(self) -> int:
        return self.valid + self.invalid + self.failed

    def written(self) -> BatchWritten:
        """What this run has done."""
        seconds = round(time.monotonic() - self.started, 2)
        rate = round(self.lines / seconds, 2) if seconds else 0.0
        cost = self.last.cost if self.last else None
        counts = (self.lines, self.valid, self.invalid, self.failed, self.out.before)
        return BatchWritten(str(self.out.path), *counts, seconds, rate, cost)


async def _ask_all(run: _Run, ports: Ports, app: str, lines: Any) -> int:
    context, out = run.context, run.out
    workspace = await ports.modal.connect()
    found = await find_app(ports, app, workspace.environment)
    unread = read_inputs(lines, out.last_line)
    if run.think is not None:
        think_argument(app, await read_record(ports.modal, found), run.think)  # one problem, and not one for each line
    inputs = (
        replace(
            each,
            max_tokens=each.max_tokens or run.max_tokens,
            think=run.think if each.think is None else each.think,
        )
        for each in unread
    )
    flushed = time.monotonic()
    try:
        async with aclosing(run_batch(ports, found, inputs, run.total - out.before, run.options)) as events:
            async for event in events:
                if isinstance(event, BatchRow):
                    run.add(event)
                    if time.monotonic() - flushed >= FLUSH_SECONDS:
                        out.flush()
                        flushed = time.monotonic()
                elif isinstance(event, Progress):
                    run.last = event
                    context.reporter.event(event)
                elif isinstance(event, LogLine) and not run.lines:  # the cold start; later ones would hide the bar
                    context.reporter.event(event)
    except (asyncio.CancelledError, Problem) as error:
        done = run.lines + out.before
        raise stopped_early(error, f"{done} of {run.total} lines are in {out.path}.") from error
    finally:
        out.flush()  # whatever it is that ends this, each row is paid for; of a disk that refused nothing is left here
    context.reporter.event(run.written())
    if run.invalid or run.failed:
        raise _not_all_valid(run)
    files = (str(out.path),)
    environment, rehearsal = workspace.environment, ports.rehearsal
    context.finished(app=app, function=FUNCTION_NAME, environment=environment, rehearsal=rehearsal, files=files)
    return 0


def _not_all_valid(run: _Run) -> Problem:
    number = run.invalid + run.failed
    numbers = [*map(str, run.bad_lines)]
    if number == 1:
        which = f"line {numbers[0]}"
    elif number > len(numbers):
        which = f"lines {', '.join(numbers)} and {number - len(numbers)} more"
    else:
        which = f"lines {', '.join(numbers[:-1])} and {numbers[-1]}"
    summary = f"{number} of {run.lines} line{'s' * (run.lines != 1)} {'have' if number > 1 else 'has'} no valid answer"
    return Problem(
        "lines_not_valid",
        f"{summary}: {which}.",
        f"Their `error` in {run.out.path} says why.",
        exit_code=ExitCode.INVALID_SAMPLE,
        step="sample",
    )
