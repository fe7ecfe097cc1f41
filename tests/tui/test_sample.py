"""The sample's screen: what each outcome says, and what stays to be copied. The function is deployed by others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Collapsible, Input, Static
from textual.widgets._collapsible import CollapsibleTitle

from tests.tui.stage import at, opened, sees, until
from wizard.core.events import SampleReady
from wizard.core.images.image_file import named_files
from wizard.core.output.output_type import OutputType
from wizard.tui.app import WizardApp
from wizard.tui.call_target import CallTarget
from wizard.tui.screens.sample.answer import Answer, Status
from wizard.tui.screens.sample.history import History
from wizard.tui.screens.sample.images import ImageField, completed
from wizard.tui.screens.sample.next_steps import NextStep, farewell_lines, keys_words, ways, ways_content
from wizard.tui.screens.sample.screen import SampleScreen
from wizard.tui.screens.sample.wording import figures, judged, output_text, problem_of
from wizard.tui.widgets.problem_card import ProblemCard

SLOW = 60.0


def sample(**changes: Any) -> SampleReady:
    values: dict[str, Any] = {
        "prompt": "p",
        "text": '{"a": 1}',
        "value": {"a": 1},
        "valid": True,
        "errors": (),
        "truncated": False,
        "cold": True,
        "seconds": 7.1,
        "timings": {"load": 2.0, "compile": 0.5, "generate": 0.5},
        "tokens": 50,
    }
    return SampleReady(**(values | changes))


def test_three_outcomes_have_three_words_and_three_hints() -> None:
    good = sample()
    cut = sample(valid=False, truncated=True, text='{"a": ', value=None)
    wrong = sample(valid=False, errors=("$.a: 1 is not a string", "more"))
    assert problem_of(good) is None and judged(good, None)[0] == "✓"
    refused = sample(valid=False, refused="no token is allowed here", text="")
    problems = [problem_of(each) for each in (cut, wrong, refused)]
    hints = [problem.hint for problem in problems if problem]
    assert len(set(hints)) == 3 and all(hints)
    assert judged(cut, problems[0])[:2] == ("✗", "Cut off at the token limit")
    assert judged(wrong, problems[1])[:2] == ("✗", "Not valid: $.a: 1 is not a string")
    assert judged(refused, problems[2])[:2] == ("✗", "Refused")


def test_the_figures_say_cold_warm_speed_and_price() -> None:
    first, second = sample(), sample(cold=False, seconds=0.6)
    cold = str(figures(first, "T4", None, rehearsal=False))
    assert "7.10 s (cold start) · answered in 0.50 s · 100 tokens/s" in cold
    assert "loading 2.00 s · compiling 0.50 s · about $0.001" in cold
    warm = str(figures(second, "T4", None, rehearsal=True, before=[first, second]))
    assert "0.60 s (warm)" in warm and "loading" not in warm
    assert "cold start 7.10 s" in warm and "$0.0001 on Modal" in warm


def test_output_is_coloured_by_what_it_looks_like() -> None:
    assert output_text(sample()) == ('{\n  "a": 1\n}', "json")
    assert output_text(sample(value=None, text='{"a": '))[1] == "json", "cut short, and still JSON to the eye"
    assert output_text(sample(value="yes", text="yes")) == ("yes", "text")


def test_every_way_can_be_copied_and_is_printed_again() -> None:
    known = ways("app", "it's", environment="dev", rehearsal=False)
    shown = str(ways_content(known, lasting=True))
    printed = "\n".join(farewell_lines(known, lasting=True))
    for number, way in enumerate(known, 1):
        assert f"{number}  {way.word}" in shown and way.text in shown and way.text in printed
    assert "disappear when you quit" not in shown
    ending = str(ways_content(known, lasting=False))
    assert ending.index("disappear when you quit") < ending.index("1  Python"), "before what it is about"
    compile(known[0].text, "snippet", "exec")
    assert "dev" in known[0].text
    assert all("--environment dev" in way.text for way in known if way.text.startswith("outlines-wizard"))
    assert "--endpoint" in known[2].text
    over_http = ways("app", "it's", environment=None, rehearsal=False, endpoint="https://x.example/")
    assert [way.word for way in over_http] == [
        *("Outlines", "Python", "curl", "openai", "pydantic-ai", "LangChain", "instructor"),
        *("Shell", "Status", "Tear down"),
    ]
    for way in over_http[:7]:
        assert "https://x.example/v1" in way.text or way.word == "Python"
        if way.language == "python":
            compile(way.text, "snippet", "exec")
    assert "proxy-tokens" in over_http[2].text
    drawn = str(ways_content(over_http, lasting=True))
    assert "1  Outlines" in drawn and "0  Tear down" in drawn and "import instructor" not in drawn
    assert (keys_words(6), keys_words(10)) == ("1-6", "1-9 or 0")
    assert farewell_lines([NextStep("x", "y")], lasting=False)[0].startswith("outlines-wizard rehearse")


async def test_a_refused_answer_is_a_card_of_its_own(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.go("sample")
        screen = await at(pilot, "sample")
        screen.on_engine_event(sample(valid=False, refused="no token is allowed here", text="", value=None))
        await sees(
            pilot, "✗ Refused", "stopped: no token is allowed here", "→ Loosen", "m  Change output or GPU", "(empty)"
        )
        await pilot.press("m")
        await at(pilot, "function")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_escape_leaves_the_prompt_before_it_leaves_the_screen(app: WizardApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        app.go("review")
        await at(pilot, "review")
        app.get_screen("deploy").started_once = True  # type: ignore[attr-defined]
        app.go("sample")
        screen = await at(pilot, "sample")
        await pilot.press("slash", *"Is it", "escape")
        await pilot.pause()
        field = screen.query_one("#another", Input)
        assert app.screen is screen and not field.has_focus and field.value == "Is it"
        assert screen.focused is not None, "and the arrow keys scroll again"
        await pilot.press("escape")
        await at(pilot, "deploy")


async def test_a_new_answer_is_in_sight_wherever_the_page_was_scrolled_to(app: WizardApp) -> None:
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot)
        app.go("sample")
        screen = await at(pilot, "sample")
        many = {f"field {number}": "long " * 20 for number in range(20)}
        screen.on_engine_event(sample(value=many, text=json.dumps(many)))
        page = screen.query_one("#all")
        await until(pilot, lambda: page.max_scroll_y > 20, "a page that scrolls")
        page.scroll_end(animate=False, immediate=True)
        await until(pilot, lambda: page.scroll_y > 20, "its end")
        screen.on_engine_event(sample(prompt="another one"))
        await sees(pilot, "> another one")


async def test_the_prompt_of_another_function_does_not_stay(app: WizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.go("sample")
        screen = await at(pilot, "sample")
        assert isinstance(screen, SampleScreen)
        field = screen.query_one("#another", Input)
        screen.aim(CallTarget("another-app", prompt="Is it?"))
        await until(pilot, lambda: field.value == "Is it?", "the prompt of that function")
        screen.make_ready("this-app")
        await until(pilot, lambda: field.value == "", "nothing is left of it")


async def test_images_are_named_for_a_vision_model_and_for_no_other(app: WizardApp, tmp_path: Path) -> None:
    (tmp_path / "a note.txt").write_text("hello")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.go("sample")
        screen = await at(pilot, "sample")
        assert isinstance(screen, SampleScreen)
        field, images = screen.query_one("#another", Input), screen.query_one("#images", Input)
        screen.aim(CallTarget("reads", prompt="Is it?"))
        await until(pilot, lambda: field.has_focus, "a place for a prompt")
        assert not screen.query_one(ImageField).display
        screen.aim(CallTarget("sees", prompt="What is on it?", sees=True))
        await until(pilot, lambda: screen.query_one(ImageField).display, "a place for images")
        images.focus()
        images.value = "'a note.txt'"
        await pilot.press("enter")
        await sees(pilot, "✗ a note.txt is not a JPEG, PNG, WebP or GIF file. Save it as")
        assert images.has_focus and not screen.asking
        images.value = "gone.png"
        await pilot.press("enter")
        await sees(pilot, "✗ gone.png cannot be read: No such file or directory.")
        (tmp_path / "gone.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        await pilot.press("enter")
        await until(pilot, lambda: field.has_focus, "the prompt comes next")
        assert screen.query_one(ImageField).wrong == ""


def test_names_of_images_are_completed_and_read_as_a_shell_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("receipt.jpg", "receipts/x", "notes.txt", ".hidden.png", "two words.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert completed("rec") == "receipt.jpg"
    assert completed("receipts") == "receipts/"
    assert completed(f"a.png {tmp_path}/rec") == f"a.png {tmp_path}/receipt.jpg"
    assert completed(".h") == ".hidden.png"
    assert [completed(text) for text in ("no", "", "two", "gone/x", "'")] == [None] * 5
    assert named_files("two words.png") == [Path("two words.png")]
    assert named_files("'two words.png' a\\ b.jpg") == [Path("two words.png"), Path("a b.jpg")]
    assert named_files("~/x.png") == [Path.home() / "x.png"]
    assert named_files("it's") == [Path("it's")] and named_files(" ") == []


async def ask_for_what_goes_wrong(app: WizardApp, pilot: Pilot[Any], name: str) -> None:
    """The same function asked for an answer that is cut short, one that is not valid, and a good one again."""
    screen = await at(pilot, "sample")
    assert isinstance(screen, SampleScreen)

    async def ask(target: CallTarget, code: str, *texts: str) -> None:
        screen.aim(target)
        await until(pilot, lambda: screen.query_one("#another", Input).has_focus, "a place for a prompt")
        await pilot.press("x", "enter")
        await until(pilot, lambda: len(screen.tries) == 1, "an answer", SLOW)
        card = screen.query_one(ProblemCard)
        await until(pilot, lambda: (card.problem.code if card.problem else "") == code, f"the outcome {code!r}")
        await sees(pilot, *texts)

    await ask(
        CallTarget(name, max_tokens=4),
        "output_truncated",
        "✗ Cut off at the token limit",
        "→ ",
        "m  Change output or GPU",
    )
    assert screen.query_one("#output", Static).has_class("-wrong")
    other = OutputType("choices", json.dumps(["yes", "no"]))
    await ask(
        CallTarget(name, output=other),
        "sample_invalid",
        "✗ Not valid: not one of yes, no",
        "another",
        "m  Change output or GPU",
    )
    await ask(CallTarget(name), "", "✓ Valid")
    await pilot.press("tab")
    screen.set_focus(None)
    await pilot.press("r")
    await until(pilot, lambda: len(screen.tries) == 2, "the same again", SLOW)
    assert screen.query_one(History).display
    assert "(warm)" in str(screen.query_one("#figures", Static).content)
    assert "✓" in str(screen.query_one(Status).content)
    await pilot.press("escape")
    await at(pilot, "home")


async def test_what_was_reasoned_is_folded_away_above_the_answer() -> None:
    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield Answer()

    app = Host()
    async with app.run_test() as pilot:
        shown = app.query_one(Answer)
        shown.show(sample(reasoning="Hm [b]so[/b].\nYes.", reasoning_tokens=7), Content(""))
        await pilot.pause()
        block = shown.query_one("#reasoning", Collapsible)
        assert block.display and block.collapsed and "7 tokens" in block.title
        assert block.region.y < shown.query_one("#output").region.y
        assert str(shown.query_one("#reasoned", Static).content) == "Hm [b]so[/b].\nYes."
        await pilot.click(CollapsibleTitle)
        await pilot.pause()
        assert shown.query_one("#reasoned").region.height == 2
        shown.show(sample(), Content(""))
        await pilot.pause()
        assert not block.display
