"""`explain`: what does this error mean?"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from typing import IO

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.event_blocks import next_blocks
from wizard.cli.output.layout import Block, Exact, Paragraph
from wizard.core.explain.classification import NOT_RECOGNISED
from wizard.core.explain.explain import Explanation
from wizard.core.explain.explanations import ROWS
from wizard.core.explain.pasted_text import decode
from wizard.core.next_command import AGAIN, NextCommand, ours
from wizard.core.problem import Problem, usage
from wizard.flow.explain.explain import explain_pasted

SUMMARY = "What does this error mean? (a pasted log or traceback)"
ORDER = 140

_DOCTOR = ours("doctor", "to check this computer")
_WHERE_IT_FITS = ours("deploy --model {model} --text --dry-run", "to see on which GPU it fits, and at what price")
_CHUNK = 1 << 20
_LAST_CHUNKS = 4  # of a log without end, its start and its last megabytes are enough


@command("explain", short_help=SUMMARY)
@click.argument("file", default="-", metavar="[FILE]")
async def explain(context: CommandContext, file: str) -> int:
    """Say what an error means: one verdict, the lines that prove it, one cause, one next action.

    FILE is a log or a traceback, from the Hub, Modal, Docker, vLLM, transformers, Outlines or curl; without it, or
    with “-”, standard input is read.

    \b
    outlines-wizard explain build.log
    modal app logs my-app | outlines-wizard explain
    """
    text = decode(_read(context, file))
    if not text.strip():
        raise usage("nothing_pasted", "There is no text to explain.", "Name a file, or pipe the log into this command.")
    explanation = await explain_pasted(text, lambda: context.services())
    problem = context.line.complete(as_problem(explanation))
    data = explanation.to_mapping() | {"next": [each.to_mapping() for each in problem.next]}
    context.reporter.result(data, [*_blocks(explanation), *next_blocks(problem)])
    return 0


def as_problem(explanation: Explanation) -> Problem:
    """What the text means as a problem with what can be run about it; explaining it once more is of no use."""
    is_model = explanation.model is not None and explanation.repo_type in (None, "model")
    row = ROWS.get(explanation.verdict)
    wanted = list(row.next_commands({"model": explanation.model or ""} if is_model else {})) if row else []
    if explanation.check:
        wanted.insert(0, NextCommand(explanation.check, "to see which it is"))
    if is_model and row is not None and row.fixed_on == "function":
        wanted.append(_WHERE_IT_FITS.filled({"model": explanation.model or ""}))
    own = [each for each in wanted if not each.command.startswith(AGAIN)]
    code = explanation.exit_code
    return Problem(explanation.verdict, explanation.cause, exit_code=code, next=(*own, *(() if own else (_DOCTOR,))))


def _read(context: CommandContext, file: str) -> bytes:
    """The bytes of a file or of standard input. Raises Problem (exit code 2)."""
    try:
        if file != "-":
            with open(file, "rb") as stream:
                return _start_and_end(stream)
        if sys.stdin is None or sys.stdin.closed:
            raise usage("no_standard_input", "There is no standard input to read a text from.", "Name a file.")
        if sys.stdin.isatty():
            context.reporter.note("Paste the text, then press Ctrl-D on a line of its own.")
        return _start_and_end(sys.stdin.buffer)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be opened"
        raise usage("file_unreadable", f"{file} cannot be read: {reason}.") from error


def _start_and_end(stream: IO[bytes]) -> bytes:
    chunk = first = stream.read(_CHUNK)
    last: deque[bytes] = deque(maxlen=_LAST_CHUNKS)
    while len(chunk) == _CHUNK:  # less is the end; on a terminal, asking again would wait for a second Ctrl-D
        chunk = stream.read(_CHUNK)
        last.append(chunk)
    return first + b"".join(last)


def _blocks(explanation: Explanation) -> Iterator[Block]:
    sign, style = ("?", "warning") if explanation.verdict == NOT_RECOGNISED else ("✗", "bad")
    sure = "" if explanation.sure else "  (not certain)"
    head = f"{sign} {explanation.verdict.replace('_', ' ')}{sure}  "
    yield Paragraph(explanation.cause, head, style, hang=2)  # type: ignore[arg-type]
    yield Paragraph(explanation.hint, "  → ", "command")
    if explanation.url:
        yield Exact(f"    {explanation.url}", "command")
    if explanation.evidence:
        yield Paragraph("because the text says:", "  ")
        yield from (Exact(f"    │ {line}") for line in explanation.evidence)
    for warning in explanation.warnings:
        yield Paragraph(warning, "  ! ", "warning")
