"""The keywords of JSON Schema that compare values, in exact arithmetic, for jsonschema's validators.

jsonschema divides doubles for `multipleOf`, so that 2.51 would be no multiple of 0.01, and takes 1e999999999 for
infinity. Here every number is the decimal that is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import ValidationError
from jsonschema.validators import extend

from wizard.core.schema.exact_numbers import exact, identity, is_multiple, is_number, is_whole

Errors = Iterator[ValidationError]
Keyword = Callable[[Any, Any, Any, Any], Errors]
_BOUNDS: Mapping[str, tuple[str, str, bool, bool]] = {
    # keyword: what the instance is, the bound's name, whether it is a lower one, whether it excludes itself
    "minimum": ("less than", "minimum", True, False),
    "exclusiveMinimum": ("less than or equal to", "minimum", True, True),
    "maximum": ("greater than", "maximum", False, False),
    "exclusiveMaximum": ("greater than or equal to", "maximum", False, True),
}


@cache
def exact_validator(kind: Any) -> Any:
    """jsonschema's validator of a draft, with exact numbers. It is given schemas without `$schema`."""
    keywords: dict[str, Keyword] = {"enum": _enum, "const": _const, "uniqueItems": _unique_items}
    keywords |= {"multipleOf": _multiple_of, "divisibleBy": _multiple_of}
    keywords |= {name: _bound(name) for name in _BOUNDS}
    types = kind.TYPE_CHECKER.redefine("number", lambda _, value: is_number(value))
    if types.is_type(1.0, "integer"):  # since draft 6
        types = types.redefine("integer", lambda _, value: is_number(value) and is_whole(value))
    known = {name: each for name, each in keywords.items() if name in kind.VALIDATORS}
    extended: Any = extend(kind, known, type_checker=types)  # type: ignore[no-untyped-call]
    return extended


def _bound(keyword: str) -> Keyword:
    words, name, lower, strict = _BOUNDS[keyword]

    def check(validator: Any, bound: Any, instance: Any, schema: Any) -> Errors:
        if not is_number(instance) or not is_number(bound):
            return
        excluded = schema.get(f"exclusive{name.capitalize()}") is True  # drafts 3 and 4
        value, limit = exact(instance), exact(bound)
        if (value < limit if lower else value > limit) or ((strict or excluded) and value == limit):
            said = f"{words} or equal to" if excluded else words
            yield ValidationError(f"{value!r} is {said} the {name} of {limit!r}")

    return check


def _multiple_of(validator: Any, step: Any, instance: Any, schema: Any) -> Errors:
    if is_number(instance) and not is_multiple(instance, step):
        yield ValidationError(f"{exact(instance)!r} is not a multiple of {exact(step)!r}")


def _enum(validator: Any, values: Any, instance: Any, schema: Any) -> Errors:
    wanted = identity(instance)
    if all(identity(value) != wanted for value in values):
        yield ValidationError(f"{instance!r} is not one of {values!r}")


def _const(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
    if identity(instance) != identity(value):
        yield ValidationError(f"{value!r} was expected")


def _unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Errors:
    if wanted and isinstance(instance, list) and len({*map(identity, instance)}) < len(instance):
        yield ValidationError(f"{instance!r} has non-unique elements")
