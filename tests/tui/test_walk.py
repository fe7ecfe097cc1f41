"""The whole job with its own keys, back and forth, at every size, and quitting anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.tui.stage import MODEL, Stage, at, opened, seen, sees, until
from tests.tui.walking import SLOW, STOPS, Footing, gone, press_stop, says, walk
from wizard.core.output.output_type import OutputType
from wizard.tui.app import WizardApp
from wizard.tui.widgets.panes import Pane, Panes

MakeApp = Callable[..., WizardApp]
QUICK = {"model": MODEL, "scaledown_window": 2}  # containers do not stay for the next test
LOOKED = ("model", "access", "token", "modal")
SIZES = ((60, 20), (120, 40), (80, 24))
PROMPT = "Beschreibe 阿米里, 53 Jahre alt, mit Schwert."


@pytest.mark.long
@pytest.mark.slow
async def test_from_the_first_frame_to_a_sample_and_all_the_way_back(make_app: MakeApp) -> None:
    app = make_app(scaledown_window=2)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await walk(pilot, to="function")
        app.screen.query_one("#prompt", TextArea).load_text(PROMPT)
        await until(pilot, lambda: app.session.draft.prompt == PROMPT, "the prompt is taken")
        await walk(pilot, start="function", to="sample")
        await sees(pilot, "✓ Valid", seconds=SLOW)
        await until(pilot, lambda: app.busy is None, "the call has ended")
        assert {*app.session.states.values()} == {"done"}
        app.screen.query_one("#another", Input).value = "half a prompt"
        before = Footing.of(app, STOPS)

        for place in ("deploy", "review", "function", "modal", "access", "model"):
            app.set_focus(None)
            await pilot.press("escape")
            await at(pilot, place)
            assert Footing.of(app, STOPS).draft == before.draft, place
        await pilot.press("escape")
        assert await at(pilot, "model"), "before the first question there is nothing"
        for step, place in (("sample", "sample"), ("modal", "modal"), ("function", "function"), ("access", "access")):
            await press_stop(pilot, step)
            await at(pilot, place)
        after = Footing.of(app, STOPS)
        assert after.draft == before.draft
        assert after.states == before.states, "looking at an answer does not change it"
        assert dict(after.typed) == dict(before.typed)
        await press_stop(pilot, "sample")
        await sees(pilot, "✓ Valid", "half a prompt")


async def test_a_changed_answer_marks_what_rests_on_it_and_nothing_else(make_app: MakeApp) -> None:
    app = make_app(**QUICK)
    async with app.run_test(size=(80, 24)) as pilot:
        await walk(pilot, to="review")
        assert [app.session.states[step] for step in (*LOOKED, "function")] == ["done"] * 5
        app.session.states.update(secret="done", deploy="done", sample="done")
        await press_stop(pilot, "function")
        screen = await at(pilot, "function")
        screen.query_one("#prompt", TextArea).load_text("Another prompt.")
        await until(pilot, lambda: app.session.draft.prompt == "Another prompt.", "the answer")
        marked = {step for step, state in app.session.states.items() if state == "todo"}
        assert marked == {"function", "deploy", "sample"}

        await press_stop(pilot, "model")
        screen = await at(pilot, "model")
        screen.query_one("#search").value = "rehearsal-lab/tiny-character-open"
        await sees(pilot, "Press Enter to use rehearsal-lab/tiny-character-open")
        await pilot.press("enter")
        await at(pilot, "access")
        assert app.session.states["modal"] == "done", "where it runs does not rest on the model"
        assert app.session.states["function"] == "todo"
        await sees(pilot, "Press Enter to continue.")
        await press_stop(pilot, "function")
        screen = await at(pilot, "function")
        assert app.session.draft.prompt == "Another prompt." == screen.query_one("#prompt", TextArea).text
        assert app.session.draft.output is not None, "the output type was not lost"


@pytest.mark.long
async def test_every_screen_keeps_what_was_typed_at_every_size(make_app: MakeApp) -> None:
    app = make_app(**QUICK)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press(*"tiny-char")
        await until(pilot, lambda: app.screen.answers == "tiny-char", "an answer")  # type: ignore[attr-defined]
        for number, place in enumerate(STOPS[:5]):
            if number:
                await walk(pilot, start=STOPS[number - 1], to=place)
            if place == "function":
                app.screen.query_one("#prompt", TextArea).load_text(PROMPT)
                await until(pilot, lambda: app.session.draft.prompt == PROMPT, "the prompt is taken")
            await settled(pilot)
            before, focus = Footing.of(app), app.focused
            for size in SIZES:
                await pilot.resize_terminal(*size)
                height = size[1]
                await until(pilot, lambda height=height: len(seen(app).splitlines()) == height, f"drawn at {size}")
                await settled(pilot)
                there = dict(Footing.of(app).typed)  # wide terminals may show more, such as the JSON beside the fields
                assert {name: there.get(name) for name, _ in before.typed} == dict(before.typed), (place, size)
                assert Footing.of(app).draft == before.draft, (place, size)
                # panes side by side have the focus each, and one above the other all of them together
                assert app.focused is focus or isinstance(focus, Pane | Panes), (place, size)
                lines = seen(app).splitlines()
                assert len(lines) == size[1] and all(line.isprintable() for line in lines)
                assert app.screen.query_one("#rail").display is (size[0] >= 110), "it gives way to the marks"
        await walk(pilot, start="review", to="sample")
        await until(pilot, lambda: app.busy is not None, "a call")
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.busy is not None or says(app, "Valid"), size
        await pilot.press("ctrl+q", "y")
    await gone(app)


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until the screen has stopped changing."""
    app: Any = pilot.app
    last = ""
    for _ in range(100):
        await pilot.pause(0.1)
        shown = seen(app)
        if shown == last and not (str(shown).count("Looking") or "Searching" in shown):
            return
        last = shown
    raise AssertionError(f"it never came to rest\n{last}")


