"""Answers compared with what is expected of them: rules, partial values, tables."""

from __future__ import annotations

from typing import Any

import pytest

from wizard.core.cases.answer import Answer, json_in, judge
from wizard.core.cases.case import Case, Cell
from wizard.core.cases.comparison import MISSING, compare, misfit, similarity
from wizard.core.cases.rules import Rules, read_assignment, read_rule


def wrong(expected: Any, found: Any, **rules: str) -> list[str]:
    """Fields that are wrong; a double underscore stands for a dot, `every` for a star."""
    by_field = {name.replace("__", ".").replace("every", "*"): read_rule(rule) for name, rule in rules.items()}
    results = compare(Case(1, "?", expected), found, Rules(by_field))
    return [each.field for each in results if not each.right]


@pytest.mark.parametrize(
    ("expected", "found", "rules", "fields"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, {}, []),  # only what is named
        ({"a": 1, "b": "x"}, {"a": 2, "b": "X"}, {}, ["a", "b"]),
        ({"a": 1}, {"a": 1.0}, {}, []),
        ({"a": 1}, {"a": True}, {}, ["a"]),
        ({"a": None}, {"a": None}, {}, []),
        ({"a": None}, {}, {}, ["a"]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, {}, ["a.b.c"]),
        ({"a": {"b": 1, "c": 2}}, {"a": "text"}, {}, ["a.b", "a.c"]),
        ({"a": 1, "b": 2}, {"a": 9, "b": 2}, {"a": "ignore"}, []),
        ({"a": {"b": 1}, "c": 1}, {"a": 1, "c": 1}, {"a": "ignore"}, []),
        ({"a": 10.0}, {"a": 10.4}, {"a": "number:0.5"}, []),
        ({"a": 10.0}, {"a": 10.6}, {"a": "±0.5"}, ["a"]),
        ({"a": 200}, {"a": 203}, {"a": "±2%"}, []),
        ({"a": -200}, {"a": -205}, {"a": "number:2%"}, ["a"]),
        ({"a": 0.2}, {"a": 0.3}, {"a": "number:0.1"}, []),
        ({"a": 1}, {"a": "1"}, {"a": "number:5"}, ["a"]),
        ({"a": [1, 2]}, {"a": [1.1, 2.1]}, {"a": "number:0.2"}, []),
        ({"a": [1, 2]}, {"a": [2, 1]}, {}, ["a"]),
        ({"a": ["x", "y"]}, {"a": ["y", "x", "x"]}, {"a": "set"}, []),
        ({"a": ["x", "y"]}, {"a": ["x"]}, {"a": "set"}, ["a"]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 2}, {"b": 1.0}]}, {"a": "set"}, []),
        ({"a": []}, {"a": []}, {}, []),
        ({"a": []}, {"a": [1]}, {}, ["a"]),
        ({"a": "Hello  World"}, {"a": "hello world"}, {"a": "text:1"}, []),
        ({"a": "a cat on a mat"}, {"a": "a cat on the mat"}, {"a": "text"}, []),
        ({"a": "a cat on a mat"}, {"a": "two dogs"}, {"a": "text≥0.6"}, ["a"]),
        ({"a": "x"}, {"a": 5}, {"a": "text"}, ["a"]),
        ({"i": [{"p": 1}, {"p": 2}]}, {"i": [{"p": 1}, {"p": 3}]}, {}, ["i.*.p"]),
        ({"i": [{"p": 1}, {"p": 2}]}, {"i": [{"p": 1}]}, {}, ["i (length)", "i.*.p"]),
        ({"i": [{"p": 1}, {"p": 2}]}, {"i": [{"p": 9}, {"p": 8}]}, {"i__every__p": "ignore"}, []),
        ({"i": [{"p": 1}, {"p": 2}]}, {"i": [{"p": 1.1}, {"p": 2.1}]}, {"i": "number:0.2"}, []),
        ({"i": {"x": 1, "y": 2}}, {"i": {"x": 1.1, "y": 2.1}}, {"i__every": "number:0.2"}, []),
        ("yes", "no", {}, ["answer"]),
        ("yes", "YES", {"answer": "text:1"}, []),
        (5, 5.0, {}, []),
        ([1, 2], [2, 1], {"answer": "set"}, []),
        ({}, {"a": 1}, {}, []),
    ],
)
def test_a_field_is_wrong_where_its_rule_does_not_hold(
    expected: Any, found: Any, rules: dict[str, str], fields: list[str]
) -> None:
    assert list(dict.fromkeys(wrong(expected, found, **rules))) == fields


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exact", "exact"),
        ("±0.5", "number:0.5"),
        ("+-1e-3", "number:0.001"),
        ("number:2%", "number:2%"),
        ("text", "text:0.8"),
        ("text>=0.9", "text:0.9"),
        (" set ", "set"),
    ],
)
def test_a_rule_is_read_in_its_short_forms(text: str, said: str) -> None:
    assert str(read_rule(text)) == said
    assert read_rule(said) == read_rule(text)


@pytest.mark.parametrize(
    "text", ["", "close", "number", "number:", "number:-1", "number:nan", "text:0", "text:2", "±x"]
)
def test_what_is_no_rule_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"rule|number|similarity"):
        read_rule(text)


