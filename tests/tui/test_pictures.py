"""Each screen at four sizes in both of our themes, beside the picture of it that is kept. `make snapshots` renews them.

Answers come from the stand-ins, through the real SDKs; the deploy, the sample and what is deployed already are fed to
the same application as events and data of the engine, since seconds and dates are never the same twice.
"""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Collapsible, Input

from tests.tui.picture import MADE_WITH, SMALLEST_AND_LARGEST, USUAL, WRITING, Sizes, check, libraries
from tests.tui.stage import MODEL, Stage, at, opened, sees, until
from tests.tui.walking import SLOW, ready, walk
from wizard.core.events import LogLine, PhaseFinished, SampleReady, StepFinished, StepStarted
from wizard.core.output.kinds.schema_presets import CHARACTER_PROMPT
from wizard.core.output.output_type import CHARACTER, OutputType
from wizard.core.plan.draft import Draft
from wizard.core.playground.exchange import Exchange, Question
from wizard.flow.deploy.plan_record import PlanRecord
from wizard.flow.operate.deployed_apps import DeployedFunction, Overview
from wizard.flow.ports.modal import DeployedApp, Usage
from wizard.flow.ports.services import Ports
from wizard.tui.app import WizardApp
from wizard.tui.screens.deploy.stages import StageTime
from wizard.tui.screens.home.log import FunctionLog
from wizard.tui.widgets.log.panel import LogPanel

MakeApp = Callable[..., WizardApp]
EACH_SIZE = pytest.mark.parametrize(
    "sizes",
    [pytest.param(USUAL, id="usual"), pytest.param(SMALLEST_AND_LARGEST, id="others", marks=pytest.mark.long)],
)
NOON = 1_767_268_800.0  # 2026-01-01 12:00 UTC
LOG = (
    LogLine("build", "=> Step 1: FROM base", NOON),
    LogLine("build", "=> Step 2: RUN uv pip install outlines torch transformers", NOON + 1),
    LogLine("system", "starting a container", NOON + 30),
    LogLine("stderr", "model.safetensors: 100%|##########| 2.30M/2.30M", NOON + 31),
    LogLine("stdout", "rehearsal-lab/tiny-character: 6 files, 2.3 MB in the Volume", NOON + 32),
)
PHASES = (
    PhaseFinished("build", 28.4, 31.0, "earlier runs"),
    PhaseFinished("download", 3.1, 10.0, "estimate"),
)
AMIRI = '{"name": "Amiri", "age": 53, "armor": "leather", "weapon": "sword", "strength": 16}'
SAMPLE = SampleReady(
    CHARACTER_PROMPT,
    AMIRI,
    {"name": "Amiri", "age": 53, "armor": "leather", "weapon": "sword", "strength": 16},
    True,
    (),
    False,
    True,
    12.3,
    {"load": 2.5, "compile": 0.2, "first_token": 0.1, "rest": 0.9, "generate": 1.0},
    40,
    "",
    0.002,
)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A rehearsal of this file's own: what other tests have made is not in the pictures."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("a rehearsal needs torch")
    stage = Stage.serve(tmp_path_factory.mktemp("pictures"))
    yield stage
    stage.end()


@pytest.fixture(autouse=True)
def fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pictures must not depend on."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    if WRITING:
        MADE_WITH.parent.mkdir(exist_ok=True)
        MADE_WITH.write_text(libraries(), encoding="utf-8")
    elif libraries() != MADE_WITH.read_text(encoding="utf-8"):
        pytest.skip(f"the pictures were made with {MADE_WITH.read_text(encoding='utf-8').strip()}: make snapshots")


def still(app: WizardApp) -> WizardApp:
    """Without animations."""
    app.animation_level = "none"
    return app


@EACH_SIZE
async def test_the_questions_and_the_plan_look_as_they_did(make_app: MakeApp, tmp_path: Path, sizes: Sizes) -> None:
    app, wrong = still(make_app(app="character", secret="picture-secret")), []
    async with app.run_test(size=(80, 24)) as pilot:
        before = "model"
        await ready(pilot, before)
        wrong += await check(pilot, "model", tmp_path, sizes)
        for place in ("access", "modal", "function", "review"):
            await pilot.resize_terminal(80, 24)
            await walk(pilot, start=before, to=place)
            await ready(pilot, place)
            if place == "function":
                await sees(pilot, "every rule is enforced", seconds=SLOW)  # the backends have been asked
            wrong += await check(pilot, place, tmp_path, sizes)
            before = place
            if place == "function":
                wrong += await check_settings(pilot, tmp_path, sizes)
        await feed_a_deploy(app)
        await at(pilot, "deploy")
        wrong += await check(pilot, "deploy", tmp_path, sizes)
        await feed_a_sample(app)
        await at(pilot, "sample")
        await sees(pilot, "✓ Valid")
        wrong += await check(pilot, "sample", tmp_path, sizes)
        wrong += await check_question(pilot, tmp_path, sizes)
    assert not wrong, "\n".join(wrong)


async def check_question(pilot: Pilot[Any], folder: Path, sizes: Sizes) -> list[str]:
    """What is asked beside the prompt, with a number that is out of range."""
    app: Any = pilot.app
    await pilot.press("f2")
    await sees(pilot, "every rule is enforced", seconds=SLOW)
    app.screen.query_one("#asked-temperature", Input).value = "3"
    app.screen.query_one("#kind").focus()
    return await check(pilot, "question", folder, sizes)


