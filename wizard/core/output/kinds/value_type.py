"""A value of a named type: a number, a date, an address and the like."""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from wizard.core.output.output_kind import KindEditor, KindFlag, OutputKind
from wizard.core.problem import usage
from wizard.core.schema.json_value import JsonValue
from wizard.core.schema.value_type_patterns import TYPES

_PROMPTS: Mapping[str, str] = {
    "hex": "Answer with a hexadecimal number.",
    "country": "Which country is Amsterdam in? Answer with its two letters.",
    "sentence": "Say hello in one short sentence.",
    "paragraph": "Tell a short story in one paragraph.",
}
_READERS: Mapping[str, Callable[[str], JsonValue]] = {
    "int": int,
    "float": float,
    "bool": {"true": True, "false": False}.__getitem__,
    "date": lambda text: datetime.date.fromisoformat(text).isoformat(),
    "time": lambda text: datetime.time.fromisoformat(text).isoformat(),
    "datetime": lambda text: datetime.datetime.fromisoformat(text).isoformat(),
    "uuid": lambda text: str(UUID(text)),
    "ipv4": lambda text: str(ipaddress.IPv4Address(text)),
    "digit": int,
}


@dataclass(frozen=True)
class _ValueType(OutputKind):
    """The spec is a name in `TYPES`."""

    def parse(self, text: str, where: str) -> str:
        if text not in TYPES:
            raise usage("type_unknown", f"There is no output type {text!r}.", f"Choose one of {', '.join(TYPES)}.")
        return text

    def enforced(self, spec: str) -> str:
        return TYPES[spec]

    def read_answer(self, spec: str, answer: str) -> JsonValue:
        if not re.fullmatch(TYPES[spec], answer):
            raise ValueError(f"not a {spec}")
        try:
            return _READERS.get(spec, str)(answer)
        except ValueError as error:
            raise ValueError(f"not a {spec} that exists") from error

    def example_prompt(self, spec: str) -> str:
        return _PROMPTS.get(spec, f"Answer with a {spec}.")


VALUE_TYPE = _ValueType(
    "type",
    "Simple type (number, date, email…)",
    "regex",
    flags=(KindFlag("--type", "NAME", f"The output is one of {', '.join(TYPES)}."),),
    editor=KindEditor("list", "Simple type (number, date, email…)", values=tuple(TYPES)),
)
