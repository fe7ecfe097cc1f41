"""Answers are judged by the decimals that they write, in every draft and behind every reference."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from wizard.core.output.output_type import parse_output
from wizard.services.validation.validator import Validator

DRAFT = "http://json-schema.org/draft-{:02}/schema#"


def errors(schema: dict[str, Any] | str, text: str) -> tuple[str, ...]:
    spec = schema if isinstance(schema, str) else json.dumps(schema)
    return Validator().judge(parse_output("schema", spec, "x"), text).errors


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"multipleOf": 0.01}, "2.51", "2.515"),
        ({"multipleOf": 0.1}, "0.3", "0.35"),
        ({"multipleOf": 1e-9}, "1.000000001", "1.0000000001"),
        ({"maximum": 9007199254740992}, "9007199254740992.0", "9007199254740993.0"),
        ({"minimum": 0.1}, "0.10", "0.09999999999999999999"),
        ({"exclusiveMaximum": 1}, "0.99999999999999999999", "1.0"),
        ({"exclusiveMinimum": 0}, "1e-999999999", "-0.0"),
        ({"maximum": 10}, "1e1", "1e999999999"),
        ({"type": "integer"}, "1.0", "1.00000000000000000001"),
        ({"type": "integer"}, "12e2", "12e-1"),
        ({"type": "integer", "maximum": 5}, "-1e99999", "1e99999"),
        ({"const": 0.1}, "0.10", "0.1000000000000000000001"),
        ({"const": 1}, "1.0", "true"),
        ({"enum": [0, -2.50]}, "-0", "-2.5000000001"),
        ({"enum": [[1, {"a": 2}]]}, '[1.0, {"a": 2.0}]', '[1.0, {"a": 2.1}]'),
        ({"uniqueItems": True}, "[1, true, 0, false]", "[1, 1.0]"),
        ({"uniqueItems": True}, '[0.1, 0.1000000000000000000001, {"a": 1}]', '[{"a": 1}, {"a": 1e0}]'),
        ({"contains": {"multipleOf": 0.01}}, "[0.001, 2.51]", "[0.001, 2.515]"),
        ({"$schema": DRAFT.format(4), "minimum": 1, "exclusiveMinimum": True}, "1.0000000000000000001", "1.0"),
        ({"$schema": DRAFT.format(4), "maximum": 0.3, "exclusiveMaximum": True}, "0.29", "0.30"),
        ({"$schema": DRAFT.format(4), "type": "integer"}, "1", "1.0"),
        ({"$schema": DRAFT.format(7), "type": "integer"}, "1.0", "1.5"),
        ({"$schema": DRAFT.format(7), "multipleOf": 0.01, "items": {"$ref": "#"}}, "[2.51, [2.51]]", "[[2.515]]"),
        ('{"maximum": 0.1000000000000000000001}', "0.1000000000000000000001", "0.1000000000000000000002"),
    ],
)
def test_a_number_is_what_is_written(schema: dict[str, Any] | str, good: str, bad: str) -> None:
    assert errors(schema, good) == ()
    assert errors(schema, bad) != ()


def test_errors_show_numbers_as_json_does() -> None:
    shape = {"properties": {"a": {"multipleOf": 0.01}, "b": {"enum": [1.5, 2]}, "c": {"type": "integer"}}}
    assert errors(shape, '{"a": 2.515, "b": 0.1, "c": 2.5}') == (
        "a: 2.515 is not a multiple of 0.01",
        "b: 0.1 is not one of [1.5, 2]",
        "c: 2.5 is not of type 'integer'",
    )


def test_the_value_of_a_sample_is_plain_data() -> None:
    judged = Validator().judge(parse_output("schema", "{}", "x"), '{"a": 2.50, "b": 1e400, "c": [1, 1.0]}')
    assert judged.valid
    assert json.dumps(judged.value) == '{"a": 2.5, "b": "1E+400", "c": [1, 1.0]}'


def test_no_number_of_an_answer_takes_long() -> None:
    shape = {"multipleOf": 0.07, "minimum": 0, "type": "integer", "enum": [1], "not": {"const": 2}}
    started = time.process_time()
    for text in ("1e999999999", "-1e-999999999", "1e9999999999999999999999", "3" * 30_000, "0." + "7" * 30_000):
        assert errors(shape, text) != ()
    assert time.process_time() - started < 5


def test_each_draft_is_judged_by_its_own_rules() -> None:
    third = {"$schema": DRAFT.format(3), "properties": {"a": {"required": True, "divisibleBy": 0.01}}}
    assert errors(third, '{"a": 2.51}') == ()
    assert errors(third, '{"a": 2.515}') != ()
    assert errors(third, "{}") != ()
    tuples = {"items": [{"type": "integer"}], "additionalItems": False}
    for scheme in ("http", "https"):
        assert errors({"$schema": f"{scheme}://json-schema.org/draft-07/schema#", **tuples}, "[1, 2]") != ()
