"""The keywords of jsonschema that look at patterns, by ECMA-262: its own ask `re`, which reads another language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing.jsonschema import lookup_recursive_ref

from wizard.core.schema.patterns.matching import compile_pattern, matches

Keyword = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]
_IN_PLACE = ("allOf", "oneOf", "anyOf")


def is_regex(value: object) -> bool:
    """The format `regex`: ECMA-262 with Unicode, and nothing else."""
    return not isinstance(value, str) or compile_pattern(value).is_ecma


def is_readable(value: object) -> bool:
    """The same for the patterns of a schema: any dialect that can be read. Raises PatternError with what is wrong."""
    return not isinstance(value, str) or bool(compile_pattern(value))


def _pattern(validator: Validator, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not matches(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Validator, patterns: Mapping[str, Any], value: Any, schema: Any
) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    for pattern, subschema in patterns.items():
        for key, part in value.items():
            if matches(pattern, key):
                yield from validator.descend(part, subschema, path=key, schema_path=pattern)  # type: ignore[attr-defined]


def _additional_properties(
    validator: Validator, additional: Any, value: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    patterns = schema.get("patternProperties", {})
    extras = [key for key in value if key not in schema.get("properties", {}) and not _any_matches(patterns, key)]
    if isinstance(additional, dict):
        for key in extras:
            yield from validator.descend(value[key], additional, path=key)  # type: ignore[attr-defined]
    elif not additional and extras:
        names = ", ".join(map(repr, sorted(extras)))
        if patterns:
            verb = "does" if len(extras) == 1 else "do"
            listed = ", ".join(map(repr, sorted(patterns)))
            yield ValidationError(f"{names} {verb} not match any of the regexes: {listed}")
        else:
            verb = "was" if len(extras) == 1 else "were"
            yield ValidationError(f"Additional properties are not allowed ({names} {verb} unexpected)")


def _unevaluated_properties(
    validator: Validator, unevaluated: Any, value: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    seen = set(_evaluated(validator, value, schema))
    extras = [
        key
        for key, part in value.items()
        if key not in seen and next(validator.descend(part, unevaluated), None) is not None  # type: ignore[attr-defined]
    ]
    if extras:
        names, verb = ", ".join(map(repr, sorted(extras))), "was" if len(extras) == 1 else "were"
        yield ValidationError(f"Unevaluated properties are not allowed ({names} {verb} unexpected)")


def _evaluated(validator: Any, value: dict[str, Any], schema: Any) -> Iterator[str]:
    """The keys that a schema, or one that it applies in place, has a word for."""
    if not isinstance(schema, dict):
        return
    for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
        if isinstance(reference := schema.get(keyword), str):
            resolver, recursive = validator._resolver, keyword == "$recursiveRef"
            target = lookup_recursive_ref(resolver) if recursive else resolver.lookup(reference)
            inner = validator.evolve(schema=target.contents, _resolver=target.resolver)
            yield from _evaluated(inner, value, target.contents)
    properties = schema.get("properties")
    yield from (properties.keys() & value.keys()) if isinstance(properties, dict) else ()
    yield from (key for key in value if _any_matches(schema.get("patternProperties", {}), key))
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if keyword in schema:
            yield from (key for key, part in value.items() if _is_valid(validator, part, schema[keyword]))
    for key, part in (schema.get("dependentSchemas") or {}).items():
        if key in value:
            yield from _evaluated(validator, value, part)
    for keyword in _IN_PLACE:
        for part in schema.get(keyword) or ():
            if _is_valid(validator, value, part):
                yield from _evaluated(validator, value, part)
    if "if" in schema:
        holds = _is_valid(validator, value, schema["if"])
        yield from _evaluated(validator, value, schema["if"]) if holds else ()
        yield from _evaluated(validator, value, schema.get("then" if holds else "else", {}))


def _is_valid(validator: Any, value: Any, schema: Any) -> bool:
    return next(validator.descend(value, schema), None) is None


def _any_matches(patterns: Iterable[str], key: str) -> bool:
    return any(matches(pattern, key) for pattern in patterns)


PATTERN_KEYWORDS: Mapping[str, Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _unevaluated_properties,
}


@cache
def by_ecma(kind: Any) -> Any:
    """A validator of jsonschema that reads patterns so."""
    known = {name: each for name, each in PATTERN_KEYWORDS.items() if name in kind.VALIDATORS}
    return extend(kind, known)  # type: ignore[no-untyped-call]
