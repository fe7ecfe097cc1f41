"""The answer to a case as it is kept, and compared; where it is free text, the JSON in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wizard.core.cases.case import Case
from wizard.core.cases.comparison import MISSING, FieldResult, Missing, compare
from wizard.core.cases.rules import Rules, read_rules
from wizard.core.schema.json_value import JsonValue

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What the function answered to one question. `failed` says why there is no answer at all.

    `errors` are those of the validator; `value` is what it has read. `spent`: dollars since the answer before.
    """

    question: str
    text: str = ""
    value: JsonValue = None
    valid: bool = False
    errors: tuple[str, ...] = ()
    truncated: bool = False
    failed: str = ""
    seconds: float | None = None
    tokens: int | None = None
    spent: float = 0.0
    reasoning: str = ""
    reasoning_tokens: int = 0

    def to_mapping(self) -> dict[str, Any]:
        """As it stands in a line of its own."""
        plain = {
            "question": self.question,
            "text": self.text,
            "value": self.value,
            "valid": self.valid,
            "errors": list(self.errors),
            "truncated": self.truncated,
            "failed": self.failed,
            "seconds": self.seconds,
            "tokens": self.tokens,
            "spent": round(self.spent, 6),
            "reasoning": self.reasoning,
            "reasoning_tokens": self.reasoning_tokens or None,
        }
        return {name: value for name, value in plain.items() if name in _ALWAYS or value not in ("", [], None, False)}


_ALWAYS = ("question", "text", "value", "valid")


def read_answer(row: Mapping[str, Any]) -> Answer:
    """An answer that was kept. Raises ValueError, KeyError or TypeError for anything else."""
    errors = row.get("errors", [])
    if not isinstance(errors, list):
        raise TypeError("errors")
    return Answer(
        str(row["question"]),
        str(row["text"]),
        row["value"],
        bool(row["valid"]),
        tuple(str(each) for each in errors),
        bool(row.get("truncated", False)),
        str(row.get("failed", "")),
        None if row.get("seconds") is None else float(row["seconds"]),
        None if row.get("tokens") is None else int(row["tokens"]),
        float(row.get("spent", 0.0)),
        str(row.get("reasoning", "")),
        int(row.get("reasoning_tokens", 0)),
    )


@dataclass(frozen=True)
class JudgedAnswer:
    """An answer beside what was expected of it. Right is what is valid and has every field right.

    `class_errors` are those of somebody's own class, which may be another one the next time.
    """

    case: Case
    answer: Answer
    fields: tuple[FieldResult, ...]
    class_errors: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        return self.answer.valid and not self.class_errors

    @property
    def right(self) -> bool:
        return self.valid and all(each.right for each in self.fields)

    @property
    def errors(self) -> tuple[str, ...]:
        """What the validators say against it."""
        return (*self.answer.errors, *self.class_errors)

    @property
    def wrong(self) -> tuple[FieldResult, ...]:
        return tuple(each for each in self.fields if not each.right)

    def to_mapping(self) -> dict[str, Any]:
        """The public object: what was asked and answered, and each field that is wrong."""
        case, answer = self.case, self.answer
        return {
            "line": case.line,
            "id": case.id,
            "prompt": case.prompt or json.dumps(list(case.messages), ensure_ascii=False),
            "right": self.right,
            "valid": self.valid,
            "value": answer.value,
            "text": answer.text,
            "wrong": [_field(each) for each in self.wrong],
            "errors": list(self.errors),
            "truncated": answer.truncated,
            "failed": answer.failed,
            "seconds": answer.seconds,
            "tokens": answer.tokens,
            "reasoning": answer.reasoning,
            "reasoning_tokens": answer.reasoning_tokens,
        }


def _field(result: FieldResult) -> dict[str, Any]:
    """A field that is wrong; without `found` where there is nothing in its place."""
    plain: dict[str, Any] = {"field": result.field, "rule": str(result.rule), "expected": result.expected}
    if not isinstance(result.found, Missing):
        plain["found"] = result.found
    return plain if result.score is None else plain | {"similarity": result.score}


def judge(case: Case, answer: Answer, rules: Rules, class_errors: tuple[str, ...] = ()) -> JudgedAnswer:
    """Compare an answer, by these rules and, where they say nothing, by those of the case itself."""
    return JudgedAnswer(case, answer, compare(case, value_of(case, answer), rules_of(case, rules)), class_errors)


def rules_of(case: Case, given: Rules) -> Rules:
    """The rules for a case: those that were given win over those of the file."""
    return Rules(read_rules(case.rules)).with_more(given.by_field)


def value_of(case: Case, answer: Answer) -> JsonValue | Missing:
    """What is compared: the answer's value. Where a text came and fields are expected, the JSON in it."""
    if answer.failed:
        return MISSING
    value = answer.value
    if isinstance(value, dict | list | bool | int | float) or (value is None and answer.text.strip() == "null"):
        return value
    text = value if isinstance(value, str) else answer.text
    if bool(case.cells) or isinstance(case.expected, dict | list):
        return MISSING if answer.truncated else json_in(text)  # of what is cut short only an inner part can be read
    return _scalar(case, text)


def _scalar(case: Case, text: str) -> JsonValue:
    """A text where no fields are expected; beside a number or a truth value it is read as one."""
    if isinstance(case.expected, bool | int | float):
        try:
            found: JsonValue = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return found
    return text


def json_in(text: str) -> JsonValue | Missing:
    """The JSON object or list in a text: the whole, what stands between fences, or the first that can be read."""
    for part in (text, *_FENCED.findall(text)):
        try:
            found = json.loads(part)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict | list):
            return found
    decoder = json.JSONDecoder()
    for match in list(re.finditer(r"[{\[]", text))[:100]:
        try:
            found, _ = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) or (isinstance(found, list) and found):
            return found
    return MISSING
