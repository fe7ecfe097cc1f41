"""Reads what stands for one character in a regular expression: escapes and classes in brackets."""

from __future__ import annotations

import string

from wizard.core.schema.patterns.ranges import POSIX
from wizard.core.schema.patterns.tree import (
    Character,
    CharacterClass,
    ClassItem,
    PatternError,
    Posix,
    Property,
    Range,
    Shorthand,
)

SIMPLE = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
DEEPEST = 20  # classes in classes
_HEX = frozenset("0123456789abcdefABCDEF")
_PROPERTY = frozenset(string.ascii_letters + string.digits + "_ =:!.-")
_OCTAL = frozenset("01234567")


class ClassParser:
    """A text, and how far it has been read. `rust`: operators on classes need no brackets behind them."""

    def __init__(self, text: str, ecma: bool, rust: bool = False) -> None:
        self.text, self.ecma, self.rust, self.at = text, ecma, rust, 0
        self.flags = frozenset[str]()

    def take(self, wanted: str) -> bool:
        """Read `wanted` where it comes next."""
        if self.text.startswith(wanted, self.at):
            self.at += len(wanted)
            return True
        return False

    def peek_escaped(self) -> str:
        """The letter behind a backslash."""
        if self.at >= len(self.text):
            raise PatternError("a backslash at the end")
        return self.text[self.at]

    # Classes

    def character_class(self, start: int, depth: int = 0) -> CharacterClass:
        """A class, the opening bracket of which has been read."""
        if depth > DEEPEST:
            raise PatternError("classes are nested too deeply")
        negated = self.take("^")
        items, operations = self._union(depth, first=True), list[tuple[str, CharacterClass]]()
        while self._is_operator():
            operator, begin = self.text[self.at : self.at + 2], self.at + 2
            self.at = begin
            right = self._union(depth, first=False)
            operations.append((operator, CharacterClass(begin, self.at, False, right)))
        if not self.take("]"):
            raise PatternError("a class without its closing bracket")
        return CharacterClass(start, self.at, negated, items, tuple(operations))

    def _union(self, depth: int, *, first: bool) -> tuple[ClassItem, ...]:
        items: list[ClassItem] = []
        while self.at < len(self.text):
            if self.text[self.at] == "]" and (self.ecma or items or not first):
                break
            if items and self._is_operator():
                break
            leading = not self.ecma and first and not items  # a bracket or a hyphen here begins no range
            item = self._class_item(depth)
            is_plain = leading and self.text[item.start] in "]-"
            if self._is_operator() or is_plain:
                items.append(item)
            elif self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in ("", "]"):
                items += self._range(item, depth)
            else:
                items.append(item)
        return tuple(items)

    def _is_operator(self) -> bool:
        """Rust's operators, which ECMA-262 has with the flag `v`; without a class behind them, characters to others."""
        is_one = not self.ecma and self.text[self.at : self.at + 2] in ("&&", "--", "~~")
        return is_one and (self.rust or self.text[self.at + 2 : self.at + 3] == "[")

    def _range(self, low: ClassItem, depth: int) -> list[ClassItem]:
        dash = Character(self.at, self.at + 1, ord("-"))
        self.at += 1
        if not self.ecma and self.text[self.at] == "[" and isinstance(low, CharacterClass | Posix):
            self.at -= 1
            return [low]
        high = self._class_item(depth)
        if isinstance(low, Character) and isinstance(high, Character):
            if low.code > high.code:
                raise PatternError("a range with its ends the wrong way round")
            return [Range(low.start, high.end, low, high)]
        return [low, dash, high]  # as in ``[\w-.]``: a hyphen

    def _class_item(self, depth: int) -> ClassItem:
        start, letter = self.at, self.text[self.at]
        self.at += 1
        if letter == "\\":
            return self.escaped_item(start, in_class=True)
        if letter != "[" or self.ecma:
            return Character(start, self.at, ord(letter))
        if self.text.startswith(":", self.at) and (end := self.text.find(":]", self.at)) > 0:
            name = self.text[self.at + 1 : end]
            if name.removeprefix("^") in POSIX:
                self.at = end + 2
                return Posix(start, self.at, name.removeprefix("^"), name.startswith("^"))
        return self.character_class(start, depth + 1)

    # Escapes

    def escaped_item(self, start: int, *, in_class: bool) -> Character | Shorthand | Property:
        """What a backslash, which has been read, makes of the letters behind it."""
        letter = self.peek_escaped()
        self.at += 1
        if letter in "dDwWsS":
            return Shorthand(start, self.at, letter, "a" in self.flags)
        if letter in "pP":
            return self._property(start, negated=letter == "P")
        code = self._code(letter, in_class)
        return Character(start, self.at, code)

    def _code(self, letter: str, in_class: bool) -> int:
        if letter in SIMPLE:
            return SIMPLE[letter]
        if letter in "xuU":
            return self._hexadecimal(letter)
        if letter == "c" and self.text[self.at : self.at + 1].isascii() and self.text[self.at : self.at + 1].isalpha():
            self.at += 1
            return ord(self.text[self.at - 1]) % 32
        if letter in _OCTAL:
            return self._octal(letter)
        if letter == "b" and in_class:
            return 8
        if letter == "a" and not self.ecma:
            return 7
        if letter.isascii() and letter.isalnum():
            raise PatternError(f"\\{letter} is no escape")
        return ord(letter)

    def _hexadecimal(self, letter: str) -> int:
        if self.take("{"):
            end = self.text.find("}", self.at)
            digits = self.text[self.at : max(end, self.at)]
            self.at = end + 1
        else:
            size = {"x": 2, "u": 4, "U": 8}[letter]
            digits = self.text[self.at : self.at + size]
            self.at += size
            if len(digits) < size:
                digits = ""
        if not digits or not set(digits) <= _HEX or int(digits, 16) > 0x10FFFF:
            raise PatternError(f"\\{letter} without its hexadecimal digits")
        code = int(digits, 16)
        if 0xD800 <= code < 0xDC00 and self.text.startswith("\\u", self.at):
            low = self.text[self.at + 2 : self.at + 6]
            if len(low) == 4 and set(low) <= _HEX and 0xDC00 <= int(low, 16) < 0xE000:
                self.at += 6
                return 0x10000 + ((code - 0xD800) << 10) + int(low, 16) - 0xDC00
        return code

    def _octal(self, letter: str) -> int:
        digits = letter
        while len(digits) < 3 and self.text[self.at : self.at + 1] in _OCTAL and self.at < len(self.text):
            digits += self.text[self.at]
            self.at += 1
        if int(digits, 8) > 255:
            raise PatternError("an octal number that is too large")
        return int(digits, 8)

    def _property(self, start: int, *, negated: bool) -> Property:
        if self.take("{"):
            end = self.text.find("}", self.at)
            name = self.text[self.at : max(end, self.at)]
            self.at = end + 1
        else:
            name = self.text[self.at : self.at + 1]
            self.at += 1
        plain = name.removeprefix("^")
        if not set(plain) <= _PROPERTY or not plain:
            raise PatternError("\\p without the name of a property")
        opposite = name.startswith("^") != ("!=" in plain)
        return Property(start, self.at, plain.replace("!=", "="), negated != opposite, foreign=not self.ecma)
