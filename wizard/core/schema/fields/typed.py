"""Choices and limits as a person types them."""

from __future__ import annotations

import json
import re

from wizard.core.schema.exact_numbers import float_or_exact, is_number, read_exact, write_exact
from wizard.core.schema.fields.row import Bound, FieldError, Place, Range
from wizard.core.schema.json_value import JsonValue

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,300})(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


def write_choices(choices: tuple[JsonValue, ...]) -> str:
    """Texts with commas between them, or a JSON list where that would be read otherwise."""
    texts = [each for each in choices if isinstance(each, str)]
    line = ", ".join(texts)
    try:
        if len(texts) == len(choices) and read_choices(line) == choices:
            return line
    except FieldError:
        pass
    return write_exact(list(choices), ensure_ascii=False) if choices else ""


def read_choices(text: str) -> tuple[JsonValue, ...]:
    """The choices of a line: texts with commas between them, or a JSON list. Raises FieldError."""
    if text.lstrip().startswith("["):
        try:
            values = json.loads(text, parse_float=float_or_exact)
        except (ValueError, RecursionError) as error:
            raise FieldError('That is not a JSON list, such as [1, 2, "other"].', "choices") from error
        return tuple(values)
    return tuple(part.strip() for part in text.split(",") if part.strip())


def write_bound(bound: Bound) -> str:
    """A limit as it is typed."""
    return "" if bound is None else write_exact(bound)


def read_range(least: str, most: str, place: Place) -> Range:
    """Two limits; nothing typed is none. Raises FieldError."""
    return Range(_read_bound(least, place), _read_bound(most, place))


def _read_bound(text: str, place: Place) -> Bound:
    text = text.strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise FieldError(f"“{text}” is not a number.", place)
    try:
        value = float_or_exact(text) if re.search(r"[.eE]", text) else read_exact(text)
    except ValueError as error:
        raise FieldError(f"“{text}” is too large.", place) from error
    return value if is_number(value) else None
