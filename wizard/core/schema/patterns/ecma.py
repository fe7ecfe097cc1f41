"""A regular expression of any dialect in the words of ECMA-262 with the flag `v`, for an engine that knows no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from wizard.core.schema.patterns.ranges import POSIX
from wizard.core.schema.patterns.tree import (
    Anchor,
    AnyCharacter,
    Character,
    CharacterClass,
    Choice,
    ClassItem,
    Flags,
    Group,
    Part,
    PatternError,
    Posix,
    Property,
    Range,
    Reference,
    Repeat,
    Shorthand,
    UnknownProperty,
)

Dialect = Literal["ecma", "rust"]
_RUST = {
    "d": r"\p{Nd}",
    "w": r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}",
    "s": r"\p{White_Space}",
}
_ASCII = {"d": "digit", "w": "word", "s": "space"}
_ANCHORS = {"A": "^", "z": "$", "Z": "$", "b": r"\b", "B": r"\B"}


@dataclass(frozen=True)
class EcmaWriter:
    """Writes trees. `dialect` is how ``.``, ``\\d``, ``\\w`` and ``\\s`` are meant; `takes` asks the engine."""

    dialect: Dialect
    takes: Callable[[str], bool]

    def choice(self, tree: Choice) -> str:
        """A whole pattern."""
        branches, flags = [], ("", "")
        for branch in tree.branches:
            text, flags = self._sequence(branch, flags)
            branches.append(text)
        return "|".join(branches)

    def _sequence(self, parts: Sequence[Part], flags: tuple[str, str]) -> tuple[str, tuple[str, str]]:
        """The text, and the flags that hold behind it: they last until the group ends."""
        text, opened = "", 0
        if any(flags):
            text, opened = f"(?{flags[0]}{'-' * bool(flags[1])}{flags[1]}:", 1
        for part in parts:
            if not isinstance(part, Flags):
                text += self._part(part)
            elif "i" in part.on + part.off:
                flags = ("i", "") if "i" in part.on else ("", "i")
                text += "(?i:" if flags[0] else "(?-i:"
                opened += 1
        return text + ")" * opened, flags

    def _part(self, part: Part) -> str:
        match part:
            case Character():
                return _spell(part.code)
            case AnyCharacter():
                return r"[\s\S]" if part.newline else "." if self.dialect == "ecma" else r"[^\n]"
            case Shorthand() | Property() | CharacterClass():
                return self.one(part)
            case Anchor():
                return self._anchor(part)
            case Repeat():
                body = self._part(part.body)
                body = f"(?:{body})" if part.doubled or isinstance(part.body, Anchor) else body
                return f"{body}{{{part.low},{'' if part.high is None else part.high}}}"
            case Group():
                return self._group(part)
            case Reference():
                return f"\\{part.target}" if part.target.isdigit() else f"\\k<{part.target}>"
        raise PatternError("flags out of place")

    def _anchor(self, anchor: Anchor) -> str:
        if anchor.multiline and anchor.kind in "^$":
            return r"(?:^|(?<=\n))" if anchor.kind == "^" else r"(?:$|(?=\n))"
        return _ANCHORS.get(anchor.kind, anchor.kind)

    def _group(self, group: Group) -> str:
        body = self.choice(group.body)
        if group.kind == "look":
            return f"({group.opening}{body})"
        if group.kind == "flags" and "i" in group.on + group.off:
            return f"(?{'i' if 'i' in group.on else '-i'}:{body})"
        name = group.opening.partition("<")[2].rstrip(">")
        if group.kind == "named" and not set(name) & set(".[]"):
            return f"(?<{name}>{body})"
        return f"({body})" if group.kind in ("capture", "named") else f"(?:{body})"

    # One character

    def one(self, item: ClassItem) -> str:
        """What stands for one character, as a class or an escape that may stand in another class."""
        match item:
            case Character():
                return _spell(item.code)
            case Range():
                return f"{_spell(item.low.code)}-{_spell(item.high.code)}"
            case Posix():
                ranges = "".join(f"{_spell(low)}-{_spell(high)}" for low, high in POSIX[item.name])
                return f"[{'^' * item.negated}{ranges}]"
            case Property():
                return self._property(item)
            case Shorthand():
                if self.dialect == "ecma":
                    return f"\\{item.letter}"
                if item.ascii:
                    return self.one(Posix(0, 0, _ASCII[item.letter.lower()], item.letter.isupper()))
                return f"[{'^' * item.letter.isupper()}{_RUST[item.letter.lower()]}]"
            case CharacterClass():
                return self._class(item)

    def _class(self, item: CharacterClass) -> str:
        inner = "".join(map(self.one, item.items))
        for operator, other in item.operations:
            left, right = f"[{inner}]", self._class(other)
            inner = f"[{left}--{right}][{right}--{left}]" if operator == "~~" else f"{left}{operator}{right}"
        return f"[{'^' * item.negated}{inner}]"

    def _property(self, item: Property) -> str:
        name = _known_property(item.name, self.takes) if item.foreign else item.name
        return f"\\{'P' if item.negated else 'p'}{{{name}}}"


def _spell(code: int) -> str:
    return f"\\u{{{code:x}}}"


_BEYOND_ECMA = frozenset(["age", "gcb", "sb", "wb", "graphemeclusterbreak", "sentencebreak", "wordbreak"])
_PROPERTIES: dict[str, str] = {}


def _known_property(name: str, takes: Callable[[str], bool]) -> str:
    """How ECMA-262 writes a property of Unicode: Rust takes any case, and scripts without saying that they are."""
    if name not in _PROPERTIES:
        _PROPERTIES[name] = next((each for each in _spellings(name) if takes(f"\\p{{{each}}}")), "")
    if not _PROPERTIES[name]:
        kind = name.partition("=")[0].lower().replace("_", "")
        error = UnknownProperty if kind in _BEYOND_ECMA and "=" in name else PatternError
        raise error(f"\\p{{{name}}} is no property of Unicode")
    return _PROPERTIES[name]


@cache
def _spellings(name: str) -> tuple[str, ...]:
    first, equals, value = name.replace(":", "=").partition("=")
    if equals:
        kind = {"gc": "General_Category", "generalcategory": "General_Category", "sc": "Script", "script": "Script"}
        kind |= {"scx": "Script_Extensions", "scriptextensions": "Script_Extensions"}
        plain = kind.get(first.lower().replace("_", "").strip(), first)
        return (name, *(f"{plain}={each}" for each in _cases(value.strip())))
    bare = name.lower().removeprefix("is").lstrip("_ -")  # as Rust and Unicode have it
    return tuple(form for each in (*_cases(name), *_cases(bare)) for form in (each, f"Script={each}"))


def _cases(name: str) -> tuple[str, ...]:
    words = name.replace(" ", "_").split("_")
    return name, "_".join(map(str.capitalize, words)), "_".join(map(str.lower, words)), name.upper()
