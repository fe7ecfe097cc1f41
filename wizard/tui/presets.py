"""Ready-made output types to start from: data, shown in this order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from wizard.core.output.output_type import CHARACTER_SCHEMA


@dataclass(frozen=True)
class Example:
    """A JSON Schema to start from, and what it is good for."""

    name: str
    schema: dict[str, Any]

    @property
    def text(self) -> str:
        """The schema as a person edits it."""
        return pretty(json.dumps(self.schema, ensure_ascii=False))


def pretty(spec: str) -> str:
    """JSON text, one item a line; short lists stay on theirs."""
    return _pretty(json.loads(spec), 0)


def _pretty(value: Any, indent: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or (len(flat) + indent <= 76 and indent > 0 and "{" not in flat[1:]):
        return flat
    margin = " " * (indent + 2)
    if isinstance(value, dict):
        items = [f"{json.dumps(key, ensure_ascii=False)}: {_pretty(item, indent + 2)}" for key, item in value.items()]
        opening, closing = "{", "}"
    else:
        items = [_pretty(item, indent + 2) for item in value]
        opening, closing = "[", "]"
    return opening + "\n" + ",\n".join(margin + item for item in items) + "\n" + " " * indent + closing


def _record(title: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


GALLERY: tuple[Example, ...] = (
    Example("Character: a person in a game", CHARACTER_SCHEMA),
    Example(
        "Review: what somebody thought of something",
        _record(
            "Review",
            sentiment={"enum": ["positive", "neutral", "negative"]},
            stars={"type": "integer", "minimum": 1, "maximum": 5},
            summary={"type": "string", "maxLength": 80},
        ),
    ),
    Example(
        "Contact: name and address from a text",
        _record(
            "Contact",
            name={"type": "string", "maxLength": 40},
            email={"type": "string", "format": "email"},
            phone={"type": "string", "pattern": "^[0-9 +-]{5,20}$"},
            city={"type": "string", "maxLength": 40},
        ),
    ),
    Example(
        "Invoice: positions and a total",
        _record(
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
        ),
    ),
)
