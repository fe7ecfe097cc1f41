"""Values as Python literals, laid out as formatters lay them out."""

from __future__ import annotations

import json
import re

_HALF = re.compile("[\ud800-\udfff]")  # what was not UTF-8; a file cannot hold it as it is


def literal(value: object) -> str:
    """A Python literal in the quotes that formatters prefer."""
    if isinstance(value, str):
        if '"' in value and "'" not in value:
            inner = "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"') + "'"
        else:
            inner = json.dumps(value, ensure_ascii=False)
        return _HALF.sub(lambda half: f"\\u{ord(half.group()):04x}", inner)
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return repr(value)


def data_literal(value: object, indent: int = 0, width: int = 110) -> str:
    """Plain data as a Python literal: on one line where it fits, else one item a line."""
    if isinstance(value, dict):
        items = [f"{literal(str(key))}: {data_literal(item, indent + 4)}" for key, item in value.items()]
        opening, closing = "{", "}"
    elif isinstance(value, list):
        items = [data_literal(item, indent + 4) for item in value]
        opening, closing = "[", "]"
    else:
        return literal(value)
    inline = opening + ", ".join(items) + closing
    if len(inline) + indent <= width and "\n" not in inline:
        return inline
    margin = " " * (indent + 4)
    return opening + "\n" + "".join(f"{margin}{item},\n" for item in items) + " " * indent + closing


def text_literal(text: str) -> str:
    """A literal for longer text, wrapped at 100 columns as adjacent strings."""
    if len(literal(text)) <= 108:
        return literal(text)
    lines = text.splitlines(keepends=True)
    parts = [part for line in lines for part in _split(line)]
    return "(\n" + "".join(f"    {literal(part)}\n" for part in parts) + ")"


def _split(line: str, width: int = 90) -> list[str]:
    return [line[start : start + width] for start in range(0, len(line), width)]
