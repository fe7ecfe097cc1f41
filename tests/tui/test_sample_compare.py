"""Two answers beside each other, and an answer taken away as a case or as code, by their keys."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from tests.plan.test_question_code import keywords
from tests.tui.stage import aimed_at, at, opened, seen, sees, until
from tests.tui.test_sample import sample
from wizard.core.cases.reading import read_cases
from wizard.core.output.output_type import CHARACTER, OutputType
from wizard.core.playground.exchange import Exchange, Question
from wizard.flow.deploy.function_calls import call_output
from wizard.tui.app import WizardApp
from wizard.tui.call_target import CallTarget
from wizard.tui.screens.sample.compare import CompareScreen
from wizard.tui.screens.sample.history import History
from wizard.tui.screens.sample.screen import SampleScreen

TARGET = CallTarget("my-app", output=CHARACTER, model="lab/model", gpu="T4", max_tokens=60)
FIRST = {"name": "Conan", "age": 40, "weapon": "axe"}
SECOND = {"name": "Conan", "age": 41, "weapon": "axe", "hat": "[b]none[/b]"}


async def answered(app: WizardApp, pilot: Pilot[Any], target: CallTarget = TARGET) -> SampleScreen:
    """The screen with two answers of a function, of which the second is shown."""
    await opened(pilot)
    screen = await aimed_at(pilot, target)
    for value, temperature in ((FIRST, 0.2), (SECOND, 0.8)):
        screen.question_asked = Question("Who is it?", max_tokens=60, temperature=temperature)
        screen.on_engine_event(sample(prompt="Who is it?", value=value, text=json.dumps(value), dollars=0.002))
        await sees(pilot, "> Who is it?", f'"age": {value["age"]}')
    await pilot.press("escape")
    return screen


@pytest.mark.parametrize(("size", "beside"), [((60, 20), False), ((80, 24), True), ((120, 40), True)])
async def test_two_answers_stand_beside_each_other_with_what_differs(
    app: WizardApp, size: tuple[int, int], beside: bool
) -> None:
    async with app.run_test(size=size) as pilot:
        await answered(app, pilot)
        await pilot.press("c")
        shown = await sees(pilot, "temperature: 0.2 → 0.8", "2 fields differ: age, hat", "Answer 1 of 2")
        one, other = app.screen.query_one("#one"), app.screen.query_one("#other")
        assert (one.region.y == other.region.y) is beside
        assert "Answer 2 of 2" in shown and "$0.002" in shown
        await pilot.press("end")  # both are scrolled
        await sees(pilot, '"hat": "[b]none[/b]"', '"weapon": "axe"')
        marked = {
            str(span.style): content.plain[span.start : span.end]
            for side in ("#one-text", "#other-text")
            for content in [app.screen.query_one(side, Static).render()]
            if isinstance(content, Content)
            for span in content.spans
            if "underline" in str(span.style)
        }
        assert len(marked) == 1, "and it is marked without colours too"
        await pilot.resize_terminal(100, 30)
        await sees(pilot, "2 fields differ: age, hat")
        await pilot.press("s")
        await sees(pilot, "temperature: 0.8 → 0.2")
        await pilot.press("escape")
        await at(pilot, "sample")


async def test_another_answer_is_chosen_with_the_arrow_keys(app: WizardApp) -> None:
    answers = [
        Exchange(Question(f"p{number}"), sample(prompt=f"p{number}", text=text, value=text), OutputType("text"))
        for number, text in enumerate(["The old dog", "The young dog", "The young dog"])
    ]
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot)
        app.push_screen(CompareScreen(answers, 1, 2))
        await sees(pilot, "prompt: another one", "Both answers are the same", "> p1", "> p2")
        await pilot.press("left")
        await sees(pilot, "The texts differ in 1 place", "> p0")
        await pilot.press("left")
        await sees(pilot, "Both answers are the same", "Answer 2 of 3")
        await pilot.press("right", "down", "end", "q")
        await until(pilot, lambda: not isinstance(app.screen, CompareScreen), "it is closed")


async def test_the_same_without_the_structure_is_asked_for_and_compared(app: WizardApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await answered(app, pilot)
        await pilot.press("w")
        await sees(pilot, "✗ no answer")
        asked = screen.question_asked
        assert asked == Question("Who is it?", max_tokens=60, temperature=0.8, output=OutputType("text"))
        assert not isinstance(app.screen, CompareScreen), "nothing came that could be compared"


async def test_an_answer_becomes_a_case_in_a_file_that_is_named(app: WizardApp, tmp_path: Path) -> None:
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        screen = await answered(app, pilot)
        await pilot.press("a")
        await sees(pilot, "Add to", "cases.jsonl")
        await pilot.press("enter")
        await sees(pilot, "Added as line 1 of cases.jsonl")
        screen.on_history_reopened(History.Reopened(0))
        await sees(pilot, '"age": 40')
        await pilot.press("a", "enter")
        await sees(pilot, "Added as line 2 of cases.jsonl")
        found = read_cases((tmp_path / "cases.jsonl").read_bytes(), "cases.jsonl")
        assert [case.expected for case in found.cases] == [SECOND, FIRST] and not found.errors
        table = tmp_path / "table.csv"
        table.write_text("prompt,expected\na,1\n")
        await pilot.press("a", "ctrl+u", *"table.csv", "enter")
        await sees(pilot, "Nothing was added to table.csv: it is a table.")
        assert table.read_text() == "prompt,expected\na,1\n"
        await pilot.press("a", "escape")
        assert "Add to" not in seen(app)


async def test_a_file_in_the_home_of_nobody_is_said_to_be_none(app: WizardApp) -> None:
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await answered(app, pilot)
        await pilot.press("a", "ctrl+u", *"~nobody-here/x.jsonl", "enter")
        await sees(pilot, "~nobody-here/x.jsonl cannot be written")


async def test_a_question_is_copied_as_code(app: WizardApp) -> None:
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        screen = await answered(app, pilot, replace(TARGET, endpoint="https://x.example"))
        await pilot.press("x")
        await sees(pilot, "Python code copied")
        asked = {"prompt": "Who is it?", "max_tokens": 60, "temperature": 0.8}
        assert keywords(app.clipboard, "remote") == asked
        screen.question_asked = Question("Again?", "Be brief.", output=CHARACTER)
        screen.on_engine_event(sample(prompt="Again?"))
        await sees(pilot, "> Again?")
        await pilot.press("X")
        await until(pilot, lambda: "OpenAI" in app.clipboard, "the other client")
        said = keywords(app.clipboard, "create")
        assert said["response_format"]["json_schema"]["schema"] == call_output(CHARACTER)["output"]
        assert [each["content"] for each in said["messages"]] == ["Be brief.", "Again?"]
        assert app.clipboard in app.exit_messages, "it is printed again on exit"
