"""A JSON Schema, written as one or taken from a Pydantic class."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from wizard.core.output.kinds.schema_presets import SCHEMA_PRESETS
from wizard.core.output.output_kind import KindEditor, KindFlag, OutputKind
from wizard.core.problem import usage
from wizard.core.schema.exact_numbers import float_or_exact, read_exact, write_exact
from wizard.core.schema.json_value import JsonObject, format_json


@dataclass(frozen=True)
class _Schema(OutputKind):
    """The spec is the schema as JSON text."""

    def parse(self, text: str, where: str) -> str:
        """Raises Problem (exit code 2) naming `where` and the line that is wrong."""
        if not text.strip():
            raise usage(
                "schema_not_json", f"{where} is empty.", 'A JSON Schema is an object such as {"type": "object"}.'
            )
        try:
            schema = json.loads(text, parse_constant=_no_constant, parse_float=float_or_exact)
        except RecursionError as error:
            raise usage("schema_too_deep", f"{where} is nested too deeply.") from error
        except json.JSONDecodeError as error:
            raise usage(
                "schema_not_json",
                f"{where} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
                f'Fix line {error.lineno}; a JSON Schema is an object such as {{"type": "object"}}.',
            ) from error
        except ValueError as error:
            raise usage("schema_not_json", f"{where} is not JSON: {error}.") from error
        if not isinstance(schema, dict):
            raise usage("schema_not_object", f"{where} is not a JSON Schema: an object is expected.")
        return write_exact(schema, ensure_ascii=False)

    def json_schema(self, spec: str) -> JsonObject:
        schema: JsonObject = json.loads(spec)
        return schema

    def exact_schema(self, spec: str) -> Any:
        return read_exact(spec)

    def summary(self, spec: str) -> str:
        schema = self.json_schema(spec)
        title, fields = schema.get("title", "JSON Schema"), schema.get("properties")
        if not isinstance(fields, dict) or not fields:
            return str(title)
        return f"{title} (1 field)" if len(fields) == 1 else f"{title} ({len(fields)} fields)"

    def example_prompt(self, spec: str) -> str:
        schema = self.json_schema(spec)
        for preset in self.presets:
            if preset.prompt and json.loads(preset.text) == schema:
                return preset.prompt
        return "Make up one example of this and answer in JSON."

    def format_text(self, spec: str) -> str:
        return format_json(_with_every_digit(spec))

    def format_plan(self, spec: str) -> str:
        return write_exact(_with_every_digit(spec), indent=2, ensure_ascii=False) + "\n"

    def format_file(self, spec: str) -> str:
        return self.format_text(spec) + "\n"


def _no_constant(name: str) -> float:
    raise ValueError(f"it has no number {name}")


def _with_every_digit(spec: str) -> Any:
    return json.loads(spec, parse_float=float_or_exact)


SCHEMA = _Schema(
    "schema",
    "JSON Schema",
    "json_schema",
    flags=(
        KindFlag(
            "--schema",
            "FILE",
            "JSON Schema of the output; - for standard input.",
            value="file",
            file_ending=".schema.json",
        ),
        KindFlag(
            "--model-class", "MODULE:CLASS", "Pydantic class of the output.", value="class", example="module:Class"
        ),
    ),
    editor=KindEditor("schema", "The JSON Schema; errors appear below."),
    judge="json_schema",
    presets=SCHEMA_PRESETS,
)
