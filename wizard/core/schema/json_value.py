"""The types of JSON data, and JSON text as a person edits it."""

from __future__ import annotations

from typing import TypeAlias

from wizard.core.schema.exact_numbers import write_exact

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"
JsonObject: TypeAlias = dict[str, JsonValue]

LINE_LENGTH = 76  # characters that a list may have to stay on one line


def format_json(value: JsonValue, indent: int = 0) -> str:
    """JSON text, one item a line; short lists stay on theirs."""
    flat = write_exact(value, ensure_ascii=False)
    if not isinstance(value, dict | list):
        return flat
    if len(flat) + indent <= LINE_LENGTH and indent > 0 and "{" not in flat[1:]:
        return flat
    margin = " " * (indent + 2)
    if isinstance(value, dict):
        items = [
            f"{write_exact(key, ensure_ascii=False)}: {format_json(item, indent + 2)}" for key, item in value.items()
        ]
        opening, closing = "{", "}"
    else:
        items = [format_json(item, indent + 2) for item in value]
        opening, closing = "[", "]"
    return opening + "\n" + ",\n".join(margin + item for item in items) + "\n" + " " * indent + closing
