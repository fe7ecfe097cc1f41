"""The first screen: what one gets, takes and needs; the demo or one's own accounts; never shown again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.tui.stage import Stage, at, sees, until
from wizard.cli.session import SessionOptions
from wizard.core.problem import usage
from wizard.flow.configuration.first_time import is_first_time
from wizard.flow.ports.services import Ports
from wizard.tui.app import WizardApp
from wizard.wiring import _services


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@asynccontextmanager
async def never() -> AsyncIterator[Ports]:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")
    yield


def fine() -> None:
    """The demo can run."""


def newcomer(**more: Any) -> WizardApp:
    return WizardApp(never, first_time=is_first_time(), **{"check_demo": fine, **more})


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_a_newcomer_is_told_what_it_takes_and_sees_both_ways(size: tuple[int, int]) -> None:
    app = newcomer()
    async with app.run_test(size=size) as pilot:
        await at(pilot, "welcome")
        words = ("You get", "It takes", "It costs", "per running hour", "Hugging Face", "Modal")
        await sees(pilot, *words, "Try the demo", "Use my accounts", "no account, nothing is billed")
        assert not app.screen.query("#rail").first().display or size[0] < 110 or app.screen.has_class("-no-steps")
        await pilot.press("a")
        await at(pilot, "model")
    assert not is_first_time(), "it is shown once"


async def test_the_demo_begins_when_the_session_has_ended() -> None:
    app = newcomer()
    async with app.run_test(size=(80, 24)) as pilot:
        await at(pilot, "welcome")
        await pilot.press("enter")
        await until(pilot, lambda: app.wants_demo, "the demo")
    assert app.return_code == 0


async def test_what_the_demo_lacks_is_said() -> None:
    def lacks() -> None:
        raise usage("rehearsal_not_installed", "The demo needs torch.", "Install the extra.")

    app = newcomer(check_demo=lacks)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at(pilot, "welcome")
        await pilot.press("d")
        await sees(pilot, "The demo needs torch. Install the extra.")
        assert not app.wants_demo and await at(pilot, "welcome")


async def test_accounts_are_looked_up_in_the_background(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened() -> Any:
        return _services(SessionOptions(rehearse="all"))

    app = WizardApp(opened, first_time=True, check_demo=fine, opens_home=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await at(pilot, "welcome")
        await sees(pilot, "✓ Hugging Face", "found: access token from", "✓ Modal", "found: signed in to")
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setenv("MODAL_TOKEN_ID", "")
    monkeypatch.setenv("MODAL_TOKEN_SECRET", "")
    app = WizardApp(opened, first_time=True, check_demo=fine, opens_home=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await at(pilot, "welcome")
        await sees(pilot, "○ Hugging Face", "open models need none", "○ Modal", "the wizard signs you in")


async def test_without_the_hub_the_demo_is_offered(stage: Stage) -> None:
    stage.break_at("hub:*", kind="status", status=503, message="Service Unavailable")
    app = WizardApp(lambda: _services(SessionOptions(rehearse="all")), check_demo=fine, opens_home=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await sees(pilot, "cannot be reached", "Or press f4 to try the demo", "f4 Try the demo")
        await pilot.press("f4")
        await until(pilot, lambda: app.wants_demo, "the demo")


async def test_without_services_the_demo_is_offered() -> None:
    @asynccontextmanager
    async def broken() -> AsyncIterator[Ports]:
        raise usage("modal_config_broken", "The configuration cannot be read.")
        yield

    app = WizardApp(broken, check_demo=fine)
    async with app.run_test(size=(100, 30)) as pilot:
        await sees(pilot, "The configuration cannot be read.", "f4 to try the demo")
