"""An answer while it comes: in a terminal that changes its size, cancelled, broken off, begun again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.stage import at, opened, seen, sees, until
from tests.tui.test_sample import sample
from wizard.core.events import AnswerRestarted, AnswerText, Event, ReasoningText
from wizard.core.playground.exchange import Question
from wizard.core.problem import Problem
from wizard.tui.app import WizardApp
from wizard.tui.call_target import CallTarget
from wizard.tui.screens.sample.screen import SampleScreen

BEGUN = '{"name": "Conan", "weapon": "a very long'


class Stream:
    """The events of one call, which a test lets through one after the other; a Problem among them is raised."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event | Problem] = asyncio.Queue()
        self.is_closed = False

    async def events(self) -> AsyncGenerator[Event, None]:
        try:
            while True:
                event = await self._events.get()
                if isinstance(event, Problem):
                    raise event
                yield event
        finally:
            self.is_closed = True

    def send(self, *events: Event | Problem) -> None:
        for event in events:
            self._events.put_nowait(event)


async def streaming(app: WizardApp, pilot: Pilot[Any], *pieces: str) -> tuple[SampleScreen, Stream]:
    """A screen with a call under way, whose answer has begun with these pieces."""
    await opened(pilot)
    app.go("sample")
    screen = await at(pilot, "sample")
    assert isinstance(screen, SampleScreen)
    screen.aim(CallTarget("my-app"))
    await until(pilot, lambda: screen.query_one("#another", Input).has_focus, "a place for a prompt")
    stream = Stream()
    screen.run_call(stream.events(), Question("Who is it?"))
    stream.send(*map(AnswerText, pieces))
    await sees(pilot, *([pieces[-1].strip()[-10:]] if pieces else ["Calling your function"]))
    return screen, stream


async def test_an_answer_is_drawn_anew_in_the_middle_when_the_terminal_changes(app: WizardApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen, stream = await streaming(app, pilot, BEGUN)
        for size in ((60, 20), (200, 50), (80, 24)):
            await pilot.resize_terminal(*size)
            stream.send(AnswerText(f" at {size[0]}"))
            shown = await sees(pilot, f"at {size[0]}", "▶ Writing weapon")
            assert len(shown.splitlines()) == size[1] and all(line.isprintable() for line in shown.splitlines())
        value = {"name": "Conan", "weapon": "axe"}
        stream.send(sample(value=value, text=json.dumps(value), prompt="Who is it?"))
        await sees(pilot, "✓ Valid", '"weapon": "axe"')
        assert "}▌" not in seen(app) and screen.partial == ""


@pytest.mark.parametrize(("keys", "focused"), [(("escape", "escape"), True), (("ctrl+c",), True), (("ctrl+c",), False)])
async def test_a_call_is_cancelled_and_what_came_of_it_stays(
    app: WizardApp, keys: tuple[str, ...], focused: bool
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen, stream = await streaming(app, pilot, BEGUN)
        assert app.busy is not None
        if not focused:
            screen.set_focus(None)
        await pilot.press(*keys)  # Escape leaves the field first
        await sees(
            pilot, "■ Cancelled after ", " s, what came of the answer is below", '"a very long …', "Partial answer: 40"
        )
        assert stream.is_closed and app.screen is screen
        shown = seen(app)
        assert not any(word in shown for word in ("long▌", "c: compare", "Valid"))
        screen.set_focus(None)
        await pilot.press("y")
        assert app.clipboard == BEGUN
        await pilot.press("escape")
        await at(pilot, "home")


async def test_a_call_is_cancelled_before_anything_came_and_asked_again(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen, first = await streaming(app, pilot)
        screen.set_focus(None)
        await until(pilot, lambda: "Cancel" in seen(app).splitlines()[-1], "the key in the footer")
        await pilot.press("escape")
        await sees(pilot, "before an answer came")
        assert first.is_closed and "Cancel" not in seen(app).splitlines()[-1]
        again = Stream()
        screen.run_call(again.events(), Question("And now?"))
        again.send(AnswerText('{"a"'), sample(prompt="And now?"))
        await sees(pilot, "✓ Valid", "> And now?")


async def test_an_answer_that_breaks_off_stays_with_the_reason(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen, stream = await streaming(app, pilot, "\x1b[2J[b]" + BEGUN)
        stream.send(ReasoningText("so"), Problem("function_failed", "The container died.", "Ask again.").at("sample"))
        await sees(pilot, "✗ The answer broke off", "The container died.", "→ Ask again.", "[b]", "Partial answer")
        assert "\x1b" not in seen(app) and not screen.tries
        screen.set_focus(None)
        await pilot.press("y")
        assert app.clipboard == "[b]" + BEGUN


async def test_a_lost_container_begins_the_answer_again(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        _, stream = await streaming(app, pilot, BEGUN)
        stream.send(AnswerRestarted())
        await sees(pilot, "The container was lost; the answer begins again")
        stream.send(AnswerText('{"name": "Amiri"'))
        await sees(pilot, '{"name": "Amiri"')
        assert "a very long" not in seen(app), "no mixture of two answers"
        stream.send(AnswerRestarted(), Problem("function_failed", "It died again."))
        await sees(pilot, "✗ The answer broke off", '{"name": "Amiri"', "It died again.")
