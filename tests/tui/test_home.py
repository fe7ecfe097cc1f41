"""What is deployed already, on a screen of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, Static

from tests.tui.stage import MODEL, Stage, at, opened, seen, sees, until
from wizard.core.events import Change, Failed
from wizard.core.output.output_type import OutputType
from wizard.core.plan.draft import Draft
from wizard.flow.deploy.job import plan_event
from wizard.flow.deploy.plan_record import PlanRecord
from wizard.flow.operate.deployed_apps import DeployedFunction, Overview
from wizard.flow.ports.modal import DeployedApp, Usage
from wizard.flow.ports.services import Ports
from wizard.tui.app import WizardApp
from wizard.tui.screens.home.details import latency_line, midnight, today_line
from wizard.tui.screens.home.screen import HomeScreen
from wizard.tui.screens.home.teardown import UndoScreen
from wizard.tui.screens.home.wording import cells, columns_for, when
from wizard.tui.widgets.log.panel import LogPanel
from wizard.tui.widgets.problem_card import ProblemCard

MakeApp = Callable[..., WizardApp]


def test_a_moment_in_words() -> None:
    assert when(None) == "" and when(time.time()).startswith("20")


async def test_home_without_functions_leads_to_the_first_question(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "Back" not in seen(app), "a key that leads nowhere"
        app.go("home")
        await sees(pilot, "Your functions on Modal")
        home = await at(pilot, "home")
        assert isinstance(home, HomeScreen)
        await until(pilot, lambda: "Looking" not in seen(app), "an answer")
        assert "Back" not in seen(app), "a key that leads nowhere"
        await pilot.press("n")
        await at(pilot, "model")
        await sees(pilot, "Back")
        await pilot.press("escape")
        await at(pilot, "home")


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        (None, "…"),
        (Usage(), "not known: Modal does not tell"),
        (Usage(1, 0, 0.0), "1 call · $0.00 up to 12:00"),
        (Usage(14, 2, 0.12), "14 calls, 2 failed · $0.12 up to 12:00"),
        (Usage(3, 0, None), "3 calls · cost not known"),
        (Usage(None, None, 1.5), "calls not known · $1.50 up to 12:00"),
    ],
)
def test_what_modal_does_not_tell_of_today_is_not_made_up(usage: Usage | None, words: str) -> None:
    noon = time.mktime((2026, 1, 1, 12, 30, 0, 0, 0, -1))
    assert today_line(usage, noon) == words
    assert time.localtime(midnight(noon))[:5] == (2026, 1, 1, 0, 0)


def test_latency_is_a_bar_for_each_call() -> None:
    assert latency_line(()) == "no call from this computer yet"
    assert latency_line((2.0,)) == "█ one call: 2.00 s"
    assert latency_line((8.0, 1.0, 4.0)) == "█▂▅ last 3 calls: 1.00-8.00 s, latest 4.00 s"


def names(home: HomeScreen) -> list[str]:
    return [function.name for function in home.overview.functions]


async def ask_and_read_the_log_of(app: WizardApp, pilot: Any, name: str) -> None:
    """From home: the log of a deployed function, then another answer of it."""
    app.go("home")
    home = await at(pilot, "home")
    await until(pilot, lambda: name in names(home), "the function is listed")
    home.query_one(DataTable).move_cursor(row=names(home).index(name))
    await sees(pilot, name, MODEL[-12:], "running (1)", "version 1", "$0.00/h while idle")
    await sees(
        pilot, "2 calls · $0.00 up to ", "last 2 calls:", "✓ valid at"
    )  # as Modal counts them, and as they came here
    await pilot.press("l")
    await until(pilot, lambda: bool(home.query_one(LogPanel).view.rows), "its log")
    await pilot.press("u")
    assert app.clipboard == f"outlines-wizard teardown {name} --rehearse --environment main"
    home.query_one(DataTable).focus()
    await pilot.press("enter")
    sample = await at(pilot, "sample")
    await until(pilot, lambda: sample.query_one("#another", Input).has_focus, "a place for a prompt")
    await pilot.press(*"Describe a mage.", "enter")
    await until(pilot, lambda: len(sample.tries) == 1, "an answer", 60)
    await sees(pilot, "✓ Valid")


CHOICES = OutputType("choices", '["yes", "no"]')


async def deployed(app: WizardApp, name: str, **decided: Any) -> None:
    """A function of that name on the stand-ins, made by the engine without a sample."""
    usual = {"model": MODEL, "output": CHOICES, "prompt": "Is it?", "max_tokens": 9}
    app.session.decide("model", **{**usual, **decided}, app=name)
    screen: Any = app.screen
    job = app.session.job
    assert job is not None
    for step in ("model", "access", "token", "modal", "plan", "secret", "function", "deploy"):
        if step == "plan":
            assert not isinstance(await plan_event(job), Failed)
        else:
            assert await app.run_step(step, screen) is None, step


async def at_home_with(pilot: Pilot[Any], name: str) -> HomeScreen:
    app: Any = pilot.app
    app.go("home")
    home = await at(pilot, "home")
    assert isinstance(home, HomeScreen)
    await until(pilot, lambda: name in names(home), "the function is listed")
    table = home.query_one(DataTable)
    table.move_cursor(row=names(home).index(name))
    await until(pilot, lambda: table.has_focus and home.chosen is not None and home.chosen.name == name, "chosen")
    return home


@pytest.mark.long
async def test_change_opens_the_wizard_with_what_is_deployed_and_tear_down_asks(make_app: MakeApp) -> None:
    before = make_app()
    async with before.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await deployed(before, "tui-home")
    app = make_app()  # another session, which knows nothing of the first
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(pilot)
        await at_home_with(pilot, "tui-home")
        await sees(pilot, "tui-home", "○ idle", "one of yes, no", "$0.00/h while idle", "$0.67/h while running")
        assert "$0.00/h while idle" in seen(app) and "of weights" in seen(app)
        await pilot.press("c")
        await at(pilot, "function")
        draft = app.session.draft
        assert (draft.model, draft.app, draft.gpu, draft.output) == (MODEL, "tui-home", "T4", CHOICES)
        assert (draft.prompt, draft.max_tokens) == ("Is it?", 9)
        assert [app.session.states[step] for step in ("model", "access", "token", "modal")] == ["done"] * 4
        app.go("review")
        review: Any = await at(pilot, "review")
        await until(pilot, lambda: review.plan is not None, "the plan")
        assert {change.resource: change.action for change in review.plan.changes}["app"] == "keep", "nothing changed"

        home = await at_home_with(pilot, "tui-home")
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, UndoScreen) and bool(app.screen.changes), "what would go")
        await sees(pilot, "- delete app", "= keep   volume", "Kept:", "a month")
        await pilot.press("enter")  # on the button that keeps it
        await at(pilot, "home")
        assert "tui-home" in names(home)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, UndoScreen) and bool(app.screen.changes), "what would go")
        await pilot.press("y")
        await at(pilot, "home")
        await until(pilot, lambda: "tui-home" not in names(home), "it is gone")


async def test_home_says_why_it_cannot_look_and_looks_again(app: WizardApp, stage: Stage) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        stage.break_at("modal:AppList", kind="status", status="PERMISSION_DENIED", message="not for you")
        app.go("home")
        home = await at(pilot, "home")
        card = home.query_one(ProblemCard)
        await until(pilot, lambda: card.problem is not None, "what went wrong")
        await sees(pilot, "Modal: Modal rejected the request: not for you", "r  Refresh", "m  Modal")
        stage.repair()
        await pilot.press("r")
        await until(pilot, lambda: card.problem is None and "Looking" not in seen(app), "a second look")


@pytest.mark.long
async def test_what_would_go_fits_into_a_small_terminal(app: WizardApp) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot)
        assert app.ports is not None
        nobody = DeployedFunction(DeployedApp("nobody-knows-it", "ap-1", {}, "", "deployed"))
        app.push_screen(UndoScreen(app.ports.modal, nobody, Overview((nobody,))))
        await sees(pilot, "Tear down nobody-knows-it?", "Keep it (esc)", "Kept:")
        await pilot.press("tab", "tab")  # a long list of what stays is scrolled
        await sees(pilot, "Tear down (y)")
        await pilot.press("n")
        await at(pilot, "model")


async def test_a_mistake_of_ours_while_tearing_down_is_a_card_and_escape_leads_out(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert app.ports is not None
        nobody = DeployedFunction(DeployedApp("nobody-knows-it", "ap-1", {}, "", "deployed"))
        screen = UndoScreen(app.ports.modal, nobody, Overview((nobody,)))
        app.push_screen(screen)
        await until(pilot, lambda: "Looking" not in str(screen.query_one("#changes", Static).content), "what would go")
        screen.changes = [Change("file", "x", "delete", "nothing here deletes files")]
        await pilot.press("y")
        await sees(pilot, "Internal error in outlines-wizard: KeyError", "esc  Back")
        await pilot.press("escape")
        await at(pilot, "model")
        assert app.busy is None


NAMES = ("invoices-of-the-northern-region-2026", "invoices-of-the-southern-region-2026", "characters")


def row(name: str) -> dict[str, str]:
    """A row as the table has it."""
    model = "mistralai/Mistral-Small-3.2-24B-Instruct-2506"
    known = {"function": name, "model": model, "GPU": "A100-80GB", "state": "● running (1)"}
    return known | {"deployed": "2026-01-01 12:00", "idle": "$0.00/h"}


@pytest.mark.parametrize("width", [56, 70, 76, 96, 116, 190])
def test_what_tells_functions_apart_is_not_cut(width: int) -> None:
    rows = [row(name) for name in NAMES]
    columns = columns_for(rows, width)
    assert sum(columns.values()) + 2 * len(columns) <= width
    shown = [[cell.plain for cell in cells(each, columns)] for each in rows]
    place = list(columns).index("function")
    assert len({each[place] for each in shown}) == len(NAMES), shown
    if width >= 56:
        assert "● running (1)" in shown[0], "the state is there"
    if width >= 70:
        assert [each[place] for each in shown] == list(NAMES), "no name is cut where there is room"


@asynccontextmanager
async def never() -> AsyncIterator[Ports]:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")
    yield


async def test_home_follows_the_size_of_the_terminal() -> None:
    app = WizardApp(never)
    async with app.run_test(size=(120, 40)) as pilot:
        await at(pilot, "model")
        app.go("home")
        home = await at(pilot, "home")
        assert isinstance(home, HomeScreen)
        home.overview, home._looked = Overview(tuple(described(name) for name in NAMES)), True
        for size in ((60, 20), (80, 24), (100, 30), (120, 40)):
            await pilot.resize_terminal(*size)
            home._draw()
            await pilot.pause()
            if size[0] >= 80:
                await sees(pilot, *NAMES)
            await sees(pilot, "○ idle")
            assert home.query_one("#details", Static) is not None


def described(name: str) -> DeployedFunction:
    """A function as the engine describes it."""
    draft = Draft(model="mistralai/Mistral-Small-3.2-24B-Instruct-2506", output=OutputType("text"), gpu="A100-80GB")
    app = DeployedApp(name, f"ap-{name}", {}, f"https://modal.com/apps/{name}", version=3, deployed_at=1.0)
    return DeployedFunction(app, PlanRecord(draft), 0, 2.5)
