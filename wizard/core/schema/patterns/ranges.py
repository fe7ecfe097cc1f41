"""Sets of characters as ranges of their numbers: what shorthands and POSIX classes stand for."""

from __future__ import annotations

from collections.abc import Sequence

Ranges = tuple[tuple[int, int], ...]
LAST = 0x10FFFF

_DIGITS, _UPPER, _LOWER = (48, 57), (65, 90), (97, 122)
_SPACES = ((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F))
# What ECMA-262 means by a shorthand.
SHORTHANDS: dict[str, Ranges] = {
    "d": (_DIGITS,),
    "w": (_DIGITS, _UPPER, (95, 95), _LOWER),
    "s": (*_SPACES, (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
}
# What Rust means by ``[:name:]`` in a class; ECMA-262 has no such thing.
POSIX: dict[str, Ranges] = {
    "alnum": (_DIGITS, _UPPER, _LOWER),
    "alpha": (_UPPER, _LOWER),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": (_DIGITS,),
    "graph": ((33, 126),),
    "lower": (_LOWER,),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": (_UPPER,),
    "word": (_DIGITS, _UPPER, (95, 95), _LOWER),
    "xdigit": (_DIGITS, (65, 70), (97, 102)),
}


def complement(ranges: Sequence[tuple[int, int]]) -> Ranges:
    """What is in none of the ranges, which are in order."""
    found, start = [], 0
    for low, high in ranges:
        if start < low:
            found.append((start, low - 1))
        start = high + 1
    return (*found, (start, LAST)) if start <= LAST else tuple(found)
