"""A JSON Schema from example answers that somebody pastes."""

from __future__ import annotations

import json
import re
from typing import Any

from wizard.core.schema.json_value import JsonValue

LARGEST = 1 << 20  # characters
_FENCE = re.compile(r"\s*```\w*\n(.*?)\n?\s*```\s*", re.DOTALL)


class NoExample(ValueError):
    """Why a text is no example, as a sentence."""


def schema_from_examples(text: str) -> dict[str, Any]:
    """The schema that fits one JSON value, or several one after the other: what some of them lack is optional.

    Raises NoExample.
    """
    values = _read(text)
    from genson import SchemaBuilder  # only those who paste something wait for it

    builder = SchemaBuilder(schema_uri=None)
    try:
        for value in values:
            builder.add_object(value)
        schema: dict[str, Any] = _closed(builder.to_schema())
    except RecursionError as error:
        raise NoExample("The example is nested too deeply.") from error
    return schema


def _read(text: str) -> list[JsonValue]:
    if len(text) > LARGEST:
        raise NoExample("The example is longer than a million characters: paste a shorter one.")
    fenced = _FENCE.fullmatch(text)
    text = (fenced[1] if fenced is not None else text).strip()
    if not text:
        raise NoExample("Paste an example answer first.")
    values, at, decoder = list[JsonValue](), 0, json.JSONDecoder(parse_constant=_no_constant)
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            values.append(value)
            at = len(text) - len(text[at:].lstrip(" \t\r\n,"))
    except json.JSONDecodeError as error:
        raise NoExample(f"That is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except ValueError as error:
        raise NoExample(f"That is not JSON: {error}.") from error
    except RecursionError as error:
        raise NoExample("The example is nested too deeply.") from error
    if not all(isinstance(value, dict) for value in values):
        raise NoExample('An example answer has fields, such as {"name": "Amiri", "age": 53}.')
    return values


def _no_constant(name: str) -> float:
    raise ValueError(f"it has no number {name}")


def _closed(schema: Any) -> Any:
    """Objects without other fields, and required fields in the order in which they were met."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed: dict[str, Any] = {}
    for key, part in schema.items():
        if key == "properties":
            closed[key] = {name: _closed(each) for name, each in part.items()}
        elif key == "required":
            closed[key] = sorted(part, key=list(schema["properties"]).index)
        else:
            closed[key] = _closed(part) if key in ("items", "anyOf") else part
    if schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed
