"""One answer compared with what was expected of it, field by field."""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeGuard

from wizard.core.cases.case import Case, Cell, Expected, Path
from wizard.core.cases.rules import EXACT, Rule, Rules, label
from wizard.core.schema.json_value import JsonValue

LONG_TEXT = 2000  # characters; longer texts are compared by words, since difflib's time grows with the square


class Missing:
    """The place of a value that is not there."""

    def __repr__(self) -> str:
        return "(missing)"


MISSING: Final = Missing()


@dataclass(frozen=True)
class Length:
    """That a list of objects has so many of them; their fields are compared one by one."""

    number: int


@dataclass(frozen=True)
class FieldResult:
    """One field of one answer. `score` is the similarity of texts that were compared by it."""

    field: str
    path: Path
    right: bool
    expected: JsonValue
    found: JsonValue | Missing
    rule: Rule
    score: float | None = None


Leaf = tuple[Path, "Expected | Length", Rule]


def leaves(case: Case, rules: Rules) -> Iterator[Leaf]:
    """The fields that a case names, with their rules; those that are ignored are left out."""
    if case.cells:
        for name, cell in case.cells:
            path = tuple(int(part) if part.isdecimal() else part for part in name.split("."))
            if cell.text.lstrip()[:1] in ("[", "{") and isinstance(cell.like(None), list | dict):
                yield from _leaves(cell.like(None), path, rules)
            elif (rule := rules.of(path)).name != "ignore":
                yield path, cell, rule
    else:
        yield from _leaves(case.expected, (), rules)


def _leaves(expected: Expected, path: Path, rules: Rules) -> Iterator[Leaf]:
    rule = rules.of(path)
    if rule.name == "ignore" and (path or not isinstance(expected, dict)):
        return
    if isinstance(expected, dict) and expected and rule.name != "set":
        for name, value in expected.items():
            yield from _leaves(value, (*path, name), rules)
    elif isinstance(expected, list) and rule.name != "set" and any(isinstance(each, dict) for each in expected):
        yield path, Length(len(expected)), EXACT
        for at, each in enumerate(expected):
            yield from _leaves(each, (*path, at), rules)
    else:
        yield path, expected, rule


def misfit(case: Case, rules: Rules) -> str:
    """Why the rules cannot be used on what a case expects, in a sentence; empty where they can."""
    for path, expected, rule in leaves(case, rules):
        if rules.own(path) != rule or isinstance(expected, Length):
            continue  # of what it is a part of: used where it fits
        value = expected.like(None) if isinstance(expected, Cell) else expected
        fits = {
            "number": _is_number(value) or (isinstance(value, list) and all(map(_is_number, value))),
            "set": isinstance(value, list),
            "text": isinstance(expected, str | Cell) or (isinstance(value, list) and all(_is_text(v) for v in value)),
        }
        if value is not None and not fits.get(rule.name, True):
            return f"{label(path)} has the rule {rule}, and {shown(value)} is expected"
    return ""


def compare(case: Case, found: JsonValue | Missing, rules: Rules) -> tuple[FieldResult, ...]:
    """Every field that the case names, compared."""
    return tuple(_compare_leaf(leaf, found) for leaf in leaves(case, rules))


def _compare_leaf(leaf: Leaf, answer: JsonValue | Missing) -> FieldResult:
    path, expected, rule = leaf
    found = value_at(answer, path)
    if isinstance(expected, Length):
        number: JsonValue | Missing = len(found) if isinstance(found, list) else MISSING
        return FieldResult(f"{label(path)} (length)", path, number == expected.number, expected.number, number, EXACT)
    beside = None if isinstance(found, Missing) else found
    wanted = expected.like(beside) if isinstance(expected, Cell) else expected
    if isinstance(found, Missing):
        return FieldResult(label(path), path, False, wanted, MISSING, rule)
    if rule.name == "text" and isinstance(wanted, str) and isinstance(found, str):
        score = similarity(wanted, found, rule.amount)
        return FieldResult(label(path), path, score >= rule.amount, wanted, found, rule, round(score, 4))
    return FieldResult(label(path), path, _agrees(wanted, found, rule), wanted, found, rule)


def _agrees(wanted: JsonValue, found: JsonValue, rule: Rule) -> bool:
    if rule.name == "set" and isinstance(wanted, list):
        return isinstance(found, list) and {canonical(v) for v in wanted} == {canonical(v) for v in found}
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(_agrees(*pair, rule) for pair in zip(wanted, found, strict=True))
    if isinstance(wanted, dict) and isinstance(found, dict):  # inside of a list; the names that are expected count
        return all(name in found and _agrees(value, found[name], rule) for name, value in wanted.items())
    if rule.name == "number" and _is_number(wanted) and _is_number(found):
        room = rule.amount * abs(wanted) / 100 if rule.percent else rule.amount
        slack = 1e-9 * max(abs(wanted), abs(found), 1.0)  # 0.3 is 0.1 off 0.2, as people count
        return bool(abs(wanted - found) <= room + slack)
    if rule.name == "text" and isinstance(wanted, str) and isinstance(found, str):
        return similarity(wanted, found, rule.amount) >= rule.amount
    return canonical(wanted) == canonical(found)


def canonical(value: JsonValue) -> str:
    """One text for what JSON takes to be the same value: 1 and 1.0, and objects in any order."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def similarity(one: str, other: str, least: float = 0.0) -> float:
    """How alike two texts are, from 0 to 1; whatever their case and white space. Below `least`, only an upper bound."""
    first, second = _words(one), _words(other)
    if first == second:
        return 1.0
    if max(len(first), len(second)) > LONG_TEXT:
        words = difflib.SequenceMatcher(None, first.split(" "), second.split(" "), autojunk=True)
        return words.ratio()
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    if (most := matcher.real_quick_ratio()) < least or (most := matcher.quick_ratio()) < least:
        return most
    return matcher.ratio()


def _words(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def value_at(value: JsonValue | Missing, path: Path) -> JsonValue | Missing:
    """What stands at a path."""
    for part in path:
        if isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        elif isinstance(value, dict) and str(part) in value:
            value = value[str(part)]
        else:
            return MISSING
    return value


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def shown(value: JsonValue | Missing, most: int = 60) -> str:
    """A value as JSON, in so many characters at the most."""
    text = "(missing)" if isinstance(value, Missing) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[: most - 1] + "…"
