"""What the output must look like: an output type of one of the registered kinds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from wizard.core.output.kinds.registry import KINDS
from wizard.core.output.kinds.schema_presets import CHARACTER_SCHEMA
from wizard.core.output.output_kind import Form, OutputKind
from wizard.core.problem import usage
from wizard.core.schema.json_value import JsonObject
from wizard.core.schema.nodes import format_pointer, value_at
from wizard.core.schema.normalization import OPENING
from wizard.core.schema.plain_references import plain_references
from wizard.core.schema.subschemas import subschemas


@dataclass(frozen=True)
class OutputType:
    """One output type: the name of its kind, and its spec, which the kind gives a meaning."""

    kind: str
    spec: str = ""

    @property
    def record(self) -> OutputKind:
        """The kind itself."""
        return KINDS[self.kind]

    @property
    def form(self) -> Form:
        """What the backends are asked to enforce."""
        return self.record.form

    @property
    def enforced(self) -> str:
        """The JSON Schema, regular expression or grammar that the backends get; empty for free text."""
        return self.record.enforced(self.spec)

    @property
    def json_schema(self) -> JsonObject | None:
        """The JSON Schema before anything is added to it; None for another form."""
        return self.record.json_schema(self.spec)

    @property
    def exact_schema(self) -> Any:
        """The same with every digit of its numbers, as exact decimals: what answers are judged by."""
        return self.record.exact_schema(self.spec)

    @property
    def summary(self) -> str:
        """A few words for a person."""
        return self.record.summary(self.spec)

    @property
    def example_prompt(self) -> str:
        """A prompt that fits this output type, for somebody who has none yet."""
        return self.record.example_prompt(self.spec)


CHARACTER = OutputType("schema", json.dumps(CHARACTER_SCHEMA))


def parse_output(kind: str, text: str, where: str = "") -> OutputType:
    """An output type as a person writes it in `where`. Raises Problem (exit code 2)."""
    return OutputType(kind, KINDS[kind].parse(text, where))


def parse_plan_output(kind: object, spec: object, where: str) -> OutputType:
    """The output type that the plan file `where` holds. Raises Problem (exit code 2)."""
    if not isinstance(kind, str) or kind not in KINDS or not isinstance(spec, str):
        raise usage("plan_invalid", f"{where}: the output type {kind!r} is unknown.")
    try:
        return OutputType(kind, KINDS[kind].parse_plan(spec, where))
    except ValueError as error:
        raise usage("plan_invalid", f"{where}: the {kind} cannot be read: {error}.") from error


def list_flags() -> str:
    """Every flag that gives an output type, as a sentence lists them."""
    *others, last = [flag.usage for kind in KINDS.values() for flag in kind.flags]
    return f"{', '.join(others)} or {last}"


def closed_places(output: OutputType) -> tuple[list[str], list[str]]:
    """JSON pointers to the objects that `enforced` closes though they did not say so, and to those that stay open."""
    before = plain_references(output.json_schema)
    after = json.loads(output.enforced)
    closed, opened = [], []
    for place in subschemas(after):
        if "properties" not in place.node:
            continue
        is_said = "additionalProperties" in value_at(before, place.pointer)
        if not OPENING & set(place.node):
            opened.append(format_pointer(place.pointer))
        elif place.node.get("additionalProperties") is False and not is_said:
            closed.append(format_pointer(place.pointer))
    return closed, opened
