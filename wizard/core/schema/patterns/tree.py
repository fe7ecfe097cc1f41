"""A regular expression as a tree: its nodes, each with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf


class PatternError(ValueError):
    """A text that is no regular expression, or one that no engine here can be asked about."""


class UnknownProperty(PatternError):
    """A property of Unicode that Rust knows, and ECMA-262 does not."""


@dataclass(frozen=True)
class Node:
    """`start` and `end` are offsets into the text."""

    start: int
    end: int


@dataclass(frozen=True)
class Character(Node):
    """One character. `contested`: dialects disagree whether it is one, so it is left as it is written."""

    code: int
    contested: bool = False


@dataclass(frozen=True)
class AnyCharacter(Node):
    """A dot; `newline`: line ends as well, by the flag `s`."""

    newline: bool = False


@dataclass(frozen=True)
class Shorthand(Node):
    r"""``\d``, ``\w``, ``\s`` or the opposite in upper case; `ascii`: by a flag, nothing else."""

    letter: str
    ascii: bool = False


@dataclass(frozen=True)
class Property(Node):
    r"""``\p{…}``: a property of Unicode. `foreign`: not as ECMA-262 writes it."""

    name: str
    negated: bool
    foreign: bool = False


@dataclass(frozen=True)
class Posix(Node):
    """``[:alpha:]`` inside of a class."""

    name: str
    negated: bool


@dataclass(frozen=True)
class Range(Node):
    """Two characters in a class and everything between them."""

    low: Character
    high: Character


@dataclass(frozen=True)
class CharacterClass(Node):
    """``[…]``. `operations` are what follows ``&&``, ``--`` and ``~~``, from left to right."""

    negated: bool
    items: tuple[ClassItem, ...]
    operations: tuple[tuple[str, CharacterClass], ...] = ()


@dataclass(frozen=True)
class Anchor(Node):
    r"""A place: ``^``, ``$``, ``b``, ``B``, ``A``, ``z`` or ``Z``; `multiline` by the flag `m`."""

    kind: str
    multiline: bool = False


@dataclass(frozen=True)
class Reference(Node):
    """What a group has matched, once more; `target` is its number or name."""

    target: str


@dataclass(frozen=True)
class Flags(Node):
    """``(?i)``: flags for the rest of the group that it stands in."""

    on: str
    off: str


@dataclass(frozen=True)
class Group(Node):
    """``(…)``. `opening` is what it begins with; `kind` "look" for a look at what stands before or behind."""

    opening: str
    body: Choice
    kind: OneOf["capture", "named", "plain", "flags", "look"]
    on: str = ""
    off: str = ""


@dataclass(frozen=True)
class Repeat(Node):
    """`body` repeated; `high` None for no limit. `doubled`: a second quantifier, which dialects read differently."""

    body: Part
    low: int
    high: int | None
    doubled: bool = False


@dataclass(frozen=True)
class Choice(Node):
    """Alternatives, each one a sequence of parts."""

    branches: tuple[tuple[Part, ...], ...]
    comments: tuple[tuple[int, int], ...] = field(default=(), compare=False)


ClassItem = Character | Range | Shorthand | Property | Posix | CharacterClass
Part = Character | AnyCharacter | Shorthand | Property | CharacterClass | Anchor | Reference | Flags | Group | Repeat
