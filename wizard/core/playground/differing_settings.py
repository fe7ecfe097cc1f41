"""In which settings two questions differ, as a person reads it: `temperature: 0.2 → 0.8`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from wizard.core.access_token import clean_line
from wizard.core.output.output_type import OutputType
from wizard.core.playground.exchange import Exchange, Question

LONGEST = 60  # characters of a value
AS_DEPLOYED = "as deployed"


def _text(value: object) -> str:
    return AS_DEPLOYED if value is None else str(value)


_SETTINGS: Mapping[str, Callable[[Question], str]] = MappingProxyType(
    {
        "system text": lambda question: question.system or "none",
        "images": lambda question: ", ".join(question.images) or "none",
        "longest answer": lambda question: _text(question.max_tokens),
        "temperature": lambda question: _text(question.temperature),
        "top p": lambda question: _text(question.top_p),
        "seed": lambda question: _text(question.seed),
        "reasoning": lambda question: _text(question.think),
        "adapter": lambda question: _text(question.adapter),
    }
)


def differing_settings(one: Exchange, other: Exchange) -> list[str]:
    """One entry for each setting that differs, what matters most first."""
    found = [] if one.question.prompt == other.question.prompt else ["prompt: another one"]
    if (one.app, one.model) != (other.app, other.model):
        found.append(_change("function", f"{one.app} ({one.model})", f"{other.app} ({other.model})"))
    if one.gpu != other.gpu:
        found.append(_change("GPU", one.gpu or "none", other.gpu or "none"))
    if one.output != other.output:
        found.append(_output_change(one.output, other.output))
    for name, read in _SETTINGS.items():
        before, after = read(one.settled), read(other.settled)
        if before != after:
            found.append(_change(name, before, after))
    return found


def _output_change(one: OutputType | None, other: OutputType | None) -> str:
    before, after = (each.summary if each is not None else AS_DEPLOYED for each in (one, other))
    fields = [_fields(each) for each in (one, other)]
    if before != after or not any(fields):
        return _change("output type", before, after) if before != after else "output type: changed"
    added, gone = (", ".join(name for name in fields[a] if name not in fields[b]) for a, b in ((1, 0), (0, 1)))
    parts = [f"{sign} {clean_line(names, LONGEST)}" for sign, names in (("+", added), ("-", gone)) if names]
    return f"output type: {clean_line(before, LONGEST)}, changed{': ' if parts else ''}{', '.join(parts)}"


def _fields(output: OutputType | None) -> list[str]:
    """The names of the fields of a JSON Schema's object."""
    schema = output.json_schema if output is not None else None
    properties = schema.get("properties") if schema else None
    return list(properties) if isinstance(properties, dict) else []


def _change(name: str, before: str, after: str) -> str:
    return f"{name}: {clean_line(before, LONGEST)} → {clean_line(after, LONGEST)}"
