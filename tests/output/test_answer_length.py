"""How long an answer can get, and what has no end."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from wizard.core.output.answer_length import MAX_WRITTEN_CHARACTERS, LongestAnswer, longest_answer, max_tokens_for
from wizard.core.output.output_type import CHARACTER, OutputType, parse_output
from wizard.core.output.prompt_notes import prompt_notes
from wizard.core.schema.pattern_text import is_bounded, longest_for, text_for
from wizard.core.schema.unbounded import find_unbounded
from wizard.core.schema.value_type_patterns import TYPES


def of(schema: dict[str, Any]) -> Any:
    longest = longest_answer(parse_output("schema", json.dumps(schema), "x"))
    assert longest is not None
    return json.loads(longest.text)


def test_bounds_are_filled_to_the_brim() -> None:
    schema = {
        "type": "object",
        "properties": {
            "s": {"type": "string", "maxLength": 40},
            "n": {"type": "integer", "minimum": -5, "maximum": 1000},
            "a": {"type": "array", "items": {"enum": ["a", "longest", "bb"]}, "maxItems": 3},
            "o": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "^x{2,30}$"}]},
            "d": {"type": "string", "format": "date"},
        },
        "required": [],
    }
    value = of(schema)
    assert len(value["s"]) == 40
    assert value["n"] == 1000
    assert value["a"] == ["longest"] * 3
    assert value["o"] == "x" * 30
    assert value["d"] == "2024-02-29"


def test_what_is_assumed_is_said() -> None:
    schema = {
        "type": "object",
        "properties": {"s": {"type": "string"}, "n": {"type": "integer"}, "a": {"type": "array"}},
    }
    longest = longest_answer(parse_output("schema", json.dumps(schema), "x"))
    assert longest is not None
    limit, why = max_tokens_for(longest, 600, None)
    assert limit == 928
    for word in ("600 tokens", "string", "number", "array"):
        assert word in why


def test_recursion_ends() -> None:
    node = {
        "type": "object",
        "properties": {"v": {"type": "boolean"}, "n": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
    }
    assert json.dumps(of(node)).count('"v"') in (3, 4)
    assert of({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}) is None


def test_a_schema_that_multiplies_is_no_hang() -> None:
    levels = {
        f"l{at}": {"type": "object", "properties": {str(n): {"$ref": f"#/$defs/l{at + 1}"} for n in range(8)}}
        for at in range(20)
    }
    schema = {"$defs": levels | {"l20": {"type": "boolean"}}, "$ref": "#/$defs/l0"}
    assert longest_answer(OutputType("schema", json.dumps(schema))) is not None


STRINGS = {"type": "array", "maxItems": 2000, "items": {"type": "string", "maxLength": 50_000}}


@pytest.mark.parametrize(
    ("schema", "characters"),
    [
        (STRINGS, 2000 * 50_004),
        ({"type": "array", "maxItems": 2000, "items": STRINGS}, 2000 * (2000 * 50_004 + 2)),
        ({"type": "object", "properties": {"a": STRINGS, "é": STRINGS}}, 2 * (2000 * 50_004 + 7)),
    ],
)
def test_a_schema_that_asks_for_gigabytes_is_measured_and_not_written(schema: dict[str, Any], characters: int) -> None:
    longest = longest_answer(parse_output("schema", json.dumps(schema), "x"))
    assert longest is not None
    assert (longest.characters, len(longest.text)) == (characters, MAX_WRITTEN_CHARACTERS)
    limit, why = max_tokens_for(longest, 40_000, None)
    assert limit == 131072
    assert "takes more than 131072 tokens, and 131072 is the highest that is proposed" in why


def test_tokens_of_the_beginning_stand_for_the_whole() -> None:
    schema = {"type": "array", "maxItems": 300, "items": {"type": "string", "maxLength": 996}}
    longest = longest_answer(parse_output("schema", json.dumps(schema), "x"))
    assert longest is not None and longest.characters == 300_000
    limit, why = max_tokens_for(longest, 44_000, None)
    assert "takes about 66000 tokens; plus 50% headroom" in why
    assert limit == 99_008


def test_the_text_is_json_as_python_writes_it_and_as_long_as_is_said() -> None:
    empty = {"type": "array", "prefixItems": [], "maxItems": 0}
    row = {"type": "array", "prefixItems": [{"const": {"é": [1, 'q"']}}, empty], "items": {"enum": [1, "zwölf"]}}
    schema = {
        "type": "object",
        "properties": {'a"': row, "b": {"type": "object", "additionalProperties": {"type": "number"}}},
        "allOf": [{"properties": {"c": {"type": "string", "maxLength": 120}}}, {"const": {"d": {}}}],
    }
    longest = longest_answer(parse_output("schema", json.dumps(schema), "x"))
    assert longest is not None
    assert longest.text == json.dumps(json.loads(longest.text), ensure_ascii=False)
    assert longest.characters == len(longest.text)


@pytest.mark.parametrize("name", TYPES)
def test_the_longest_text_of_a_type_is_one(name: str) -> None:
    longest = longest_answer(parse_output("type", name))
    assert longest is not None
    assert re.fullmatch(TYPES[name], longest.text)


def test_choices_patterns_and_what_nothing_bounds() -> None:
    assert longest_answer(parse_output("choices", "yes,no,unclear")).text == "unclear"  # type: ignore[union-attr]
    assert longest_answer(parse_output("regex", "a{3,7}")).text == "a" * 7  # type: ignore[union-attr]
    unbounded = longest_answer(parse_output("regex", "a+"))
    assert unbounded is not None
    assert unbounded.assumed
    assert longest_answer(OutputType("text")) is None
    assert max_tokens_for(None, None, None)[0] == 512


def test_the_limit_keeps_to_the_context_window() -> None:
    longest = longest_answer(CHARACTER)
    limit, why = max_tokens_for(longest, 36, 40)
    assert limit == 40
    assert "context window" in why


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"type": "string"}, "maxLength"),
        ({"type": "string", "pattern": "^a+$"}, "pattern"),
        ({"type": "string", "pattern": "a"}, "pattern"),
        ({"type": "integer"}, "maximum"),
        ({"type": "number", "minimum": 0}, "maximum"),
        ({"type": "array", "items": {"type": "boolean"}}, "maxItems"),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, "maxProperties"),
    ],
)
def test_shapes_without_an_end_are_warned_of(schema: dict[str, Any], keyword: str) -> None:
    found = find_unbounded({"type": "object", "properties": {"p": schema, "q": schema}})
    assert [(each.keyword, each.path, each.severity) for each in found] == [(keyword, "/properties/p", "warning")]
    assert "/properties/q" in found[0].message


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "maxLength": 9},
        {"type": "string", "format": "date"},
        {"type": "string", "pattern": "^[a-z]{1,9}$"},
        {"enum": ["a"]},
        {"type": "integer", "minimum": 0, "exclusiveMaximum": 9},
        {"type": "array", "items": {"type": "boolean"}, "maxItems": 3},
        {"type": "array", "prefixItems": [{"type": "boolean"}], "items": False},
        {"type": "object", "properties": {"a": {"type": "null"}}},
    ],
)
def test_shapes_with_an_end_are_not(schema: dict[str, Any]) -> None:
    assert find_unbounded(schema) == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}-\d{2}$",
        r"a|bc",
        r"^(yes|no)+$",
        r"[^a]",
        r"\w+@\w+\.\w{2,}",
        r"^.{3}$",
        r"(?:ab){2}",
        r"\S\D\W",
        "é",
    ],
)
def test_a_text_for_a_pattern_matches_it(pattern: str) -> None:
    for text in (text_for(pattern), longest_for(pattern)):
        assert text is not None
        assert re.search(pattern, text)


def test_where_no_text_is_found_none_is_claimed() -> None:
    assert text_for("(") is None
    assert text_for("a{5}", most=3) is None
    assert text_for(r"(a)\1") is None
    assert is_bounded("a{1,5}")
    assert not is_bounded("a*")


# --- prompts ------------------------------------------------------------------------------------------------------


def test_special_tokens_by_hand_are_named() -> None:
    (note,) = prompt_notes("<s>[INST] Hello [/INST]", has_template=True)
    assert "[INST]" in note and "twice" in note
    (own,) = prompt_notes("Hello <|end|> <|odd|>", has_template=True, special=("<|odd|>",))
    assert "<|odd|>" in own
    assert prompt_notes("Write [x] and <b>", has_template=True) == ()


def test_a_model_without_a_template_is_said_to_be_one() -> None:
    (note,) = prompt_notes("Hello", has_template=False)
    assert "no chat template" in note
    assert prompt_notes("Hello", has_template=None) == ()


def test_a_prompt_has_to_fit() -> None:
    assert "nothing is left" in prompt_notes("x", has_template=True, tokens=600, window=512)[0]
    assert "context window of 512" in prompt_notes("x", has_template=True, tokens=400, window=512, max_tokens=128)[0]
    assert prompt_notes("x", has_template=True, tokens=400, window=512, max_tokens=112) == ()


@pytest.mark.parametrize(
    ("tokens", "limit", "said"),
    [(1, 32, "takes 1 token, and 32 is the lowest"), (100, 160, "takes 100 tokens; plus 50% headroom")],
)
def test_how_the_limit_came_about_is_said_in_numbers_that_agree(tokens: int, limit: int, said: str) -> None:
    found, why = max_tokens_for(LongestAnswer("a"), tokens, None)
    assert found == limit
    assert said in why
