"""How the value of a field is compared with what is expected, and which field has which rule."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from wizard.core.cases.case import Path

RuleName = Literal["exact", "number", "set", "text", "ignore"]
WHOLE = "answer"  # what an answer without fields is called
LEAST_SIMILAR = 0.8
FORMS = "exact, number:0.5, number:1%, set, text:0.8 or ignore"


@dataclass(frozen=True)
class Rule:
    """`amount`: how far a number may be off (`percent`: of what is expected), or how similar a text has to be."""

    name: RuleName
    amount: float = 0.0
    percent: bool = False

    def __str__(self) -> str:
        if self.name in ("number", "text"):
            return f"{self.name}:{self.amount:g}{'%' if self.percent else ''}"
        return self.name


EXACT = Rule("exact")
IGNORE = Rule("ignore")
_SHORT = re.compile(r"(?:±|\+-|\+/-|number:)\s*(?P<number>[0-9.eE+-]+)\s*(?P<percent>%?)")
_SIMILAR = re.compile(r"text(?:(?::|≥|>=)\s*(?P<least>[0-9.]+))?")


def read_rule(text: str) -> Rule:
    """A rule as people write it; `±0.5` and `text≥0.8` too. Raises ValueError with a sentence."""
    said = text.strip()
    if said in ("exact", "set", "ignore"):
        return Rule(said)  # type: ignore[arg-type]
    if match := _SHORT.fullmatch(said):
        amount = _number(match["number"])
        if amount is None or amount < 0:
            raise ValueError(f"{text!r} has no number that a value may be off by")
        return Rule("number", amount, bool(match["percent"]))
    if match := _SIMILAR.fullmatch(said):
        least = _number(match["least"]) if match["least"] else LEAST_SIMILAR
        if least is None or not 0 < least <= 1:
            raise ValueError(f"{text!r} has no similarity between 0 and 1")
        return Rule("text", least)
    raise ValueError(f"{text!r} is not a rule: {FORMS}")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_assignment(text: str) -> tuple[str, Rule]:
    """`field=rule`. Raises ValueError with a sentence."""
    name, sign, rule = text.partition("=")
    if not sign or not name.strip():
        raise ValueError(f"{text!r} is not of the form FIELD=RULE")
    return name.strip(), read_rule(rule)


def read_rules(rules: Mapping[str, str]) -> dict[str, Rule]:
    """Rules by field. Raises ValueError with a sentence."""
    return {name: read_rule(text) for name, text in rules.items()}


def label(path: Path) -> str:
    """A field as people write it: names with dots between, `*` for every element of a list."""
    return ".".join("*" if isinstance(part, int) else part for part in path) or WHOLE


@dataclass(frozen=True)
class Rules:
    """Which rule a field has: its own, else that of what it is a part of, else exact."""

    by_field: Mapping[str, Rule]

    def with_more(self, more: Mapping[str, Rule]) -> Rules:
        """These, and others that win."""
        return Rules({**self.by_field, **more}) if more else self

    def own(self, path: Path) -> Rule | None:
        """The rule that names this very field, `*` standing for any part of its name."""
        if (rule := self.by_field.get(label(path))) is not None:
            return rule
        parts = [str(part) for part in path] or [WHOLE]
        for name, rule in self.by_field.items():
            if matches(name, parts):
                return rule
        return None

    def of(self, path: Path) -> Rule:
        """The rule that holds here."""
        for length in range(len(path), -1, -1):
            if (rule := self.own(path[:length])) is not None:
                return rule
        return EXACT

    def unknown(self, labels: Iterable[str]) -> list[str]:
        """Fields with a rule that are neither among these nor hold one of them."""
        known = [each.split(".") for each in labels]
        return [
            name
            for name in self.by_field
            if not any(matches(name, parts[:length]) for parts in known for length in range(1, len(parts) + 1))
        ]


def matches(name: str, parts: list[str]) -> bool:
    """Whether a field's name, with `*` for any part, names these parts."""
    wanted = name.split(".")
    return len(wanted) == len(parts) and all(one in ("*", other) for one, other in zip(wanted, parts, strict=True))
