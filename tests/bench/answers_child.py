"""The screen of the answers with a hundred of them, one of 100,000 characters; a child of `answers_speed.py`.

F8 goes to the list of the answers; everything else is the screen's own keys.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.binding import Binding
from textual.widgets import Input, OptionList, Static

from wizard.core.events import SampleReady
from wizard.core.output.output_type import CHARACTER
from wizard.core.playground.exchange import Question
from wizard.flow.ports.services import Ports
from wizard.tui.app import WizardApp
from wizard.tui.call_target import CallTarget
from wizard.tui.screens.sample.screen import SampleScreen

ANSWERS = 100
LONG = 100_000  # characters of the one in the middle
TIMINGS = {"load": 2.5, "compile": 0.2, "first_token": 0.1, "rest": 0.9, "generate": 1.0}


@asynccontextmanager
async def never() -> AsyncIterator[Ports]:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")
    yield


def answer(number: int) -> SampleReady:
    """One of them; they differ, as answers do."""
    value = {"name": f"Conan {number}", "age": number, "weapon": "axe", "notes": [f"note {each}" for each in range(10)]}
    if number == ANSWERS // 2:
        value["notes"] = [f"a sentence of ordinary length, number {each}" for each in range(LONG // 45)]
    text = json.dumps(value)
    return SampleReady(f"answer{number:05d}", text, value, True, (), False, False, 1.0, TIMINGS, 40, "", 0.002)


class Measured(WizardApp):
    """Shows the answers, and says `measuring` when they are there."""

    BINDINGS = [Binding("f8", "list", "List", show=False)]  # noqa: RUF012

    def open_services(self) -> None:
        super().open_services()
        self.run_worker(self._fill(), description="fill")

    def action_list(self) -> None:
        self.screen.query_one("#history", OptionList).focus()
        self.screen.query_one("#running-line", Static).update("listed")

    async def _fill(self) -> None:
        self.go("sample")
        while not isinstance(screen := self.screen, SampleScreen) or not screen.query("#history"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        screen.aim(CallTarget("bench", output=CHARACTER, model="lab/model", gpu="T4"))
        await asyncio.sleep(0.5)
        for number in range(ANSWERS):
            screen.questions.add(Question(f"question{number:05d}"))
            screen.on_engine_event(answer(number))
            while len(screen.tries) <= number:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.5)
        screen.query_one("#another", Input).focus()
        screen.query_one("#running-line", Static).update("measuring")


if __name__ == "__main__":
    Measured(never).run()
