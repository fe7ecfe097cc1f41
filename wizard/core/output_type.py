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

from wizard.core.problem import usage

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

_LEAP = r"([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"  # years with a 29th of February
_YEAR = r"([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"  # Python's calendar has no year 0
_DATE = (
    rf"({_YEAR}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    rf"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_BYTE = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
# ISO 3166-1 alpha-2, officially assigned, 2026.
_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
# What each Python type, and each of Outlines' own that can be enforced everywhere, looks like as text. Bounded, so
# that a model cannot run away, free of leading zeros, and by the calendar.
TYPES: Mapping[str, str] = {
    "int": r"-?(0|[1-9][0-9]{0,17})",
    "float": r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}",
    "bool": r"(true|false)",
    "date": _DATE,
    "time": _TIME,
    "datetime": rf"{_DATE}T{_TIME}Z",
    "email": r"[a-z0-9_-]{1,20}(\.[a-z0-9_-]{1,20}|)@[a-z0-9]([a-z0-9-]{0,38}[a-z0-9]|)(\.[a-z]{2,10}){1,2}",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "ipv4": rf"{_BYTE}(\.{_BYTE}){{3}}",
    "digit": r"[0-9]",
    "hex": r"(0x)?[0-9a-fA-F]{1,32}",
    "country": "(" + "|".join(_COUNTRIES.split()) + ")",
    "sentence": r"[A-Z][a-zA-Z0-9 ,;:'-]{1,200}[.!?]",
    "paragraph": r"[A-Z][a-zA-Z0-9 ,;:'-]{1,200}[.!?]( [A-Z][a-zA-Z0-9 ,;:'-]{1,200}[.!?]){0,7}",
}
# `(…|)` and not `(…)?` below and above: xgrammar 0.2.8 lets `(a[0-9]{1,6})?` begin without its `a`.
# Formats that the structured-output backends take more loosely than the standard, or not at all: a leap second at any
# minute, a 31st of February, a time without its zone (battery of 2026-11-22). They get a pattern in their place.
FORMAT_PATTERNS: Mapping[str, str] = {
    "date": _DATE,
    "time": rf"{_TIME}(\.[0-9]{{1,6}}|)(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])",
    "date-time": rf"{_DATE}T{_TIME}(\.[0-9]{{1,6}}|)(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])",
    "ipv4": TYPES["ipv4"],
}
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
            return json.dumps(spell_formats(close_objects(json.loads(self.spec))), ensure_ascii=False)
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
            return f"{title} ({len(fields)} fields)" if fields else str(title)
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
            "Mend that line; a JSON Schema is an object such as {“type”: “object”, …}.",
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


def spell_formats(schema: Any) -> Any:
    """A copy in which formats of `FORMAT_PATTERNS` are patterns, which the backends do keep to."""
    if isinstance(schema, list):
        return [spell_formats(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    spelled = {
        key: (
            {name: spell_formats(part) for name, part in value.items()}
            if key in _NAMED_PARTS and isinstance(value, dict)
            else spell_formats(value)
            if key in _PARTS
            else value
        )
        for key, value in schema.items()
    }
    pattern = FORMAT_PATTERNS.get(str(schema.get("format")))
    if pattern and not {"pattern", "enum", "const"} & set(schema):
        del spelled["format"]
        spelled["pattern"] = f"^{pattern}$"
    return spelled


_NAMED_PARTS = ("properties", "$defs", "definitions")
_PARTS = ("items", "prefixItems", "anyOf", "oneOf", "allOf", "additionalProperties")


def close_objects(schema: Any) -> Any:
    """A copy in which objects that do not say whether further keys are allowed forbid them.

    Pydantic leaves that open, and a model then invents keys. A schema that combines objects anywhere (`allOf`, or
    keys beside `$ref`, `anyOf` and the like) is left as it is, since closing one part would forbid the keys of the
    other, and a definition may be either.
    """
    return schema if _combines(schema) else _close(schema)


def closed_places(output: OutputType) -> tuple[list[str], list[str]]:
    """JSON pointers to the objects that `enforced` closes though they did not say so, and to those that stay open."""
    from wizard.core.schema_nodes import written
    from wizard.core.schema_places import places

    before = json.loads(output.spec)
    after = json.loads(output.enforced)
    opens = {"additionalProperties", "patternProperties", "unevaluatedProperties"}
    closed, opened = [], []
    for place in places(after):
        if "properties" in place.node:
            where = written(place.pointer)
            if not opens & set(place.node):
                opened.append(where)
            elif place.node.get("additionalProperties") is False and not _says(before, place.pointer):
                closed.append(where)
    return closed, opened


def _says(schema: Any, pointer: tuple[str, ...]) -> bool:
    from wizard.core.schema_nodes import at

    return "additionalProperties" in at(schema, pointer)


_COMBINING = {"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "not", "dependentSchemas", "dependencies"}


def _combines(schema: Any) -> bool:
    """Whether two parts of the schema say something about the keys of one object."""
    if isinstance(schema, list):
        return any(map(_combines, schema))
    if not isinstance(schema, dict):
        return False
    if len(schema.get("allOf") or ()) > 1 or ("properties" in schema and _COMBINING & set(schema)):
        return True
    inner = [value for key, value in schema.items() if key in ("items", "prefixItems", "anyOf", "oneOf")]
    for key in ("properties", "$defs", "definitions"):
        inner += schema[key].values() if isinstance(schema.get(key), dict) else []
    return any(map(_combines, inner))


def _close(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_close(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        key: (
            {name: _close(part) for name, part in value.items()}
            if key in ("properties", "$defs", "definitions") and isinstance(value, dict)
            else _close(value)
            if key in ("items", "prefixItems", "anyOf", "oneOf")
            else value
        )
        for key, value in schema.items()
    }
    opens = {"additionalProperties", "patternProperties", "unevaluatedProperties"}
    if "properties" in schema and not opens & set(schema):
        closed["additionalProperties"] = False
    return closed
