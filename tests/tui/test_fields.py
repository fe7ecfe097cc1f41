"""The table of fields on the function screen: the same schema as the JSON, by keys alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.tui.stage import at, seen, sees, told, until
from tests.tui.test_function import MakeApp, asked, verdict
from wizard.core.output.output_type import OutputType
from wizard.core.schema.json_value import format_json
from wizard.tui.app import WizardApp
from wizard.tui.widgets.output.fields.example_form import ExampleForm
from wizard.tui.widgets.output.fields.form import FieldForm
from wizard.tui.widgets.output.fields.table import FieldTable
from wizard.tui.widgets.schema_area import SchemaArea

MIXED = {
    "type": "object",
    "x-team": {"owner": "robin"},
    "properties": {
        "id": {"type": "string", "maxLength": 9},
        "who": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "home": {"type": "object", "properties": {"city": {"type": "string"}}, "additionalProperties": False},
    },
    "required": ["id", "who", "home"],
    "additionalProperties": False,
}
SCHEMA = OutputType("schema", json.dumps(MIXED))


def schema(app: WizardApp) -> Any:
    return json.loads(app.screen.query_one(SchemaArea).text)


def shown(app: WizardApp) -> list[list[str]]:
    """The rows of the table, as they are drawn."""
    table = app.screen.query_one(FieldTable)
    return [[str(cell).strip() for cell in table.get_row_at(number)] for number in range(table.row_count)]


def names(app: WizardApp) -> list[str]:
    return [row[0] for row in shown(app)]


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, each once what the one before has done is there."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def in_table(pilot: Pilot[Any]) -> None:
    pilot.app.screen.query_one(FieldTable).focus()
    await pilot.pause()


async def saved(pilot: Pilot[Any], *row: str) -> None:
    """The form is gone, and the row is in the table."""
    app: Any = pilot.app
    await until(pilot, lambda: bool(app.screen.query(FieldTable)) and list(row) in [r[: len(row)] for r in shown(app)])


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_schema_is_built_by_keys_alone(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app(output=None)
    async with asked(app, size=size) as pilot:
        await sees(pilot, "No fields yet. a: add one")
        await in_table(pilot)
        await press(pilot, "a", *"title", "tab", "tab", "tab", *"40", "enter")
        await saved(pilot, "title", "text", "", "≤ 40")
        await press(pilot, "a", *"tags", "tab", "tab", "tab", "tab", "space", "tab", "tab", *"3", "enter")
        await saved(pilot, "tags", "list of text", "", "≤ 3 items")
        await press(pilot, "a", *"mood", "tab", "enter", *"cho", "enter", "tab", *"good, bad", "enter")
        await saved(pilot, "mood", "choice", "", "good, bad")
        wanted = {
            "type": "object",
            "properties": {
                "title": {"type": "string", "maxLength": 40},
                "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
                "mood": {"enum": ["good", "bad"]},
            },
            "required": ["title", "tags", "mood"],
            "additionalProperties": False,
        }
        assert json.dumps(schema(app)) == json.dumps(wanted)
        await until(pilot, lambda: verdict(app).startswith("✓"), "it compiles")
        await sees(pilot, 'Example: {"title": "text", "tags": [], "mood": "good"}'[: size[0] - 10])
        await pilot.press("ctrl+n")
        await at(pilot, "review")
        assert app.session.draft.output is not None
        assert json.dumps(json.loads(app.session.draft.output.spec)) == json.dumps(wanted)
        await sees(pilot, "Nothing has been created yet", "from this plan")


async def test_the_form_asks_what_applies_and_stays_where_something_is_wrong(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await in_table(pilot)
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, FieldForm)
        assert app.focused is app.screen.query_one("#name")
        told_by_form = seen(app)
        assert "Value" in told_by_form and "Choices" not in told_by_form and "Items" not in told_by_form
        await press(pilot, "tab", "tab", *"200", "enter")
        await sees(pilot, "✗ The minimum (200) is above the maximum (120).")
        assert app.focused is app.screen.query_one("#least"), "the field that it is about"
        await press(pilot, "shift+tab", "shift+tab", *"name", "enter")
        app.screen.query_one("#least", Input).value = "1"
        await press(pilot, "enter")
        await sees(pilot, "✗ There is a field “name” already.")
        await press(pilot, "escape")
        await at(pilot, "function")
        assert schema(app)["properties"]["age"] == {"type": "integer", "minimum": 1, "maximum": 120}
        assert isinstance(app.focused, FieldTable), "one step out"


async def test_fields_are_deleted_moved_and_brought_back(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await in_table(pilot)
        before = app.screen.query_one(SchemaArea).text
        await press(pilot, "down", "d")
        await until(pilot, lambda: names(app) == ["name", "armor", "weapon", "strength"], "one is gone")
        await sees(pilot, "Deleted “age”. u: undo")
        assert "age" not in schema(app)["required"]
        await press(pilot, "u")
        await until(pilot, lambda: names(app)[1] == "age", "it is back")
        assert app.screen.query_one(SchemaArea).text == before
        await until(pilot, lambda: verdict(app).startswith("✓"), "it compiles")
        await press(pilot, "shift+down", "shift+down", "shift+up")
        await until(pilot, lambda: names(app) == ["name", "armor", "age", "weapon", "strength"], "it moved")
        await press(pilot, "ctrl+z", "ctrl+z", "ctrl+z")
        await until(pilot, lambda: app.screen.query_one(SchemaArea).text == before, "all of it undone")


async def test_the_table_follows_the_json_and_stays_while_that_has_an_error(app: WizardApp) -> None:
    async with asked(app, size=(120, 40)) as pilot:
        await sees(pilot, '"title": "Character"', "armor")  # both are there
        area = app.screen.query_one(SchemaArea)
        text = area.text
        area.load_text(text.replace('"maxLength": 12', '"maxLength": 77').replace('"strength"', '"power"'))
        await until(pilot, lambda: shown(app)[0][3] == "≤ 77" and names(app)[-1] == "power", "the table follows")
        good = shown(app)
        area.load_text('{\n  "type": "object",\n  "properties": {"a" {}}\n}')
        await sees(pilot, "at line 3, column 22. The table shows the last good one.")
        assert shown(app) == good
        await in_table(pilot)
        await press(pilot, "d")
        assert '"a" {}' in area.text and shown(app) == good, "what has an error is not replaced"
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: app.focused is area, "where the error is")


async def test_on_a_narrow_terminal_a_key_switches(app: WizardApp) -> None:
    async with asked(app, size=(60, 20)) as pilot:
        await in_table(pilot)
        assert "leather" in seen(app) and '"title"' not in seen(app)
        await press(pilot, "f4")
        await sees(pilot, '"title": "Character"')
        assert isinstance(app.focused, SchemaArea) and not app.screen.query_one(FieldTable).is_on_screen
        await press(pilot, "f4")
        await until(pilot, lambda: isinstance(app.focused, FieldTable) and '"title"' not in seen(app), "the table")
        await press(pilot, "shift+tab", "right")
        await sees(pilot, '"title": "Character"')


async def test_what_the_table_cannot_show_is_shown_as_such_and_stays(make_app: MakeApp) -> None:
    app = make_app(output=SCHEMA)
    async with asked(app) as pilot:
        await in_table(pilot)
        assert ["who", "anyOf: text, null", "", "written in JSON"] in shown(app)
        text = app.screen.query_one(SchemaArea).text
        kept = text[text.index('"who": ') + len('"who": ') : text.index('"home"')].rstrip(", \n")
        assert kept.startswith("{") and '"anyOf": [' in kept and kept.endswith("}")
        await press(pilot, "down")
        await sees(pilot, 'Kept as it is in the JSON: {"anyOf": [{"type": "string"}, {"type": "null"}]}')
        await press(pilot, "enter", *"owner", "enter")
        await saved(pilot, "owner", "anyOf: text, null")
        await press(pilot, "up", "enter", *"key", "enter")
        await saved(pilot, "key", "text")
        assert kept in app.screen.query_one(SchemaArea).text
        renamed = {"key": "id", "owner": "who"}
        for new, old in renamed.items():
            assert schema(app)["properties"][new] == MIXED["properties"][old]  # type: ignore[index]
        assert schema(app)["required"] == ["key", "owner", "home"] and schema(app)["x-team"] == MIXED["x-team"]


async def test_a_name_that_nobody_has_changed_stays_as_it_is_written(make_app: MakeApp) -> None:
    written = [" a ", "b\x1b[31m", "c"]
    properties = {name: {"type": "string"} for name in written}
    app = make_app(output=OutputType("schema", json.dumps({"type": "object", "properties": properties})))
    async with asked(app) as pilot:
        await in_table(pilot)
        for _ in range(2):
            await press(pilot, "enter", *["tab"] * 5, "space", "ctrl+s")  # it is required now
            await until(pilot, lambda: bool(app.screen.query(FieldTable)), "the form is gone")
            await press(pilot, "down")
        assert list(schema(app)["properties"]) == written and schema(app)["required"] == written[:2]


async def test_a_field_is_added_inside_an_object(make_app: MakeApp) -> None:
    app = make_app(output=SCHEMA)
    async with asked(app) as pilot:
        await in_table(pilot)
        await press(pilot, "down", "down")
        await sees(pilot, "Add inside")
        await press(pilot, "i", *"zip", "enter")
        await saved(pilot, "zip", "text")
        assert list(schema(app)["properties"]["home"]["properties"]) == ["city", "zip"]
        assert names(app) == ["id", "who", "home", "city", "zip"]


async def test_fields_come_from_an_example_answer(app: WizardApp) -> None:
    async with asked(app) as pilot:
        await in_table(pilot)
        before = app.screen.query_one(SchemaArea).text
        await press(pilot, "e")
        assert isinstance(app.screen, ExampleForm)
        pasted = app.screen.query_one(TextArea)
        pasted.text = '{"total": 9.5,\n "lines"'
        await press(pilot, "ctrl+s")
        await sees(pilot, "✗ That is not JSON: Expecting ':' delimiter at line 2, column 9.")
        pasted.text = '{"total": 9.5, "lines": [{"item": "pen"}]}'
        await press(pilot, "ctrl+s")
        await at(pilot, "function")
        await until(pilot, lambda: names(app) == ["total", "lines", "item"], "its fields")
        assert [row[1] for row in shown(app)] == ["number", "list of object", "text"]
        await until(pilot, lambda: verdict(app).startswith("✓ JSON Schema (2 fields)"), "it compiles")
        await press(pilot, "u")
        assert app.screen.query_one(SchemaArea).text == before


async def test_fields_come_from_a_class(app: WizardApp, tmp_path: Path) -> None:
    (tmp_path / "orders.py").write_text(
        "import pydantic\nclass Line(pydantic.BaseModel):\n    item: str\n"
        "class Order(pydantic.BaseModel):\n    lines: list[Line]\n    note: str | None = None\n"
    )
    async with asked(app) as pilot:
        field = app.screen.query_one("#schema-file", Input)
        field.focus()
        await press(pilot, *"orders:Order", "enter")
        await until(pilot, lambda: names(app) == ["lines", "item", "note"], "its fields")
        assert [row[1:3] for row in shown(app)] == [["list of Line", ""], ["text", ""], ["anyOf: text, null", "yes"]]


async def test_the_schema_check_speaks_at_the_field_that_it_is_about(app: WizardApp) -> None:
    text = format_json({
        "type": "object",
        "properties": {"a": {"type": "string"}, "tags": {"type": "array", "items": {}, "uniqueItems": True}},
        "required": ["a", "tags"],
    })  # fmt: skip
    async with asked(app) as pilot:
        app.screen.query_one(SchemaArea).load_text(text)
        await in_table(pilot)
        await until(pilot, lambda: names(app)[-1:] in (["✗ tags"], ["! tags"]), "a mark at the field")
        assert names(app)[0] == "a"
        await press(pilot, "down")
        says = app.screen.query_one(".says")
        await until(pilot, lambda: "uniqueItems" in str(says.render()), told(app))


async def test_a_schema_that_is_no_object_opens_as_json(make_app: MakeApp) -> None:
    app = make_app(output=OutputType("schema", '{"type": "array", "items": {"type": "string"}}'))
    async with asked(app) as pilot:
        await sees(pilot, '"type": "array"')
        await press(pilot, "f4")
        app.screen.query_one(SchemaArea).focus()
        await press(pilot, "f4")
        await sees(pilot, "This schema is not a list of fields")
