"""A Plan as a TOML file: written for people to read, and read back into a Draft so that flags can still win."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from wizard.core.access_token import clean_line
from wizard.core.output.output_type import parse_plan_output
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan import Plan
from wizard.core.problem import usage

SCHEMA_FILE = "plan.schema.json"
SCHEMA_HINT = f"An editor completes this file once its schema is here: outlines-wizard plan schema -o {SCHEMA_FILE}"
D = TypeVar("D", bound=Draft)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # characters that a TOML literal cannot hold


def write_plan(plan: Plan, engine_why: str = "") -> str:
    """The Plan as a TOML file that `read_plan` reads back to an equal Draft; `engine_why` is noted at the engine."""
    import tomlkit  # only needed here, and not light

    tables = plan.to_mapping()
    tables["output"]["spec"] = plan.output.record.format_plan(plan.output.spec)
    for key in ("spec", "prompt"):
        text = tables["output"][key]
        if "\n" in text and "'''" not in text and not text.endswith("'") and not _CONTROL.search(text):
            tables["output"][key] = tomlkit.value(f"'''\n{text}'''")  # else escaped, on one line
    if engine_why:
        tables["function"]["engine"] = tomlkit.string(plan.engine).comment(clean_line(engine_why, 300))
    return tomlkit.dumps(tables)


def write_plan_document(plan: Plan, engine_why: str = "") -> str:
    """The Plan as it is saved for a person, whose editor finds its schema in the first line. `engine_why`: why this
    program chose the inference engine; empty where a person did."""
    why = f"chosen by outlines-wizard. {engine_why}" if engine_why else ""
    return f"#:schema ./{SCHEMA_FILE}\n# {SCHEMA_HINT}\n\n{write_plan(plan, why)}"


def toml_words(error: Exception) -> str:
    """What is wrong with a TOML file, as the rest of a sentence."""
    return str(error).partition(";")[0]  # of a number that is too long, Python also says how itself could be changed


def read_plan(text: str, where: str, draft_type: type[D]) -> D:
    """The Draft that a plan file describes. Raises Problem (exit code 2)."""
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise usage("plan_not_toml", f"{where} is not TOML: {toml_words(error)}.") from error
    values: dict[str, Any] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise usage("plan_invalid", f"{where}: {name!r} is outside [model], [output] and [function].")
        if name == "output":
            table = dict(table)
            kind, spec = table.pop("kind", None), table.pop("spec", "")
            if kind is not None:
                values["output"] = parse_plan_output(kind, spec, where)
        values |= table
    settable = {setting.name for setting in draft_type.settings()}
    for derived in (field.name for field in fields(draft_type.plan_type()) if field.name not in settable):
        values.pop(derived, None)
    return read_draft(values, where, draft_type)


def read_draft(values: Mapping[str, Any], where: str, draft_type: type[D]) -> D:
    """The Draft of values by the names of their settings, as `where` has them. Raises Problem (exit code 2)."""
    settings = {setting.name: setting for setting in draft_type.settings()}
    read = dict(values)
    for key, value in values.items():
        if key not in settings:
            raise usage("plan_invalid", f"{where} has an unknown key {key!r}.", f"Known: {', '.join(settings)}.")
        if settings[key].takes_numbers and type(value) is int:
            read[key] = str(value)
        read[key] = settings[key].read(read[key], where)
    return draft_type(**read)
