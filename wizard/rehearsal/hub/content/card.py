"""Model cards: the data at the head of a README, read without a YAML library."""

from __future__ import annotations

import json
import re
from typing import Any

HEAD = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?(?:\n|\Z)", flags=re.DOTALL)
PAIR = re.compile(r"(\S[^:]*?): *(.*)$")
FOLDED = {">": " ", ">-": " ", "|": "\n", "|-": "\n"}


def body(card: str) -> str:
    """A card without the data at its head."""
    return HEAD.sub("", card, count=1)


def front_matter(card: str) -> dict[str, Any]:
    """The data at the head of a card: scalars, texts over several lines, and lists and tables of scalars.

    That is the part of YAML that cards are usually written in; what goes deeper is left out.
    """
    match = HEAD.match(card)
    found: dict[str, Any] = {}
    lines = match[1].splitlines() if match else []
    while lines:
        pair = PAIR.match(lines.pop(0))
        if pair is None:
            continue
        below: list[str] = []
        while lines and (not lines[0].strip() or lines[0].startswith((" ", "- "))):
            below.append(lines.pop(0))
        value = _value(pair[2].strip(), [line for line in below if line.strip()])
        if value not in (None, [], {}):
            found[_scalar(pair[1])] = value
    return found


def _value(given: str, below: list[str]) -> Any:
    if given in FOLDED:
        return FOLDED[given].join(line.strip() for line in below)
    if given or not below:
        return _scalar(given) if given else None
    depth = len(below[0]) - len(below[0].lstrip())
    items = [line.strip() for line in below if len(line) - len(line.lstrip()) == depth]
    if items[0].startswith("- "):
        return [_scalar(item[2:]) for item in items]
    pairs = [pair for item in items if (pair := PAIR.match(item)) and pair[2]]
    return {str(_scalar(pair[1])): _scalar(pair[2]) for pair in pairs}


def _scalar(text: str) -> Any:
    text = text.strip()
    try:
        return json.loads(text)
    except ValueError:
        return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
