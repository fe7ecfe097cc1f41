"""`explain`: what does this error mean?"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from typing import IO

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.layout import Block, Exact, Paragraph
from wizard.core.explain.classification import NOT_RECOGNISED
from wizard.core.explain.explain import Explanation
from wizard.core.explain.pasted_text import decode
from wizard.core.problem import usage
from wizard.flow.explain.explain import explain_pasted

SUMMARY = "What does this error mean? (a pasted log or traceback)"
ORDER = 140

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
    context.reporter.result(explanation.to_mapping(), _blocks(explanation))
    return 0


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
