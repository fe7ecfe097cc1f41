"""Answers that are kept and reopened, questions that come back, and long or hostile answers, on the sample's screen."""

from __future__ import annotations

import json

from textual.widgets import Input, OptionList

from tests.tui.stage import aimed_at, at, opened, seen, sees, until
from tests.tui.test_sample import sample
from wizard.tui.app import WizardApp
from wizard.tui.call_target import CallTarget
from wizard.tui.screens.sample.history import LINES

LONG = " and so on" * 20


async def test_questions_come_back_in_the_field_as_in_a_shell(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        screen = await aimed_at(pilot, CallTarget("nobody-deployed-this"))
        field = screen.query_one("#another", Input)
        for prompt in ("first", "second"):
            await pilot.press(*prompt, "enter")
            await sees(pilot, "✗ no answer")
            await until(pilot, lambda: not screen.asking, "the call has ended")
        await pilot.press(*"half")
        found = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            await pilot.pause()
            found.append(field.value)
        assert found == ["second", "first", "first", "second", "half", "half"]
        assert field.cursor_position == len("half")


async def test_answers_are_listed_with_their_figures_and_reopened(app: WizardApp) -> None:
    async with app.run_test(size=(80, 30)) as pilot:
        await opened(pilot)
        app.go("sample")
        screen = await at(pilot, "sample")
        for number in range(101):
            screen.on_engine_event(
                sample(prompt=f"prompt {number}{LONG}", cold=not number, seconds=0.5 + number / 100, dollars=0.002)
            )
        await sees(pilot, "> prompt 100", "last 24 calls: 1.27-1.50 s, latest 1.50 s", "1 older answer was dropped")
        listed = screen.query_one("#history", OptionList)
        assert listed.option_count == 100
        listed_lines = [line.rstrip() for line in seen(app).splitlines() if " tok/s  $0.002  " in line]
        assert " 1.50 s   100 tok/s  $0.002  prompt 100 and" in listed_lines[-1]
        assert len(listed_lines) == LINES and all("…" in line for line in listed_lines), "one line each"
        listed.focus()
        await pilot.press("up", "up", "enter")
        await sees(pilot, "> prompt 98", "1.48 s (warm)")


async def test_a_long_and_hostile_answer_is_shown_in_part_and_harms_nothing(app: WizardApp) -> None:
    hostile = "[b]x[/b] [@click=app.quit]y[/] \x1b]0;title\x07\x1b[2J\u202e"
    value = {"a": hostile, "b": "long " * 20_000, "c": "the end"}
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.go("sample")
        screen = await at(pilot, "sample")
        screen.on_engine_event(sample(value=value, text=json.dumps(value), prompt=hostile, reasoning=hostile * 1000))
        shown = await sees(pilot, "[b]x[/b] [@click=app.quit]y[/]")
        assert "\x1b" not in shown and "\u202e" not in shown
        output = str(screen.query_one("#output").content)
        assert "characters are not shown; y copies all of it" in output and output.endswith('"c": "the end"\n}')
        assert len(output) < 20_000
        await pilot.press("y")
        await until(pilot, lambda: len(app.clipboard) > 100_000, "the whole of it on the clipboard")
        assert "\x1b" not in app.clipboard
