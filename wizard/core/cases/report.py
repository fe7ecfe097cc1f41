"""The report of cases: accuracy as a whole and per field, what it cost, and beside another run of the same cases."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from wizard.core.cases.accuracy import Difference, Share, corrected, paired, percent
from wizard.core.cases.answer import JudgedAnswer

SHOWN = 20  # wrong answers in the JSON report; the HTML report has them all


@dataclass(frozen=True)
class Asked:
    """Who was asked, and how: an app with its version, what it says that it runs on, and the options of the calls."""

    app: str
    app_id: str = ""
    version: int | None = None
    at: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    options: str = ""  # as flags
    file: str = ""  # of an earlier run

    @property
    def title(self) -> str:
        """A name that tells it from another run."""
        version = f"v{self.version}" if self.version is not None else ""
        file = f"({self.file})" if self.file else ""
        return " ".join(filter(None, (self.app, version, self.options, file)))

    def to_mapping(self) -> dict[str, Any]:
        return {
            "app": self.app,
            "app_id": self.app_id,
            "version": self.version,
            "at": self.at,
            "options": self.options,
            "file": self.file,
            **{name: value for name, value in self.about.items() if name != "max_tokens"},
        }


@dataclass(frozen=True)
class Latency:
    """Seconds of one answer in the function, without waiting for a container."""

    median: float | None
    most: float | None  # of 95 in 100 answers

    def to_mapping(self) -> dict[str, Any]:
        return {"median": self.median, "p95": self.most}


@dataclass(frozen=True)
class Side:
    """One run of the cases. `cost` in dollars, None where the price is not known."""

    asked: Asked
    answers: tuple[JudgedAnswer, ...]
    cost: float | None = None

    @cached_property
    def accuracy(self) -> Share:
        return Share(sum(each.right for each in self.answers), len(self.answers))

    @property
    def valid(self) -> int:
        return sum(each.valid for each in self.answers)

    @cached_property
    def fields(self) -> dict[str, Share]:
        """Accuracy by field, in the order of their names in the cases; a case counts once, whatever its lists hold."""
        found: dict[str, list[bool]] = {}
        for each in self.answers:
            for name, right in by_field(each).items():
                found.setdefault(name, []).append(right)
        return {name: Share(sum(rights), len(rights)) for name, rights in found.items()}

    @property
    def latency(self) -> Latency:
        seconds = sorted(each.answer.seconds for each in self.answers if each.answer.seconds is not None)
        if not seconds:
            return Latency(None, None)
        most = seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))]
        return Latency(round(statistics.median(seconds), 3), round(most, 3))

    @property
    def tokens(self) -> int:
        return sum(each.answer.tokens or 0 for each in self.answers)

    @property
    def reasoning_tokens(self) -> int:
        return sum(each.answer.reasoning_tokens for each in self.answers)

    @property
    def wrong(self) -> tuple[JudgedAnswer, ...]:
        return tuple(each for each in self.answers if not each.right)

    def to_mapping(self) -> dict[str, Any]:
        return self.asked.to_mapping() | {
            **self.accuracy.to_mapping(),
            "fields": [{"field": name} | share.to_mapping() for name, share in self.fields.items()],
            "valid": self.valid,
            "truncated": sum(each.answer.truncated for each in self.answers),
            "failed": sum(bool(each.answer.failed) for each in self.answers),
            "seconds": self.latency.to_mapping(),
            "tokens": self.tokens,
            "reasoning_tokens": self.reasoning_tokens,
            "cost": self.cost,
        }


def by_field(judged: JudgedAnswer) -> dict[str, bool]:
    """Whether each field of one answer is right; of several elements all have to be."""
    found: dict[str, bool] = {}
    for each in judged.fields:
        found[each.field] = found.get(each.field, True) and each.right
    return found


@dataclass(frozen=True)
class Comparison:
    """Two runs of the same cases, as a whole and by field."""

    whole: Difference
    fields: Mapping[str, Difference]

    def to_mapping(self) -> dict[str, Any]:
        fields = [{"field": name} | each.to_mapping() for name, each in self.fields.items()]
        return self.whole.to_mapping() | {"fields": fields}


def compare_sides(now: Side, before: Side) -> Comparison:
    """The same cases, answered twice; those that only one of the two has are left out."""
    known = {each.case.line: each for each in before.answers}
    both = [(each, known[each.case.line]) for each in now.answers if each.case.line in known]
    whole = paired([one.right for one, _ in both], [other.right for _, other in both])
    pairs: dict[str, tuple[list[bool], list[bool]]] = {}
    for one, other in both:
        then = by_field(other)
        for name, right in by_field(one).items():
            if name in then:
                pairs.setdefault(name, ([], []))[0].append(right)
                pairs[name][1].append(then[name])
    differences = corrected([paired(*pair) for pair in pairs.values()])
    return Comparison(whole, dict(zip(pairs, differences, strict=True)))


@dataclass(frozen=True)
class CasesReport:
    """One run of `verify --cases`. `rules` are those that were given beside the file's own."""

    cases_file: str
    environment: str
    rehearsal: bool
    rules: Mapping[str, str]
    now: Side
    before: Side | None = None
    min_accuracy: float | None = None
    seconds: float = 0.0

    @cached_property
    def comparison(self) -> Comparison | None:
        return compare_sides(self.now, self.before) if self.before is not None else None

    def to_mapping(self) -> dict[str, Any]:
        """The public object, with the first of the answers that are wrong."""
        comparison = self.comparison
        return {
            **self.now.to_mapping(),
            "cases_file": self.cases_file,
            "environment": self.environment,
            "rehearsal": self.rehearsal,
            "compare": dict(self.rules),
            "min_accuracy": self.min_accuracy,
            "took": round(self.seconds, 2),
            "wrong": [each.to_mapping() for each in self.now.wrong[:SHOWN]],
            "against": self.before.to_mapping() if self.before is not None else None,
            "difference": comparison.to_mapping() if comparison is not None else None,
        }

    def with_answers(self) -> dict[str, Any]:
        """The same with every answer, so that a later run can be compared with this file alone."""
        return self.to_mapping() | {"answers": [each.answer.to_mapping() for each in self.now.answers]}


def difference_words(difference: Difference, before: str) -> str:
    """Whether a run differs from another one by more than chance, as a sentence."""
    cases = f"{difference.count} case{'s' * (difference.count != 1)}"
    if not difference.gained and not difference.lost:
        return f"No difference from {before}: right in the same of {cases}."
    low, high = (f"{100 * each:+.1f}" for each in difference.interval)
    change = f"{100 * difference.value:+.1f} points, 95% CI {low} to {high}, p = {difference.chance:.2g}"
    verdict = "more than chance" if difference.more_than_chance else "may be chance"
    counts = f"{difference.gained} gained and {difference.lost} lost"
    return f"Compared with {before}: {counts} of {cases} ({change}): {verdict}."


def worst_fields(side: Side, most: int = 3) -> Sequence[str]:
    """The fields that are wrong most often, with their accuracy."""
    ranked = sorted((share.value, name, share) for name, share in side.fields.items() if share.right < share.count)
    return [f"{name} {percent(share.value)}" for _, name, share in ranked[:most]]
