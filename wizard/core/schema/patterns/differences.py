"""What in a regular expression means something else elsewhere: in ECMA-262, Python, Rust (Pydantic) or the backends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wizard.core.schema.patterns.matching import compile_pattern, compile_regex
from wizard.core.schema.patterns.tree import (
    Anchor,
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
    Repeat,
    Shorthand,
)


@dataclass(frozen=True)
class Difference:
    """`construct` as it is written, and `words` about it. `contested`: other tools refuse it or mean another thing."""

    construct: str
    words: str
    contested: bool = True


_NOT_ECMA = "is not ECMA-262, the dialect of JSON Schema, so other validators reject it"
_WITHOUT_UNICODE = (
    "is read as it is meant, but ECMA-262 takes it without Unicode only, so some validators refuse it: "
    "write no backslash where none is needed, a hyphen at the end of its class, and \\{ for a brace"
)
_OTHER_DIGITS = "Python and Pydantic also take those of other scripts"


def pattern_differences(pattern: str) -> list[Difference]:
    """For a `pattern` of JSON Schema, one for each construct; empty for what is no pattern."""
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return []
    if compiled.tree is None:
        words = f"{_NOT_ECMA}; it is read as Python does, and no backend may take it"
        return [Difference(pattern, words)]
    nodes = list(_walk(compiled.tree))
    if compiled.is_ecma:
        return _each_once(map(_in_ecma, nodes))
    found = _each_once(_beyond_ecma(node, pattern) for node in nodes)
    return found or [Difference(pattern, _WITHOUT_UNICODE, contested=False), *_each_once(map(_in_ecma, nodes))]


def regex_differences(pattern: str) -> list[Difference]:
    """The same for an expression that a whole answer matches, which the backends read as Rust does."""
    try:
        tree = compile_regex(pattern).tree
    except PatternError:
        return []
    return _each_once(map(_in_rust, _walk(tree))) if tree is not None else []


def _each_once(found: Iterable[Difference | None]) -> list[Difference]:
    return list(dict.fromkeys(each for each in found if each is not None))


def _in_ecma(node: Part | ClassItem) -> Difference | None:
    if not isinstance(node, Shorthand) or node.letter.lower() not in "dw":
        return None
    kind = "0 to 9" if node.letter in "dD" else "letters, digits and _ of ASCII"
    what = f"stands for {kind}" if node.letter.islower() else f"stands for anything but {kind}"
    words = f"{what}, as JSON Schema means it, and is enforced so; {_OTHER_DIGITS}"
    return Difference(f"\\{node.letter}", words, contested=False)


def _in_rust(node: Part | ClassItem) -> Difference | None:
    if not isinstance(node, Shorthand) or node.letter not in "dw":
        return None
    kinds = {"d": ("digits", "[0-9]"), "w": ("letters and digits", "[A-Za-z0-9_]")}
    what, instead = kinds[node.letter]
    words = f"takes {what} of every script, as in Python: write {instead} where only those are meant"
    return Difference(f"\\{node.letter}", words, contested=node.letter == "d")


def _beyond_ecma(node: Part | ClassItem, source: str) -> Difference | None:
    """What a pattern that is not ECMA-262 has that is not; escapes that need not be there mean the same to all."""
    written = source[node.start : node.end]
    match node:
        case Flags() | Group(kind="flags"):
            return Difference(f"(?{node.on}{'-' * bool(node.off)}{node.off})", f"{_NOT_ECMA}: it has no flags inside")
        case Group(kind="named") if node.opening.startswith("?P"):
            return Difference("(?P<", f"{_NOT_ECMA}: write (?<name>…)")
        case Anchor() if node.kind in "AzZ":
            instead = "^" if node.kind == "A" else "$"
            words = f"is the edge of the text to Python and Rust and the letter {node.kind} to some validators"
            return Difference(written, f"{words}: write {instead}")
        case Posix():
            words = "is a class to the backends; Python and some validators take the characters between the brackets"
            return Difference(written, f"{words}: write out the class, such as a-z")
        case CharacterClass() if _has_classes(node):
            words = "is an operation on classes to the backends; Python and most validators take its characters"
            return Difference(written, f"{words}: write out the class")
        case CharacterClass() if node.items and node.items[0].start == node.start + 1 + node.negated:
            return _first_bracket(node, written)
        case Property() if node.foreign and not _is_ecma_property(written):
            return Difference(written, f"{_NOT_ECMA}: write \\p{{L}} or \\p{{Script=Greek}}")
        case Repeat() if node.doubled:
            words = "is a possessive quantifier in Python, and ECMA-262 rejects it"
            return Difference(written[-2:], words)
        case Character() if node.contested:
            return Difference("{,", "is text to ECMA-262 and a number of repeats to Python: write {0,")
    return None


def _has_classes(node: CharacterClass) -> bool:
    return bool(node.operations) or any(isinstance(each, CharacterClass) for each in node.items)


def _first_bracket(node: CharacterClass, written: str) -> Difference | None:
    first = node.items[0]
    if not isinstance(first, Character) or first.code != ord("]") or written[1 + node.negated] != "]":
        return None
    return Difference(written, "begins with a bracket, where ECMA-262 ends the class: write \\]")


def _is_ecma_property(written: str) -> bool:
    try:
        return compile_pattern(written).is_ecma
    except PatternError:
        return False


def _walk(tree: Choice) -> Iterator[Part | ClassItem]:
    for branch in tree.branches:
        for part in branch:
            yield from _walk_part(part)


def _walk_part(part: Part | ClassItem) -> Iterator[Part | ClassItem]:
    yield part
    if isinstance(part, Repeat):
        yield from _walk_part(part.body)
    elif isinstance(part, Group):
        yield from _walk(part.body)
    elif isinstance(part, CharacterClass) and not _has_classes(part):
        yield from part.items
