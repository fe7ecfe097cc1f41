"""The plan on screen, and the command that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.support.plans import draft_of
from tests.tui.stage import MODEL, Stage, at, opened, seen, sees, until
from wizard.cli.commands.deploy import deploy, read_configuration
from wizard.cli.context import CommandContext
from wizard.cli.output.reporters import make_reporter
from wizard.cli.session import SessionOptions
from wizard.core.events import Change
from wizard.core.output.output_type import CHARACTER, OutputType
from wizard.core.plan.call_snippets import python_snippet
from wizard.core.plan.draft import Draft
from wizard.flow.deploy.job_state import JobOptions
from wizard.flow.deploy.repeat_command import call_command, deploy_command
from wizard.tui.app import WizardApp
from wizard.tui.screens.review.changes import changes_table
from wizard.tui.widgets.problem_card import ProblemCard
from wizard.wiring import ProgramWiring


async def parsed(text: str) -> Draft:
    """The Draft that the command line reads from a command."""
    words = shlex.split(text)
    assert words[:2] == ["outlines-wizard", "deploy"]
    flags = deploy.make_context("deploy", words[2:]).params
    reporter = make_reporter(as_json=True, quiet=True, color=False, rehearsal=False)
    context = CommandContext(ProgramWiring(), reporter, SessionOptions(), False, True, True)
    return (await read_configuration(context, flags)).draft


DRAFTS = (
    Draft(model="a/b", output=OutputType("choices", '["yes", "no way", "漢字"]'), prompt="It's “so”; $HOME `x`\n\\"),
    Draft(model="a/b", output=OutputType("choices", '["with, comma", "-x"]'), revision="0" * 40),
    Draft(
        model="a/b", output=OutputType("regex", "[A-Z]+|'x' \"y\" \\$ !"), gpu="H100:2", max_tokens=64, backend="auto"
    ),
    Draft(model="a/b", output=OutputType("regex", "-?[0-9]+"), prompt="--help"),
    Draft(model="a/b", output=OutputType("type", "date"), app="my-app", secret="other", max_containers=4),
    Draft(model="a/b", output=OutputType("text"), scaledown_window=600, backend="xgrammar", endpoint=True),
    Draft(model="a/b", output=OutputType("grammar", 'start: "a"\n | "b"\n'), prompt="x"),
    Draft(model="a/b", output=CHARACTER, app="app", prompt="Bitte: 阿米里"),
    Draft(model="a/b", output=OutputType("text"), volume="other-volume", hub_endpoint="https://hub.example"),
    Draft(model="a/b", output=OutputType("text"), hub_endpoint="https://hub.example/hf"),
)


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.output.kind)
async def test_the_command_means_the_same_draft(draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plan = None
    odd = draft.output is not None and draft.output.spec.startswith(('["with', "-?"))
    if draft.volume or odd:
        from wizard.core.plan.plan import Plan

        assert draft.output is not None
        plan = Plan("a/b", draft.revision or "1" * 40, "app", draft.output, draft.prompt or "p", "T4", False)
        plan = Plan(**{**vars(plan), "volume": draft.volume or plan.volume, "hub_endpoint": draft.hub_endpoint or ""})
    repeat = deploy_command(draft, plan=plan)
    for path, text in repeat.files.items():
        path.write_text(text, encoding="utf-8")
    read = await parsed(repeat.text)
    if plan is not None:
        assert read == draft_of(plan)
    else:
        assert read == Draft(**{**vars(draft), "output": read.output})
        assert read.output is not None and draft.output is not None
        assert (read.output.kind, read.output.enforced) == (draft.output.kind, draft.output.enforced)


def test_wishes_and_the_environment_are_flags_too() -> None:
    options = JobOptions(token_from="keyring", output_dir=Path("some where"), max_cost=1.5, replace_secret=True)
    repeat = deploy_command(Draft(model="a/b"), options=options, environment="dev", rehearsal=True)
    assert repeat.text == (
        "outlines-wizard deploy --rehearse --model a/b --token-from keyring --output-dir 'some where' "
        "--max-cost 1.5 --replace-secret --environment dev"
    )


def test_hubs_that_have_to_be_trusted_are_named_first() -> None:
    repeat = deploy_command(Draft(model="a/b"), trusted=("https://hub.example", "http://10.0.0.7:8080"))
    assert repeat.text == (
        "outlines-wizard deploy --trust-endpoint=https://hub.example --trust-endpoint=http://10.0.0.7:8080 --model a/b"
    )


def test_other_commands_are_quoted() -> None:
    assert shlex.split(call_command("app", "-n it's")) == ["outlines-wizard", "call", "app", "--prompt=-n it's"]
    compile(python_snippet("app", 'say "x"\n', "dev"), "snippet", "exec")
    seeing = python_snippet("app", "What is on it?", sees=True)
    compile(seeing, "snippet", "exec")
    assert 'images=[open("receipt.jpg", "rb").read()]' in seeing


def test_the_table_says_every_action_with_sign_and_word() -> None:
    actions = ("create", "update", "keep", "delete")
    table = str(changes_table([Change("app", f"name-{a}", a, "[/why]") for a in actions]))
    assert all(
        f"{sign} {word}" in table for sign, word in zip("+~=-", ("create", "change", "keep", "delete"), strict=True)
    )
    assert "[/why]" in table


@asynccontextmanager
async def planned(app: WizardApp, size: tuple[int, int] = (80, 24), **draft: Any) -> AsyncIterator[Pilot[Any]]:
    async with app.run_test(size=size, notifications=True) as pilot:
        await opened(pilot)
        app.session.decide("model", model=MODEL, **draft)
        for step in ("model", "access", "token", "modal"):
            assert await app.run_step(step, app.screen) is None  # type: ignore[arg-type]
        app.go("review")
        await at(pilot, "review")
        yield pilot


async def test_the_plan_names_what_is_made_and_what_it_costs_and_enter_does_nothing(
    app: WizardApp, tmp_path: Path
) -> None:
    async with planned(app, (120, 40)) as pilot:
        await sees(
            pilot, "+ create", "secret", "volume", "weights", "outlines-wizard-hf", "What it would cost on Modal"
        )
        await sees(pilot, "per hour", "$0.59", "import modal")
        for key in ("enter", "enter", "ctrl+n", "space"):
            await pilot.press(key)
        await sees(pilot, "Press g to deploy")
        assert type(app.screen).__name__ == "ReviewScreen"
        await pilot.press("c")
        await sees(pilot, "Command copied")
        written = tmp_path / "outlines-tiny-character.schema.json"
        assert written.exists() and "--schema outlines-tiny-character.schema.json" in app.clipboard
        assert (await parsed(app.clipboard.replace("--rehearse ", ""))).model == MODEL
        assert app.clipboard in app.exit_messages
        await pilot.press("s")
        field = app.screen.query_one("#save-as Input", Input)
        assert field.has_focus and field.value.endswith("outlines_tiny_character.py")
        field.value = "elsewhere/mine.py"
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "elsewhere/mine.py").exists(), "the saved file")
        assert not (tmp_path / "outlines_tiny_character.py").exists(), "nothing was deployed"


def card(app: WizardApp) -> str:
    return str(app.screen.query_one("#problem", Static).content)


async def test_what_is_missing_is_a_card_with_the_key_to_the_question(app: WizardApp) -> None:
    async with planned(app) as pilot:
        app.session.decide("function", output=None)
        app.session.states["function"] = "done"
        app.go("modal")
        await at(pilot, "modal")
        app.go("review")
        await until(pilot, lambda: "No output type is named" in card(app), "what is missing")
        assert app.session.states["function"] == "blocked", "the rail does not call done what the plan fails on"
        await pilot.press("g")
        assert type(app.screen).__name__ == "ReviewScreen", "there is nothing to agree to"
        await pilot.press("m")
        await at(pilot, "function")
        app.session.decide("model", model="other/model")
        app.go("review")
        await until(pilot, lambda: "Model: This question has no answer yet" in card(app), "the question")


async def test_a_plan_that_could_not_be_made_is_made_again_with_the_key_that_the_card_names(
    app: WizardApp, stage: Stage
) -> None:
    async with planned(app) as pilot:
        await sees(pilot, "+ create")
        assert app.screen.check_action("look_again", ()) is False, "a plan needs no second look"
        stage.break_at("modal:VolumeGetOrCreate", kind="status", status="PERMISSION_DENIED", message="not for you")
        app.go("modal")
        await at(pilot, "modal")
        app.go("review")
        await until(pilot, lambda: "not for you" in card(app) and "r  Look again" in card(app), "what went wrong")
        await sees(pilot, "r Look again")
        stage.repair()
        await pilot.press("r")
        await sees(pilot, "+ create")
        assert app.screen.query_one(ProblemCard).problem is None


async def test_a_mistake_of_ours_in_the_plan_is_a_card_and_no_endless_looking(app: WizardApp) -> None:
    async with planned(app) as pilot:
        await sees(pilot, "+ create")
        assert app.session.job is not None
        app.session.job.facts = None  # what every step before has found out
        app.go("modal")
        await at(pilot, "modal")
        app.go("review")
        await until(pilot, lambda: "Internal error in outlines-wizard: RuntimeError" in card(app), "the mistake")
        assert "Checking what exists already" not in seen(app)


async def test_what_is_not_enforced_stands_above_the_plan(app: WizardApp) -> None:
    async with planned(app) as pilot:
        await sees(pilot, "+ create")
        assert "does not enforce" not in seen(app)
        app.session.decide("function", backend="outlines_core")
        app.go("modal")
        await at(pilot, "modal")
        app.go("review")
        await sees(pilot, "! outlines_core doesn't enforce every rule of this output type.", "ignores")
        assert "Use --backend auto" in str(app.screen.query_one("#unenforced", Static).content)


async def test_the_plan_follows_the_size_of_the_terminal(app: WizardApp) -> None:
    async with planned(app) as pilot:
        await sees(pilot, "+ create")
        for size in ((60, 20), (120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "+ create" in seen(app)
            assert "outlines-wizard deploy" in str(app.screen.query_one("#command", Static).content)
