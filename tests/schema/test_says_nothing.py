"""A schema that allows any JSON is said to do so; one that says little, but something, is left in peace."""

from __future__ import annotations

from typing import Any

import pytest

from wizard.core.schema.says_nothing import definition_meant, find_silent, says_nothing

PERSON = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
DRAFT4 = "http://json-schema.org/draft-04/schema#"
SILENT: dict[str, dict[str, Any]] = {
    "nothing": {},
    "only words for people": {"title": "Person", "description": "d", "examples": [{}], "$comment": "c"},
    "only definitions": {"$defs": {"Person": PERSON}},
    "only definitions of draft 7": {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"P": PERSON}},
    "an unknown keyword in place of a known one": {"propertys": {"a": {"type": "string"}}},
    "a schema in an envelope": {"name": "person", "strict": True, "schema": PERSON},
    "components of OpenAPI": {"components": {"schemas": {"P": PERSON}}},
    "a reference to itself": {"$ref": "#"},
    "a reference to nothing said": {"$ref": "#/$defs/any", "$defs": {"any": {"description": "anything"}}},
    "a branch that takes everything": {"anyOf": [{"type": "string"}, {}]},
    "parts that say nothing": {"allOf": [{}, {"title": "t"}], "not": False},
    "a condition without consequence": {"if": {"type": "string"}},
    "a consequence without condition": {"then": {"type": "string"}, "else": False},
    "bounds that bound nothing": {"minLength": 0, "minItems": 0, "uniqueItems": False, "required": []},
    "open everywhere": {"additionalProperties": True, "items": {}, "properties": {"a": {}}},
    "counts of what is not asked for": {"minContains": 2},
}
SPOKEN: dict[str, dict[str, Any]] = {
    "any object": {"type": "object"},
    "any array": {"type": "array"},
    "definitions that are used": {"$ref": "#/$defs/Person", "$defs": {"Person": PERSON}},
    "nothing is valid": {"not": {}},
    "one branch of two": {"oneOf": [{}, {"type": "string"}]},
    "a condition with a consequence": {"if": {"type": "string"}, "then": {"maxLength": 3}},
    "an enum": {"enum": [1, "a", None]},
    "nothing may be there": {"additionalProperties": False},
    "a recursive list": {"type": "array", "items": {"$ref": "#"}},
    "required alone": {"required": ["a"]},
    "a misspelt one among others": {"type": "integer", "minmum": 3},
}


@pytest.mark.parametrize("name", SILENT)
def test_a_schema_that_says_nothing_is_a_warning(name: str) -> None:
    assert says_nothing(SILENT[name], SILENT[name])
    [found] = find_silent(SILENT[name])
    assert (found.kind, found.severity, found.path) == ("says_nothing", "warning", "")
    assert "says nothing about the answer" in found.message


@pytest.mark.parametrize("name", SPOKEN)
def test_a_schema_that_says_something_is_not(name: str) -> None:
    assert not says_nothing(SPOKEN[name], SPOKEN[name])
    assert not [each for each in find_silent(SPOKEN[name]) if "says nothing about the answer" in each.message]


def test_only_definitions_are_named_with_the_way_out() -> None:
    [found] = find_silent({"definitions": {"Person": PERSON}})
    assert "only a definition" in found.message
    assert found.message.endswith('Add "$ref": "#/definitions/Person" at the top.')
    [found] = find_silent({"$defs": {"A": PERSON, "B": PERSON}})
    assert "only definitions" in found.message


def test_places_inside_are_one_note() -> None:
    fields = {
        "data": {},
        "meta": {"description": "whatever fits"},
        "n": {"type": "integer"},
        "l": {"items": {}, "type": "array"},
    }
    [found] = find_silent({"type": "object", "properties": fields})
    assert found.severity == "note"
    assert found.message.startswith("Any JSON is valid at /properties/data, /properties/meta, /properties/l/items:")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"properties": {"a": {"type": "string"}}}, '"type": "object"'),
        ({"required": ["a"], "additionalProperties": False}, '"type": "object"'),
        ({"items": {"type": "string"}, "maxItems": 3}, '"type": "array"'),
        ({"$ref": "#/$defs/P", "$defs": {"P": {"required": ["a"]}}}, '"type": "object"'),
        (
            {"$schema": DRAFT4, "type": "object", "$ref": "#/definitions/P", "definitions": {"P": {"required": ["a"]}}},
            '"type": "object"',
        ),
    ],
)
def test_a_type_that_is_only_meant_is_named(schema: dict[str, Any], words: str) -> None:
    [found] = find_silent(schema)
    assert found.severity == "warning"
    assert words in found.message


@pytest.mark.parametrize(
    "schema",
    [
        PERSON,
        {"type": "object", "$ref": "#/$defs/P", "$defs": {"P": {"required": ["a"]}}},
        {"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": {"type": "null"}}},
        {"anyOf": [PERSON, {"type": "null"}]},
        {"allOf": [{"properties": {"a": {"type": "string"}}}, {"type": "object"}]},
        {"type": "object", "properties": {"a": {"enum": [1]}, "b": {"$ref": "#/$defs/p"}}, "$defs": {"p": PERSON}},
        {"type": "object", "properties": {}, "additionalProperties": True},
    ],
)
def test_usual_schemas_go_without_a_word(schema: dict[str, Any]) -> None:
    assert find_silent(schema) == []


def test_the_one_definition_that_nobody_uses_is_what_is_meant() -> None:
    team = {"type": "array", "items": {"$ref": "#/definitions/Person"}}
    schema = {"definitions": {"Person": PERSON, "Team": team}}
    assert (definition_meant(schema) or {})["$ref"] == "#/definitions/Team"
    assert definition_meant({"definitions": {"A": PERSON, "B": PERSON}}) is None
    assert definition_meant({"$ref": "#/definitions/A", "definitions": {"A": PERSON}}) is None
    assert definition_meant({}) is None
