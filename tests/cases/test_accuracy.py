"""Intervals and tests against published figures, and what a report says of two runs."""

from __future__ import annotations

import json
import math

import pytest

from wizard.core.cases.accuracy import Share, corrected, mcnemar, paired, percent
from wizard.core.cases.answer import Answer, judge, read_answer
from wizard.core.cases.case import Case
from wizard.core.cases.report import Asked, CasesReport, Side, compare_sides, difference_words, worst_fields
from wizard.core.cases.rules import Rules


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [  # Newcombe (1998), Statistics in Medicine 17, table I, method 3; the last by the formula
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_wilson_gives_the_published_intervals(right: int, count: int, low: float, high: float) -> None:
    assert Share(right, count).interval == pytest.approx((low, high), abs=0.0001)


def test_of_no_cases_nothing_is_known() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (0.0, (0.0, 1.0))


@pytest.mark.parametrize(
    ("gained", "lost", "chance"),
    [(0, 0, 1.0), (1, 0, 1.0), (6, 0, 2 / 64), (10, 2, 2 * (1 + 12 + 66) / 4096), (5, 5, 1.0), (3000, 3000, 1.0)],
)
def test_mcnemar_is_the_exact_binomial(gained: int, lost: int, chance: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(chance)
    assert mcnemar(lost, gained) == mcnemar(gained, lost)


def test_many_pairs_are_counted_without_overflow() -> None:
    assert 0 < mcnemar(50_500, 49_500) < 0.002 and math.isfinite(mcnemar(500_000, 1))


def test_of_many_fields_the_chance_is_corrected() -> None:
    same, other = [True] * 20, [True] * 14 + [False] * 6  # 6 of 20: 0.03 alone
    one = paired(same, other)
    assert one.more_than_chance
    many = corrected([one, paired(same, same), paired(same, same)])
    assert [each.more_than_chance for each in many] == [False, False, False]
    assert many[0].chance == pytest.approx(3 * one.chance)


@pytest.mark.parametrize(("share", "said"), [(1.0, "100%"), (0.9999, "99.9%"), (0.0001, "0.1%"), (0.615, "61.5%")])
def test_almost_all_is_never_shown_as_all(share: float, said: str) -> None:
    assert percent(share) == said


def side(*values: dict[str, int], name: str = "app", valid: bool = True, cost: float | None = 0.01) -> Side:
    """A run whose cases all expect 1 in `a` and `b`."""
    answers = [
        judge(
            Case(at, f"prompt {at}", {"a": 1, "b": 1}),
            Answer(f"q{at}", json.dumps(value), dict(value), valid=valid, seconds=0.1 * at, tokens=5),
            Rules({}),
        )
        for at, value in enumerate(values, 1)
    ]
    return Side(Asked(name, version=2, about={"model": "a/b"}), tuple(answers), cost)


GOOD, BAD_B = {"a": 1, "b": 1}, {"a": 1, "b": 0}


def test_the_field_that_is_wrong_is_named() -> None:
    run = side(*[GOOD] * 8, *[BAD_B] * 2)
    assert {name: share.right for name, share in run.fields.items()} == {"a": 10, "b": 8}
    assert (run.accuracy.right, run.valid, run.tokens) == (8, 10, 50)
    assert worst_fields(run) == ["b 80%"]
    assert (run.latency.median, run.latency.most) == (0.55, 1.0)


def test_a_run_beside_itself_has_no_difference() -> None:
    run = side(*[GOOD] * 8, *[BAD_B] * 2)
    comparison = compare_sides(run, run)
    assert (comparison.whole.chance, comparison.whole.more_than_chance) == (1.0, False)
    assert difference_words(comparison.whole, "B") == "No difference from B: right in the same of 10 cases."


def test_a_difference_says_whether_it_is_more_than_chance_and_in_which_field() -> None:
    now, before = side(*[GOOD] * 12), side(*[GOOD] * 4, *[BAD_B] * 8)
    comparison = compare_sides(now, before)
    assert comparison.whole.more_than_chance and comparison.fields["b"].more_than_chance
    assert not comparison.fields["a"].more_than_chance
    said = difference_words(comparison.whole, "B")
    assert said.startswith("Compared with B: 8 gained and 0 lost of 12 cases (+66.7 points")
    assert said.endswith("more than chance.")
    few = compare_sides(side(GOOD, GOOD), side(GOOD, BAD_B))
    assert difference_words(few.whole, "B").endswith("may be chance.")


def test_the_report_is_plain_json_and_its_answers_can_be_read_back() -> None:
    run = side(*[GOOD] * 3, *[BAD_B] * 30)
    report = CasesReport("cases.jsonl", "main", True, {"a": "exact"}, run, side(*[GOOD] * 33, name="old"))
    plain = json.loads(json.dumps(report.with_answers()))
    assert (plain["app"], plain["accuracy"], plain["count"]) == ("app", round(3 / 33, 6), 33)
    assert len(plain["wrong"]) == 20 and plain["wrong"][0]["wrong"][0] == {
        "field": "b",
        "rule": "exact",
        "expected": 1,
        "found": 0,
    }
    assert plain["against"]["app"] == "old" and plain["difference"]["more_than_chance"]
    assert [read_answer(row) for row in plain["answers"]] == [each.answer for each in run.answers]
    alone = CasesReport("cases.jsonl", "main", True, {}, run).to_mapping()
    assert (alone["against"], alone["difference"]) == (None, None)
