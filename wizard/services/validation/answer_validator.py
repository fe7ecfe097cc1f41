"""Validates an answer without the engine that has made it: one validator for each kind of output type."""

from __future__ import annotations

import datetime
import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from wizard.core.output.output_type import OutputType
from wizard.core.output.value_patterns import TYPES
from wizard.flow.ports.validation import Judgement

_PARSERS: dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "bool": lambda text: {"true": True, "false": False}[text],
    "date": lambda text: datetime.date.fromisoformat(text).isoformat(),
    "time": lambda text: datetime.time.fromisoformat(text).isoformat(),
    "datetime": lambda text: datetime.datetime.fromisoformat(text).isoformat(),
    "uuid": lambda text: str(UUID(text)),
    "ipv4": lambda text: str(ipaddress.IPv4Address(text)),
    "digit": int,
}


def judge_output(output: OutputType, text: str, *, closed: bool = False) -> Judgement:
    """Validate `text`. `closed`: by the schema that the engine gets, which forbids keys that nobody has named."""
    match output.kind:
        case "schema":
            return _judge_json(json.loads(output.enforced if closed else output.spec), text)
        case "choices":
            choices = json.loads(output.spec)
            return _judged(text, text in choices, f"not one of {', '.join(choices)}")
        case "regex":
            return _judged(text, re.fullmatch(output.spec, text) is not None, f"does not match {output.spec}")
        case "type":
            return _judge_type(output.spec, text)
        case "grammar":
            return _judge_grammar(output.spec, text)
    return _judged(text, bool(text.strip()), "the answer is empty")


def _judged(text: str, good: bool, why: str) -> Judgement:
    return Judgement(text, good, () if good else (why,))


def _judge_json(schema: Any, text: str) -> Judgement:
    from wizard.services.validation.schema_validator import SchemaJudge

    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return Judgement(None, False, (f"not JSON: {error}",))
    errors = SchemaJudge(schema).errors(value)
    return Judgement(value, not errors, errors)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _judge_type(name: str, text: str) -> Judgement:
    if not re.fullmatch(TYPES[name], text):
        return _judged(text, False, f"not a {name}")
    try:
        return Judgement(_PARSERS.get(name, str)(text), True)
    except (ValueError, KeyError):
        return _judged(text, False, f"not a {name} that exists")


def _judge_grammar(grammar: str, text: str) -> Judgement:
    """Parse the text with a fresh parser over bytes: no tokenizer and no model has a part in it."""
    import llguidance

    tokenizer = llguidance.LLTokenizer("byte")
    matcher = llguidance.LLMatcher(tokenizer, llguidance.grammar_from("lark", grammar))
    good = all(matcher.consume_token(byte) for byte in text.encode()) and matcher.is_accepting()
    return _judged(text, good, "the grammar does not derive this text")
