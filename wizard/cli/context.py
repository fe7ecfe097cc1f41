"""What every command is given: the wiring of the program, a reporter, and the values of the shared flags."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from wizard.cli.command_line import CommandLine
from wizard.cli.output.reporters import Reporter
from wizard.cli.session import SessionOptions, Wiring
from wizard.core.events import Finished

if TYPE_CHECKING:
    from wizard.flow.configuration.merge import Configuration
    from wizard.flow.ports.services import Ports


@dataclass(frozen=True)
class CommandContext:
    """What every command gets: its wiring, its reporter, and the shared flags."""

    wiring: Wiring
    reporter: Reporter
    session: SessionOptions
    yes: bool
    quiet: bool
    as_json: bool
    line: CommandLine = field(default_factory=CommandLine)
    plain: bool = False
    started: float = field(default_factory=time.monotonic)

    @asynccontextmanager
    async def services(self, configuration: Configuration | None = None) -> AsyncIterator[Ports]:
        """The services of a command, in the environment of its configuration where it has made one.

        People read first whether they are stand-ins.
        """
        if configuration is not None:
            environment = configuration.environment
        else:
            from wizard.flow.configuration.merge import environment_of

            environment, _ = environment_of(self.session.environment, rehearsal=self.session.rehearse is not None)
        options = replace(self.session, environment=environment, ask_secret=self.reporter.ask_secret)
        async with self.wiring.session(options) as ports:
            self.line.lasting = ports.lasting
            for note in ports.notes:
                self.reporter.note(note)
            yield ports

    def finished(self, *, app: str = "", environment: str = "", rehearsal: bool = False, **more: Any) -> None:
        """End a stream of JSON lines; people have seen the result already."""
        if self.as_json:
            seconds = round(time.monotonic() - self.started, 2)
            self.reporter.event(Finished(app, more.pop("function", ""), environment, rehearsal, seconds, **more))