@pytest.mark.parametrize("place", STOPS[:5])
async def test_quitting_is_one_key_where_nothing_runs(place: str, make_app: MakeApp) -> None:
    app = make_app(**QUICK)
    async with app.run_test(size=(80, 24)) as pilot:
        await walk(pilot, to=place)
        await pilot.press("ctrl+q")
    await gone(app)
    assert app.return_code == 0


async def test_quitting_while_a_gate_is_waited_for_needs_no_question(make_app: MakeApp, stage: Stage) -> None:
    stage.gate("pending")
    app = make_app(**QUICK)
    async with app.run_test(size=(80, 24)) as pilot:
        await walk(pilot, to="access")
        await sees(pilot, ", since ")
        await pilot.press("ctrl+q")
    await gone(app)
    assert app.return_code == 0


@pytest.mark.long
async def test_quitting_in_a_deploy_says_what_goes_on_and_what_it_costs(make_app: MakeApp, stage: Stage) -> None:
    stage.break_at("modal:AppPublish", kind="delay", seconds=30.0)
    app = make_app(**QUICK, app="walk-quit")
    async with app.run_test(size=(80, 24)) as pilot:
        await walk(pilot, to="deploy")
        await until(pilot, lambda: app.session.states["deploy"] == "waiting", "the deploy")
        await pilot.press("ctrl+q")
        await sees(pilot, "A deploy is running", "nothing is billed", "Quit anyway?")
        await pilot.press("escape")
        await at(pilot, "deploy")
        assert app.busy is not None, "it has gone on"
        app.rehearsal = False  # what it would say where it costs something
        deploy: Any = app.screen
        assert "costs $0.67/h while running" in deploy._busy_words() and "walk-quit" in deploy._busy_words()
        await pilot.press("ctrl+q", "y")
    await gone(app)
    assert app.return_code == 130


async def test_wrong_answers_are_said_in_place_and_change_nothing(make_app: MakeApp) -> None:
    app = make_app(**QUICK)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await walk(pilot, to="modal")
        await sees(pilot, "Press Enter to continue.")
        await pilot.press("s")
        await pilot.press("enter")
        field = app.screen.query_one("#secret-name", Input)
        for wrong in ("two words", "[/x]", "x" * 80):
            draft = app.session.draft
            field.value = wrong
            await pilot.press("enter")
            await sees(pilot, "is not a name that Modal takes")
            assert app.session.draft == draft
        await pilot.press("escape")  # the name is put away, and then the question
        if not app.screen.check_action("go_on", ()):
            await pilot.press("escape")
        await walk(pilot, start="modal", to="function")
        area = app.screen.query_one("#prompt", TextArea)
        output = app.session.draft.output
        area.load_text("")
        await until(pilot, lambda: not app.session.draft.prompt, "no prompt of one's own")
        area.load_text("[/x] \x1b[31m $(rm -rf /) `x` \\ ‮")
        await until(pilot, lambda: "$(rm" in (app.session.draft.prompt or ""), "a hostile prompt is only a prompt")
        assert app.session.draft.output == output
        await walk(pilot, start="function", to="review")
        await sees(pilot, "+ create")
        assert "\x1b" not in seen(app)
        await pilot.press("s")
        path = app.screen.query_one("#save-as Input", Input)
        path.value = "/proc/no/such/place.py"
        await pilot.press("enter")
        await sees(pilot, "cannot be written")
        assert app.session.draft.output == output


@pytest.mark.long
async def test_an_output_type_that_is_none_keeps_one_on_its_question(make_app: MakeApp) -> None:
    app = make_app(**QUICK, output=OutputType("regex", "[A-Z]+"))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await walk(pilot, to="function")
        app.screen.query_one("#regex", Input).value = "[a-"
        await pilot.press("ctrl+n")
        await sees(pilot, "does not compile")
        await at(pilot, "function")
        await press_stop(pilot, "modal")
        await at(pilot, "modal")
        await press_stop(pilot, "function")
        screen = await at(pilot, "function")
        assert screen.query_one("#regex", Input).value == "[a-"
        screen.query_one("#regex", Input).value = "[a-z]+"
        await until(pilot, lambda: app.session.draft.output == OutputType("regex", "[a-z]+"), "the mended pattern")
        assert replace(app.session.draft, output=None).model == MODEL
