"""JSON numbers as they are written: exact decimals, compared without the rounding of binary floating point."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from secrets import token_hex
from typing import Any, TypeAlias, TypeGuard

Number: TypeAlias = "int | float | Decimal"
_ARITHMETIC = Context(prec=1000)  # digits: more than the sum or the product of two doubles has
LONGEST_INTEGER = 4000  # digits; Python refuses to read longer ones as an int
_LARGEST = 10**17  # an exponent past this is taken for this: no bound that anybody writes is beyond it


class JsonNumber(Decimal):
    """A decimal that prints as JSON writes it, in messages and inside of lists too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def read_number(text: str) -> JsonNumber:
    """The number that a JSON text writes, with every digit, whatever its exponent."""
    try:
        return JsonNumber(text)
    except InvalidOperation:
        digits, _, exponent = text.lower().partition("e")
        return JsonNumber(f"{digits}e{'-' if exponent.startswith('-') else ''}{_LARGEST}")


def float_or_exact(text: str) -> float | JsonNumber:
    """A float where one is written the same, else the number with every digit. Raises ValueError for what no float
    comes near."""
    value, exactly = float(text), read_number(text)
    if math.isinf(value):
        raise ValueError(f"the number {text} is too large")
    return value if exact(value) == exactly else exactly


def _read_integer(text: str) -> int | JsonNumber:
    return int(text) if len(text) < LONGEST_INTEGER else JsonNumber(text)


def read_exact(text: str) -> Any:
    """A JSON text with its numbers as exact decimals. Raises ValueError for what is no JSON, NaN among it."""
    return json.loads(text, parse_float=read_number, parse_int=_read_integer, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def write_exact(value: Any, **options: Any) -> str:
    """JSON text as `json.dumps` writes it with these options, exact decimals digit by digit."""
    mark, numbers = token_hex(8), list[str]()

    def keep(number: object) -> str:
        if not isinstance(number, Decimal):
            raise TypeError(f"{type(number).__name__} is not a JSON value")
        numbers.append(str(number))
        return f"{mark}{len(numbers) - 1};"

    text = json.dumps(value, default=keep, **options)
    for at, number in enumerate(numbers):
        text = text.replace(f'"{mark}{at};"', number)
    return text


def is_number(value: object) -> TypeGuard[Number]:
    """Whether a value is a JSON number."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def exact(number: Number) -> int | Decimal:
    """The number as it is written in JSON: 0.1 is a tenth, and not the double next to it."""
    return JsonNumber(repr(number)) if isinstance(number, float) else number


def is_whole(number: Number) -> bool:
    """Whether a number has no fraction: 1.0 and 1e3 have none."""
    value = exact(number)
    return isinstance(value, int) or (value.is_finite() and value == value.to_integral_value())


def is_multiple(number: Number, step: Number) -> bool:
    """Whether a number is a whole number of steps, at no more cost for a huge exponent than for a small one."""
    (value, value_exponent), (unit, unit_exponent) = _parts(number), _parts(step)
    if value == 0 or unit == 0:
        return value == 0
    shift = value_exponent - unit_exponent
    # Without zeros at its end, a number is no multiple of what has some.
    return shift >= 0 and value * pow(10, shift, abs(unit)) % unit == 0


def _parts(number: Number) -> tuple[int, int]:
    """A coefficient without zeros at its end, and the exponent of ten."""
    value = Decimal(exact(number))
    if not value.is_finite():
        raise ValueError(f"{number} is not a JSON value")
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    significant = "".join(map(str, digits)).rstrip("0")
    coefficient = int(Decimal(significant)) if significant else 0
    return (-coefficient if sign else coefficient), exponent + len(digits) - len(significant)


def identity(value: Any) -> Hashable:
    """What two values have in common exactly if JSON Schema calls them equal: 1 and 1.0 are, 1 and true are not."""
    if is_number(value):
        return ("number", exact(value))
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(part)) for key, part in value.items()))
    if isinstance(value, list):
        return ("array", tuple(map(identity, value)))
    return (type(value).__name__, value)


def plus(number: Number, more: Number) -> int | float | None:
    """The sum, as `as_plain` gives it."""
    return as_plain(_ARITHMETIC.add(Decimal(exact(number)), Decimal(exact(more))))


def times(number: Number, factor: Number) -> int | float | None:
    """The product, as `as_plain` gives it."""
    return as_plain(_ARITHMETIC.multiply(Decimal(exact(number)), Decimal(exact(factor))))


def steps_in(number: Number, step: Number) -> int:
    """How many whole steps the number holds, rounded down. For numbers that a double comes near."""
    return math.floor(Fraction(exact(number)) / Fraction(exact(step)))


def as_plain(number: Number) -> int | float | None:
    """The number as Python's own: an int, or the float that is written the same; None where no float is."""
    value = exact(number)
    if isinstance(value, int):
        return value
    if is_whole(value) and value.adjusted() < LONGEST_INTEGER:
        return int(value)
    plain = float(value)
    return plain if not math.isinf(plain) and Decimal(repr(plain)) == value else None


def as_data(value: Any) -> Any:
    """Exact data as a program uses it: floats for decimals, and the text of a number that no float comes near."""
    if isinstance(value, dict):
        return {key: as_data(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_data(part) for part in value]
    if isinstance(value, Decimal):
        plain = float(value)
        return str(value) if math.isinf(plain) else plain
    return value
