"""Validates an answer without the backend that has enforced it: by the validator that its kind of output names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from wizard.core.output.output_kind import JudgeName
from wizard.core.output.output_type import OutputType
from wizard.core.schema.exact_numbers import as_data, read_exact
from wizard.core.schema.patterns.matching import compile_regex
from wizard.flow.ports.validation import Judgement

if TYPE_CHECKING:
    from wizard.services.validation.schema_validator import SchemaJudge


def judge_output(output: OutputType, text: str, *, closed: bool = False) -> Judgement:
    """Validate `text`. `closed`: by the schema that the backends get, which forbids keys that nobody has named."""
    return _JUDGES[output.record.judge](output, text, closed)


def _judge_value(output: OutputType, text: str, closed: bool) -> Judgement:
    """By the kind itself."""
    try:
        return Judgement(output.record.read_answer(output.spec, text), True)
    except ValueError as error:
        return Judgement(text, False, (str(error),))


def _judge_json(output: OutputType, text: str, closed: bool) -> Judgement:
    """By jsonschema, every number as it is written."""
    try:
        value = read_exact(text)
    except (ValueError, RecursionError) as error:
        return Judgement(None, False, (f"not JSON: {error}",))
    errors = _schema_judge(output, closed).errors(value)
    return Judgement(as_data(value), not errors, errors)


@lru_cache(maxsize=4)
def _schema_judge(output: OutputType, closed: bool) -> SchemaJudge:
    """Made once for the many answers of one output type."""
    from wizard.services.validation.schema_validator import SchemaJudge

    return SchemaJudge(json.loads(output.enforced) if closed else output.exact_schema)


def _judge_regex(output: OutputType, text: str, closed: bool) -> Judgement:
    """By an engine of our own, or by llguidance's where it knows more of Unicode."""
    if compile_regex(output.spec).is_known:
        return _judge_value(output, text, closed)
    if _derives("regex", output.enforced, text):
        return Judgement(text, True)
    return Judgement(text, False, (f"does not match {output.spec}",))


def _judge_grammar(output: OutputType, text: str, closed: bool) -> Judgement:
    if _derives("lark", output.enforced, text):
        return Judgement(text, True)
    return Judgement(text, False, ("the text does not match the grammar",))


def _derives(form: Literal["lark", "regex"], source: str, text: str) -> bool:
    """Parse the text with a fresh parser over bytes: no tokenizer and no model has a part in it."""
    import llguidance

    matcher = llguidance.LLMatcher(llguidance.LLTokenizer("byte"), llguidance.grammar_from(form, source))
    return all(matcher.consume_token(byte) for byte in text.encode()) and matcher.is_accepting()


_JUDGES: Mapping[JudgeName, Callable[[OutputType, str, bool], Judgement]] = {
    "value": _judge_value,
    "json_schema": _judge_json,
    "grammar": _judge_grammar,
    "regex": _judge_regex,
}