async def check_settings(pilot: Pilot[Any], folder: Path, sizes: Sizes) -> list[str]:
    """The advanced settings, one of which is out of range."""
    app: Any = pilot.app
    fold = app.screen.query_one("#advanced", Collapsible)
    fold.collapsed = False
    await until(pilot, lambda: app.screen.query("#max_tokens"), "the settings")
    field = app.screen.query_one("#max_tokens", Input)
    field.value = "0"
    wrong: list[str] = []
    for size in sizes:
        await pilot.resize_terminal(*size)
        await pilot.pause(0.3)
        await pilot.press("ctrl+n")  # leads to the field
        await until(pilot, lambda: app.focused is field, "the field that is wrong")
        wrong += await check(pilot, "settings", folder, (size,))
        app.screen.query_one("#kind").focus()
    field.value, fold.collapsed = "", True
    return wrong


async def feed_a_deploy(app: WizardApp) -> None:
    """A deploy that has begun, with clocks that stand still."""
    deploy: Any = app.get_screen("deploy")
    deploy.started_once = True
    app.session.agree()
    app.go("deploy")
    while not deploy.query("LogView"):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    app.note(StepStarted("secret"), deploy)
    app.note(StepFinished("secret", "created", "picture-secret"), deploy)
    app.note(StepFinished("function", "created", "character.py"), deploy)
    app.note(StepStarted("deploy"), deploy)
    for event in PHASES:
        app.note(event, deploy)
    for line in LOG:
        app.note(line, deploy)
    app.note(StepFinished("deploy", "created", "version 1"), deploy)
    deploy.query_one(LogPanel).drain()
    while {stage.state for stage in deploy.stages.times.values()} != {"done"}:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    for name, took in (("secret", 0.4), ("function", 0.1), ("deploy", 31.5)):
        deploy.stages.times[name] = StageTime("done", 0.0, took, deploy.stages.times[name].detail)


async def feed_a_sample(app: WizardApp) -> None:
    """An answer that came."""
    sample: Any = app.get_screen("sample")
    app.note(StepFinished("sample", "ready", "valid"), sample)
    app.go("sample")
    while not sample.query("#another"):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    app.note(SAMPLE, sample)


@EACH_SIZE
async def test_the_first_screen_and_its_help_look_as_they_did(make_app: MakeApp, tmp_path: Path, sizes: Sizes) -> None:
    app, wrong = still(make_app()), []
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.go("welcome")
        await at(pilot, "welcome")
        await sees(pilot, "signed in to rehearsal")
        wrong += await check(pilot, "welcome", tmp_path, sizes)
        await pilot.press("f1")
        await until(pilot, lambda: type(app.screen).__name__ == "HelpScreen", "help")
        wrong += await check(pilot, "help", tmp_path, sizes)
    assert not wrong, "\n".join(wrong)


@EACH_SIZE
async def test_a_closed_gate_looks_as_it_did(make_app: MakeApp, stage: Stage, tmp_path: Path, sizes: Sizes) -> None:
    stage.gate("rejected")
    app = still(make_app(model=MODEL))
    async with app.run_test(size=(80, 24)) as pilot:
        await walk(pilot, to="access")
        await sees(pilot, "rejected robin", "Open models of similar size")
        wrong = await check(pilot, "access-rejected", tmp_path, sizes)
    assert not wrong, "\n".join(wrong)


@asynccontextmanager
async def never() -> AsyncIterator[Ports]:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")
    yield


@EACH_SIZE
async def test_what_is_deployed_already_looks_as_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sizes: Sizes
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    app = still(WizardApp(never))
    functions = (
        deployed("characters", Draft(model=MODEL, output=CHARACTER, gpu="T4"), containers=1, awake=0.67),
        deployed(
            "invoices", Draft(model="Qwen/Qwen3-8B", output=OutputType("text"), gpu="L4"), containers=0, awake=0.8
        ),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: type(app.screen).__name__ == "ModelScreen", "the first screen")
        app.go("home")
        home = await at(pilot, "home")
        home.overview, home._looked = Overview(functions, stored=17_000_000_000), True
        home.usage = {"ap-characters": Usage(14, 1, 0.12)}
        monkeypatch.setattr("time.time", lambda: NOON)
        for seconds in (12.3, 1.2, 1.4, 0.9, 2.8, 1.1):
            sample = replace(SAMPLE, seconds=seconds)
            app.session.remember_call(Exchange(Question(sample.prompt), sample, app="characters", at=NOON))
        home._draw()
        await pilot.pause(0.5)  # nobody answers with the end of its log
        home.query_one(FunctionLog).show_tail(LOG)
        wrong = await check(pilot, "home", tmp_path, sizes)
    assert not wrong, "\n".join(wrong)


def deployed(name: str, draft: Draft, *, containers: int, awake: float) -> DeployedFunction:
    """A function as the engine describes it."""
    app = DeployedApp(name, f"ap-{name}", {}, f"https://modal.com/apps/{name}", version=3, deployed_at=NOON)
    return DeployedFunction(app, PlanRecord(draft), containers, awake)
