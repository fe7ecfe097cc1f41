"""The record of one kind of output type: what the command line, the screen, plans, lint and validation know of it.

A kind is one module in `kinds` with one such record, and its name in `kinds/registry.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from wizard.core.schema.drafts import with_known_draft
from wizard.core.schema.json_value import JsonObject, JsonValue
from wizard.core.schema.normalization import expand_formats, forbid_extra_properties, respell_patterns
from wizard.core.schema.plain_references import plain_references

Form = Literal["json_schema", "regex", "grammar", "none"]
FlagValue = Literal["text", "file", "class", "none"]
EditorName = Literal["schema", "line", "pattern", "list", "text_area", "none"]
JudgeName = Literal["value", "json_schema", "grammar", "regex"]


@dataclass(frozen=True)
class KindFlag:
    """A flag of `deploy` and `lint` that gives an output type of this kind.

    `value` is what follows it: the text itself, a file with the text, a Pydantic class, or nothing. `example` is how a
    value is written in a sentence, where that is not the metavar. A file that repeats a command ends in `file_ending`.
    """

    name: str
    metavar: str
    help: str
    value: FlagValue = "text"
    example: str = ""
    file_ending: str = ""

    @property
    def parameter(self) -> str:
        """The name of the value among the arguments of a command."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def usage(self) -> str:
        """The flag with a value, as a sentence names it."""
        return f"{self.name} {self.example or self.metavar}".strip()


@dataclass(frozen=True)
class KindEditor:
    """How the function screen edits a kind: `name` is one of its editors, `values` what a list offers.

    `help` is the editor's tooltip, or its only text where nothing can be edited.
    """

    name: EditorName
    help: str
    placeholder: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preset:
    """A text to start from, as a person edits it, and a prompt that fits it ("" for the kind's own)."""

    name: str
    text: str
    prompt: str = ""


@dataclass(frozen=True)
class CommandFlag:
    """How a command says an output type: a flag with its value, or with a file of this ending that holds the value."""

    name: str
    value: str | None = None
    file_ending: str = ""


@dataclass(frozen=True)
class OutputKind:
    """One kind of output type. A `spec` is an output type of this kind as text, as plans and events carry it.

    `name` is how plans and events name the kind, `label` how people do. `form` is what every spec is reduced to for the
    structured-output backends. `judge` names the validator of answers in `services.validation`: "value" stands for
    `read_answer`.
    """

    name: str
    label: str
    form: Form
    flags: tuple[KindFlag, ...]
    editor: KindEditor
    judge: JudgeName = "value"
    presets: tuple[Preset, ...] = ()

    # Reading

    def parse(self, text: str, where: str) -> str:
        """The spec that a person writes as `text`, in `where`. Raises Problem (exit code 2)."""
        return text

    def parse_plan(self, spec: str, where: str) -> str:
        """The spec that the plan file `where` holds. Raises Problem (exit code 2) or ValueError."""
        return self.parse(spec, where)

    # What is enforced, and whether it was

    def json_schema(self, spec: str) -> JsonObject | None:
        """The JSON Schema of a spec before anything is added to it; None for another form."""
        return None

    def exact_schema(self, spec: str) -> Any:
        """The same with every digit of its numbers: those that a double does not hold are exact decimals."""
        return self.json_schema(spec)

    def enforced(self, spec: str) -> str:
        """The JSON Schema, regular expression or grammar that the backends get; empty for free text."""
        schema = self.json_schema(spec)
        if schema is None:
            return spec
        made_explicit = respell_patterns(
            expand_formats(forbid_extra_properties(plain_references(with_known_draft(schema))))
        )
        return json.dumps(made_explicit, ensure_ascii=False)

    def longest_answer(self, spec: str) -> str | None:
        """The longest answer, where the spec lists its answers; None where it has to be derived from the form."""
        return None

    def read_answer(self, spec: str, answer: str) -> JsonValue:
        """The value of a valid answer, independent of every backend. Raises ValueError with what is wrong."""
        return answer

    # Words

    def summary(self, spec: str) -> str:
        """A few words for a person."""
        return f"{self.name} {spec}"

    def example_prompt(self, spec: str) -> str:
        """A prompt that fits the spec, for somebody who has none yet."""
        return "Say hello in one short sentence."

    # Writing

    def format_text(self, spec: str) -> str:
        """The spec as a person edits it; `parse` reads it."""
        return spec

    def format_plan(self, spec: str) -> str:
        """The spec as a plan file holds it; `parse_plan` reads it."""
        return spec

    def format_file(self, spec: str) -> str:
        """The spec as a file of its own, which a flag names."""
        return self.format_text(spec)

    def format_flag(self, spec: str) -> CommandFlag | None:
        """How a command says the spec; None where no flag can, and a plan file has to."""
        flag = self.flags[0]
        if flag.value == "none":
            return CommandFlag(flag.name)
        if flag.value == "file":
            return CommandFlag(flag.name, self.format_file(spec), flag.file_ending)
        text = self.format_text(spec)
        return None if not text or text.startswith("-") else CommandFlag(flag.name, text)
