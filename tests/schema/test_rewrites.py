"""Rewrites mean the same: whatever the schema before judges, the one after judges alike."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from wizard.core.schema.rewrites.registry import nullable_as_any_of, rewrite, shortened, without

INTEGERS = [*range(-12, 40), 2.5, "x", None, True, 0.5, 24.0]
LISTS = [list(each) for length in range(4) for each in itertools.product(["a", "b", 5, 1], repeat=length)]
KEYED = [
    {key: value for key, value in zip("abkn", values, strict=True) if value != "-"}
    for values in itertools.product([1, True, "-"], [True, "-"], ["x", "y", "-"], [3, "-"])
]
TEXTS = ["", "a", "abc", "abcdef", "A", "a1", "1234", 5, None]

CASES: dict[str, tuple[dict[str, Any], str, list[Any]]] = {
    "a range": ({"type": "integer", "minimum": 3, "maximum": 9}, "minimum", INTEGERS),
    "an open range": ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 9}, "exclusiveMaximum", INTEGERS),
    "both kinds of bounds": (
        {"type": "integer", "minimum": 1, "exclusiveMinimum": 3, "maximum": 9, "exclusiveMaximum": 20},
        "maximum",
        INTEGERS,
    ),
    "bounds between integers": ({"type": "integer", "minimum": 0.5, "maximum": 4.5}, "minimum", INTEGERS),
    "multiples": ({"type": "integer", "multipleOf": 5, "minimum": -10, "maximum": 24}, "multipleOf", INTEGERS),
    "multiples, open": (
        {"type": "integer", "multipleOf": 5, "exclusiveMinimum": -10, "maximum": 25}, "maximum", INTEGERS,
    ),
    "multiples of a half": ({"type": "number", "multipleOf": 0.5, "minimum": 0, "maximum": 3}, "multipleOf", INTEGERS),
    "a pattern and a length": ({"type": "string", "pattern": "^[a-z]+$", "maxLength": 4}, "maxLength", TEXTS),
    "a pattern and two lengths": (
        {"type": "string", "pattern": "^[a-z]*$", "minLength": 2, "maxLength": 4}, "pattern", TEXTS,
    ),
    "different items": (
        {"type": "array", "items": {"enum": ["a", "b", 5]}, "uniqueItems": True, "maxItems": 2}, "uniqueItems", LISTS,
    ),
    "one item": ({"type": "array", "items": {}, "uniqueItems": True, "maxItems": 1}, "uniqueItems", LISTS),
    "an item that must be there": (
        {"type": "array", "items": {"type": ["string", "integer"]}, "contains": {"const": 5}, "maxItems": 3},
        "contains", LISTS,
    ),
    "branches of different types": ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, "oneOf", INTEGERS + TEXTS),
    "branches of different values": ({"oneOf": [{"enum": [1, 2]}, {"const": 3}]}, "oneOf", INTEGERS),
    "branches told apart by a key": (
        {"oneOf": [
            {"type": "object", "properties": {"k": {"const": "x"}}, "required": ["k"]},
            {"type": "object", "properties": {"k": {"const": "y"}, "n": {"type": "integer"}}, "required": ["k", "n"]},
        ]}, "oneOf", KEYED,
    ),
    "values that are forbidden": ({"enum": [1, 2, "a"], "not": {"enum": [2, 3]}}, "not", [*INTEGERS, "a"]),
    "bounds in parts": (
        {"type": "integer", "allOf": [{"minimum": 5}, {"maximum": 9, "minimum": 2}]}, "allOf", INTEGERS,
    ),
    "objects in parts": (
        {"type": "object", "allOf": [
            {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "boolean"}}, "required": ["b"]},
        ]}, "allOf", KEYED,
    ),
    "a condition on a listed key": (
        {"type": "object", "properties": {"k": {"enum": ["x", "y"]}, "n": {"type": "integer"}}, "required": ["k"],
         "if": {"properties": {"k": {"const": "x"}}}, "then": {"required": ["n"]}}, "if", KEYED,
    ),
    "a key that asks for another": (
        {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}},
         "dependentRequired": {"a": ["b"]}, "additionalProperties": False}, "dependentRequired", KEYED,
    ),
    "keys out of a list": (
        {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": {"type": "boolean"}},
        "propertyNames", KEYED,
    ),
    "a format that nobody knows": ({"type": "string", "format": "ports"}, "format", TEXTS),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_rewrite_means_the_same_and_is_rid_of_its_keyword(name: str) -> None:
    schema, keyword, values = CASES[name]
    if keyword not in schema:
        keyword = next(key for key in schema if key not in ("type", "items"))
    before = json.dumps(schema)
    done = rewrite(schema, (), keyword)
    assert done is not None
    assert done.exact
    assert json.dumps(schema) == before, "the schema that was passed in is not changed"
    assert keyword not in done.schema or keyword == "pattern"
    old, new = Draft202012Validator(schema), Draft202012Validator(done.schema)
    assert [value for value in values if old.is_valid(value) != new.is_valid(value)] == []
    assert {old.is_valid(value) for value in values} == {True, False}, "the values tell nothing apart"


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"type": "integer", "minimum": 0}, "minimum"),
        ({"type": "integer", "minimum": 0, "maximum": 100_000}, "minimum"),
        ({"type": "number", "minimum": 0, "maximum": 1}, "minimum"),
        ({"type": "string", "pattern": "^ab+$", "maxLength": 4}, "maxLength"),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, "uniqueItems"),
        ({"type": "array", "items": {"enum": list("abcdefgh")}, "uniqueItems": True}, "uniqueItems"),
        ({"type": "array", "contains": {"const": 5}}, "contains"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "oneOf"),
        ({"oneOf": [{"enum": [1, 2]}, {"const": 2}]}, "oneOf"),
        ({"oneOf": [{"type": "object"}, {"type": "object", "required": ["a"]}]}, "oneOf"),
        ({"type": "string", "not": {"type": "integer"}}, "not"),
        ({"type": "string", "format": "date"}, "format"),
        ({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, "allOf"),
        ({"if": {"required": ["a"]}, "then": {}}, "if"),
    ],
)
def test_where_no_rule_is_sound_nothing_is_rewritten(schema: dict[str, Any], keyword: str) -> None:
    assert rewrite(schema, (), keyword) is None


def test_a_rewrite_happens_where_the_pointer_leads() -> None:
    schema = {"properties": {"a/b": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 3}}}}
    done = rewrite(schema, ("properties", "a/b", "items"), "minimum")
    assert done is not None
    assert done.schema["properties"]["a/b"]["items"] == {"enum": [1, 2, 3]}
    assert rewrite(schema, ("properties", "nowhere"), "minimum") is None


def test_what_is_beside_a_reference_goes_into_a_copy_of_it() -> None:
    schema = {
        "$defs": {"n": {"type": "integer", "maximum": 9}},
        "properties": {"p": {"$ref": "#/$defs/n", "minimum": 5}},
    }
    done = rewrite(schema, ("properties", "p"), "$ref")
    assert done is not None
    assert done.schema["properties"]["p"] == {"type": "integer", "maximum": 9, "minimum": 5}
    assert done.schema["$defs"] == schema["$defs"]


def test_other_answers_are_said_to_be_other_answers() -> None:
    left = without({"type": "object", "if": {}, "then": {}, "else": {}}, (), "if")
    assert left.schema == {"type": "object"}
    assert not left.exact
    null = nullable_as_any_of({"type": "string", "nullable": True, "title": "T"}, ())
    assert null is not None
    assert null.schema == {"title": "T", "anyOf": [{"type": "string"}, {"type": "null"}]}
    assert not null.exact
    short = shortened({"type": "string", "maxLength": 5000}, ())
    assert short is not None
    assert short.schema["maxLength"] == 200
    assert shortened({"type": "string", "maxLength": 20}, ()) is None


@pytest.mark.parametrize("value", [5, "text", None, [], True, {"a": 1}])
@pytest.mark.parametrize(
    "keyword", ["minimum", "oneOf", "allOf", "not", "if", "propertyNames", "contains", "$ref", "dependentRequired"]
)
def test_a_keyword_of_an_odd_kind_is_left_alone_and_no_crash(keyword: str, value: Any) -> None:
    rewrite({"type": "array", "maxItems": 2, keyword: value}, (), keyword)


def test_of_required_only_the_name_that_no_property_has_is_left_out() -> None:
    schema = {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a", "nope", "b"]}
    changed = without(schema, (), "required")
    assert changed.schema["required"] == ["a", "b"]
    assert changed.why == "nope in required is left out"
    assert not changed.exact
