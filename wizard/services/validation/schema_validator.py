"""jsonschema, asked whether a value is valid: the word that counts, independent of every engine."""

from __future__ import annotations

from typing import Any

from wizard.core.access_token import clean_line
from wizard.core.problem import Problem, usage


class SchemaJudge:
    """Judges values by one schema, formats included; subschemas of it as seen from its root."""

    def __init__(self, schema: Any) -> None:
        # `$schema` says which draft the author means; without it, the newest. Nothing is ever fetched.
        from jsonschema import Draft202012Validator
        from jsonschema.validators import validator_for
        from referencing import Registry

        from wizard.services.validation.formats import format_checker
        from wizard.services.validation.pattern_keywords import by_ecma

        named = schema if isinstance(schema, dict) and isinstance(schema.get("$schema"), str) else {}
        kind = by_ecma(validator_for(named, default=Draft202012Validator))
        self.root = schema
        self.validator = kind(schema, registry=Registry(), format_checker=format_checker())

    def valid(self, node: Any, value: Any) -> bool:
        """Whether `value` is valid under a part of the schema, or all of it; what cannot be followed is not."""
        from referencing.exceptions import Unresolvable

        judge = self.validator if node is self.root else self.validator.evolve(schema=node)
        try:
            return bool(judge.is_valid(value))
        except (Unresolvable, RecursionError, ValueError, TypeError, OverflowError, ArithmeticError):
            return False

    def errors(self, value: Any) -> tuple[str, ...]:
        """What is wrong with a value, each with its place; empty when it is valid."""
        from referencing.exceptions import Unresolvable

        try:
            errors = sorted(self.validator.iter_errors(value), key=lambda e: list(map(str, e.absolute_path)))
        except (Unresolvable, RecursionError) as error:
            return (f"the schema cannot be followed: {clean_line(str(error))}",)
        return tuple(
            f"{'/'.join(map(str, error.absolute_path)) or 'value'}: {clean_line(error.message)}" for error in errors
        )


def check_schema(schema: dict[str, Any]) -> None:
    """Raise Problem (exit code 2) for what is no JSON Schema, or refers to what is not there."""
    from jsonschema import SchemaError

    from wizard.services.validation.formats import format_checker

    judge = SchemaJudge(schema)
    try:
        type(judge.validator).check_schema(schema, format_checker=format_checker())
    except SchemaError as error:
        where = "/".join(str(part) for part in error.absolute_path) or "the top"
        words = clean_line(error.message, 300) + (f": {clean_line(str(error.cause), 200)}" if error.cause else "")
        raise usage("schema_invalid", f"The schema is not a JSON Schema: {words} (at {where}).") from error
    except RecursionError as error:
        raise usage("schema_too_deep", "The schema is nested too deeply.") from error
    _follow_references(schema)


def _follow_references(schema: dict[str, Any]) -> None:
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    resolver = Registry().with_resource("", DRAFT202012.create_resource(schema)).resolver()
    todo: list[Any] = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, list):
            todo += part
        if not isinstance(part, dict):
            continue
        todo += [value for key, value in part.items() if key not in ("const", "enum", "default", "examples")]
        reference = part.get("$ref")
        if isinstance(reference, str):
            try:
                resolver.lookup(reference)
            except Unresolvable as error:
                raise _missing(reference) from error


def _missing(reference: str) -> Problem:
    return usage(
        "schema_invalid",
        f"The schema refers to {clean_line(reference, 200)}, which is not there.",
        "Put the definition under $defs, and refer to it as #/$defs/NAME; nothing is fetched from elsewhere.",
    )
