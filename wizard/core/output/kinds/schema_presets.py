"""JSON Schemas to start from, in the order in which they are shown."""

from __future__ import annotations

from wizard.core.output.output_kind import Preset
from wizard.core.schema.json_value import JsonObject, format_json


def _record(title: str, **properties: JsonObject) -> JsonObject:
    """An object with these properties and no others."""
    return {
        "title": title,
        "type": "object",
        "properties": {**properties},
        "required": [*properties],
        "additionalProperties": False,
    }


CHARACTER_SCHEMA = _record(
    "Character",
    name={"type": "string", "maxLength": 12},
    age={"type": "integer", "minimum": 1, "maximum": 120},
    armor={"enum": ["leather", "chainmail", "plate", "scale", "robe", "none"]},
    weapon={"enum": ["sword", "axe", "mace", "spear", "bow", "crossbow", "dagger", "staff", "hammer"]},
    strength={"type": "integer", "minimum": 1, "maximum": 20},
)
CHARACTER_PROMPT = "Give me a character description: Amiri, 53 year old warrior woman with a sword and leather armor."
_REVIEW = _record(
    "Review",
    sentiment={"enum": ["positive", "neutral", "negative"]},
    stars={"type": "integer", "minimum": 1, "maximum": 5},
    summary={"type": "string", "maxLength": 80},
)
_CONTACT = _record(
    "Contact",
    name={"type": "string", "maxLength": 40},
    email={"type": "string", "format": "email"},
    phone={"type": "string", "pattern": "^[0-9 +-]{5,20}$"},
    city={"type": "string", "maxLength": 40},
)
_INVOICE = _record(
    "Invoice",
    number={"type": "string", "maxLength": 20},
    date={"type": "string", "format": "date"},
    lines={
        "type": "array",
        "minItems": 1,
        "maxItems": 5,
        "items": _record(
            "Line",
            item={"type": "string", "maxLength": 40},
            quantity={"type": "integer", "minimum": 1, "maximum": 999},
            cents={"type": "integer", "minimum": 0, "maximum": 9999999},
        ),
    },
    currency={"enum": ["EUR", "USD", "GBP", "JPY"]},
)
_RECEIPT = _record(
    "Receipt",
    shop={"type": "string", "maxLength": 40},
    date={"type": "string", "format": "date"},
    lines={
        "type": "array",
        "maxItems": 20,
        "items": _record(
            "Line",
            item={"type": "string", "maxLength": 40},
            cents={"type": "integer", "minimum": -9999999, "maximum": 9999999},
        ),
    },
    total_cents={"type": "integer", "minimum": 0, "maximum": 9999999},
    currency={"enum": ["EUR", "USD", "GBP", "JPY"]},
)
SCHEMA_PRESETS: tuple[Preset, ...] = (
    Preset("Character: a person in a game", format_json(CHARACTER_SCHEMA), CHARACTER_PROMPT),
    Preset("Review: an opinion about a product", format_json(_REVIEW)),
    Preset("Contact: name and address from a text", format_json(_CONTACT)),
    Preset("Invoice: line items and a total", format_json(_INVOICE)),
)
