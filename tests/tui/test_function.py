"""The form for the function: every kind of output type, the prompt, the GPU, settings."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Checkbox, Collapsible, Input, Select, Static, TextArea

from tests.tui.stage import MODEL, PATIENCE, at, opened, seen, sees, told, until
from wizard.core.lint.report import LintReport, Proposal, diff_of
from wizard.core.output.kinds.schema_presets import CHARACTER_PROMPT, SCHEMA_PRESETS
from wizard.core.output.output_type import CHARACTER, OutputType
from wizard.core.schema.finding import Finding
from wizard.core.sizing.gpus import read_gpu
from wizard.core.sizing.memory_fit import Fit, Footprint
from wizard.tui.app import WizardApp
from wizard.tui.screens.function.settings import Settings
from wizard.tui.widgets.field import Field
from wizard.tui.widgets.fit_bar import bar
from wizard.tui.widgets.output.editors import Editor
from wizard.tui.widgets.output.example import ExampleView
from wizard.tui.widgets.output.lint import LintScreen, LintView
from wizard.tui.widgets.output.panel import OutputPanel
from wizard.tui.widgets.schema_area import SchemaArea, line_of

MakeApp = Callable[..., WizardApp]
UNUSABLE = """
from collections.abc import Callable
import pydantic


class Person(pydantic.BaseModel):
    name: Callable[[], str]
"""
LOOKING = ("model", "access", "token", "modal")


@asynccontextmanager
async def asked(app: WizardApp, size: tuple[int, int] = (80, 24), **draft: Any) -> AsyncIterator[Pilot[Any]]:
    """The question, with everything before it answered by the engine."""
    async with app.run_test(size=size, notifications=True) as pilot:
        await opened(pilot)
        app.session.decide("model", model=MODEL, **draft)
        for step in LOOKING:
            assert await app.run_step(step, app.screen) is None  # type: ignore[arg-type]
        app.go("function")
        await at(pilot, "function")
        await sees(pilot, "What should the output look like")
        yield pilot


def panel(app: WizardApp) -> OutputPanel:
    return app.screen.query_one(OutputPanel)


def verdict(app: WizardApp) -> str:
    return str(app.screen.query_one("#verdict", Static).content)


def source(app: WizardApp) -> str:
    """What became of the file or class that was named."""
    return str(app.screen.query_one("#source", Static).content)


async def decided(pilot: Pilot[Any], output: OutputType | None) -> None:
    app: Any = pilot.app
    await until(pilot, lambda: app.session.draft.output == output, f"{output}, not {app.session.draft.output}")


async def test_a_rehearsal_begins_with_a_character_its_prompt_and_the_smallest_gpu(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await sees(pilot, "strength", "compiles with llguidance", "T4", "$0.67/h while running")
        draft = app.session.draft
        assert draft.output is not None and json.loads(draft.output.spec) == json.loads(CHARACTER.spec)
        assert app.screen.query_one("#prompt", TextArea).text == CHARACTER_PROMPT and draft.prompt is None
        assert draft.gpu == "T4"


async def test_errors_of_the_schema_are_said_at_their_line_while_one_types(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await sees(pilot, "compiles with llguidance")
        area = app.screen.query_one(SchemaArea)
        area.load_text('{\n  "type": "object",\n  "properties": {"a": {"type": "strin" "g"}}\n}')
        await until(pilot, lambda: "line 3: " in verdict(app), "the line of what is not JSON")
        assert area.wrong_line == 3
        await decided(pilot, None)
        area.load_text('{\n  "type": "object",\n  "properties": {\n    "a": {"type": "strin"}\n  }\n}')
        await until(pilot, lambda: "line 4: " in verdict(app), "the line of what is no JSON Schema")
        assert "strin" in verdict(app)
        area.load_text('{\n  "type": "string"\n}')
        await until(pilot, lambda: verdict(app).startswith("✓"), "a good schema")
        assert area.wrong_line is None
        await decided(pilot, OutputType("schema", '{"type": "string"}'))


async def put(pilot: Pilot[Any], kind: str, field: str, text: str) -> None:
    """Choose a kind and type into its editor."""
    screen = pilot.app.screen
    screen.query_one("#kind", Select).value = kind
    await until(pilot, lambda: screen.query_one(f"#of-{kind}").is_mounted and screen.query_one(f"#of-{kind}").display)
    if not field:
        return
    widget: Any = pilot.app.screen.query_one(field)
    if isinstance(widget, TextArea):
        widget.load_text(text)
    else:
        widget.value = text


async def test_every_kind_of_output_type_is_decided(app: WizardApp) -> None:
    async with asked(app) as pilot:
        for kind, field, text, output in (
            ("choices", "#choices", "yes, no, unclear", OutputType("choices", '["yes", "no", "unclear"]')),
            ("regex", "#regex", "[A-Z]{2}-[0-9]{4}", OutputType("regex", "[A-Z]{2}-[0-9]{4}")),
            ("type", "#type", "date", OutputType("type", "date")),
            ("grammar", "#grammar", 'start: "yes" | "no"', OutputType("grammar", 'start: "yes" | "no"')),
            ("text", "", "", OutputType("text")),
        ):
            await put(pilot, kind, field, text)
            await decided(pilot, output)
            await until(pilot, lambda: verdict(app).startswith(("✓", "·")), "a good verdict")
            assert app.screen.query_one("#prompt", TextArea).text == output.example_prompt


async def test_what_cannot_be_used_is_said_in_a_sentence(app: WizardApp) -> None:
    async with asked(app) as pilot:
        for kind, field, text, said in (
            ("choices", "#choices", "only one", "at least two"),
            ("regex", "#regex", "[a-", "does not compile"),
            ("grammar", "#grammar", "start: nothing_here", "cannot enforce"),
        ):
            await put(pilot, kind, field, text)
            await until(pilot, lambda said=said: verdict(app).startswith("✗") and said in verdict(app), said)
            await decided(pilot, None)
            await pilot.press("ctrl+n")
            await pilot.pause()
            assert app.screen.query("#verdict"), "nobody gets to the plan without an output type"


async def test_an_empty_editor_is_no_mistake_yet_and_its_help_says_how_to_clear_it(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await sees(pilot, "compiles with llguidance")
        for kind in ("choices", "regex", "grammar"):
            await put(pilot, kind, "", "")
            await until(pilot, lambda: verdict(app).startswith("○ Nothing typed yet."), "a quiet sentence")
            await decided(pilot, None)
            await pilot.press("ctrl+n")
            await pilot.pause()
            assert app.screen.query("#verdict"), "nobody gets to the plan without an output type"
        for kind, field, keys in (("choices", "#choices", ("end", "ctrl+u")), ("schema", "#schema", ("f7", "delete"))):
            await put(pilot, kind, field, "yes, no")
            widget = app.screen.query_one(field)
            widget.focus()
            told = str(widget.tooltip).lower()
            assert all(key in told for key in keys), told
            await pilot.press(*keys)
            await until(pilot, lambda: verdict(app).startswith("○ Nothing typed yet."), "it is empty again")


async def test_a_regular_expression_is_tried_on_an_example(app: WizardApp) -> None:
    async with asked(app, output=OutputType("regex", "[A-Z]{2}-[0-9]{4}")) as pilot:
        await until(pilot, lambda: panel(app).output is not None, "the pattern")
        app.screen.query_one("#example", Input).focus()
        await pilot.press(*"AB-123")
        matches = app.screen.query_one("#matches", Static)
        await until(pilot, lambda: "does not match" in str(matches.content), "no match yet")
        await pilot.press("4")
        await until(pilot, lambda: "✓ matches" in str(matches.content), "a match")


async def test_examples_of_the_gallery_compile_and_replace_the_text(app: WizardApp) -> None:
    async with asked(app) as pilot:
        for index, preset in enumerate(SCHEMA_PRESETS):
            title = json.loads(preset.text)["title"]
            app.screen.query_one("#gallery", Select).value = index
            await until(pilot, lambda title=title: verdict(app).startswith(f"✓ {title}"), preset.name)
            assert app.screen.query_one(SchemaArea).text == preset.text


async def test_a_schema_is_read_from_a_file(app: WizardApp, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text('{"title": "Mine", "type": "object", "properties": {"a": {"type": "string"}}}')
    async with asked(app) as pilot:
        field = app.screen.query_one("#schema-file", Input)
        field.focus()
        await pilot.press(*"missing.json", "enter")
        await until(pilot, lambda: "cannot be read" in source(app), "a file that is not there")
        field.value = "mine.json"
        await pilot.press("enter")
        await until(pilot, lambda: verdict(app).startswith("✓ Mine"), "the schema of the file")


PEOPLE = """
import pydantic, time
class Person(pydantic.BaseModel):
    name: str
    class Place(pydantic.BaseModel):
        city: str
