"""Two answers compared: what is marked in each is what the other does not have, whatever a model writes."""

from __future__ import annotations

import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.core.output.answer_comparison import Comparison, MarkedText, compare_answers, json_of, layout
from wizard.core.schema.json_value import JsonValue


def marked(text: MarkedText) -> list[str]:
    return [text.text[start:end] for start, end in text.marks]


def compared(one: object, other: object) -> Comparison:
    return compare_answers(json.dumps(one), json.dumps(other))


@pytest.mark.parametrize(
    ("one", "other", "fields", "left", "right"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, (), [], []),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, ("b",), ["2"], ["3"]),
        ({"a": True}, {"a": 1}, ("a",), ["true"], ["1"]),
        ({"a": 1}, {"a": 1, "b": None}, ("b",), [], ["null"]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, ("a[1].b",), ["2"], ["3"]),
        ({"a": [1, 2]}, {"a": [1]}, ("a[1]",), ["2"], []),
        ({"a": {"b": 1}}, {"a": 5}, ("a",), ["1"], ["5"]),
        ({"a": {}}, {"a": []}, ("a",), ["{}"], ["[]"]),
        ({"a": "an old man"}, {"a": "a young man"}, ("a",), ["an old"], ["a young"]),
        ([], [], (), [], []),
    ],
)
def test_fields_that_differ_are_named_and_marked(
    one: JsonValue, other: JsonValue, fields: tuple[str, ...], left: list[str], right: list[str]
) -> None:
    found = compared(one, other)
    assert (found.fields, marked(found.one), marked(found.other)) == (fields, left, right)
    assert found.is_same is (not fields)


def test_a_hostile_text_is_harmless_where_it_is_marked() -> None:
    found = compared({"x": "[b]m[/b]"}, {"x": "\x1b]0;t\x07"})
    assert found.fields == ("x",) and found.one.marks and found.other.marks
    assert found.one.text + found.other.text == "".join(
        each for each in found.one.text + found.other.text if each.isprintable() or each == "\n"
    )


def test_texts_are_compared_by_words() -> None:
    found = compare_answers("The old dog sleeps.", "The young dog sleeps, too.")
    assert (marked(found.one), marked(found.other)) == (["old"], ["young", ", too"])
    assert found.summary == "The texts differ in 2 places"
    assert compare_answers("same", "same").summary == "Both answers are the same"
    mixed = compare_answers('{"a": 1}', "It is 1.")
    assert mixed.fields is None and not mixed.is_same


def test_the_summary_names_a_few_fields() -> None:
    assert compared({"age": 1}, {"age": 2}).summary == "1 field differs: age"
    many = compared({f"f{number}": 1 for number in range(9)}, {f"f{number}": 2 for number in range(9)})
    assert many.summary == "9 fields differ: f0, f1, f2, f3, f4, f5 and 3 more"
    assert compared({"a": 1}, [1]).summary.endswith("differ: a, [0]")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(VALUES, VALUES)
def test_what_is_marked_is_all_that_differs(one: JsonValue, other: JsonValue) -> None:
    found = compared(one, other)
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    if isinstance(one, dict | list) and isinstance(other, dict | list):
        assert found.is_same is same
        assert all(char.isprintable() or char == "\n" or not char.isascii() for char in found.one.text)
    for each in (found.one, found.other):
        ends = [end for mark in each.marks for end in mark]
        assert ends == sorted(ends) and all(0 <= end <= len(each.text) for end in ends), "in order, none over another"


PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)


@settings(max_examples=60)
@given(st.dictionaries(PLAIN, PLAIN | st.integers() | st.lists(PLAIN, max_size=3)))
def test_the_layout_is_the_same_json(value: JsonValue) -> None:
    text, leaves = layout(value)
    assert json_of(text) == value
    assert all(leaf.start < leaf.end <= len(text) for leaf in leaves.values())


def test_long_and_deep_answers_are_compared_in_no_time() -> None:
    """The whole of 100,000 characters twice, in far less than a person notices; a bound for the worst texts too."""
    draw = random.Random(1)
    names = [f"w{number}" for number in range(100)]
    texts = [" ".join(draw.choice(names) for _ in range(30_000)) for _ in range(2)]
    deep = "[" * 5_000 + "]" * 5_000
    began = time.process_time()
    assert not compare_answers(*texts).is_same
    assert not compare_answers(deep, deep + " ").fields
    wide = [json.dumps({f"f{number}": draw.choice(names) for number in range(6_000)}) for _ in range(2)]
    assert len(compare_answers(*wide).fields or ()) > 5_000
    assert time.process_time() - began < 5.0
