"""A person who walks through the wizard with its own keys, and what they would notice had something been lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.pilot import Pilot
from textual.widgets import DataTable, Input, OptionList, Select, TextArea

from tests.tui.stage import Stage, at, opened, seen, told, until
from wizard.core.problem import Problem
from wizard.rehearsal.fixtures import new_token_value
from wizard.rehearsal.scenarios import Scenario
from wizard.tui.app import WizardApp
from wizard.tui.widgets.problem_card import ProblemCard
from wizard.tui.widgets.rail import NAMES

STOPS = ("model", "access", "modal", "function", "review", "deploy", "sample")
SLOW = 60.0  # seconds; far above what a cold container takes on a busy machine


def begin(stage: Stage, scenario: Scenario, environment: dict[str, str | None]) -> None:
    """Make the shared rehearsal what a fresh one of this scenario would be. `environment` gets the variables that
    differ for the person; None is one that is not set."""
    stage.change(scenario.fixtures)
    for fault in scenario.faults:
        stage.break_at(**fault.to_mapping())
    if scenario.token is None:
        environment["HF_TOKEN"] = None
    elif scenario.token != "read":
        value = new_token_value("fineGrained" if scenario.token.startswith("fine-grained") else "read")
        stage.change({"tokens": {scenario.token: {"value": value}}})
        environment["HF_TOKEN"] = value
    if not scenario.modal_token:
        environment |= {"MODAL_TOKEN_ID": "", "MODAL_TOKEN_SECRET": ""}


async def walk(pilot: Pilot[Any], *, to: str, start: str = "model") -> Any:
    """Go from one screen to a later one, each with the key that a person would press; returns the last screen."""
    app: Any = pilot.app
    await opened(pilot)
    screen = await at(pilot, start)
    for place in STOPS[STOPS.index(start) : STOPS.index(to)]:
        await ready(pilot, place)
        await pilot.press({"function": "ctrl+n", "review": "g"}.get(place, "enter"))
        after = STOPS[STOPS.index(place) + 1]
        screen = await at(pilot, after) if after == to or after != "deploy" else app.screen
        if after == "deploy" and to == "sample":
            screen = await at(pilot, "sample")
            break
    if to == "review":
        await ready(pilot, to)
    return screen


async def ready(pilot: Pilot[Any], place: str) -> None:
    """Wait until one can go on from a screen."""
    app: Any = pilot.app

    def can_go_on() -> bool:
        screen = app.screen
        match place:
            case "model":
                return screen.marked is not None
            case "access" | "modal":
                return bool(screen.check_action("go_on", ()))
            case "function":
                return app.session.draft.output is not None and app.session.draft.gpu is not None
            case "review":
                return screen.plan is not None
        return True

    await until(pilot, can_go_on, f"a way on from {place}", SLOW)


async def blocked(pilot: Pilot[Any], step: str) -> Problem:
    """Wait until a step is blocked; returns the problem that the screen shows."""
    app: Any = pilot.app
    found: list[Problem] = []

    def is_said() -> bool:
        problem = problem_of(app)
        if app.session.states[step] != "blocked" or problem is None:
            return False
        found[:] = [problem]
        return True

    await until(pilot, is_said, f"{step} is blocked", SLOW)
    return found[0]


def problem_of(app: Any) -> Problem | None:
    """The problem that the shown screen tells."""
    own = getattr(app.screen, "problem", None)
    if own is not None:
        return own  # type: ignore[no-any-return]
    cards = app.screen.query(ProblemCard)
    return cards.first().problem if cards else None


def says(app: WizardApp, *texts: str) -> bool:
    """Whether all of these can be read on the screen, wrapped or not."""
    shown, whole = seen(app), told(app)
    return all(text in shown or text in whole for text in texts)


@dataclass(frozen=True)
class Footing:
    """What a person has answered and typed, and where they are: nothing of it may be lost by looking around."""

    draft: Any
    states: tuple[tuple[str, str], ...]
    typed: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, app: Any, screens: Sequence[str] = ()) -> Footing:
        """Take note. `screens` names those whose fields count; without it the one that is shown."""
        shown = [app.screen] if not screens else [app.get_screen(name) for name in screens]
        typed = [field for screen in shown for field in fields_of(screen)]
        return cls(app.session.draft, tuple(app.session.states.items()), tuple(typed))


def fields_of(screen: Any) -> list[tuple[str, str]]:
    """Every field of a screen and what is in it."""
    found: list[tuple[str, str]] = []
    for kind in (Input, TextArea, Select, DataTable, OptionList):
        for field in screen.query(kind):
            if field.id is None or not field.display:
                continue
            name = f"{type(screen).__name__}#{field.id}"
            match field:
                case Input() | Select():
                    found.append((name, str(field.value)))
                case TextArea():
                    found.append((name, field.text))
                case DataTable():
                    found.append((name, f"row {field.cursor_row} of {field.row_count}"))
                case OptionList():
                    found.append((name, f"{field.option_count} options"))
    return found


async def press_stop(pilot: Pilot[Any], step: str) -> None:
    """Go to a step by a click on its mark."""
    await pilot.pause()
    assert await pilot.click("#rail-line", offset=(NAMES.index(step), 0)), seen(pilot.app)  # type: ignore[arg-type]


async def gone(app: WizardApp) -> None:
    """Wait until what a session that was left had running is over: services, workers, child processes."""
    await app.services_closed()
    others = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    if others:
        _, late = await asyncio.wait(others, timeout=15)
        assert not late, [task.get_coro() for task in late]
