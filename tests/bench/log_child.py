"""The wizard's deploy screen with a log of the benchmark's own; a child of `log_speed.py`, on a terminal of its own.

`idle` and `pour` answer F9 with a new number on screen, alone or while 10,000 lines a second arrive; `read FILE` shows
every line of a file as fast as it can. Lines take the way that Modal's take: engine event, journey, screen, panel.
"""

from __future__ import annotations

import wizard.tui  # noqa: F401  # isort: skip - first, as in the program: it says how often Textual draws

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

import huggingface_hub  # noqa: F401 - a session that deploys has these in its memory
import modal  # noqa: F401
from textual.binding import Binding
from textual.widgets import Static

from wizard.core.events import LogLine
from wizard.flow.ports.services import Ports
from wizard.tui.app import WizardApp
from wizard.tui.screens.deploy.screen import DeployScreen
from wizard.tui.widgets.log.file import LogFile
from wizard.tui.widgets.log.panel import LogPanel
from wizard.tui.widgets.log.view import LogView

PER_SECOND = 10_000
TICK = 0.02  # seconds between two bursts
IN_ONE_ENTRY = 50  # lines
AT_ONCE = 1_000  # lines of a file between two looks at the keyboard
MOST_WAITING = 50_000  # lines that may wait for the screen, as a stream waits for its reader
TEXT = "Collecting package metadata for a wheel of ordinary size, as a build log has them; line {}"


@asynccontextmanager
async def never() -> AsyncIterator[Ports]:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")
    yield


class Measured(WizardApp):
    """Knocks: every press of F9 shows the next number."""

    BINDINGS = [Binding("f9", "knock", "Knock", show=False)]  # noqa: RUF012
    knocks = 0

    def __init__(self, *work: str) -> None:
        super().__init__(never)
        self.work = work

    def open_services(self) -> None:
        super().open_services()
        self.run_worker(self._measure(), description="measure")

    def action_knock(self) -> None:
        self.knocks += 1
        self._show(f"knock{self.knocks:05d}")

    def _show(self, text: str) -> None:
        self.screen.query_one("#running-line", Static).update(text)

    async def _measure(self) -> None:
        deploy: Any = self.get_screen("deploy")
        assert isinstance(deploy, DeployScreen)
        deploy.started_once = True
        self.go("deploy")
        while self.screen is not deploy or not deploy.query(LogView):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)  # the frame is drawn once more when it is shown
        panel = deploy.query_one(LogPanel)
        panel.begin(LogFile("bench", rehearsal=True))
        self._show("measuring")
        if self.work[0] == "pour":
            await self._pour(deploy)
        elif self.work[0] == "read":
            await self._read(deploy, panel)

    async def _pour(self, deploy: DeployScreen) -> None:
        """Lines by the clock, so that a slow screen gets more at once and not fewer."""
        began, sent = time.perf_counter(), 0
        while True:
            due = int((time.perf_counter() - began) * PER_SECOND)
            for number in range(sent, due):
                self.note(LogLine("build", TEXT.format(number), time.time()), deploy)
                if number % IN_ONE_ENTRY == 0:  # a stream hands over to others after each of its entries
                    await asyncio.sleep(0)
            sent = due
            await asyncio.sleep(TICK)

    async def _read(self, deploy: DeployScreen, panel: LogPanel) -> None:
        with open(self.work[1], encoding="utf-8") as file:  # noqa: ASYNC230
            while batch := list(islice(file, AT_ONCE)):
                for line in batch:
                    self.note(LogLine("build", line[:-1], 0.0), deploy)
                await asyncio.sleep(0)
                while len(panel._buffer) > MOST_WAITING:  # noqa: ASYNC110
                    await asyncio.sleep(TICK)


if __name__ == "__main__":
    Measured(*sys.argv[1:]).run()
