"""Output types: what is read from flags, what is enforced, and that closing a schema takes nothing away."""

from __future__ import annotations

import copy
import datetime
import ipaddress
import json
import random
import re
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from wizard.core.output.kinds.schema_presets import CHARACTER_SCHEMA
from wizard.core.output.output_type import CHARACTER, OutputType, parse_output
from wizard.core.problem import ExitCode, Problem
from wizard.core.schema.normalization import forbid_extra_properties
from wizard.core.schema.value_type_patterns import TYPES

# --- choices, regular expressions, types --------------------------------------------------------------------------


def test_choices_are_split_stripped_and_told_once() -> None:
    assert json.loads(parse_output("choices", " yes, no ,yes,,maybe").spec) == ["yes", "no", "maybe"]


@pytest.mark.parametrize("text", ["", ",", "one", "one,one", " , one , "])
def test_fewer_than_two_choices_are_none(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_output("choices", text)
    assert caught.value.exit_code is ExitCode.USAGE
    assert "--choices" in caught.value.message


@given(
    st.lists(
        st.text(min_size=1, max_size=8).filter(lambda t: "," not in t and t == t.strip()),
        min_size=2,
        max_size=5,
        unique=True,
    )
)
def test_the_expression_of_choices_matches_them_and_nothing_near(choices: list[str]) -> None:
    pattern = parse_output("choices", ",".join(choices)).enforced
    for choice in choices:
        assert re.fullmatch(pattern, choice)
        assert choice + "\x00" in choices or not re.fullmatch(pattern, choice + "\x00")
    assert not re.fullmatch(pattern, "")


def test_a_regular_expression_is_kept_as_it_is() -> None:
    assert parse_output("regex", r"\d{3}-\w+").enforced == r"\d{3}-\w+"


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "(?P<x", "a{2,1}"])
def test_a_broken_regular_expression_is_refused(pattern: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_output("regex", pattern)
    assert caught.value.exit_code is ExitCode.USAGE
    assert "--regex" in caught.value.message


def test_an_unknown_type_is_told_the_known_ones() -> None:
    with pytest.raises(Problem) as caught:
        parse_output("type", "decimal")
    assert caught.value.exit_code is ExitCode.USAGE
    assert all(name in caught.value.hint for name in TYPES)


def some(make: Any, count: int = 40) -> list[str]:
    return [make(random.Random(seed)) for seed in range(count)]


def moment(chance: random.Random) -> datetime.datetime:
    return datetime.datetime(1900, 1, 1) + datetime.timedelta(seconds=chance.randrange(10**10))


EXAMPLES = {
    "int": [*some(lambda r: str(r.randrange(-(10**17), 10**17))), "0", "-5", "7"],
    "float": [*some(lambda r: f"{r.uniform(-1e6, 1e6):.6f}"), "0.0", "-1.5", str(3.25)],
    "bool": [json.dumps(True), json.dumps(False)],
    "date": some(lambda r: moment(r).date().isoformat()),
    "time": some(lambda r: moment(r).time().isoformat()),
    "datetime": some(lambda r: moment(r).isoformat() + "Z"),
    "uuid": some(lambda r: str(uuid.UUID(int=r.getrandbits(128)))),
    "email": ["robin@rehearsal.invalid", "a.b_c-d@x-y.co.uk", "r2d2@a.io"],
    "ipv4": some(lambda r: str(ipaddress.IPv4Address(r.getrandbits(32)))),
    "digit": list("0123456789"),
    "hex": some(lambda r: hex(r.getrandbits(64))),
    "country": ["NL", "FR", "AX", "ZW"],
    "sentence": ["Hello there.", "Is it you?"],
    "paragraph": ["Hello there.", "It rained. Nobody minded! Did they?"],
}
NEAR_MISSES = {
    "int": ["", "-", "+1", "01", "1.0", "1e5", " 1", "1\n", "1_000", "١", "9" * 40],
    "float": ["1", "1.", ".5", "01.5", "1e5", "nan", "inf", "1,5", "1.5\n", "-.5"],
    "bool": ["True", "FALSE", "yes", "1", "", "truefalse"],
    "date": ["2024-13-01", "2024-00-10", "2024-1-01", "24-01-01", "2024-01-32", "2024/01/01", "2024-01-01T00:00:00Z"],
    "time": ["24:00:00", "12:60:00", "12:00:60", "1:00:00", "12:00", "12:00:00Z"],
    "datetime": ["2024-01-01 00:00:00Z", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00+00:00"],
    "uuid": ["", "0" * 32, "G" * 8 + "-0000-0000-0000-" + "0" * 12, "{00000000-0000-0000-0000-000000000000}"],
    "ipv4": ["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", ""],
    "digit": ["", "10", "a", "٣"],
    "hex": ["", "0x", "xyz", "0x12 "],
    "country": ["nl", "NLD", "XX", ""],
    "sentence": ["", "hello.", "Hello", "Hello.\n"],
    "paragraph": ["", "Hello", "Hello.  There."],
    "email": ["a@b", "@x.org", "a b@x.org", "a@x.o", "a@@x.org", "a@x.org "],
}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_takes_what_python_writes_and_refuses_near_misses(name: str) -> None:
    pattern = parse_output("type", name).enforced
    assert [text for text in EXAMPLES[name] if not re.fullmatch(pattern, text)] == []
    assert [text for text in NEAR_MISSES[name] if re.fullmatch(pattern, text)] == []


# --- schemas ------------------------------------------------------------------------------------------------------


def test_a_broken_schema_names_the_file_and_the_line() -> None:
    with pytest.raises(Problem) as caught:
        parse_output("schema", '{\n  "type": "object",\n  oops\n}', "my.json")
    assert caught.value.exit_code is ExitCode.USAGE
    assert "my.json" in caught.value.message
    assert "line 3" in caught.value.message
    assert caught.value.hint == 'Fix line 3; a JSON Schema is an object such as {"type": "object"}.'


@pytest.mark.parametrize("text", ["[]", "true", "5", '"object"', "null"])
def test_a_schema_is_an_object(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_output("schema", text, "my.json")
    assert caught.value.code == "schema_not_object"


@pytest.mark.parametrize(
    "text", ['{"maximum": NaN}', '{"maximum": Infinity}', '{"minimum": -Infinity}', '{"maximum": 1e999}']
)
def test_numbers_that_json_does_not_have_are_refused(text: str) -> None:
    """They would come out as the bare names nan and inf in the app file, which then does not import."""
    with pytest.raises(Problem) as caught:
        parse_output("schema", text, "my.json")
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_schema_of_endless_depth_is_a_problem_and_no_crash() -> None:
    with pytest.raises(Problem) as caught:
        parse_output("schema", '{"a":' * 100_000 + "1" + "}" * 100_000, "my.json")
    assert caught.value.exit_code is ExitCode.USAGE


def test_every_kind_has_a_form_a_summary_and_a_prompt() -> None:
    for output in (
        CHARACTER,
        parse_output("choices", "a,b"),
        parse_output("regex", "a+"),
        parse_output("type", "int"),
        OutputType("text"),
    ):
        assert output.form in ("json_schema", "regex", "none")
        assert output.summary
        assert output.example_prompt
    assert OutputType("grammar", "start: x").form == "grammar"
    assert CHARACTER.summary == "Character (5 fields)"
    assert parse_output("schema", "{}", "x").summary == "JSON Schema"
    assert parse_output("choices", "a,b").summary == "one of a, b"


OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    return json.loads(parse_output("schema", json.dumps(schema), "x").enforced)  # type: ignore[no-any-return]


def takes(schema: dict[str, Any], value: Any) -> bool:
    return Draft202012Validator(schema).is_valid(value)


def test_an_object_that_does_not_say_forbids_further_keys_at_every_depth() -> None:
    schema = {
        "type": "object",
        "properties": {
            "inner": OBJECT,
            "many": {"type": "array", "items": OBJECT},
            "one": {"anyOf": [OBJECT, {"type": "null"}]},
        },
        "$defs": {"D": OBJECT},
    }
    before = copy.deepcopy(schema)
    result = forbid_extra_properties(schema)
    assert schema == before, "the schema that was passed in is not changed"
    assert takes(result, {"inner": {"a": 1}, "many": [{"a": 1}], "one": None})
    assert not takes(result, {"inner": {"a": 1}, "new": 1})
    assert not takes(result, {"inner": {"a": 1, "new": 1}})
    assert not takes(result, {"many": [{"a": 1, "new": 1}]})
    assert not takes(result, {"one": {"a": 1, "new": 1}})
    assert result["$defs"]["D"]["additionalProperties"] is False


@pytest.mark.parametrize(
    "says",
    [{"additionalProperties": True}, {"additionalProperties": {"type": "string"}}, {"patternProperties": {"^x": {}}}],
)
def test_an_object_that_says_keeps_its_word(says: dict[str, Any]) -> None:
    schema = OBJECT | says
    assert closed(schema) == schema


def test_a_property_may_be_called_like_a_keyword() -> None:
    schema = {
        "type": "object",
        "properties": {"properties": OBJECT, "items": {"type": "integer"}, "allOf": {"enum": [1]}},
    }
    result = closed(schema)
    assert takes(result, {"properties": {"a": 1}, "items": 1, "allOf": 1})
    assert not takes(result, {"properties": {"a": 1, "b": 2}})


def test_data_inside_of_a_schema_is_left_alone() -> None:
    schema = {"const": {"properties": {"a": 1}}, "default": {"properties": {}}, "enum": [{"properties": {"x": 1}}]}
    assert closed(schema) == schema


B = {"properties": {"b": {"type": "integer"}}, "required": ["b"]}
COMBINED = {
    "allOf": {"allOf": [OBJECT, B]},
    "allOf beside keys": OBJECT | {"allOf": [B]},
    "anyOf beside keys": OBJECT | {"anyOf": [B]},
    "oneOf beside keys": OBJECT | {"oneOf": [B, {"properties": {"c": {}}, "required": ["c"]}]},
    "$ref beside keys": {"$defs": {"B": B}, "$ref": "#/$defs/B"} | OBJECT,
    "allOf of a definition": {"$defs": {"A": OBJECT}, "allOf": [{"$ref": "#/$defs/A"}, B]},
    "a definition that builds on another": {
        "$defs": {"A": OBJECT, "C": {"allOf": [{"$ref": "#/$defs/A"}], **B}},
        "$ref": "#/$defs/C",
    },
    "a property that builds on a definition": {
        "$defs": {"A": OBJECT},
        "type": "object",
        "properties": {"p": {"allOf": [{"$ref": "#/$defs/A"}, B]}},
    },
    "if and then": OBJECT | {"if": {"required": ["a"]}, "then": B},
    "dependentSchemas": OBJECT | {"dependentSchemas": {"a": B}},
}


@pytest.mark.parametrize("name", COMBINED)
def test_closing_never_forbids_what_another_part_asks_for(name: str) -> None:
    schema = COMBINED[name]
    value: Any = {"a": 1, "b": 2}
    value = {"p": value} if name.startswith("a property") else value
    assert takes(schema, value), "the example itself"
    assert takes(closed(schema), value)


def test_the_example_character_is_closed_and_takes_its_own_kind() -> None:
    conan = {"name": "Conan", "age": 40, "armor": "none", "weapon": "axe", "strength": 20}
    assert takes(closed(CHARACTER_SCHEMA), conan)
    assert not takes(closed(CHARACTER_SCHEMA), conan | {"mood": "grim"})


def test_the_example_of_a_schema_can_be_copied() -> None:
    with pytest.raises(Problem) as caught:
        parse_output("schema", "{“type”: “object”}", "it")
    assert json.loads(caught.value.hint.split("such as ")[1].removesuffix("."))
