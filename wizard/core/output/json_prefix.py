"""Where in a JSON document its text breaks off: the field that is being written while an answer streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass
class JsonPrefix:
    """The open objects and lists of a JSON text that comes piece by piece."""

    path: list[str | int] = field(default_factory=list)  # a key or an index for each open object and list
    opened: list[Literal["{", "["]] = field(default_factory=list)
    text: list[str] | None = None  # the characters of the string that is open
    escaped: bool = False
    expects_key: bool = False

    def feed(self, piece: str) -> None:
        """Read some more of the text."""
        for char in piece:
            self._read(char)

    @property
    def place(self) -> str:
        """Where the text breaks off, as `weapon` or `items[2].name`; empty at the top or between fields."""
        place = ""
        for each in self.path:
            if each == "":
                break
            place += f"[{each}]" if isinstance(each, int) else f".{each}" if place else each
        return place

    def _read(self, char: str) -> None:
        if self.text is not None:
            self._read_string(char)
        elif char == '"':
            self.text = []
        elif char in "{[":
            self.opened.append("{" if char == "{" else "[")
            self.path.append("" if char == "{" else 0)
            self.expects_key = char == "{"
        elif char in "}]" and self.opened:
            self.opened.pop()
            self.path.pop()
            self.expects_key = False
        elif char == ",":
            self._next_item()

    def _next_item(self) -> None:
        if self.opened and self.opened[-1] == "{":
            self.path[-1] = ""
            self.expects_key = True
        elif self.opened:
            index = self.path[-1]
            self.path[-1] = index + 1 if isinstance(index, int) else 0

    def _read_string(self, char: str) -> None:
        assert self.text is not None
        if self.escaped or char == "\\":
            self.escaped = not self.escaped
            self.text.append(char)
        elif char == '"':
            if self.expects_key and self.opened and self.opened[-1] == "{":
                self.path[-1], self.expects_key = "".join(self.text), False
            self.text = None
        else:
            self.text.append(char)
