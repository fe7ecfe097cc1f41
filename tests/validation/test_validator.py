"""Answers, validated without the engine that has made them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wizard.core.output.output_type import CHARACTER, OutputType, parse_output
from wizard.services.validation.validator import Validator

VALIDATOR = Validator()


def schema(**more: Any) -> OutputType:
    return parse_output("schema", json.dumps({"type": "object"} | more), "x")


def field(**rule: Any) -> OutputType:
    return schema(properties={"f": rule}, required=["f"])


CONAN = {"name": "Conan", "age": 40, "armor": "none", "weapon": "axe", "strength": 20}


def test_a_good_sample_comes_back_as_data() -> None:
    judged = VALIDATOR.judge(CHARACTER, json.dumps(CONAN))
    assert judged.valid
    assert judged.value == CONAN
    assert judged.errors == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(CONAN)[:-9], "not JSON"),
        ("", "not JSON"),
        ('{"name": NaN}', "NaN"),
        ("Infinity", "Infinity"),
        (json.dumps(CONAN) + " and more", "not JSON"),
        ("Here you are: {}", "not JSON"),
    ],
)
def test_what_is_not_json_is_said_to_be_so(text: str, words: str) -> None:
    judged = VALIDATOR.judge(CHARACTER, text)
    assert not judged.valid
    assert judged.value is None
    assert words in judged.errors[0]


def test_every_error_names_its_place() -> None:
    judged = VALIDATOR.judge(CHARACTER, json.dumps(CONAN | {"age": 121, "weapon": "spoon"}))
    assert not judged.valid
    assert judged.value["age"] == 121
    assert len(judged.errors) == 2
    assert judged.errors[0].startswith("age:")
    assert judged.errors[1].startswith("weapon:")
    missing = VALIDATOR.judge(CHARACTER, "{}")
    assert all(error.startswith("value:") for error in missing.errors)
    assert len(missing.errors) == 5


def test_it_is_judged_by_the_schema_that_was_given_and_not_by_the_closed_one() -> None:
    judged = VALIDATOR.judge(field(type="integer"), '{"f": 1, "more": 2}')
    assert judged.valid


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", "2024-02-29", "2023-02-29"),
        ("date", "2024-02-29", "tomorrow"),
        ("email", "robin@rehearsal.invalid", "robin at rehearsal"),
        ("date-time", "2024-02-29T12:00:00Z", "2023-13-45T99:00:00Z"),
        ("time", "23:59:59Z", "25:00:00Z"),
        ("uuid", "00000000-0000-0000-0000-000000000000", "not-a-uuid"),
        ("ipv4", "127.0.0.1", "300.0.0.1"),
        ("uri", "https://example.com/a?b#c", "a b"),
        ("iri", "https://例え.jp/é", "é"),
        ("iri-reference", "é/ü?ß", "a b"),
        ("duration", "P1DT2H", "a while"),
        ("hostname", "example.com", "-x-"),
    ],
)
def test_formats_are_judged_too(name: str, good: str, bad: str) -> None:
    output = field(type="string", format=name)
    assert VALIDATOR.judge(output, json.dumps({"f": good})).valid
    assert not VALIDATOR.judge(output, json.dumps({"f": bad})).valid


def test_control_characters_of_a_sample_do_not_reach_the_errors() -> None:
    judged = VALIDATOR.judge(field(enum=["a"]), json.dumps({"f": "\x1b[2Jboo"}))
    assert "\x1b" not in judged.errors[0]


def test_a_sample_of_endless_depth_is_invalid_and_no_crash() -> None:
    judged = VALIDATOR.judge(schema(), "[" * 200_000)
    assert not judged.valid


def test_a_schema_that_refers_to_nothing_is_an_error_of_the_schema_and_no_crash() -> None:
    judged = VALIDATOR.judge(schema(properties={"f": {"$ref": "#/$defs/missing"}}), '{"f": 1}')
    assert not judged.valid
    assert "missing" in judged.errors[0]


@pytest.mark.parametrize(
    ("output", "good", "bad"),
    [
        (parse_output("choices", "yes,no"), "yes", "Yes"),
        (parse_output("choices", "yes,no"), "no", "no "),
        (parse_output("choices", "yes,no"), "no", "yesno"),
        (parse_output("regex", r"\d{3}"), "123", "1234"),
        (parse_output("regex", "a|ab"), "ab", "abc"),
        (parse_output("regex", "a"), "a", "a\n"),
        (OutputType("text"), "hello", "  \n"),
    ],
)
def test_other_kinds_are_judged_as_a_whole(output: OutputType, good: str, bad: str) -> None:
    assert VALIDATOR.judge(output, good).valid
    assert VALIDATOR.judge(output, good).value == good
    judged = VALIDATOR.judge(output, bad)
    assert not judged.valid
    assert judged.errors


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("int", "-42", -42),
        ("float", "2.50", 2.5),
        ("bool", "true", True),
        ("bool", "false", False),
        ("date", "2024-02-29", "2024-02-29"),
        ("time", "23:59:59", "23:59:59"),
        ("datetime", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59+00:00"),
        ("email", "a@b.org", "a@b.org"),
        ("uuid", "0" * 8 + "-0000-0000-0000-" + "0" * 12, "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_a_type_becomes_its_value(name: str, text: str, value: Any) -> None:
    judged = VALIDATOR.judge(parse_output("type", name), text)
    assert (judged.valid, judged.value) == (True, value)
    assert type(judged.value) is type(value)
    json.dumps(judged.value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("int", "4.0", "not a int"),
        ("date", "2023-02-29", "not a date"),
        ("date", "0000-01-01", "not a date"),
        ("datetime", "2023-04-31T00:00:00Z", "not a datetime"),
        ("time", "24:00:00", "not a time"),
        ("bool", "TRUE", "not a bool"),
    ],
)
def test_what_looks_like_a_type_but_is_none_is_refused(name: str, text: str, words: str) -> None:
    judged = VALIDATOR.judge(parse_output("type", name), text)
    assert not judged.valid
    assert words in judged.errors[0]


def test_a_grammar_is_judged_by_parsing() -> None:
    pytest.importorskip("llguidance")
    grammar = OutputType("grammar", 'start: "yes" | "n" "o"\n')
    assert VALIDATOR.judge(grammar, "no").valid
    for bad in ("", "n", "non", "maybe"):
        assert not VALIDATOR.judge(grammar, bad).valid


@pytest.mark.parametrize(
    "draft", ["draft-04/schema#", "draft-07/schema#", "draft/2019-09/schema", "draft/2020-12/schema"]
)
def test_every_keyword_with_patterns_reads_them_as_ecma_262(draft: str) -> None:
    kind = "https" if "/20" in draft else "http"
    by_name = {r"^\p{Lu}": {"type": "integer"}, r"^\d$": {"type": "string", "pattern": r"^(?<a>\w)$"}}
    output = schema(
        **{"$schema": f"{kind}://json-schema.org/{draft}"}, patternProperties=by_name, additionalProperties=False
    )
    for text, errors in (
        ({"É": 1, "1": "a"}, []),
        ({"É": "x"}, ["É: 'x' is not of type 'integer'"]),
        ({"1": "é"}, [r"1: 'é' does not match '^(?<a>\\w)$'"]),
        ({"é": 1}, [r"value: 'é' does not match any of the regexes: '^\\d$', '^\\p{Lu}'"]),
        ({"٣": "a"}, [r"value: '٣' does not match any of the regexes: '^\\d$', '^\\p{Lu}'"]),
    ):
        assert list(VALIDATOR.judge(output, json.dumps(text)).errors) == errors


def test_keys_that_a_pattern_has_a_word_for_are_evaluated() -> None:
    inner = {"patternProperties": {r"^\p{Ll}": True}}
    output = schema(
        allOf=[inner, {"if": {"required": ["É"]}, "then": {"properties": {"É": True}}}],
        dependentSchemas={"x": {"patternProperties": {"^Y": True}}},
        unevaluatedProperties=False,
    )
    for value in ({"é": 1}, {"É": 1, "é": 2}, {"x": 1, "Y": 2}):
        assert VALIDATOR.judge(output, json.dumps(value)).valid, value
    for value in ({"Y": 1}, {"1": 1}):
        judged = VALIDATOR.judge(output, json.dumps(value))
        assert "Unevaluated properties are not allowed" in judged.errors[0]


def test_an_answer_that_is_a_pattern_is_one_of_ecma_262() -> None:
    output = field(type="string", format="regex")
    for text in (r"^\p{L}(?<a>b)\k<a>$", "[^]"):
        assert VALIDATOR.judge(output, json.dumps({"f": text})).valid
    for text in ("(?i)a", "(?P<a>b)", r"\a", "("):
        assert not VALIDATOR.judge(output, json.dumps({"f": text})).valid


def test_a_reference_to_a_group_cannot_take_for_ever() -> None:
    assert not VALIDATOR.judge(field(pattern=r"^((a*)*\2)*$"), json.dumps({"f": "a" * 40 + "b"})).valid
