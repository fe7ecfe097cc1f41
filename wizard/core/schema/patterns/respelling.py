"""A pattern of JSON Schema in words that mean the same to ECMA-262 and to every structured-output backend.

llguidance and outlines_core read patterns as Rust does, where ``.`` takes a carriage return, ``\\s`` is another set of
characters, ``\\<`` is the edge of a word, and ``\\cA`` or ``[^]`` is an error. What means the same to all stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from wizard.core.schema.patterns.matching import class_matcher, compile_pattern
from wizard.core.schema.patterns.ranges import POSIX, SHORTHANDS, complement
from wizard.core.schema.patterns.tree import (
    Anchor,
    AnyCharacter,
    Character,
    CharacterClass,
    Choice,
    ClassItem,
    Group,
    Part,
    PatternError,
    Posix,
    Property,
    Range,
    Reference,
    Repeat,
    Shorthand,
)

_BRIEF = {"d": "0-9", "w": "a-zA-Z0-9_"}
_NO_LINE_END = r"[^\n\r\u2028\u2029]"
_CONTROLS = {9: r"\t", 10: r"\n", 11: r"\x0b", 12: r"\f", 13: r"\r"}
_SYNTAX = frozenset(r"\.+*?()|[]{}^$")
_CLASS_SYNTAX = frozenset(r"\[]^-&~")
Edit = tuple[int, int, str]


@lru_cache(maxsize=1024)
def respell(pattern: str) -> str:
    """The pattern as every backend is handed it; unchanged where it means the same to all, or is not understood."""
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return pattern
    if compiled.tree is None:
        return pattern
    parts = [part for branch in compiled.tree.branches for part in branch]
    edits = sorted(_of_choice(compiled.tree, pattern, keep_names=any(map(_refers, parts))))
    text, at = "", 0
    for start, end, new in edits:
        text += pattern[at:start] + new
        at = end
    return text + pattern[at:]


def _refers(part: Part) -> bool:
    if isinstance(part, Repeat):
        return _refers(part.body)
    if isinstance(part, Group):
        return any(_refers(inner) for branch in part.body.branches for inner in branch)
    return isinstance(part, Reference)


def _of_choice(tree: Choice, source: str, *, keep_names: bool) -> Iterator[Edit]:
    for branch in tree.branches:
        for part in branch:
            yield from _of_part(part, source, keep_names=keep_names)


def _of_part(part: Part, source: str, *, keep_names: bool) -> Iterator[Edit]:
    written = source[part.start : part.end]
    match part:
        case Repeat():
            yield from _of_part(part.body, source, keep_names=keep_names)
        case Group():
            if part.kind == "named" and not keep_names:
                yield part.start, part.start + 1 + len(part.opening), "("
            yield from _of_choice(part.body, source, keep_names=keep_names)
        case Character():
            new = _character(part, written, _SYNTAX)
            if new != written and not part.contested:
                yield part.start, part.end, new
        case AnyCharacter() if not part.newline:
            yield part.start, part.end, _NO_LINE_END
        case Shorthand():
            yield part.start, part.end, f"[{'^' * part.letter.isupper()}{_inside(part.letter.lower())}]"
        case Anchor() if part.kind in "AzZ":
            yield part.start, part.end, "^" if part.kind == "A" else "$"
        case CharacterClass():
            new = _class(part, source)
            if new != written:
                yield part.start, part.end, new


# Characters


def _character(item: Character, written: str, syntax: frozenset[str]) -> str:
    """How one is written; as it is where that means the same to all."""
    letter = chr(item.code)
    if 0xD800 <= item.code < 0xE000:
        return written  # half of a pair, which is no character to Rust
    if letter in syntax:
        return written if written == "\\" + letter else "\\" + letter
    return _plain(item.code)


def _plain(code: int) -> str:
    letter = chr(code)
    if code in _CONTROLS:
        return _CONTROLS[code]
    if code < 32 or code == 127:
        return f"\\x{code:02x}"
    if code < 127 or letter.isalnum() or (letter.isprintable() and code != 0xFEFF):
        return letter
    return f"\\u{code:04x}" if code < 0x10000 else f"\\u{{{code:x}}}"


def _in_class(code: int) -> str:
    return "\\" + chr(code) if chr(code) in _CLASS_SYNTAX else _plain(code)


# Classes


def _class(item: CharacterClass, source: str) -> str:
    """A class in the words of all; as it is written where it has operators, which only one dialect knows."""
    written = source[item.start : item.end]
    if item.operations or any(isinstance(each, CharacterClass) for each in item.items):
        return written
    letters = {each.letter for each in item.items if isinstance(each, Shorthand)}
    if any(letter.swapcase() in letters for letter in letters):
        return written if not item.negated else r"[^\s\S]"
    items = [each for each in item.items if not _is_surrogate(each)]  # which no text holds, and Rust does not know
    if not items:
        return r"[\s\S]" if item.negated else r"[^\s\S]"
    last = len(items) - 1
    inner = "".join(
        _class_item(each, source, at_edge=number in (0, last) and not (number == 0 and last > 0 and item.negated))
        for number, each in enumerate(items)
    )
    if _confuses_llguidance(item):
        inner = f"{inner}\\x00" if item.negated else inner.replace("\\x00-", "\\x01-")
    return f"[{'^' * item.negated}{inner}]"


def _confuses_llguidance(item: CharacterClass) -> bool:
    """Whether a class holds every control character, and not a quotation mark and a backslash as well.

    llguidance 1.9.1 takes one as any escape of JSON, those of the two among them (2026-11-29). Without U+0000, which no
    answer needs, it does not.
    """
    holds = class_matcher(item)
    return not (holds('"') and holds("\\")) and all(holds(chr(code)) for code in range(32) if code != 10)


def _is_surrogate(item: ClassItem) -> bool:
    match item:
        case Character():
            return 0xD800 <= item.code < 0xE000
        case Range():
            return item.low.code >= 0xD800 and item.high.code < 0xE000
        case Property():
            return not item.negated and item.name.rpartition("=")[2] in ("Cs", "Surrogate")
    return False


def _class_item(item: ClassItem, source: str, *, at_edge: bool) -> str:
    written = source[item.start : item.end]
    match item:
        case Character():
            if written == "-" and at_edge:
                return written
            twice = written in "&~" and written in (source[item.start - 1], source[item.end])  # an operator to Rust
            if len(written) == 1 and written not in r"\[]-" and not twice:
                return written
            return _in_class(item.code)
        case Range():
            low = 0xE000 if 0xD800 <= item.low.code < 0xE000 else item.low.code
            high = 0xD7FF if 0xD800 <= item.high.code < 0xE000 else item.high.code
            return f"{_in_class(low)}-{_in_class(high)}"
        case Shorthand():
            return _inside(item.letter)
        case Posix():
            return _write(complement(POSIX[item.name]) if item.negated else POSIX[item.name])
    return written


@lru_cache(maxsize=16)
def _inside(letter: str) -> str:
    """A shorthand as ranges, without the brackets."""
    if letter in _BRIEF:
        return _BRIEF[letter]
    ranges = SHORTHANDS[letter.lower()]
    return _write(ranges if letter.islower() else complement(ranges))


def _write(ranges: Iterable[tuple[int, int]]) -> str:
    text = ""
    for low, high in ranges:
        if high - low < 2:
            text += "".join(map(_in_class, range(low, high + 1)))
        else:
            text += f"{_in_class(low)}-{_in_class(high)}"
    return text
