"""What is deployed already, on a screen of its own."""

from __future__ import annotations

import time
from typing import Any

from stage import MODEL, at, opened, seen, sees, until
from textual.widgets import DataTable, Input

from wizard.tui.app import WizardApp
from wizard.tui.screens.home import HomeScreen
from wizard.tui.screens.home_words import when
from wizard.tui.widgets.log_panel import LogPanel


def test_a_moment_in_words() -> None:
    assert when(None) == "" and when(time.time()).startswith("20")


async def test_home_without_functions_leads_to_the_first_question(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.go("home")
        await sees(pilot, "Your functions on Modal")
        home = await at(pilot, "home")
        assert isinstance(home, HomeScreen)
        await until(pilot, lambda: "Looking" not in seen(app), "an answer")
        await pilot.press("n")
        await at(pilot, "model")


def names(home: HomeScreen) -> list[str]:
    return [function.name for function in home.overview.functions]


async def ask_and_read_the_log_of(app: WizardApp, pilot: Any, name: str) -> None:
    """From home: the log of a deployed function, then another answer of it."""
    app.go("home")
    home = await at(pilot, "home")
    await until(pilot, lambda: name in names(home), "the function is listed")
    home.query_one(DataTable).move_cursor(row=names(home).index(name))
    await sees(pilot, name, MODEL[:20], "awake 1", "version 1", "asleep $0.00 an hour")
    await pilot.press("l")
    await until(pilot, lambda: bool(home.query_one(LogPanel).view.rows), "its log")
    await pilot.press("u")
    assert app.clipboard == f"outlines-wizard teardown {name} --rehearse"
    home.query_one(DataTable).focus()
    await pilot.press("enter")
    sample = await at(pilot, "sample")
    await until(pilot, lambda: sample.query_one("#another", Input).has_focus, "a place for a prompt")
    await pilot.press(*"Describe a mage.", "enter")
    await until(pilot, lambda: len(sample.tries) == 1, "an answer", 60)
    await sees(pilot, "✓ valid")
