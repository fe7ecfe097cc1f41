"""From the plan to a valid sample, and what a failure looks like. Few full deploys: each takes seconds."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from tests.tui.stage import MODEL, Stage, at, opened, seen, sees, until
from tests.tui.test_home import ask_and_read_the_log_of
from tests.tui.test_sample import ask_for_what_goes_wrong
from wizard.core.output.output_type import OutputType
from wizard.core.phases import PHASES
from wizard.flow.deploy.unfinished import unfinished_folder
from wizard.tui.app import WizardApp
from wizard.tui.screens.deploy.screen import DeployScreen
from wizard.tui.widgets.log.panel import LogPanel
from wizard.tui.widgets.problem_card import ProblemCard

MakeApp = Callable[..., WizardApp]
SLOW = 60.0


@asynccontextmanager
async def agreed(app: WizardApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[Any]]:
    """The plan was read, and g pressed."""
    async with app.run_test(size=size, notifications=True) as pilot:
        await opened(pilot)
        app.session.decide("model", model=MODEL)
        for step in ("model", "access", "token", "modal"):
            assert await app.run_step(step, app.screen) is None  # type: ignore[arg-type]
        app.go("review")
        await sees(pilot, "Review the plan")
        await until(pilot, lambda: app.screen.plan is not None, "the plan")  # type: ignore[attr-defined]
        await pilot.press("g")
        await at(pilot, "deploy")
        yield pilot


def panel(app: WizardApp) -> LogPanel:
    return app.get_screen("deploy").query_one(LogPanel)


async def carded(pilot: Pilot[Any], *texts: str) -> None:
    """Wait for a card of a failure that says all this."""

    def said() -> bool:
        card = pilot.app.screen.query_one(ProblemCard)
        return card.has_class("-shown") and all(text in str(card.content) for text in texts)

    await until(pilot, said, f"{texts}", SLOW)


async def watched(condition: Callable[[], bool]) -> None:
    """Look at the screen far more often than it changes: a warm answer is there in a tenth of a second."""
    async with asyncio.timeout(SLOW):
        while not condition():  # noqa: ASYNC110 - what is looked at tells nobody
            await asyncio.sleep(0.005)


def assert_all_phases_are_over(screen: str) -> None:
    """The deploy's screen has all of the wait, also that for the first answer."""
    for phase in PHASES:
        words = ("✓ done   ", "– skipped") if phase.name == "download" else ("✓ done   ",)  # it may have been there
        assert any(f"{word} {phase.title}" in screen for word in words), screen


async def test_one_key_deploys_and_ends_with_a_valid_sample_then_another_prompt(make_app: MakeApp) -> None:
    app = make_app(app="tui-whole")
    async with agreed(app) as pilot:
        await until(pilot, lambda: app.busy is not None, "it is said that something runs")
        assert "nothing is billed" in (app.busy or "")
        await pilot.press("escape")
        await at(pilot, "review")
        deploy = app.get_screen("deploy")
        assert isinstance(deploy, DeployScreen)
        app.go("deploy")
        await until(pilot, lambda: not deploy.running, "the deploy has ended", SLOW)
        if type(app.screen).__name__ != "SampleScreen":  # it had ended before it was shown again
            app.go("sample")
        await at(pilot, "sample")
        waited = set[str]()

        def valid() -> bool:
            waited.update(" ".join(line.split()[1:4]) for line in seen(app).splitlines() if "▶ running" in line)
            return "✓ Valid" in seen(app)

        await until(pilot, valid, "the first answer", SLOW)
        assert "running Start container" in waited, "what is waited for is on screen, with its clock"
        await sees(pilot, '"name"')
        assert app.busy is None
        states = app.session.states
        assert [states[step] for step in ("secret", "function", "deploy", "sample")] == ["done"] * 4
        assert all(stage.took is not None for stage in deploy.stages.times.values())
        lines = [row.entry.text for row in panel(app).view.rows]
        assert any("Created" in line or "build" in line.lower() for line in lines) and any("ready" in x for x in lines)
        file = panel(app).file
        assert file is not None and file.path is not None and "outlines-wizard-log" in str(file.path)

        await pilot.press("slash")
        app.screen.query_one("#another", Input).value = "Describe Conan, 40 year old barbarian with an axe."
        await pilot.press("enter")
        doing, written = set[str](), set[str]()

        def answered() -> bool:
            doing.add(str(app.screen.query_one("#status", Static).content))
            written.add(str(app.screen.query_one("#output", Static).content))
            return len(app.screen.tries) == 2  # type: ignore[attr-defined]

        await watched(answered)
        assert any(each.startswith("▶ Writing ") and ":" in each for each in doing), doing
        assert [each for each in written if each.endswith("▌") and "Conan" in each], written
        await sees(pilot, "✓ Valid", "Conan")
        assert "warm" in str(app.screen.query_one("#figures", Static).content)

        app.screen.set_focus(None)
        for key, start in (
            ("1", "import modal"),
            ("2", "outlines-wizard call tui-whole"),
            ("4", "outlines-wizard status tui-whole"),
            ("6", "outlines-wizard tear"),
        ):
            await pilot.press(key)
            assert app.clipboard.startswith(start)
        await pilot.press("y")
        assert json.loads(app.clipboard)["name"]
        assert any(line.startswith("outlines-wizard teardown tui-whole") for line in app.exit_messages)
        await pilot.press("l")
        await at(pilot, "deploy")
        assert_all_phases_are_over(seen(app))
        await ask_and_read_the_log_of(app, pilot, "tui-whole")
        await ask_for_what_goes_wrong(app, pilot, "tui-whole")


