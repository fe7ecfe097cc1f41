"""What the output must look like: one registry of kinds, each reduced to what an engine can enforce.

Every kind ends in one of four enforceable forms: a JSON Schema, a regular expression, a Lark grammar, or nothing.
Both faces, the app file and the validators go by this registry.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from wizard.core.output.value_patterns import TYPES
from wizard.core.problem import usage
from wizard.core.schema.nodes import at, written
from wizard.core.schema.normalization import OPENING, expand_formats, forbid_extra_properties
from wizard.core.schema.subschemas import subschemas

Kind = Literal["schema", "choices", "regex", "type", "grammar", "text"]
Form = Literal["json_schema", "regex", "grammar", "none"]


@dataclass(frozen=True)
class OutputKind:
    """One kind of output type: its name in a plan, what a person calls it, its flags, and what the engine enforces.

    A flag is a name, a placeholder (empty for a flag without a value) and a help text.
    """

    name: Kind
    label: str
    form: Form
    flags: tuple[tuple[str, str, str], ...]


KINDS: tuple[OutputKind, ...] = (
    OutputKind(
        "schema",
        "JSON Schema",
        "json_schema",
        (
            ("--schema", "FILE", "JSON Schema of the output; - for standard input."),
            ("--model-class", "MODULE:CLASS", "Pydantic class of the output."),
        ),
    ),
    OutputKind("choices", "One of several choices", "regex", (("--choices", "A,B,C", "The output is one of these."),)),
    OutputKind(
        "regex", "Regular expression", "regex", (("--regex", "PATTERN", "The output matches this regular expression."),)
    ),
    OutputKind("type", "A number, a date, …", "regex", (("--type", "NAME", "The output is one of {types}."),)),
    OutputKind("grammar", "Lark grammar", "grammar", (("--grammar", "FILE", "Lark grammar of the output."),)),
    OutputKind("text", "Free text", "none", (("--text", "", "Free text: no structure."),)),
)
FORMS: Mapping[Kind, Form] = {kind.name: kind.form for kind in KINDS}

TYPE_PROMPTS: Mapping[str, str] = {
    "hex": "Answer with a hexadecimal number.",
    "country": "Which country is Amsterdam in? Answer with its two letters.",
    "sentence": "Say hello in one short sentence.",
    "paragraph": "Tell a short story in one paragraph.",
}
# Tight separators keep a weak model from filling its budget with white space.
TIGHT = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}

CHARACTER_SCHEMA: dict[str, Any] = {
    "title": "Character",
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12},
        "age": {"type": "integer", "minimum": 1, "maximum": 120},
        "armor": {"enum": ["leather", "chainmail", "plate", "scale", "robe", "none"]},
        "weapon": {
            "enum": ["sword", "axe", "mace", "spear", "bow", "crossbow", "dagger", "staff", "hammer"],
        },
        "strength": {"type": "integer", "minimum": 1, "maximum": 20},
    },
    "required": ["name", "age", "armor", "weapon", "strength"],
    "additionalProperties": False,
}
CHARACTER_PROMPT = "Give me a character description: Amiri, 53 year old warrior woman with a sword and leather armor."


@dataclass(frozen=True)
class OutputType:
    """One output type. `spec` is JSON text for a schema, a JSON list for choices, else the text itself."""

    kind: Kind
    spec: str = ""

    @property
    def form(self) -> Form:
        """What the engine is asked to enforce."""
        return FORMS[self.kind]

    @property
    def enforced(self) -> str:
        """The schema, regular expression or grammar that the engine gets; empty for free text."""
        if self.kind == "schema":
            return json.dumps(expand_formats(forbid_extra_properties(json.loads(self.spec))), ensure_ascii=False)
        if self.kind == "choices":
            return "(" + "|".join(re.escape(choice) for choice in json.loads(self.spec)) + ")"
        if self.kind == "type":
            return TYPES[self.spec]
        return self.spec

    @property
    def summary(self) -> str:
        """A few words for a person."""
        if self.kind == "schema":
            schema = json.loads(self.spec)
            fields = schema.get("properties", {}) if isinstance(schema, dict) else {}
            title = schema.get("title", "JSON Schema") if isinstance(schema, dict) else "JSON Schema"
            count = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
            return f"{title} ({count})" if fields else str(title)
        if self.kind == "choices":
            return "one of " + ", ".join(json.loads(self.spec))
        return {"text": "free text", "grammar": "Lark grammar"}.get(self.kind, f"{self.kind} {self.spec}")

    @property
    def example_prompt(self) -> str:
        """A prompt that fits this output type, for somebody who has none yet."""
        if self.kind == "schema" and json.loads(self.spec) == CHARACTER_SCHEMA:
            return CHARACTER_PROMPT
        if self.kind == "schema":
            return "Make up one example of this and answer in JSON."
        if self.kind == "choices":
            return "Which of these fits best: " + ", ".join(json.loads(self.spec)) + "?"
        if self.kind == "type":
            return TYPE_PROMPTS.get(self.spec, f"Answer with a {self.spec}.")
        return "Say hello in one short sentence."


CHARACTER = OutputType("schema", json.dumps(CHARACTER_SCHEMA))


def engine_source(output: OutputType, backend: str) -> str:
    """What a structured-output backend is handed for this output type, as the app file hands it over."""
    if output.kind == "schema" and backend == "llguidance":
        return json.dumps({"x-guidance": TIGHT} | json.loads(output.enforced), ensure_ascii=False)
    return output.enforced


def schema_type(text: str, where: str) -> OutputType:
    """A JSON Schema from text. Raises Problem (exit code 2) naming `where` and the line that is wrong."""
    try:
        schema = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise usage("schema_too_deep", f"{where} is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise usage(
            "schema_not_json",
            f"{where} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            'Mend that line; a JSON Schema is an object such as {"type": "object"}.',
        ) from error
    except ValueError as error:
        raise usage("schema_not_json", f"{where} is not JSON: {error}.") from error
    if not isinstance(schema, dict):
        raise usage("schema_not_object", f"{where} holds no JSON Schema: an object is expected.")
    return OutputType("schema", json.dumps(schema, ensure_ascii=False))


def _no_constant(name: str) -> float:
    raise ValueError(f"it has no number {name}")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"the number {text} is too large")
    return value


def choices_type(text: str) -> OutputType:
    """Choices from ``A,B,C``. Raises Problem (exit code 2) for fewer than two different ones."""
    choices = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(choices) < 2:
        raise usage("choices_too_few", "--choices takes at least two choices, as in --choices yes,no.")
    return OutputType("choices", json.dumps(choices, ensure_ascii=False))


def regex_type(pattern: str) -> OutputType:
    """A regular expression. Raises Problem (exit code 2) when Python cannot compile it."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise usage("regex_invalid", f"--regex does not compile: {error}.") from error
    return OutputType("regex", pattern)


def python_type(name: str) -> OutputType:
    """One of `TYPES` by name. Raises Problem (exit code 2) with the names that exist."""
    if name not in TYPES:
        raise usage("type_unknown", f"There is no output type {name!r}.", f"Choose one of {', '.join(TYPES)}.")
    return OutputType("type", name)


def closed_places(output: OutputType) -> tuple[list[str], list[str]]:
    """JSON pointers to the objects that `enforced` closes though they did not say so, and to those that stay open."""
    before = json.loads(output.spec)
    after = json.loads(output.enforced)
    closed, opened = [], []
    for place in subschemas(after):
        if "properties" not in place.node:
            continue
        said = "additionalProperties" in at(before, place.pointer)
        if not OPENING & set(place.node):
            opened.append(written(place.pointer))
        elif place.node.get("additionalProperties") is False and not said:
            closed.append(written(place.pointer))
    return closed, opened