def test_an_assignment_has_a_field_and_a_rule() -> None:
    assert read_assignment("price = ±1%")[0] == "price"
    assert read_assignment("a.b=text>=0.5")[1] == read_rule("text:0.5")
    with pytest.raises(ValueError, match="FIELD=RULE"):
        read_assignment("price")


@pytest.mark.parametrize(
    ("expected", "rules", "said"),
    [
        ({"a": "old"}, {"a": "number:1"}, 'a has the rule number:1, and "old" is expected'),
        ({"a": 1}, {"a": "set"}, "a has the rule set"),
        ({"a": 1}, {"a": "text"}, "a has the rule text:0.8"),
        ({"a": [1, "x"]}, {"a": "number:1"}, "a has the rule number:1"),
        ({"a": None}, {"a": "number:1"}, ""),
        ({"a": {"b": "x", "c": 1}}, {"a": "number:1"}, ""),  # where it fits
    ],
)
def test_a_rule_that_cannot_fit_is_said_before_anything_is_asked(expected: Any, rules: Any, said: str) -> None:
    found = misfit(Case(1, "?", expected), Rules({name: read_rule(rule) for name, rule in rules.items()}))
    assert found.startswith(said) and bool(found) == bool(said)


@pytest.mark.parametrize(
    ("text", "comma", "found", "right"),
    [
        ("53", False, 53, True),
        ("53", False, "53", True),
        ("53.0", False, 53, True),
        ("1,5", True, 1.5, True),
        ("1,5", False, 1.5, False),
        ("TRUE", False, True, True),
        ("no", False, False, False),
        ("null", False, None, True),
        ("leather", False, "leather", True),
        ('["a", "b"]', False, ["a", "b"], True),
        ("007", False, "007", True),
    ],
)
def test_a_cell_of_a_table_is_read_as_what_stands_beside_it(text: str, comma: bool, found: Any, right: bool) -> None:
    case = Case(1, "?", cells=(("a.b", Cell(text, comma)),))
    assert [each.right for each in compare(case, {"a": {"b": found}}, Rules({}))] == [right]


def test_a_column_may_name_the_element_of_a_list() -> None:
    case = Case(1, "?", cells=(("items.0.price", Cell("5")), ("items.1.price", Cell("7"))))
    results = compare(case, {"items": [{"price": 5}, {"price": 8}]}, Rules({}))
    assert [(each.field, each.right) for each in results] == [("items.*.price", True), ("items.*.price", False)]


def test_rules_for_fields_that_no_case_has_are_named() -> None:
    rules = Rules({name: read_rule("exact") for name in ("age", "items", "items.*.price", "*.price", "armour")})
    assert rules.unknown(["age", "items.*.price"]) == ["*.price", "armour"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', {"a": 1}),
        ('Here it is:\n```json\n{"a": 1}\n```\nBye.', {"a": 1}),
        ('Sure! {"a": {"b": 2}} as you wanted {"c": 3}', {"a": {"b": 2}}),
        ("[1, 2] are the numbers", [1, 2]),
        ("no JSON [here], sorry", MISSING),
        ("{" * 500, MISSING),
    ],
)
def test_free_text_is_searched_for_json(text: str, found: Any) -> None:
    assert json_in(text) == found


@pytest.mark.parametrize(
    ("expected", "answer", "right", "fields"),
    [
        ({"a": 1}, Answer("q", '{"a": 1}', {"a": 1}, valid=True), True, []),
        ({"a": 1}, Answer("q", '{"a": 1}', {"a": 1}, valid=False, errors=("too small",)), False, []),
        ({"a": 1, "b": 2}, Answer("q", '{"a": 1, "b', None, truncated=True), False, ["a", "b"]),
        ({"a": 1}, Answer("q", 'It is {"a": 1}.', 'It is {"a": 1}.', valid=True), True, []),
        ({"a": 1}, Answer("q", failed="the container ended"), False, ["a"]),
        (5, Answer("q", "5", "5", valid=True), True, []),
        ("5", Answer("q", "5", "5", valid=True), True, []),
        (None, Answer("q", "null", None, valid=True), True, []),
        ("null", Answer("q", "null", "null", valid=True), True, []),
    ],
)
def test_right_is_what_is_valid_and_has_every_field_right(
    expected: Any, answer: Answer, right: bool, fields: list[str]
) -> None:
    judged = judge(Case(1, "?", expected), answer, Rules({}))
    assert (judged.right, [each.field for each in judged.wrong]) == (right, fields)


def test_a_case_has_rules_of_its_own_and_a_flag_wins() -> None:
    case = Case(1, "?", {"a": 1, "b": 1}, rules={"a": "number:5"})
    answer = Answer("q", "", {"a": 3, "b": 3}, valid=True)
    assert [each.field for each in judge(case, answer, Rules({})).wrong] == ["b"]
    assert [each.field for each in judge(case, answer, Rules({"a": read_rule("exact")})).wrong] == ["a", "b"]


def test_long_texts_are_compared_by_words_in_good_time() -> None:
    long = " ".join(f"word{n}" for n in range(4000))
    assert similarity(long, long.replace("word7 ", "other ")) > 0.99
    assert similarity(long, "nothing of it") < 0.01
