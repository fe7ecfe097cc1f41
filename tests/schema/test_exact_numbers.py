"""Numbers of JSON are compared as they are written: no rounding, no limit, and no exponent that takes time."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest

from wizard.core.schema.exact_numbers import (
    as_data,
    as_plain,
    identity,
    is_multiple,
    is_whole,
    plus,
    read_exact,
    read_number,
    times,
    write_exact,
)
from wizard.core.schema.example_numbers import example_number
from wizard.core.schema.rewrites.registry import rewrite

HUGE, TINY = "1e999999999", "1e-999999999"
BEYOND = "7e-99999999999999999999999"  # an exponent that no decimal of Python has


@pytest.mark.parametrize(
    ("number", "step", "fits"),
    [
        ("2.51", "0.01", True), ("2.515", "0.01", False), ("0.3", "0.1", True), ("19.99", "0.01", True),
        ("4.35", "0.05", True), ("0.07", "0.01", True), ("1.1", "0.2", False), ("-0.3", "0.1", True),
        ("0", "7", True), ("-0", "7", True), ("-0.0", "0.3", True), ("1.0", "1", True), ("1e3", "10", True),
        ("50", "1e2", False), ("100", "1e2", True), ("9007199254740993", "2", False), ("9007199254740994", "2", True),
        ("123456789012345678901234567890.1", "0.1", True), ("1e-7", "1e-8", True), ("1e-8", "1e-7", False),
        (HUGE, "0.01", True), (HUGE, "3", False), (TINY, "0.01", False), ("5", HUGE, False), (BEYOND, "1", False),
    ],
)  # fmt: skip
def test_multiples_are_those_of_the_decimals_that_are_written(number: str, step: str, *, fits: bool) -> None:
    assert is_multiple(read_number(number), read_number(step)) is fits
    if "e" not in number + step and len(number) < 15:  # a float stands for the decimal that it is written as
        assert is_multiple(float(number), float(step)) is fits


def test_many_digits_and_huge_exponents_take_no_time() -> None:
    started = time.process_time()
    for text in (HUGE, TINY, BEYOND, "9" * 50_000, "0." + "1" * 20_000):
        number = read_exact(text)
        assert (number > 10) == (not text.startswith("0.") and "-" not in text)
        assert hash(identity(number)) == hash(identity(number))
        is_multiple(number, 0.01)
        is_whole(number)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "whole"),
    [("1.0", True), ("1.5", False), ("1e3", True), ("-0.0", True), (HUGE, True), (TINY, False), ("15e-1", False)],
)
def test_a_whole_number_is_whole_however_it_is_written(text: str, *, whole: bool) -> None:
    assert is_whole(read_number(text)) is whole


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1", "1.0", True), ("1", "true", False), ("0", "false", False), ("0.1", "0.10", True), ("100", "1e2", True),
        ("0", "-0", True), ("-0.0", "0", True), ("[1, {\"a\": 2.0}]", "[1.0, {\"a\": 2}]", True), ('"1"', "1", False),
        ("9007199254740993", "9007199254740992.0", False), ("0.1", "0.1000000000000000055511151231257827", False),
        ("null", "0", False), ("[]", "{}", False), ("[1, 2]", "[2, 1]", False),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', True),
    ],
)  # fmt: skip
def test_two_values_are_equal_as_json_schema_has_it(one: str, other: str, *, same: bool) -> None:
    assert (identity(read_exact(one)) == identity(read_exact(other))) is same


def test_every_digit_is_written_again() -> None:
    text = '{"a": 0.1000000000000000000001, "b": [1.5, "0.1"], "c": 12345678901234567890}'
    assert write_exact(read_exact(text), ensure_ascii=False) == text
    with pytest.raises(TypeError):
        write_exact({"a": object()})


def test_data_for_a_program_is_plain_and_can_be_written_as_json() -> None:
    value = as_data(read_exact('{"a": 2.50, "b": [1e400, 7], "c": -0.0}'))
    assert value == {"a": 2.5, "b": ["1E+400", 7], "c": 0}
    assert "Infinity" not in json.dumps(value)
    assert as_plain(Decimal("0.1000000000000000000001")) is None
    assert (plus(0.1, 0.2), times(0.01, 251), times(3, 0.5)) == (0.3, 2.51, 1.5)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"type": "number", "multipleOf": 0.01, "minimum": 2.505}, 2.51),
        ({"type": "number", "multipleOf": 0.1, "exclusiveMinimum": 0.3}, 0.4),
        ({"type": "integer", "minimum": 9007199254740993}, 9007199254740993),
        ({"type": "number", "minimum": 0.07, "maximum": 0.07, "multipleOf": 0.01}, 0.07),
        ({"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2}, 0.15),
        ({"type": "integer", "maximum": -5.5}, -6),
    ],
)
def test_an_example_is_a_number_that_fits(node: dict[str, Any], expected: float) -> None:
    assert example_number(node, whole=node["type"] == "integer") == expected


@pytest.mark.parametrize(
    ("node", "values"),
    [
        ({"type": "number", "multipleOf": 0.01, "minimum": 0.07, "maximum": 0.1}, [0.07, 0.08, 0.09, 0.1]),
        ({"type": "number", "multipleOf": 0.1, "exclusiveMinimum": 0.3, "exclusiveMaximum": 0.7}, [0.4, 0.5, 0.6]),
        ({"type": "integer", "minimum": 9007199254740993, "maximum": 9007199254740994},
         [9007199254740993, 9007199254740994]),
        ({"type": "integer", "minimum": 0.5, "maximum": 3.5}, [1, 2, 3]),
        ({"type": "integer", "multipleOf": 5, "minimum": -7, "maximum": 7}, [-5, 0, 5]),
    ],
)  # fmt: skip
def test_a_rewrite_lists_exactly_the_numbers_that_are_allowed(node: dict[str, Any], values: list[float]) -> None:
    done = rewrite(node, (), "minimum" if "minimum" in node else "exclusiveMinimum")
    assert done is not None
    assert json.dumps(done.schema["enum"]) == json.dumps(values)


def test_branches_with_the_same_number_written_twice_share_an_answer() -> None:
    assert rewrite({"oneOf": [{"const": 1}, {"const": 1.0}]}, (), "oneOf") is None
    assert rewrite({"oneOf": [{"const": 1}, {"const": True}]}, (), "oneOf") is not None
    left = rewrite({"enum": [1.0, 2], "not": {"const": 1}}, (), "not")
    assert left is not None
    assert left.schema == {"enum": [2]}
