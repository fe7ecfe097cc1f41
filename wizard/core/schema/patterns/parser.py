"""Reads a regular expression in the dialect of ECMA-262, or in what Python and Rust have in common beyond it."""

from __future__ import annotations

from wizard.core.schema.patterns.class_parser import ClassParser
from wizard.core.schema.patterns.tree import (
    Anchor,
    AnyCharacter,
    Character,
    Choice,
    Flags,
    Group,
    Part,
    PatternError,
    Reference,
    Repeat,
    Shorthand,
)

DEEPEST = 100  # groups in groups
FLAGS = frozenset("imsxUuRaL")
_LOOKS = ("?=", "?!", "?<=", "?<!")


def parse(text: str, *, ecma: bool, rust: bool = False) -> Choice:
    """The tree of a pattern. `ecma`: ECMA-262 takes it with the flag `u`, so that nothing in it is ambiguous. `rust`:
    it is for those that read as Rust does.

    Raises PatternError.
    """
    return _Parser(text, ecma, rust).whole()


class _Parser(ClassParser):
    def __init__(self, text: str, ecma: bool, rust: bool) -> None:
        super().__init__(text, ecma, rust)
        self.depth = 0
        self.groups = _count_groups(text)

    def whole(self) -> Choice:
        tree = self.choice()
        if self.at < len(self.text):
            raise PatternError("a closing parenthesis without its opening one")
        return tree

    def choice(self) -> Choice:
        start, before = self.at, self.flags
        branches = [self.sequence()]
        while self.take("|"):
            branches.append(self.sequence())
        self.flags = before
        return Choice(start, self.at, tuple(branches))

    def sequence(self) -> tuple[Part, ...]:
        parts: list[Part] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            if "x" in self.flags and self._skip_layout():
                continue
            part = self.atom()
            if part is not None:
                parts.append(self.quantified(part))
        return tuple(parts)

    def _skip_layout(self) -> bool:
        start = self.at
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        if self.text.startswith("#", self.at):
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end + 1
        return self.at > start

    def atom(self) -> Part | None:
        start, letter = self.at, self.text[self.at]
        self.at += 1
        if letter == ".":
            return AnyCharacter(start, self.at, "s" in self.flags)
        if letter in "^$":
            return Anchor(start, self.at, letter, "m" in self.flags)
        if letter == "(":
            return self.group(start)
        if letter == "[":
            return self.character_class(start)
        if letter == "\\":
            return self.escape(start)
        if letter in "*+?":
            raise PatternError(f"{letter} repeats nothing")
        if letter == "{" and self._bounds() is not None:
            raise PatternError("{ repeats nothing")
        return Character(start, self.at, ord(letter), contested=letter == "{" and self._looks_like_bounds())

    # Groups

    def group(self, start: int) -> Part | None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise PatternError("groups are nested too deeply")
        part = self._opened(start)
        self.depth -= 1
        return part

    def _opened(self, start: int) -> Part | None:
        if not self.take("?"):
            return Group(start, *self._closed(), kind="capture")
        self.at -= 1
        for opening in _LOOKS:
            if self.take(opening):
                return Group(start, *self._closed(opening), kind="look")
        if self.take("?:"):
            return Group(start, *self._closed("?:"), kind="plain")
        for opening in ("?<", "?P<"):
            if self.text.startswith(opening, self.at) and (opening == "?<" or not self.ecma):
                end = self.text.find(">", self.at)
                name = self.text[self.at + len(opening) : end] if end > 0 else ""
                plain = name.replace("$", "_").replace(".", "_").replace("[", "_").replace("]", "_")
                if not plain.isidentifier() and not name.startswith("\\u"):
                    raise PatternError("the name of a group is not one")
                self.at = end + 1
                return Group(start, *self._closed(opening + name + ">"), kind="named")
        if not self.ecma and self.take("?P="):
            begin, self.at = self.at, self.text.find(")", self.at) + 1
            return Reference(start, self.at, self.text[begin : self.at - 1])
        if self.take("?#"):
            end = self.text.find(")", self.at)
            if end < 0:
                raise PatternError("a comment without its end")
            self.at = end + 1
            return None
        return self._flags(start)

    def _closed(self, opening: str = "") -> tuple[int, str, Choice]:
        body = self.choice()
        if not self.take(")"):
            raise PatternError("an opening parenthesis without its closing one")
        return self.at, opening, body

    def _flags(self, start: int) -> Part:
        self.at += 1
        begin = self.at
        while self.at < len(self.text) and (self.text[self.at] in FLAGS or self.text[self.at] == "-"):
            self.at += 1
        on, _, off = self.text[begin : self.at].partition("-")
        if begin == self.at or not set(on + off) <= FLAGS:
            raise PatternError("a group begins with a question mark and an unknown letter")
        before, after = self.flags, (self.flags | set(on)) - set(off)
        after = after - {"a"} if "u" in on else after | {"a"} if "u" in off else after  # Rust's name for Python's a
        if self.take(")"):
            self.flags = after
            return Flags(start, self.at, on, off)
        if not self.take(":"):
            raise PatternError("a group begins with a question mark and an unknown letter")
        opening = self.text[start + 1 : self.at]
        self.flags = after
        group = Group(start, *self._closed(opening), kind="flags", on=on, off=off)
        self.flags = before
        return group

    # Quantifiers

    def quantified(self, part: Part) -> Part:
        doubled = False
        while (bounds := self._quantifier()) is not None:
            if doubled and self.ecma:
                raise PatternError("a quantifier repeats nothing")
            low, high = bounds
            if high is not None and high < low:
                raise PatternError("a quantifier with its bounds the wrong way round")
            part = Repeat(part.start, self.at, part, low, high, doubled)
            doubled = True
        return part

    def _quantifier(self) -> tuple[int, int | None] | None:
        if "x" in self.flags:
            self._skip_layout()
        bounds: tuple[int, int | None] | None
        for letter, simple in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(letter):
                bounds = simple
                break
        else:
            if not self.text.startswith("{", self.at):
                return None
            self.at += 1
            bounds = self._bounds()
            if bounds is None:
                self.at -= 1
                return None
        self.take("?")  # lazy: the same texts
        return bounds

    def _bounds(self) -> tuple[int, int | None] | None:
        """What stands in braces, the first of which has been read; takes it only where it is a quantifier."""
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at : max(end, self.at)].partition(",")
        if end < 0 or not _is_number(low) or (high and not _is_number(high)):
            return None
        self.at = end + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def _looks_like_bounds(self) -> bool:
        end = self.text.find("}", self.at)
        inside = self.text[self.at : max(end, self.at)].replace(" ", "")
        low, comma, high = inside.partition(",")
        return bool(comma) and (not low or _is_number(low)) and (not high or _is_number(high)) and bool(low or high)

    # Escapes

    def escape(self, start: int) -> Part:
        letter = self.peek_escaped()
        if letter in "bB":
            self.at += 1
            return Anchor(start, self.at, letter)
        if letter in "AzZ" and not self.ecma:
            self.at += 1
            return Anchor(start, self.at, letter)
        if letter == "k" and self.text.startswith("k<", self.at):
            begin, self.at = self.at + 2, self.text.find(">", self.at) + 1
            return Reference(start, self.at, self.text[begin : self.at - 1])
        if letter in "123456789":
            end = self.at
            while end < len(self.text) and end < self.at + 3 and self.text[end] in "0123456789":
                end += 1
            if int(number := self.text[self.at : end]) <= self.groups:
                self.at = end
                return Reference(start, self.at, number)
        item = self.escaped_item(start, in_class=False)
        assert not isinstance(item, Shorthand) or item.letter in "dDwWsS"
        return item


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7


def _count_groups(text: str) -> int:
    """Groups that can be referred to by number."""
    count, at, in_class = 0, 0, False
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 1
        elif in_class:
            in_class = letter != "]"
        elif letter == "[":
            in_class = True
        elif letter == "(":
            named = text.startswith(("(?<", "(?P<"), at) and not text.startswith(("(?<=", "(?<!"), at)
            count += not text.startswith("(?", at) or named
        at += 1
    return count
