"""The table of fields and the JSON are one document: what is edited on one side is read on the other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, SchemaError

from tests.lint.random_schemas import LEAVES, NAMES, arrays, objects
from wizard.core.output.kinds.schema_presets import CHARACTER_SCHEMA, SCHEMA_PRESETS
from wizard.core.schema.fields.edits import AddField, ChangeField, DeleteField, Edit, MoveField, change
from wizard.core.schema.fields.reading import read_fields
from wizard.core.schema.fields.row import AS_WRITTEN, FIELD_TYPES, FieldError, FieldRow, FieldShape, Range
from wizard.core.schema.fields.typed import read_choices, read_range, write_choices
from wizard.core.schema.json_layout import LaidOutJson
from wizard.core.schema.json_value import format_json
from wizard.core.schema.nodes import value_at

LISTED: dict[str, Any] = {
    "title": "Order",
    "type": "object",
    "x-team": {"owner": "robin"},
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Z]+$", "maxLength": 9, "description": "What we call it"},
        "price": {"type": "number", "minimum": 0.5, "exclusiveMaximum": 10},
        "due": {"type": "string", "format": "date"},
        "who": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "size": {"enum": ["S", "M", 3]},
        "lines": {
            "type": "array",
            "maxItems": 5,
            "items": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
        },
        "home": {"$ref": "#/$defs/Place"},
        "others": {"type": "array", "items": {"$ref": "#/$defs/Place"}},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "any": True,
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}]},
        "grid": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
    },
    "required": ["id", "lines", "who"],
    "$defs": {"Place": {"type": "object", "properties": {"city": {"type": "string"}}, "required": []}},
}


def rows(document: Any) -> dict[str, FieldRow]:
    return {"/".join(row.pointer[1::2]): row for row in read_fields(document).rows}


def test_a_schema_is_shown_as_rows() -> None:
    shown = [
        ("  " * row.depth + row.shape.name, row.type_words, row.limit_words, row.shape.is_optional)
        for row in read_fields(LISTED).rows
    ]
    assert shown == [
        ("id", "text", "≤ 9; +pattern", False),
        ("price", "number", "≥ 0.5; +exclusiveMaximum", True),
        ("due", "date", "", True),
        ("who", "anyOf: text, null", "written in JSON", False),
        ("size", "choice", "S, M, 3", True),
        ("lines", "list of object", "≤ 5 items", False),
        ("  n", "integer", "", False),
        ("home", "Place", "written in JSON", True),
        ("  city", "text", "", True),
        ("others", "list of Place", "written in JSON", True),
        ("tags", "list of text", "+uniqueItems", True),
        ("any", "anything", "written in JSON", True),
        ("pair", "prefixItems", "written in JSON", True),
        ("grid", "list of array", "written in JSON", True),
    ]


@pytest.mark.parametrize(
    "document", [{"type": "string"}, {"anyOf": [{"type": "object"}]}, True, {"$ref": "#/nowhere"}, {"enum": [{}]}]
)
def test_what_is_no_object_is_said_and_has_no_rows(document: Any) -> None:
    fields = read_fields(document)
    assert fields.rows == () and fields.root is None and fields.note.endswith("Edit it as JSON.")


def test_a_document_of_nothing_becomes_an_object_with_its_first_field() -> None:
    new = change(
        {"$defs": {}, "title": "T"}, AddField((), FieldShape("a", "integer", is_list=True, limits=Range(1, 2)))
    )
    assert json.dumps(new) == json.dumps({
        "title": "T",
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 2}}},
        "required": ["a"],
        "additionalProperties": False,
        "$defs": {},
    })  # fmt: skip


def shaped(name: str, /, **other: Any) -> ChangeField:
    row = rows(LISTED)[name]
    return ChangeField(row.pointer, replace(row.shape, **other))


@pytest.mark.parametrize(
    ("edit", "name", "node", "required"),
    [
        (shaped("id", name="key"), "key", LISTED["properties"]["id"], ["key", "lines", "who"]),
        (shaped("who", is_optional=True), "who", LISTED["properties"]["who"], ["id", "lines"]),
        (shaped("price", is_optional=False), "price", LISTED["properties"]["price"], ["id", "price", "lines", "who"]),
        (
            shaped("price", limits=Range(None, 7)),
            "price",
            {"type": "number", "exclusiveMaximum": 10, "maximum": 7},
            None,
        ),
        (shaped("due", type="text", limits=Range(1)), "due", {"type": "string", "minLength": 1}, None),
        (shaped("size", choices=("S",)), "size", {"enum": ["S"]}, None),
        (shaped("size", type="boolean", choices=()), "size", {"type": "boolean"}, None),
        (shaped("who", type="text"), "who", {"type": "string"}, None),
        (
            shaped("who", is_list=True, items=Range(1)),
            "who",
            {"type": "array", "items": LISTED["properties"]["who"], "minItems": 1},
            None,
        ),
        (
            shaped("id", is_list=True),
            "id",
            {
                "description": "What we call it",
                "type": "array",
                "items": {"type": "string", "pattern": "^[A-Z]+$", "maxLength": 9},
            },
            None,
        ),
        (shaped("others", is_list=False), "others", {"$ref": "#/$defs/Place"}, None),
        (
            shaped("id", type="choice", limits=Range(), choices=("a", "b")),
            "id",
            {"description": "What we call it", "enum": ["a", "b"]},
            None,
        ),
        (
            shaped("price", type="object", limits=Range()),
            "price",
            {"type": "object", "properties": {}, "additionalProperties": False},
            None,
        ),
    ],
)
def test_an_edit_changes_what_it_is_about_and_nothing_else(
    edit: Edit, name: str, node: Any, required: list[str] | None
) -> None:
    new = change(LISTED, edit)
    assert new["properties"][name] == node  # type: ignore[index, call-overload]
    assert new["required"] == (required or LISTED["required"])
    assert list(new) == list(LISTED) and new["$defs"] is LISTED["$defs"] and new["x-team"] is LISTED["x-team"]
    others = [each for each in new["properties"] if each != name]  # type: ignore[union-attr]
    assert all(new["properties"][each] is LISTED["properties"][each] for each in others)  # type: ignore[index, call-overload]


def test_a_field_of_a_definition_is_edited_there() -> None:
    city = next(row for row in read_fields(LISTED).rows if row.shape.name == "city")
    new = change(LISTED, ChangeField(city.pointer, replace(city.shape, is_optional=False)))
    assert new["$defs"]["Place"]["required"] == ["city"] and new["properties"] is LISTED["properties"]  # type: ignore[index, call-overload]


REFERRED = {
    "type": "object",
    "properties": {"a": {"type": "object", "properties": {}}, "b": {"$ref": "#/properties/a"}, "c": {}},
    "dependentRequired": {"b": ["c"]},
}


@pytest.mark.parametrize(
    ("document", "edit", "said"),
    [
        (LISTED, AddField((), FieldShape("id")), "There is a field “id” already."),
        (LISTED, AddField((), FieldShape(" ")), "Give the field a name."),
        (LISTED, AddField((), FieldShape("x", AS_WRITTEN)), "Choose a type."),
        (LISTED, AddField((), FieldShape("x", "choice")), "Name at least one choice."),
        (LISTED, AddField((), FieldShape("x", "choice", choices=("a", "a"))), '"a" is listed twice.'),
        (LISTED, shaped("id", name="price"), "There is a field “price” already."),
        (LISTED, shaped("price", limits=Range(3, 2)), "The minimum (3) is above the maximum (2)."),
        (LISTED, shaped("id", limits=Range(3, 2)), "The shortest length (3) is above the longest (2)."),
        (LISTED, shaped("id", limits=Range(-1)), "-1 is not a count: use a whole number from 0 up."),
        (LISTED, shaped("tags", items=Range(2, 1)), "The fewest items (2) is above the most (1)."),
        (LISTED, shaped("id", type=AS_WRITTEN), "Only JSON can say that: choose a type."),
        (LISTED, DeleteField(("properties", "nothing")), "There is no field “nothing” any more."),
        (LISTED, DeleteField(("x", "properties", "nothing")), "This object is not in the schema any more."),
        (REFERRED, DeleteField(("properties", "a")), "$ref at /properties/b refers to #/properties/a"),
        (REFERRED, DeleteField(("properties", "c")), "“dependentRequired” names this field"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(document: Any, edit: Edit, said: str) -> None:
    with pytest.raises(FieldError) as wrong:
        change(document, edit)
    assert str(wrong.value).startswith(said)


def test_the_innermost_field_that_a_finding_is_about() -> None:
    fields = read_fields(LISTED)
    for pointer, name in (
        (("properties", "id", "pattern"), "id"),
        (("properties", "lines", "items", "properties", "n"), "n"),
        (("properties", "lines", "items", "required"), "lines"),
        (("$defs", "Place", "properties", "city", "type"), "city"),
        (("properties", "who", "anyOf", "1"), "who"),
    ):
        row = fields.row_about(pointer)
        assert row is not None and row.shape.name == name
    assert fields.row_about(()) is None and fields.row_about(("title",)) is None


@pytest.mark.parametrize("text", ["a, b", "[1, 2.5, null, true]", '["a,b", " c"]', "", '["[x"]', "ein, größe"])
def test_choices_are_read_as_they_are_written(text: str) -> None:
    assert write_choices(read_choices(text)) == text


def test_limits_are_read_with_every_digit_and_refused_in_a_sentence() -> None:
    assert read_range("", " 7 ", "limits") == Range(None, 7)
    assert str(read_range("0.1000000000000000055511", "", "limits").least) == "0.1000000000000000055511"
    for text, said in (("seven", "“seven” is not a number."), ("1e999", "“1e999” is too large.")):
        with pytest.raises(FieldError, match=said):
            read_range(text, "", "limits")


# By chance


@st.composite
def documents(draw: Any) -> dict[str, Any]:
    """An object with all sorts of fields, some of which the table cannot show."""
    inner: Any = st.one_of(
        LEAVES,
        arrays(LEAVES),
        objects(LEAVES),
        arrays(objects(LEAVES)),
        st.lists(LEAVES, min_size=1, max_size=2).map(lambda parts: {"anyOf": parts}),
        st.sampled_from([{"$ref": "#/$defs/D"}, True, {"type": "array", "items": {"$ref": "#/$defs/D"}}]),
    )
    whole: dict[str, Any] = draw(objects(inner))
    if draw(st.booleans()):
        whole["x-unknown"] = [{"kept": 1.50}, 1e3]
    return {**whole, "$defs": {"D": draw(objects(LEAVES))}}


BOUNDS = st.one_of(st.none(), st.integers(0, 9))
SHAPES = st.builds(
    FieldShape,
    st.one_of(NAMES, st.sampled_from(["new", "neu", "", "b"])),
    st.sampled_from([*FIELD_TYPES, AS_WRITTEN]),
    st.booleans(),
    st.booleans(),
    st.builds(Range, BOUNDS, BOUNDS),
    st.lists(st.sampled_from(["x", "y", 1, 2.5, None]), max_size=3).map(tuple),
    st.builds(Range, BOUNDS, BOUNDS),
)
LAYOUTS = st.sampled_from([format_json, json.dumps, lambda value: json.dumps(value, indent=4, ensure_ascii=False)])


@st.composite
def edits(draw: Any, document: Any) -> Edit:
    """An edit of a field that is there, or of one that is not."""
    fields = read_fields(document)
    row = draw(st.sampled_from(fields.rows)) if fields.rows else None
    kind = draw(st.sampled_from([AddField, ChangeField, DeleteField, MoveField]))
    shape = draw(SHAPES)
    if row is None or kind is AddField:
        parents = [(), *(each.children for each in fields.rows if each.children is not None)]
        return AddField(draw(st.sampled_from(parents)), shape, draw(st.none() | NAMES))
    if kind is DeleteField:
        return DeleteField(row.pointer)
    if kind is MoveField:
        return MoveField(row.pointer, draw(st.integers(-2, 2)))
    names = draw(st.lists(st.sampled_from(["name", "type", "is_list", "is_optional", "limits", "choices"]), max_size=3))
    return ChangeField(row.pointer, replace(row.shape, **{name: getattr(shape, name) for name in names}))


def is_valid(document: Any) -> bool:
    try:
        Draft202012Validator.check_schema(document)
    except SchemaError:
        return False
    return True


def meant(shape: FieldShape) -> FieldShape:
    """A shape without what its type has not."""
    record = FIELD_TYPES.get(shape.type)
    return replace(
        shape,
        limits=shape.limits if record is not None and record.least else Range(),
        choices=shape.choices if shape.type == "choice" else (),
        items=shape.items if shape.is_list else Range(),
    )


def of_object(edit: Edit) -> tuple[str, ...]:
    return edit.parent if isinstance(edit, AddField) else edit.pointer[:-2]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_edits_on_either_side_make_the_same_document(data: st.DataObject) -> None:
    document = data.draw(documents())
    text = data.draw(LAYOUTS)(document)
    valid = is_valid(document)
    for _ in range(3):
        laid_out = LaidOutJson(text)
        before: Any = laid_out.value
        assert json.dumps(before) == json.dumps(json.loads(text))
        edit = data.draw(edits(before))
        shown = json.dumps(before)
        try:
            after: Any = change(before, edit)
        except FieldError as wrong:
            assert str(wrong).endswith(".") and json.dumps(before) == shown
            continue
        assert json.dumps(before) == shown, "an edit changes no document but its own"
        text_after = laid_out.write(after)
        assert json.dumps(json.loads(text_after)) == json.dumps(after), "the JSON beside the table is the document"
        assert read_fields(LaidOutJson(text_after).value) == read_fields(after), "and the table follows the JSON"
        assert not valid or is_valid(after)
        if isinstance(edit, AddField | ChangeField):
            place = (*of_object(edit), "properties", edit.shape.name)
            row = read_fields(after).row(place)
            if row is not None:  # it may stand below a definition that nothing refers to any more
                assert row.shape == meant(edit.shape)
        untouched(before, after, edit, text, text_after)
        text = text_after


def untouched(before: Any, after: Any, edit: Edit, text: str, text_after: str) -> None:
    """Everything that the edit is not about is there as it was, byte for byte."""
    here = of_object(edit)
    old, new = value_at(before, here), value_at(after, here)
    assert [key for key in new if key in old and key != "required"] == [
        key for key in old if key in new and key != "required"
    ]
    assert all(new[key] is old[key] for key in old if key not in ("properties", "required"))
    touched = edit.shape.name if isinstance(edit, AddField) else edit.pointer[-1]
    kept = [name for name in old.get("properties", {}) if name != touched]
    assert all(new["properties"][name] is old["properties"][name] for name in kept)
    if not isinstance(edit, MoveField):
        assert [name for name in new["properties"] if name in kept] == kept
    for row in read_fields(before).rows:
        place, inside = row.pointer[: len(here)], row.pointer[len(here) :]
        if row.shape.type == AS_WRITTEN and place == here and inside[0] == "properties" and inside[1] in kept:
            source = written_at(text, row.pointer)
            assert source == written_at(text_after, row.pointer)


def written_at(text: str, pointer: tuple[str, ...]) -> str:
    """The text of the value that stands there."""
    laid_out = LaidOutJson(text)
    part = laid_out._root
    for key in pointer:
        part = part.members[key]
    return text[part.start : part.end]


def without_empty_required(node: Any) -> Any:
    """`required` goes where it would be empty, and comes only where it says something."""
    if isinstance(node, list):
        return [without_empty_required(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {key: without_empty_required(part) for key, part in node.items() if (key, part) != ("required", [])}


@settings(max_examples=25, deadline=None)
@given(documents(), LAYOUTS, st.data())
def test_what_is_changed_and_changed_back_is_as_it_was(document: Any, layout: Any, data: st.DataObject) -> None:
    laid_out = LaidOutJson(layout(document))
    before: Any = laid_out.value
    rows = read_fields(before).rows
    assume(rows)  # what says more than its fields is not shown as a table
    row = data.draw(st.sampled_from(rows))
    for other in ({"name": "another"}, {"is_optional": not row.shape.is_optional}):
        try:
            changed = change(before, ChangeField(row.pointer, replace(row.shape, **other)))
        except FieldError:  # something else names the field
            continue
        place = (*row.pointer[:-1], other.get("name", row.shape.name))
        back = change(changed, ChangeField(place, row.shape))  # type: ignore[arg-type]
        assert read_fields(back) == read_fields(before)
        assert without_empty_required(back) == without_empty_required(before)


@pytest.mark.parametrize("preset", SCHEMA_PRESETS, ids=lambda preset: preset.name)
def test_an_edit_of_a_preset_changes_one_line_of_its_text(preset: Any) -> None:
    laid_out = LaidOutJson(preset.text)
    document: Any = laid_out.value
    assert laid_out.write(document) == preset.text
    row = read_fields(document).rows[0]
    renamed = laid_out.write(change(document, ChangeField(row.pointer, replace(row.shape, name="renamed"))))
    assert len(set(renamed.splitlines()) - set(preset.text.splitlines())) <= 2  # the field, and `required`
    assert json.loads(renamed)["required"][0] == "renamed"


def test_a_new_field_is_laid_out_as_the_text_around_it() -> None:
    text = json.dumps(CHARACTER_SCHEMA, indent=4)
    laid_out = LaidOutJson(text)
    new = change(laid_out.value, AddField((), FieldShape("tags", is_list=True), after="name"))  # type: ignore[arg-type]
    lines = laid_out.write(new).splitlines()
    at = lines.index('        "tags": {')
    assert lines[at + 1] == '            "type": "array",' and lines[:at] == text.splitlines()[:at]
