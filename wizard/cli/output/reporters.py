"""How events reach people and scripts: one reporter for each, over the same events."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from wizard.cli.command_line import CommandLine
from wizard.cli.output.layout import Block
from wizard.cli.output.standard_output import write_json
from wizard.cli.secret_prompt import read_secret
from wizard.core.events import Event, Failed
from wizard.core.problem import Problem


class Reporter(Protocol):
    """Where a command's results and narration go."""

    def event(self, event: Event) -> None:
        """One event of the engine."""

    def failed(self, problem: Problem) -> None:
        """The problem that ends the command."""

    def result(self, data: dict[str, Any], blocks: Iterable[Block | str]) -> None:
        """The one result of a command that looks something up: an object for scripts, blocks for people."""

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows with aligned columns."""

    def note(self, *blocks: Block | str) -> None:
        """Narration."""

    async def confirm(self, question: str) -> bool:
        """Ask on the terminal; anything but yes is no."""

    def ask_secret(self, question: str) -> str:
        """Ask on the terminal for what is not shown; called on a thread that may wait."""


class JsonReporter:
    """JSON lines on standard output, and nothing else there."""

    def __init__(self, line: CommandLine) -> None:
        self._line = line

    def event(self, event: Event) -> None:
        write_json(self._line.see(event).to_mapping())

    def failed(self, problem: Problem) -> None:
        write_json(Failed(self._line.complete(problem)).to_mapping())
        if problem.code == "internal_error" and problem.raw:
            sys.stderr.write(problem.raw)

    def result(self, data: dict[str, Any], blocks: Iterable[Block | str]) -> None:
        write_json(data)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        for row in rows:
            write_json({"event": "Row"} | dict(zip(header, row, strict=True)))

    def note(self, *blocks: Block | str) -> None:
        """Narration is not data."""

    async def confirm(self, question: str) -> bool:
        return False

    def ask_secret(self, question: str) -> str:
        return read_secret(question)


def make_reporter(
    line: CommandLine | None = None,
    *,
    as_json: bool,
    quiet: bool,
    color: bool,
    rehearsal: bool = False,
    plain: bool = False,
    together: bool = False,
) -> Reporter:
    """The reporter for these flags; `line` says what can be run after a failure. `plain`: nothing is drawn over;
    `together`: everything goes to standard output, in order."""
    line = line or CommandLine()
    if as_json:
        return JsonReporter(line)
    from wizard.cli.output.human import HumanReporter

    return HumanReporter(line, quiet=quiet, color=color, rehearsal=rehearsal, plain=plain, together=together)