"""


@pytest.mark.parametrize(
    ("reference", "module", "said"),
    [
        ("people:Nobody", PEOPLE, "people has no class Nobody"),
        ("missing_module:Person", "", "no module named"),
        ("people:time", PEOPLE, "cannot be used"),
        ("people:Person", "raise RuntimeError('not today')", "RuntimeError: not today"),
        ("people:Person", "syntax error", "SyntaxError"),
        ("people:Person", UNUSABLE, "has no JSON Schema"),
    ],
)
async def test_a_class_that_cannot_be_imported_is_said_and_loses_nothing(
    app: WizardApp, tmp_path: Path, reference: str, module: str, said: str
) -> None:
    (tmp_path / "people.py").write_text(module)
    async with asked(app) as pilot:
        before = app.screen.query_one(SchemaArea).text
        field = app.screen.query_one("#schema-file", Input)
        field.value = reference
        field.focus()
        await pilot.press("enter")
        await until(pilot, lambda: said in source(app), said)
        assert (
            "--model-class" not in source(app)
            and "further information" not in source(app)
            and app.screen.query_one(SchemaArea).text == before
        )
        assert field.value == reference


@pytest.mark.parametrize("schema", ["{}", '{"$defs": {"A": {"type": "string"}}}', '{"title": "A"}', "true"])
async def test_a_schema_that_demands_nothing_is_never_praised(make_app: MakeApp, schema: str) -> None:
    app = make_app(output=None)
    async with asked(app) as pilot:
        said: list[str] = []
        app.screen.query_one(SchemaArea).load_text(schema)
        await until(pilot, lambda: said.append(verdict(app)) or app.screen.query_one(LintView).report is not None  # type: ignore[func-returns-value]
                    or verdict(app).startswith("✗"), "what is made of it")  # fmt: skip
        said.append(verdict(app))
        assert not any(each.startswith("✓") for each in said) and said[-1][:1] in "!✗", said[-1]


async def test_a_schema_is_read_from_a_class(app: WizardApp, tmp_path: Path) -> None:
    (tmp_path / "people.py").write_text(PEOPLE)
    async with asked(app) as pilot:
        field = app.screen.query_one("#schema-file", Input)
        field.focus()
        for reference, title in (("people:Person", "Person"), ("people:Person.Place", "Place")):
            field.value = reference
            await pilot.press("enter")
            await until(pilot, lambda title=title: verdict(app).startswith(f"✓ {title}"), title)


async def test_an_import_that_hangs_holds_up_nothing_and_ends_with_the_wizard(app: WizardApp, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    (tmp_path / "people.py").write_text(
        f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    )
    async with asked(app) as pilot:
        field = app.screen.query_one("#schema-file", Input)
        field.value = "people:Person"
        field.focus()
        await pilot.press("enter")
        await until(pilot, lambda: mark.exists() and bool(mark.read_text()), "the import has begun")
        assert "Importing people:Person" in source(app)
        app.screen.query_one(SchemaArea).load_text('{"type": "string"}')
        await decided(pilot, OutputType("schema", '{"type": "string"}'))
    end = time.monotonic() + PATIENCE
    while Path(f"/proc/{mark.read_text()}").exists():
        assert time.monotonic() < end, "the import goes on"
        await asyncio.sleep(0.02)


async def test_texts_stay_when_another_kind_is_looked_at(app: WizardApp) -> None:
    async with asked(app) as pilot:
        assert len(app.screen.query(Editor)) == 1, "an editor is made when it is chosen"
        schema = app.screen.query_one(SchemaArea).text
        await put(pilot, "regex", "#regex", "[a-z]+")
        await put(pilot, "choices", "#choices", "this, that")
        for kind, field, text in (("regex", "#regex", "[a-z]+"), ("schema", "FieldTable", schema)):
            app.screen.query_one("#kind", Select).value = kind
            await until(pilot, lambda kind=kind: panel(app).output is not None and panel(app).output.kind == kind, kind)
            assert panel(app).typed == text and app.screen.query_one(field).display
            assert sum(editor.display for editor in app.screen.query(Editor)) == 1


async def test_the_prompt_follows_the_output_type_until_somebody_edits_it(app: WizardApp) -> None:
    async with asked(app) as pilot:
        prompt = app.screen.query_one("#prompt", TextArea)
        await until(pilot, lambda: prompt.text == CHARACTER_PROMPT, "the example prompt")
        prompt.focus()
        prompt.load_text("Beschreibe 阿米里")
        await until(pilot, lambda: app.session.draft.prompt == "Beschreibe 阿米里", "the prompt is decided")
        app.screen.query_one("#kind", Select).value = "type"
        await decided(pilot, OutputType("type", "int"))
        assert prompt.text == "Beschreibe 阿米里" == app.session.draft.prompt


async def test_a_prompt_that_was_suggested_for_one_kind_is_gone_with_it(make_app: MakeApp) -> None:
    app = make_app(prompt=CHARACTER_PROMPT)  # as a plan names it that is opened to be changed
    async with asked(app) as pilot:
        prompt = app.screen.query_one("#prompt", TextArea)
        await until(pilot, lambda: prompt.text == CHARACTER_PROMPT, "the prompt of the plan")
        app.screen.query_one("#kind", Select).value = "choices"
        await until(pilot, lambda: not prompt.text and app.session.draft.prompt is None, "nothing fits yet")
        app.screen.query_one("#choices", Input).value = "this, that"
        await until(pilot, lambda: "this, that" in prompt.text, "a prompt for the choices")
        app.screen.query_one("#kind", Select).value = "type"
        await until(pilot, lambda: prompt.text and "this, that" not in prompt.text, "a prompt for a value")


async def test_an_example_of_the_answer_stands_beside_the_form_and_changes_with_it(app: WizardApp) -> None:
    async with asked(app, size=(120, 40)) as pilot:
        shown = app.screen.query_one(ExampleView)
        await until(pilot, lambda: '"armor": "leather"' in str(shown.content), "an example")
        panel(app)._editor("schema").put('{"type": "object", "properties": {"n": {"const": 7}}, "required": ["n"]}')  # type: ignore[union-attr]
        await until(pilot, lambda: '"n": 7' in str(shown.content), "another one")
        app.screen.query_one("#kind", Select).value = "text"
        await until(pilot, lambda: "no example" in str(shown.content), "none")


async def test_nothing_moves_when_the_backends_have_been_asked(app: WizardApp) -> None:
    async with asked(app) as pilot:
        prompt = app.screen.query_one("#prompt", TextArea)
        await until(pilot, lambda: prompt.region.height > 0, "laid out")
        before = prompt.virtual_region_with_margin.y, prompt.region.y
        await until(pilot, lambda: app.screen.query_one(LintView).report is not None, "the report")
        await pilot.pause()
        assert (prompt.virtual_region_with_margin.y, prompt.region.y) == before


async def test_the_gpu_is_chosen_with_its_price_and_how_it_fits(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await until(pilot, lambda: app.session.draft.gpu == "T4", "the cheapest that fits")
        app.screen.query_one("#gpu", Select).value = "H100"
        await until(pilot, lambda: app.session.draft.gpu == "H100", "the choice")
        assert "$4.03/h while running" in seen(app)
        assert "of 79 GiB" in str(app.screen.query_one("#fit", Static).content)
        app.go("review")
        await at(pilot, "review")
        app.go("function")
        await at(pilot, "function")
        assert app.session.draft.gpu == "H100", "a choice of one's own stays"


async def test_how_it_will_be_called_decides_what_runs_the_model(app: WizardApp) -> None:
    async with asked(app, size=(120, 40)) as pilot:
        figures = app.screen.query_one("#figures", Static)
        await until(pilot, lambda: "many come at once" in str(figures.content), "both engines' figures")
        said = str(figures.content)
        assert "transformers: ready sooner" in said and said.count("starts in") == 2 and "vLLM" in said
        engine = app.screen.query_one("#engine", Select)
        engine.value = "vllm"
        await until(pilot, lambda: app.session.draft.engine == "vllm", "the choice")
        assert app.session.engine.name == "vllm" and "ready sooner" not in str(figures.content)
        engine.value = "auto"
        await until(pilot, lambda: app.session.draft.engine is None, "nothing decided")
        assert "transformers: ready sooner" in str(figures.content)
        job = app.session.job
        assert job is not None
        job.ports = replace(job.ports, missing_engines=("vllm",))
        engine.value = "vllm"
        await until(pilot, lambda: "make vllm" in str(figures.content), "how to get it, where the demo lacks it")


async def test_the_figures_of_the_engines_are_those_of_the_plan(app: WizardApp) -> None:
    """The linter proposes the longest answer a moment later, and the figures follow it."""

    def figures() -> list[str]:
        told = "\n".join(str(each.content) for each in app.screen.query(Static))
        return [
            line[line.index("starts in") :]
            for line in told.splitlines()
            if "starts in" in line and "many come at once" in line
        ]

    async with asked(app, size=(120, 40)) as pilot:
        await sees(pilot, "every rule is enforced (llguidance, up to")
        asked_for = figures()
        app.go("review")
        await at(pilot, "review")
        await until(pilot, lambda: len(figures()) == 2, "the plan")
        assert figures() == asked_for


async def test_an_engine_that_was_decided_before_stays(app: WizardApp) -> None:
    async with asked(app, engine="vllm") as pilot:
        await until(pilot, lambda: app.screen.query_one("#engine", Select).value == "vllm", "what was decided")
        await until(pilot, lambda: "starts in" in str(app.screen.query_one("#figures", Static).content), "figures")
        assert app.session.draft.engine == "vllm"


async def test_a_small_model_may_do_without_a_gpu(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await until(pilot, lambda: app.session.draft.gpu == "T4", "the cheapest that fits")
        app.screen.query_one("#gpu", Select).value = "none"
        await until(pilot, lambda: app.session.draft.gpu == "none", "the choice")
        assert "CPU · $0.29/h while running" in seen(app)
        assert "✓ fits" in str(app.screen.query_one("#fit", Static).content)
        app.go("review")
        await at(pilot, "review")
        await until(pilot, lambda: "no GPU" in seen(app), "what an hour costs")
        assert "on CPU, from this plan" in seen(app)


@pytest.mark.parametrize(
    ("gpu", "weights", "verdict", "words"),
    [
        ("L4", 14.0, "fits", ("✓ fits", "weights 14.0", "cache 1.0", "overhead 2.0", "free")),
        ("T4", 11.4, "tight", ("! tight", "free")),
        ("T4", 20.0, "does not fit", ("✗ does not fit", "missing")),
        ("H100:2", 154.0, "does not fit", ("✗ does not fit",)),
    ],
)
def test_the_fit_bar_says_in_words_what_it_draws(
    gpu: str, weights: float, verdict: Any, words: tuple[str, ...]
) -> None:
    choice = read_gpu(gpu)
    drawn = str(bar(Fit(choice, Footprint(weights, 1.0, 0.5, 1.5), verdict), 40))
    assert all(word in drawn for word in (*words, f"of {choice.usable:.0f} GiB")), drawn
    assert len(drawn.splitlines()[0]) == 40


async def unfolded(pilot: Pilot[Any]) -> Settings:
    """The advanced settings, once they are there."""
    app = app_of(pilot)
    app.screen.query_one("#advanced", Collapsible).collapsed = False
    await until(pilot, lambda: app.screen.query_one("#backend").is_mounted, "the settings")
    await pilot.pause()
    return app.screen.query_one(Settings)


async def test_settings_that_are_refused_are_said_beside_the_field(app: WizardApp) -> None:
    async with asked(app, size=(120, 40)) as pilot:
        assert not app.screen.query("#app"), "made when somebody looks"
        settings = await unfolded(pilot)
        for name, value, said in (
            ("app", "two words", "not a name that Modal takes"),
            ("max_tokens", "0", '"Longest answer" must be 1-131,072.'),
            ("max_tokens", "many", '"Longest answer" must be a whole number, 1-131,072.'),
            ("scaledown_window", "9999", '"Idle timeout" must be 2-3,600.'),
        ):
            field = settings.field(name)
            assert field is not None and isinstance(field.control, Input)
            field.control.value = value
            await until(pilot, lambda said=said, field=field: said in field.wrong, said)
            assert getattr(app.session.draft, name) is None and field.control.has_class("-wrong")
            await until(pilot, lambda said=said: said in told(app), "it can be read")
            field.control.value = ""
            await until(pilot, lambda field=field: not field.wrong, "nothing wrong any more")
            assert not field.control.has_class("-wrong")
        for name, value in (("app", "mine"), ("max_tokens", "64"), ("max_containers", "3")):
            app.screen.query_one(f"#{name}", Input).value = value
        app.screen.query_one("#backend", Select).value = "outlines_core"
        await until(pilot, lambda: app.session.draft.backend == "outlines_core", "the backend")
        app.screen.query_one("#endpoint", Checkbox).toggle()
        await until(pilot, lambda: app.session.draft.endpoint is True, "the endpoint")
        draft = app.session.draft
        assert (draft.app, draft.max_tokens, draft.max_containers) == ("mine", 64, 3)
        app.screen.query_one("#endpoint", Checkbox).toggle()
        await until(pilot, lambda: app.session.draft.endpoint is None, "no HTTP endpoint")


async def test_what_is_wrong_with_one_field_outlasts_changes_of_others_and_is_where_one_is_led(app: WizardApp) -> None:
    async with asked(app) as pilot:
        settings = await unfolded(pilot)
        field = settings.field("app")
        assert field is not None
        app.screen.query_one("#app", Input).value = "two words"
        await until(pilot, lambda: "not a name that Modal takes" in field.wrong, "the name")
        for name, value in (("scaledown_window", "60"), ("max_tokens", "64")):
            app.screen.query_one(f"#{name}", Input).value = value
            await until(pilot, lambda name=name: getattr(app.session.draft, name) is not None, name)
        assert "not a name that Modal takes" in field.wrong
        app.screen.query_one("#advanced", Collapsible).collapsed = True
        app.screen.query_one("#kind").focus()
        await pilot.press("ctrl+n")
        await until(pilot, lambda: app.focused is field.control, "the field that is wrong has the focus")
        await sees(pilot, "not a name that Modal takes")
        assert type(app.screen).__name__ == "FunctionScreen" and not app._notifications
        app.screen.query_one("#app", Input).value = "one-word"
        await until(pilot, lambda: not field.wrong, "the name is good")
        await pilot.press("ctrl+n")
        await at(pilot, "review")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 50)])
async def test_a_label_stands_beside_or_right_above_its_field_and_the_field_holds_a_name(
    app: WizardApp, size: tuple[int, int]
) -> None:
    async with asked(app, size=size) as pilot:
        settings = await unfolded(pilot)
        await until(pilot, lambda: settings.query(Field).first().control.region.width > 1, "laid out")
        for field in settings.query(Field):
            label = field.query_one(".label")
            assert label.size.height == 1
            beside = label.region.y == field.control.region.y
            assert beside or label.region.bottom == field.control.region.y, field.control.id
            assert field.control.region.width >= 24, (field.control.id, field.control.region)
            if isinstance(field.control, Checkbox):
                assert cell_len(str(field.control.label)) + 4 <= field.control.region.width, "the caption is not cut"
        bars = [each for each in app.screen.query("*") if each.show_vertical_scrollbar and each.scrollbar_size_vertical]
        assert len([each for each in bars if each.is_on_screen]) <= 1 or size[0] >= 110, bars


async def test_a_model_that_fits_no_gpu_is_forgotten_once_another_one_does(app: WizardApp) -> None:
    async with asked(app) as pilot:
        job, wrong = app.session.job, app.screen.query_one("#wrong", Static)
        assert job is not None and job.facts is not None
        small = job.facts
        job.facts = replace(small, parameters={"BF16": 10**13})
        app.screen.on_shown()  # type: ignore[attr-defined]
        await until(pilot, lambda: "more than Modal offers" in str(wrong.content), "no GPU")
        job.facts = small
        app.screen.on_shown()  # type: ignore[attr-defined]
        await until(pilot, lambda: not str(wrong.content), "a GPU")
        await pilot.press("ctrl+n")
        await at(pilot, "review")


async def test_what_was_typed_survives_resizing_and_going_back(app: WizardApp) -> None:
    async with asked(app) as pilot:
        area = app.screen.query_one(SchemaArea)
        area.load_text('{\n  "half":')
        for size in ((120, 40), (60, 20), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert area.text == '{\n  "half":'
        app.go("modal")
        await at(pilot, "modal")
        app.go("function")
        await at(pilot, "function")
        assert app.screen.query_one(SchemaArea).text == '{\n  "half":'


async def test_a_changed_answer_only_touches_what_rests_on_it(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await until(pilot, lambda: app.session.draft.gpu == "T4", "the first decision")
        app.session.states.update(function="done", deploy="done", sample="done")
        app.screen.query_one("#gpu", Select).value = "L4"
        await until(pilot, lambda: app.session.states["deploy"] == "todo", "the deploy is to do again")
        assert [app.session.states[step] for step in LOOKING] == ["done"] * 4


def test_the_line_of_a_path() -> None:
    text = '{\n "properties": {\n  "a": {"type": 1},\n  "b": {\n   "type": 2\n  }\n }\n}'
    assert line_of(text, ["properties", "b", "type"]) == 5
    assert line_of(text, ["properties", "c"]) is None


async def test_without_an_output_type_the_editor_says_where_to_start(make_app: MakeApp) -> None:
    async with asked(make_app(output=None)) as pilot:
        await until(pilot, lambda: "Start from an example" in verdict(app_of(pilot)), "where to start")
        assert app_of(pilot).session.draft.output is None


IGNORED = '{\n  "type": "object",\n  "properties": {\n    "n": {"type": "number", "multipleOf": 0.3}\n  }\n}'


async def test_what_a_backend_ignores_is_said_at_its_line_while_one_edits(app: WizardApp) -> None:
    async with asked(app, size=(120, 40), backend="outlines_core") as pilot:
        app.screen.query_one(SchemaArea).load_text(IGNORED)
        view = app.screen.query_one(LintView)
        await until(pilot, lambda: "line 4: outlines_core" in str(view.content), "the keyword, at its line")
        assert "ignores multipleOf" in str(view.content) and app.screen.query_one(SchemaArea).wrong_line == 4
        await pilot.press("f3")
        await until(pilot, lambda: isinstance(app.screen, LintScreen), "everything that was found")
        await sees(pilot, "ignores multipleOf", "Esc: close")
        await pilot.press("escape")
        await at(pilot, "function")
        assert app.screen.query_one(SchemaArea).text == IGNORED
        app.screen.query_one(SchemaArea).load_text('{"type": "string", "maxLength": 4}')
        assert view.report is None or "multipleOf" in str(view.content)
        await until(pilot, lambda: "every rule is enforced" in verdict(app), "nothing is ignored any more")


async def test_a_change_is_shown_before_it_is_taken_and_can_be_undone(app: WizardApp) -> None:
    async with asked(app, size=(120, 40)) as pilot:
        await until(pilot, lambda: app.screen.query_one(LintView).report is not None, "a report")
        view, area = app.screen.query_one(LintView), app.screen.query_one(SchemaArea)
        now, new = (
            OutputType("schema", '{"type": "string"}'),
            OutputType("schema", '{"type": "string", "maxLength": 9}'),
        )
        diff = diff_of(now.spec, new.spec)
        change = Proposal("Set a length", "so that it ends", "llguidance", new, diff)
        before = area.text
        view.show(LintReport(now, findings=(Finding("runs_away", "warning", "A string"),), proposals=(change,)), before)
        assert "Press f3 to see a fix" in str(view.content)
        for key, text in (("escape", before), ("1", None)):
            await pilot.press("f3")
            await sees(pilot, "Set a length", '"maxLength": 9}', "1: apply the fix")
            await pilot.press(key)
            await at(pilot, "function")
            assert text is None or area.text == text
        await decided(pilot, new)
        area.focus()
        await pilot.press("ctrl+z")
        await until(pilot, lambda: area.text == before, "the old text is back")


def app_of(pilot: Pilot[Any]) -> WizardApp:
    app: Any = pilot.app
    return app  # type: ignore[no-any-return]


async def test_enter_continues_from_the_form_as_from_the_questions_before(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await until(
            pilot, lambda: app.session.draft.output is not None and app.session.draft.gpu is not None, "answers"
        )
        await pilot.press("enter")
        await at(pilot, "review")
        await pilot.press("enter")
        await pilot.pause()
        assert await at(pilot, "review"), "nobody deploys by accident"
