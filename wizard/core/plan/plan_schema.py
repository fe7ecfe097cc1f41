"""JSON Schemas of plan files and of `config.toml`, for editors, made from the records of the settings.

They keep to draft 7, which the editors' TOML extensions understand.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Literal, get_args, get_origin, get_type_hints

from wizard.core.output.kinds.registry import KINDS
from wizard.core.plan.draft import Draft
from wizard.core.plan.names import MODAL_NAME
from wizard.core.plan.setting import Setting
from wizard.core.schema.json_value import JsonObject, JsonValue

_DRAFT_7 = "http://json-schema.org/draft-07/schema#"
_TYPES: dict[object, str] = {str: "string", int: "integer", bool: "boolean", float: "number", tuple: "array"}
_TABLES = {
    "model": "Which model, and what was found out about it.",
    "output": "What the output looks like, and the prompt.",
    "function": "Where it runs, and how.",
}


def plan_schema(draft_type: type[Draft] = Draft) -> JsonObject:
    """The schema of a plan file."""
    tables: dict[str, JsonObject] = {name: {} for name in _TABLES}
    for setting in draft_type.settings():
        if setting.name == "output":
            tables["output"] |= _output()
        else:
            tables[setting.table][setting.name] = setting_schema(setting)
    tables["model"] |= _found_out(draft_type)
    return _object(
        "Plan of outlines-wizard",
        {name: _object(_TABLES[name], properties) for name, properties in tables.items()},
        {"$schema": _DRAFT_7},
    )


def config_schema(draft_type: type[Draft] = Draft) -> JsonObject:
    """The schema of `config.toml`."""
    settings: JsonObject = {each.name: setting_schema(each) for each in draft_type.settings() if each.name != "output"}
    settings["environment"] = {"type": "string", "description": "Modal environment.", "pattern": f"^{MODAL_NAME}$"}
    addresses: JsonObject = {"type": "array", "items": {"type": "string"}}
    trusted = addresses | {"description": "Addresses of Hubs that may be sent your access token."}
    return _object(
        "Configuration of outlines-wizard",
        {
            "theme": {"type": "string", "description": "Theme of the wizard on screen."},
            "deploy": _object("What holds for every deploy.", settings),
            "hub": _object("Hubs that you trust.", {"trusted": trusted}),
        },
        {"$schema": _DRAFT_7},
    )


def setting_schema(setting: Setting) -> JsonObject:
    """What one setting takes."""
    schema: JsonObject = {"type": _TYPES.get(get_origin(setting.value_type) or setting.value_type, "string")}
    if setting.allowed:
        schema["enum"] = list(setting.allowed)
    if setting.limits:
        schema["minimum"], schema["maximum"] = setting.limits
    if setting.pattern:
        schema["pattern"] = f"^{setting.pattern}$"
    suggested: list[JsonValue] = list(setting.suggestions())
    if suggested:
        numbers: list[JsonValue] = [{"type": "integer"}] if setting.takes_numbers else []
        schema = {"anyOf": [{"enum": suggested}, schema, *numbers]}
    if setting.help or setting.tip:
        schema["description"] = setting.help or setting.tip
    if isinstance(setting.default, str | int | bool):
        schema["default"] = setting.default
    return schema


def _output() -> JsonObject:
    """The output type, which a plan file has as two keys."""
    kinds: list[JsonValue] = list(KINDS)
    titles = "; ".join(f"{name}: {kind.label}" for name, kind in KINDS.items())
    return {
        "kind": {"enum": kinds, "description": f"Kind of output type ({titles})."},
        "spec": {
            "type": "string",
            "description": "The JSON Schema, choices, pattern, type or grammar.",
        },
    }


def _found_out(draft_type: type[Draft]) -> JsonObject:
    """What the program writes into a plan and finds out again."""
    hints, settable = get_type_hints(draft_type.plan_type()), {setting.name for setting in draft_type.settings()}
    found: JsonObject = {}
    for name in (field.name for field in fields(draft_type.plan_type()) if field.name not in settable):
        found[name] = {**_type_of(hints[name]), "description": "Found out for each deploy."}
    return found


def _type_of(hint: object) -> JsonObject:
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    kind = _TYPES.get(get_origin(hint) or hint)
    return {"type": kind} if kind else {}


def _object(about: str, properties: JsonObject, more: JsonObject | None = None) -> JsonObject:
    return (more or {}) | {
        "description": about,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
