"""jsonschema, asked whether a value is valid: the word that counts, independent of every engine."""

from __future__ import annotations

from typing import Any

from wizard.core.access_token import clean_line
from wizard.core.problem import Problem, usage
from wizard.core.schema.drafts import draft_address
from wizard.core.schema.references import missing_references, with_text_ids

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


class SchemaJudge:
    """Judges values by one schema, formats included; subschemas of it as seen from its root."""

    def __init__(self, schema: Any) -> None:
        # `$schema` says which draft the author means; without it, the newest. Nothing is ever fetched.
        from referencing import Registry

        from wizard.services.validation.exact_keywords import exact_validator
        from wizard.services.validation.formats import format_checker
        from wizard.services.validation.pattern_keywords import by_ecma

        self.root = schema
        self.kind = _draft_of(schema)
        # jsonschema would go back to its own keywords wherever a part names its draft.
        plain = with_text_ids(_without_draft(schema, self.kind))
        judge = exact_validator(by_ecma(self.kind))
        self.validator = judge(plain, registry=Registry(), format_checker=format_checker())

    def valid(self, node: Any, value: Any) -> bool:
        """Whether `value` is valid under a part of the schema, or all of it; what cannot be followed is not."""
        from referencing.exceptions import Unresolvable

        if isinstance(node, dict) and "$schema" in node and node is not self.root:
            node = {key: part for key, part in node.items() if key != "$schema"}
        judge = self.validator if node is self.root else self.validator.evolve(schema=node)
        try:
            return bool(judge.is_valid(value))
        except (Unresolvable, RecursionError, ValueError, TypeError, AttributeError, ArithmeticError):
            return False

    def errors(self, value: Any) -> tuple[str, ...]:
        """What is wrong with a value, each with its place; empty when it is valid."""
        from referencing.exceptions import Unresolvable

        try:
            errors = sorted(self.validator.iter_errors(value), key=lambda e: list(map(str, e.absolute_path)))
        except (
            Unresolvable,
            RecursionError,
            AttributeError,
            TypeError,
        ) as error:  # keywords that hold what they cannot
            return (f"the schema cannot be followed: {clean_line(str(error))}",)
        return tuple(
            f"{'/'.join(map(str, error.absolute_path)) or 'value'}: {clean_line(error.message)}" for error in errors
        )


def _draft_of(schema: Any) -> Any:
    """jsonschema's validator of the draft that a schema names; of the newest one where it names none."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    return validator_for({"$schema": draft_address(schema)}, default=Draft202012Validator)


def _without_draft(node: Any, kind: Any) -> Any:
    """A copy without `$schema`, except where that names another draft."""
    if isinstance(node, list):
        return [_without_draft(part, kind) for part in node]
    if not isinstance(node, dict):
        return node
    named = isinstance(node.get("$schema"), str) and _draft_of(node) is kind
    return {
        key: part if key in ("const", "enum") else _without_draft(part, kind)
        for key, part in node.items()
        if not (named and key == "$schema")
    }


def check_schema(schema: dict[str, Any]) -> None:
    """Raise Problem (exit code 2) for what is no JSON Schema, or refers to what is not there."""
    from jsonschema import SchemaError

    from wizard.services.validation.formats import schema_format_checker

    try:
        _draft_of(schema).check_schema(schema, format_checker=schema_format_checker())
    except SchemaError as error:
        where = clean_line("/".join(str(part) for part in error.absolute_path), 200) or "the top"
        words = clean_line(error.message, 300) + (f": {clean_line(str(error.cause), 200)}" if error.cause else "")
        if error.validator == "anyOf" and error.absolute_path and error.absolute_path[-1] == "type":
            words = f"{clean_line(repr(_no_type(error.instance)), 100)} is none of the types {', '.join(_TYPES)}"
        raise usage("schema_invalid", f"The schema is not a JSON Schema: {words} (at {where}).") from error
    except RecursionError as error:
        raise usage("schema_too_deep", "The schema is nested too deeply.") from error
    for missing in missing_references(schema):
        if missing.used:
            raise _missing(missing.reference)


def _no_type(value: Any) -> Any:
    """What of the value of `type` is no type: the first such member of a list, else all of it."""
    members = value if isinstance(value, list) else []
    return next((each for each in members if each not in _TYPES), value)


def _missing(reference: str) -> Problem:
    return usage(
        "schema_invalid",
        f"The schema refers to {clean_line(reference, 200)}, which does not exist.",
        "Put the definition under $defs, and refer to it as #/$defs/NAME; nothing is fetched from elsewhere.",
    )
