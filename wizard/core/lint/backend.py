"""What is known of one structured-output backend before it is asked: the record that everything else derives from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wizard.core.output.output_kind import Form
from wizard.core.output.output_type import OutputType

_FORM_NAMES: Mapping[Form, str] = {
    "json_schema": "JSON Schemas",
    "regex": "regular expressions",
    "grammar": "grammars",
    "none": "free text",
}


class Support(StrEnum):
    """What a backend does with one feature of JSON Schema, as measured."""

    ENFORCED = "enforced"
    IGNORED = "ignored"  # at least one invalid answer came through
    NARROWED = "narrowed"  # at least one valid answer did not come through
    REFUSED = "refused"  # a schema with it does not compile


@dataclass(frozen=True)
class StructuredOutputBackend:
    """One structured-output backend. A record is the constant BACKEND of the module that it names in `module`.

    `version` of `distribution` goes into the image of the generated app, and is the one that `support` was measured
    with, on the day `measured`; other versions that inference engines bring along, and for which the same table was
    found, are `same_table`. `packages` are further pins that it needs there. `adapter` is the import path
    (``module:Class``) of what compiles on this machine, in a child process. Where several backends enforce everything,
    the one with the lowest `preference` is taken.

    `app_part` is Python source: a class `Backend` with `compile`, `start` and `step`, for inference engines that ask
    for a mask token by token; ``$common`` stands for what is the same with every backend. Empty: those engines cannot
    use it.
    """

    name: str
    module: str
    distribution: str
    version: str
    measured: str
    preference: int
    forms: frozenset[Form]
    adapter: str
    support: Mapping[str, Support]
    import_name: str = ""  # what loads the library; "" for nothing that takes long
    packages: Mapping[str, str] = field(default_factory=dict)
    app_part: str = ""
    schema_options: Mapping[str, object] = field(default_factory=dict)  # keys that a schema is handed over with
    same_table: tuple[str, ...] = ()
    byte_seconds: float | None = None  # the limit for compiling over single bytes, where a slow one tells enough
    recursion_fault: str = ""  # what it does wrong with every schema that refers to itself
    refusal_note: str = ""  # what a person should know of it once it has refused

    @property
    def image_packages(self) -> dict[str, str]:
        """What the image of the generated app holds for it: distribution to version."""
        return {self.distribution: self.version, **self.packages}

    def source(self, output: OutputType) -> str:
        """What it is handed for an output type, as the generated app hands it over."""
        if output.form != "json_schema" or not self.schema_options:
            return output.enforced
        return json.dumps({**self.schema_options, **json.loads(output.enforced)}, ensure_ascii=False)

    def why_not_taken(self, form: Form) -> str:
        """Why it takes no output type of this form; empty when it does."""
        return "" if form in self.forms or form == "none" else f"{self.name} takes no {_FORM_NAMES[form]}"
