"""One case: what is asked, and what the answer has to be, whole or in part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from wizard.core.schema.json_value import JsonObject, JsonValue


@dataclass(frozen=True)
class Cell:
    """An expected value as a table holds it: a text that may stand for a number, a truth value or nothing.

    `decimal_comma`: the table separates columns by something else, so that a number may have a comma.
    """

    text: str
    decimal_comma: bool = False

    def like(self, found: JsonValue) -> JsonValue:
        """The value that the text stands for beside `found`: a text stays one, everything else is read."""
        if isinstance(found, str):
            return self.text
        text = self.text.strip()
        plain = {"true": True, "false": False, "null": None}
        if text.lower() in plain:
            return plain[text.lower()]
        if self.decimal_comma and text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        try:
            value: JsonValue = json.loads(text)
        except (ValueError, RecursionError):
            return self.text
        return value


Expected: TypeAlias = "JsonValue | Cell"
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True)
class Case:
    """One line of a cases file. `expected` is a whole answer or a part of one; `cells` are its fields in a table."""

    line: int
    prompt: str
    expected: Expected = None
    cells: tuple[tuple[str, Cell], ...] = ()
    messages: tuple[JsonObject, ...] = ()
    images: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    id: JsonValue = None
    max_tokens: int | None = None
    mark: str = ""  # the question as the file has it, once paths of images are as seen from here

    @property
    def question(self) -> str:
        """Twelve digits for what is asked, whatever is expected: by these an answer that is kept is found again."""
        if self.mark:
            return self.mark
        asked = [self.prompt, list(self.messages), list(self.images), self.max_tokens]
        text = json.dumps(asked, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """How people call it: by its id where it has one."""
        if self.id is None:
            return f"line {self.line}"
        return self.id if isinstance(self.id, str) else json.dumps(self.id, ensure_ascii=False)


def read_messages(value: JsonValue) -> tuple[JsonObject, ...]:
    """The messages of a case. Raises ValueError with a sentence."""
    found = value if isinstance(value, list) else None
    messages = tuple(each for each in found or () if isinstance(each, dict) and "content" in each)
    if found is None or len(messages) < len(found):
        raise ValueError("messages are a list of objects with a role and a content")
    return messages


def with_system(system: str, prompt: str) -> tuple[JsonObject, ...]:
    """A prompt with a system message, as messages."""
    return ({"role": "system", "content": system}, {"role": "user", "content": prompt})


def case_line(prompt: str, value: JsonValue, **more: JsonValue) -> str:
    """A line of a cases file from a prompt and an answer that somebody has looked at."""
    return json.dumps({"prompt": prompt, **more, "expected": value}, ensure_ascii=False)
