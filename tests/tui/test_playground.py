"""The playground: a deployed function is asked again with other settings and another output type, without a deploy."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from tests.tui.stage import MODEL, Stage, aimed_at, at, opened, seen, sees, until
from tests.tui.test_home import at_home_with, deployed
from wizard.core.events import SampleReady
from wizard.core.output.output_type import CHARACTER, OutputType
from wizard.core.plan.draft import Draft
from wizard.core.playground.exchange import Exchange, Question
from wizard.flow.deploy.plan_record import PlanRecord
from wizard.tui.app import WizardApp
from wizard.tui.call_target import CallTarget
from wizard.tui.screens.sample.promotion import NOT_SAVED, NOTHING, answers_of, notice_of, promote
from wizard.tui.screens.sample.question import QuestionPane
from wizard.tui.screens.sample.screen import SampleScreen
from wizard.tui.widgets.output.fields.table import FieldTable

MakeApp = Callable[..., WizardApp]
SLOW = 60.0


async def answers(pilot: Pilot[Any], count: int) -> None:
    """Wait until so many answers are kept, and the last one is drawn."""
    screen = await at(pilot, "sample")
    await until(pilot, lambda: len(screen.tries) == count and not screen.asking, f"answer {count}", SLOW)


def in_settings(screen: SampleScreen) -> bool:
    """Whether the settings of the question are there and have the focus."""
    pane = screen.query_one(QuestionPane)
    return screen.focused is not None and pane in screen.focused.ancestors_with_self


async def at_the_playground(pilot: Pilot[Any], name: str) -> SampleScreen:
    """From Home by Enter, at a function that is deployed; the prompt has the focus."""
    await at_home_with(pilot, name)
    await pilot.press("enter")
    screen = await at(pilot, "sample")
    assert isinstance(screen, SampleScreen)
    await until(pilot, lambda: screen.query_one("#another", Input).has_focus, "a place for a prompt")
    return screen


@pytest.mark.long
async def test_from_home_to_a_second_answer_with_another_schema_in_under_ten_keys(
    make_app: MakeApp, stage: Stage
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await opened(pilot)
        await deployed(app, "tui-playground", output=CHARACTER, prompt="Describe Conan.", max_tokens=200)
        screen = await at_the_playground(pilot, "tui-playground")
        keys = ["enter"]

        async def press(*more: str) -> None:
            keys.extend(more)
            await pilot.press(*more)

        await press("enter")
        await answers(pilot, 1)
        assert "Deploy this" not in seen(app), "it is what is deployed already"
        began = time.monotonic()
        await press("f2")
        await until(pilot, lambda: isinstance(app.focused, FieldTable), "the settings")
        await press("down", "down", "down", "d", "ctrl+n")  # the weapon
        await answers(pilot, 2)
        await sees(pilot, "✓ Valid", "> Describe Conan.")
        assert time.monotonic() - began < SLOW / 3, "two seconds on a machine that does nothing else"
        assert len(keys) < 10, keys
        first, second = stage.asked_functions()[-2:]
        assert "form" not in first and first["max_tokens"] == 200
        assert second["form"] == "json_schema" and second["prompt"] == "Describe Conan."
        answered = json.loads(screen.tries[-1].sample.text)
        assert set(answered) == set(second["output"]["properties"]) and "weapon" not in answered

        await pilot.press("escape")
        await sees(pilot, "d Deploy this")
        await pilot.press("slash", *"And now?", "f2")
        screen.query_one("#system", TextArea).load_text("Be short.")
        screen.query_one("#asked-temperature", Input).value = "0"
        screen.query_one("#asked-seed", Input).value = "7"
        await pilot.press("ctrl+n")
        await answers(pilot, 3)
        third = stage.asked_functions()[-1]
        assert third["messages"] == [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "And now?"},
        ]
        assert (third["temperature"], third["seed"]) == (0.0, 7) and third["output"] == second["output"]

        await pilot.press("escape", "d")
        await at(pilot, "review")
        await sees(
            pilot,
            "Output type: Character (5 fields) → Character (4 fields).",
            "Not kept by a deploy: system text, temperature, seed.",
        )
        await until(pilot, lambda: getattr(app.screen, "plan", None) is not None, "the plan")
        await sees(pilot, "tui-playground", "change")
        await pilot.press("g")
        await at(pilot, "deploy")
        await until(pilot, lambda: app.session.states["deploy"] == "done", "the deploy", SLOW)
        app.go("sample")
        await answers(pilot, 4)
        fourth = stage.asked_functions()[-1]
        assert "form" not in fourth and fourth["prompt"] == "And now?"
        assert set(json.loads(screen.tries[-1].sample.text)) == set(answered), "it is what is deployed now"
        await sees(pilot, "✓ Valid", "> And now?")


@pytest.mark.long
async def test_what_this_session_has_deployed_is_changed_where_it_stands(make_app: MakeApp, stage: Stage) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(pilot)
        await deployed(app, "tui-own")
        app.session.agree()
        app.go("sample")
        screen = await at(pilot, "sample")
        assert isinstance(screen, SampleScreen)
        await answers(pilot, 1)
        await pilot.press("f2")
        await until(pilot, lambda: bool(screen.query("#choices")) and app.focused is not None, "the settings")
        screen.query_one("#choices", Input).value = "red, green"
        await pilot.press("enter")
        await answers(pilot, 2)
        await sees(pilot, "✓ Valid", "> Is it?")
        assert screen.tries[-1].sample.text in ("red", "green"), "Enter in a line of the settings asks"
        screen.set_focus(None)
        looked = len(stage.asked_hub())
        await pilot.press("d")
        await at(pilot, "review")
        await sees(pilot, "Output type: one of yes, no → one of red, green.", "tui-own")
        assert app.session.states["model"] == "done" and len(stage.asked_hub()) == looked, "nothing is looked up again"


BROKEN = {"type": "object", "properties": {"a": {"type": "array", "uniqueItems": True}}}  # llguidance has no such rule
RECORD = PlanRecord(Draft(model=MODEL, output=CHARACTER, max_tokens=64, engine="transformers", backend="llguidance"))
TARGET = CallTarget("not-called", prompt="Is it?", max_tokens=64, output=CHARACTER, record=RECORD)


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
async def test_what_cannot_be_asked_is_told_at_its_field_and_not_sent(
    app: WizardApp, stage: Stage, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        screen = await aimed_at(pilot, TARGET)
        sent = len(stage.asked_functions())
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.focused, FieldTable), "the settings")
        if size[0] > 100:  # there is room for it
            await sees(pilot, "f3 Findings")
        heat, area = screen.query_one("#asked-temperature", Input), screen.query_one("#schema", TextArea)
        for wrong in ("2.5", "warm"):
            heat.value = wrong
            screen.query_one(FieldTable).focus()
            await pilot.press("ctrl+n")
            await until(pilot, lambda: heat.has_focus, "the field that has to be changed")
            await sees(pilot, '"Temperature" must be')
        heat.value = ""
        area.load_text(json.dumps(BROKEN))
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(app.focused, FieldTable), "the schema")
        await sees(pilot, "uniqueItems")
        await until(pilot, lambda: "f3 Findings" not in seen(app), "no key for findings, since there is no report")
        assert not screen.asking and len(stage.asked_functions()) == sent


async def test_settings_are_left_by_one_key_and_stay(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        screen = await aimed_at(pilot, TARGET)
        await pilot.press("escape", "e")
        await until(pilot, lambda: isinstance(app.focused, FieldTable), "the settings")
        assert not screen.query_one("#left").display, "they are in place of the answer"
        screen.query_one("#asked-seed", Input).value = "7"
        await pilot.press("escape")
        await until(pilot, lambda: bool(screen.query_one("#left").display), "the answer")
        assert app.screen is screen and not screen.query_one("#asked-seed").region
        app.go("home")
        await at(pilot, "home")
        screen.aim(TARGET)
        app.go("sample")
        await at(pilot, "sample")
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.focused, FieldTable), "the settings again")
        assert screen.query_one("#asked-seed", Input).value == "7"
        screen.query_one("#another", Input).focus()
        await pilot.press("escape")
        await pilot.pause()
        assert screen.query_one("#asked-seed").region, "the field is left first"
        await pilot.press("escape")
        await until(pilot, lambda: bool(screen.query_one("#left").display), "then the settings")
        await pilot.press("escape")
        await at(pilot, "home")
        screen.aim(CallTarget("another"))
        await until(pilot, lambda: not screen.query("#asked-seed"), "nothing of the other function")


async def test_what_is_deployed_already_is_not_deployed_again(app: WizardApp) -> None:
    sample = SampleReady("Is it?", "yes", "yes", True, (), False, False, 1.0)
    same = Exchange(Question("Is it?", max_tokens=64), sample, CHARACTER)
    assert answers_of(TARGET, same) == {} and notice_of(TARGET, same) == ""
    other = OutputType("choices", '["yes", "no"]')
    changed = Exchange(Question("Is it?", "Be short.", output=other, max_tokens=9, temperature=0.0), sample, other)
    assert answers_of(TARGET, changed) == {"prompt": "Is it?", "max_tokens": 9, "output": other}
    assert notice_of(TARGET, changed) == (
        "Output type: Character (5 fields) → one of yes, no. Longest answer: 64 → 9 tokens. "
        "Not kept by a deploy: system text, temperature. Pass them with each call."
    )
    assert await promote(app, TARGET, same) == NOTHING
    assert await promote(app, CallTarget("kept-by-nobody"), changed) == NOT_SAVED


async def test_settings_are_those_that_the_function_has(app: WizardApp) -> None:
    draft = replace(RECORD.draft, think="256", adapter=("law=acme/law", "tax=acme/tax"))
    reasons = replace(TARGET, app="reasons", record=replace(RECORD, draft=draft))
    early = replace(TARGET, app="early", record=replace(RECORD, draft=replace(RECORD.draft, engine=None)))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        app.go("sample")
        screen = await at(pilot, "sample")
        assert isinstance(screen, SampleScreen)
        for target, there in ((reasons, "system think adapter"), (early, ""), (TARGET, "system")):
            screen.aim(target)
            await until(pilot, lambda: screen.query_one("#another", Input).has_focus, "a place for a prompt")
            await pilot.press("f2")
            await until(pilot, lambda: in_settings(screen), "the settings")
            names = {"#system": "system", "#asked-think": "think", "#asked-adapter": "adapter"}
            assert " ".join(name for place, name in names.items() if screen.query(place)) == there
            if target is reasons:
                thinking = screen.query_one("#asked-think", Input)
                assert thinking.value == "256"
                thinking.value = "much"
                thinking.focus()
                await sees(pilot, '✗ "Reasoning" takes off, auto, or a number of tokens')
            await pilot.press("escape")


async def test_an_earlier_question_comes_back_with_its_settings(app: WizardApp) -> None:
    choices = OutputType("choices", '["yes", "no"]')
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        screen = await aimed_at(pilot, TARGET)
        screen.questions.add(Question("Is it old?", "Be short.", output=choices, temperature=0.0, max_tokens=9))
        await pilot.press("f2")
        await until(pilot, lambda: in_settings(screen), "the settings")
        screen.query_one("#another", Input).focus()
        await pilot.press("up")
        await sees(pilot, "Is it old?", "Be short.", "yes, no")
        assert screen.query_one("#asked-temperature", Input).value == "0.0"
        await pilot.press("down")
        await sees(pilot, "Is it?", "Character (5 fields)")
        assert screen.query_one("#asked-temperature", Input).value == ""
        await pilot.press("up", "down")  # sooner than what is there can be checked
        await pilot.pause(1.0)
        await sees(pilot, "Is it?", "Character (5 fields)")


SLOW_ANSWER = Question("Count.", output=OutputType("regex", "[0-9]{420}"), max_tokens=450, temperature=1.0)


async def written(pilot: Pilot[Any], screen: SampleScreen, question: Question = SLOW_ANSWER) -> str:
    """Ask for a long answer, and wait until some of it is on screen; returns what is there."""
    assert screen.ask_once_more(question)
    output = screen.query_one("#output", Static)

    def is_coming() -> bool:
        return str(output.content).endswith("▌") and len(str(output.content)) > 20

    await until(pilot, is_coming, "the beginning of an answer", SLOW)
    return str(output.content).removesuffix("▌")


@pytest.mark.long
async def test_a_call_is_cancelled_on_modal_too_and_asked_again_without_the_structure(
    make_app: MakeApp, stage: Stage
) -> None:
    app = make_app(scaledown_window=60)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await opened(pilot)
        await deployed(app, "tui-broken-stream", output=CHARACTER, prompt="Describe Conan.", max_tokens=200)
        screen = await at_the_playground(pilot, "tui-broken-stream")
        before = stage.rpcs().get("FunctionCallCancel", 0)
        begun = await written(pilot, screen)
        await pilot.press("ctrl+c")
        await sees(pilot, "■ Cancelled after", "what came of the answer is below", "Partial answer:")
        assert str(screen.query_one("#output", Static).content).startswith(begun)
        assert stage.rpcs().get("FunctionCallCancel", 0) == before + 1, "it would go on, and be paid for"

        assert screen.ask_once_more(SLOW_ANSWER)
        await until(pilot, lambda: len(screen.tries) == 1, "the whole answer", SLOW)
        assert len(screen.tries[0].sample.text) == 420
        await sees(pilot, "✓ Valid", "> Count.")

        screen.set_focus(None)
        await pilot.press("w")  # the same as free text, and both beside each other
        await sees(pilot, "output type: regex [0-9]{420} → free text", "Answer 2 of 2", seconds=SLOW)
        await pilot.press("escape", "c", "left", "escape", "x")
        assert '"temperature": 1.0' not in app.clipboard and "temperature=1.0" in app.clipboard
