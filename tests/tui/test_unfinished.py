"""A session that was killed in the middle of a deploy: the next one offers to go on with its plan."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.killed_deploy import leave_killed_deploy
from tests.tui.stage import at, opened, sees, until
from wizard.flow.deploy.unfinished import read_unfinished, unfinished_folder
from wizard.tui.app import WizardApp
from wizard.tui.resuming import ResumingScreen

MakeApp = Callable[..., WizardApp]


async def test_the_next_session_offers_to_continue_and_shows_the_plan(make_app: MakeApp) -> None:
    leave_killed_deploy()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ResumingScreen), "the question")
        await sees(pilot, "in the middle of deploying left-over", "Continue (c)")
        await pilot.press("enter")
        await at(pilot, "review")
        await sees(pilot, "left-over", "create")
        assert app.session.draft.app == "left-over" and app.session.draft.gpu == "T4"
    assert read_unfinished(rehearsal=True) is None, "asked once"


@pytest.mark.parametrize(("key", "stays"), [("escape", True), ("f", False)])
async def test_it_can_be_put_off_or_forgotten(make_app: MakeApp, key: str, stays: bool) -> None:
    leave_killed_deploy()
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ResumingScreen), "the question")
        await pilot.press(key)
        await at(pilot, "model")
    assert (read_unfinished(rehearsal=True) is not None) is stays


@pytest.mark.parametrize("other", [{"rehearsal": False}, {"pid": os.getpid()}, {"pid": "x"}, {"plan": None, "app": 1}])
async def test_what_is_not_this_persons_to_continue_is_not_offered(make_app: MakeApp, other: dict[str, Any]) -> None:
    app = make_app()
    leave_killed_deploy(**other)
    (unfinished_folder() / "broken.json").write_text("{")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await sees(pilot, "Press Enter to use the highlighted model")
        await at(pilot, "model")