@pytest.mark.long
async def test_another_plan_that_is_made_meanwhile_leaves_a_deploy_and_its_sample_alone(make_app: MakeApp) -> None:
    app = make_app(app="tui-meanwhile")
    async with agreed(app) as pilot:
        await until(pilot, lambda: app.busy is not None, "the deploy")
        app.session.decide("function", app="tui-another", output=OutputType("choices", '["yes", "no"]'))
        await pilot.press("escape")
        review: Any = await at(pilot, "review")
        deploy: Any = app.get_screen("deploy")
        await until(pilot, lambda: "tui-another" in [each.name for each in review.plan.changes], "another plan")
        if deploy.running:
            assert "This plan is for the next one" in seen(app)
            await pilot.press("g")
            await sees(pilot, "A deploy is running")
        assert app.screen is review
        await until(pilot, lambda: not deploy.running, "the deploy has ended", SLOW)
        assert app.session.states["deploy"] == "done", app.session.details
        await sees(pilot, "Review the plan")
        app.go("sample")
        sample: Any = await at(pilot, "sample")
        await sees(pilot, "✓ Valid", '"name"', seconds=SLOW)
        assert sample.target.app == "tui-meanwhile"


@pytest.mark.long
async def test_a_failed_build_is_a_card_and_the_log_is_kept(make_app: MakeApp, stage: Stage) -> None:
    stage.break_at("build:*pip install*", kind="status", status=1, message="error: Failed to fetch wheel for `torch`")
    app = make_app(app="tui-build-fails", backend="xgrammar")  # another image than the one that is built already
    async with agreed(app) as pilot:
        await carded(pilot, "✗ Deploy: The image could not be built", "r  Try again")
        assert app.session.states["deploy"] == "blocked" and app.busy is None
        assert "✗ blocked" in seen(app) and "✓ done" in seen(app)
        assert any("Failed to fetch wheel" in row.entry.text for row in panel(app).view.rows), "the log is kept"
        assert any("Deploy log" in line for line in app.exit_messages)
        await pilot.press("c")
        assert "could not be built" in app.clipboard
        kept = panel(app).file
        assert kept is not None and kept.path is not None

        stage.repair()
        await pilot.press("r")
        await until(pilot, lambda: app.session.states["deploy"] == "done", "the second try", SLOW)
        assert kept.path.exists(), "the log that was named stays"
        await at(pilot, "sample")
        await until(pilot, lambda: app.busy is not None, "the first sample")
    assert kept.path.exists()
    shutil.rmtree(kept.path.parent)


@pytest.mark.long
async def test_a_deploy_that_fails_while_another_screen_is_shown_is_said_there(make_app: MakeApp, stage: Stage) -> None:
    stage.break_at("modal:AppGetOrCreate", kind="delay", seconds=2.0)  # time to go elsewhere
    stage.break_at("modal:AppPublish", kind="status", status="INVALID_ARGUMENT", message="Not today.")
    app = make_app(app="tui-fails-elsewhere")
    async with agreed(app) as pilot:
        await until(pilot, lambda: app.busy is not None, "the deploy")
        await pilot.press("escape")
        await at(pilot, "review")
        await sees(pilot, "The deploy failed", "Not today.", seconds=SLOW)
        app.go("deploy")
        await carded(pilot, "✗ Deploy:", "Not today.", "r  Try again")


@pytest.mark.long
async def test_a_model_that_is_too_large_leads_back_to_the_gpu(make_app: MakeApp, stage: Stage) -> None:
    stage.break_at(
        "container-start:Generator*", kind="crash", status=1, message="torch.OutOfMemoryError: CUDA out of memory."
    )
    app = make_app(app="tui-memory")
    async with agreed(app) as pilot:
        await until(pilot, lambda: len(list(unfinished_folder().glob("*.json"))) == 1, "it is noted that a deploy runs")
        await at(pilot, "sample")
        assert not list(unfinished_folder().glob("*.json")), "it has come to an end"
        await carded(pilot, "does not fit into the memory of T4", "→ Press Enter to use L4", "m  Change output or GPU")
        assert app.session.states["sample"] == "blocked"
        await pilot.press("m")
        function = await at(pilot, "function")
        await sees(pilot, "T4 ran out of memory. L4 is selected instead: 24 GiB")
        gpu = function.query_one("#gpu", Select)
        labels = {spec: str(label) for label, spec in gpu._options}
        assert gpu.value == app.session.draft.gpu == "L4", "the GPU that failed is not chosen again"
        assert labels["T4"].startswith("✗") and "ran out of memory" in labels["T4"] and "fits" in labels["L4"]
        app.session.decide("function", gpu="T4")
        app.go("sample")
        await at(pilot, "sample")
        await pilot.press("enter")
        await at(pilot, "review")
        await sees(pilot, "T4 ran out of memory. L4 is selected instead", "gpu L4")
        await pilot.press("ctrl+q")
    assert app.return_code == 1, "what was set going has failed"


async def test_going_to_the_deploy_without_agreeing_shows_the_plan(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.go("deploy")
        await at(pilot, "review")
        await sees(pilot, "This question has no answer yet")
