"""A misspelt keyword is named with the one that was meant; what may stand there is left in peace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import (
    Draft4Validator,
    Draft6Validator,
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
)

from wizard.core.output.output_type import OutputType
from wizard.core.schema.unknown_keywords import KEYWORDS, misspelled_keywords
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.linter import lint

CORPUS = {
    row["name"]: row["schema"]
    for name in ("test_suite", "real")
    for row in json.loads((Path(__file__).parent / "corpus" / f"{name}.json").read_text(encoding="utf-8"))
}
DRAFTS = (Draft4Validator, Draft6Validator, Draft7Validator, Draft201909Validator, Draft202012Validator)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("minmum", "minimum"),
        ("maxlength", "maxLength"),
        ("min_items", "minItems"),
        ("requierd", "required"),
        ("property", "properties"),
        ("AnyOf", "anyOf"),
        ("ref", "$ref"),
        ("max", "maximum"),
    ],
)
def test_the_keyword_that_was_meant_is_named(word: str, meant: str) -> None:
    schema = {"type": "object", "properties": {"a/b": {"type": "integer", word: 3}}}
    [found] = misspelled_keywords(schema)
    assert (found.severity, found.path, found.keyword) == ("warning", "/properties/a~1b", word)
    assert found.message == f"{word} at /properties/a~1b is not a JSON Schema keyword: did you mean {meant}?"


def test_a_field_outside_of_properties_is_told_where_it_belongs() -> None:
    [found] = misspelled_keywords({"type": "object", "age": {"type": "integer"}})
    assert found.message.endswith("did you mean properties, with age in it?")


def test_an_annotation_that_is_near_nothing_is_only_noted() -> None:
    [found] = misspelled_keywords({"type": "string", "markdownDescription": "a"})
    assert found.severity == "note"


@pytest.mark.parametrize(("word", "value"), [("_id", "/boats"), ("constraints", [{"target": "#/b"}]), ("maxim", {})])
def test_no_keyword_is_guessed_that_does_not_take_such_a_value(word: str, value: Any) -> None:
    [found] = misspelled_keywords({"type": "object", word: value})
    assert (found.severity, found.message[-38:]) == ("note", "keyword: answers are not checked against it."[-38:])


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"minmum": {"type": "string"}}},
        {"enum": [{"minmum": 1}], "default": {"minmum": 1}, "examples": [{"minmum": 1}]},
        {"const": {"minmum": 1}},
        {"x-minmum": 1, "title": "t", "$comment": "c", "nullable": True, "discriminator": {"propertyName": "a"}},
        {"$ref": "#/components/schemas/A", "components": {"schemas": {"A": {"type": "string"}}}},
        {"dependencies": {"minmum": ["a"]}, "patternProperties": {"minmum": True}},
        True,
    ],
)
def test_what_may_stand_there_is_left_in_peace(schema: Any) -> None:
    assert misspelled_keywords(schema) == []


def test_every_keyword_of_every_draft_is_known() -> None:
    for draft in DRAFTS:
        meta = draft.META_SCHEMA
        words = set(meta.get("properties", {})) | set(draft.VALIDATORS)
        assert words - set(KEYWORDS) == set(), draft


def test_a_clean_schema_goes_without_a_word() -> None:
    said = {name: found for name, schema in CORPUS.items() if (found := misspelled_keywords(schema))}
    assert set(said) == {"unknown keyword"}


@pytest.mark.long
def test_a_schema_of_nothing_but_such_words_is_not_gone_through_for_ever() -> None:
    assert 0 < len(misspelled_keywords({f"nonsense{number}": number for number in range(30_000)})) <= 20


async def test_lint_names_it_beside_what_is_enforced() -> None:
    output = OutputType("schema", json.dumps({"type": "integer", "minmum": 3}))
    report = await lint(LintRequest(output, "llguidance", thorough=False, seconds=30))
    assert report.is_enforced
    assert report.misspelled_keywords == ("minmum",)
    assert [each["kind"] for each in report.to_mapping()["findings"]][:1] == ["no_keyword"]
