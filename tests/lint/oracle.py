"""Schemas by chance of which it is known, without any library, which values are valid: patterns, numbers, references.

Each part comes with a predicate of its own: fractions for numbers, `str` methods and ASCII expressions for patterns. A
reference is a disguise of a part that is judged as if it stood there.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

Predicate = Callable[[Any], bool]


@dataclass(frozen=True)
class Part:
    """A schema, what it means, and values that are likely to be near its edge."""

    schema: dict[str, Any]
    holds: Predicate
    near: tuple[str, ...] = ()  # JSON texts


@dataclass
class Drawn:
    """A whole schema, what it means, and answers near its edge, as texts."""

    schema: dict[str, Any]
    holds: Predicate
    near: list[str] = field(default_factory=list)

    def judges_valid(self, text: str) -> bool:
        """Whether a text is a valid answer."""
        try:
            return self.holds(read(text))
        except (ValueError, RecursionError):
            return False


def read(text: str) -> Any:
    """A JSON text with every number as a fraction; integers stay what they are."""
    return json.loads(text, parse_float=_fraction, parse_constant=_refuse)


def _fraction(text: str) -> Fraction:
    """Exponents are cut off where none of the bounds and steps here can tell: a fraction would write out every zero."""
    digits, _, exponent = text.lower().partition("e")
    return Fraction(Decimal(f"{digits}e{max(-400, min(400, int(exponent or '0')))}"))


def _refuse(name: str) -> None:
    raise ValueError(name)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def _exact(text: str) -> Fraction:
    return Fraction(Decimal(text))


# Numbers

_BOUNDS = ("0", "1", "-1", "0.1", "0.07", "2.5", "10", "-3.25", "1e2", "1e-2", "99.99", "1.0", "5e-1", "120")
_LARGE = ("9007199254740991", "9007199254740993", "-9007199254740993", "123456789012345678")
_STEPS = ("0.01", "0.1", "0.05", "0.25", "1.5", "3", "7", "0.001", "1e-2", "2.0", "0.3")


def _number(chance: random.Random) -> Part:
    whole = chance.random() < 0.4
    texts: dict[str, str] = {}
    pool = _LARGE if whole and chance.random() < 0.25 else _BOUNDS
    low, high = sorted(chance.sample(pool, 2), key=_exact)
    if chance.random() < 0.8:
        texts[chance.choice(("minimum", "exclusiveMinimum"))] = low
    if chance.random() < 0.8:
        texts[chance.choice(("maximum", "exclusiveMaximum"))] = high
    if chance.random() < 0.5:
        texts["multipleOf"] = chance.choice(_STEPS)
    kind = "integer" if whole else "number"
    written = ", ".join(f'"{key}": {text}' for key, text in texts.items())
    schema = json.loads(f'{{"type": "{kind}"{", " + written if written else ""}}}')
    limits = {key: _exact(text) for key, text in texts.items()}

    def holds(value: Any) -> bool:
        if not _is_number(value) or (whole and Fraction(value).denominator != 1):
            return False
        number = Fraction(value)
        return (
            ("minimum" not in limits or number >= limits["minimum"])
            and ("maximum" not in limits or number <= limits["maximum"])
            and ("exclusiveMinimum" not in limits or number > limits["exclusiveMinimum"])
            and ("exclusiveMaximum" not in limits or number < limits["exclusiveMaximum"])
            and ("multipleOf" not in limits or (number / limits["multipleOf"]).denominator == 1)
        )

    edges = [Decimal(text) for text in texts.values()] + [Decimal(0), Decimal("2.51"), Decimal("2.515")]
    near = [format(edge + Decimal(more), "f") for edge in edges for more in ("0", "1", "-1", "0.5", "-0.01", "0.001")]
    return Part(schema, holds, tuple(near))


_VALUES = ("1", "1.0", "0", "-0.0", "0.1", "1e2", "true", "false", "null", '"1"', '"é"', "[1]", '{"a": 2.50}')


def _listed(chance: random.Random) -> Part:
    texts = chance.sample(_VALUES, chance.randint(1, 4))
    wanted = [_same(read(text)) for text in texts]
    schema = {"const": json.loads(texts[0])} if len(texts) == 1 else {"enum": [json.loads(text) for text in texts]}
    return Part(schema, lambda value: _same(value) in wanted, _VALUES)


def _same(value: Any) -> Any:
    """Equal exactly where JSON Schema says so."""
    if isinstance(value, list):
        return ("array", [_same(each) for each in value])
    if isinstance(value, dict):
        return ("object", sorted((key, _same(each)) for key, each in value.items()))
    return ("number", Fraction(value)) if _is_number(value) else (type(value).__name__, value)


# Patterns


def _search(pattern: str) -> Predicate:
    compiled = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
    return lambda text: bool(compiled.search(text))


def _upper_then_lower(text: str) -> bool:
    kinds = [unicodedata.category(letter) for letter in text]
    return 2 <= len(kinds) <= 4 and kinds[0] == "Lu" and set(kinds[1:]) == {"Ll"}


_PATTERNS: tuple[tuple[str, Predicate], ...] = (
    *((each, _search(each)) for each in (
        r"^[a-z]{1,5}$", r"^\d{2}-\d{2}$", r"^(foo|bar)x?$", r"^[^,\n]{1,4}$", r"^a[a-z]c$", r"^[A-Z][a-z]*$",
        r"^\w{2,4}$",
        r"^x", r"[0-9]", r"^-?(0|[1-9][0-9]{0,2})$", r"^(?=a)[a-z]{3}$", r"^[\w\-\.]{1,6}$", r"^(?!no)[a-z]{2,4}$",
    )),
    (r"^\p{Lu}\p{Ll}{1,3}$", _upper_then_lower),
    (r"^(?<first>a|b)(?<rest>[0-9]{1,2})$", _search(r"^(a|b)([0-9]{1,2})$")),
)  # fmt: skip
_TEXTS = (
    "",
    "a",
    "abc",
    "Abc",
    "foo",
    "barx",
    "12-34",
    "1",
    "x1",
    "no",
    "nope",
    "a,b",
    "É",
    "Éa",
    "a9",
    "-7",
    "0x",
    "aa\n",
)


def _text(chance: random.Random) -> Part:
    pattern, matches = chance.choice(_PATTERNS)
    schema: dict[str, Any] = {"type": "string", "pattern": pattern}
    most = None
    if chance.random() < 0.2:
        most = schema["maxLength"] = chance.randint(1, 4)
    near = tuple(json.dumps(each, ensure_ascii=False) for each in _TEXTS)
    holds = lambda value: isinstance(value, str) and matches(value) and (most is None or len(value) <= most)  # noqa: E731
    return Part(schema, holds, near)


def _items(chance: random.Random) -> Part:
    inner, most, unique = _number(chance), chance.randint(1, 3), chance.random() < 0.3
    schema = {"type": "array", "items": inner.schema, "maxItems": most} | ({"uniqueItems": True} if unique else {})

    def holds(value: Any) -> bool:
        if not isinstance(value, list) or len(value) > most or not all(map(inner.holds, value)):
            return False
        return not unique or all(_same(a) != _same(b) for at, a in enumerate(value) for b in value[:at])

    near = [f"[{text}]" for text in inner.near[:6]] + [f"[{inner.near[0]}, {inner.near[0]}]", "[]", "[1, 1.0, 1, 1]"]
    return Part(schema, holds, tuple(near))


# References

_NAMES = ("thing", "a b", "a/b", "a~b", "a%b", "Größe", "Box<int>", "io.k8s:Time")


def _disguised(part: Part, chance: random.Random, definitions: dict[str, Any], number: int) -> dict[str, Any]:
    """A reference to the part, which is put among the definitions."""
    name, own = f"{chance.choice(_NAMES)}{number}", dict(part.schema)
    escaped = name.replace("~", "~0").replace("/", "~1")
    percent = "".join(each if each.isascii() and each.isalnum() else _percent(each) for each in escaped)
    way = chance.choice(("pointer", "raw", "anchor", "id", "address", "dynamic", "inside", "item"))
    keyword, reference = "$ref", f"#/$defs/{percent}"
    match way:
        case "raw":
            reference = f"#/$defs/{escaped}" if "%" not in escaped else reference
        case "anchor":
            own, reference = {"$anchor": f"here{number}", **own}, f"#here{number}"
        case "id":
            own, reference = {"$id": f"part{number}.json", **own}, f"part{number}.json"
        case "address":
            own, reference = {"$id": f"/parts/{number}", **own}, f"https://example.com/parts/{number}"
        case "dynamic":
            own, keyword, reference = {"$dynamicAnchor": f"dyn{number}", **own}, "$dynamicRef", f"#dyn{number}"
        case "inside":
            own, reference = {"$id": f"in{number}", "$defs": {"x y": own}, "$ref": "#/$defs/x%20y"}, f"in{number}"
        case "item":
            own, reference = {"anyOf": [{"type": "null"}, own]}, f"#/$defs/{percent}/anyOf/1"
    definitions[name] = own
    return {keyword: reference}


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode()) if letter not in "~" else letter


def draw(seed: int) -> Drawn:
    """The same schema for the same seed."""
    chance = random.Random(seed)
    parts = {
        f"p{at}": chance.choice((_number, _number, _text, _text, _listed, _items))(chance)
        for at in range(chance.randint(1, 3))
    }
    definitions: dict[str, Any] = {}
    properties = {
        name: _disguised(part, chance, definitions, at) if chance.random() < 0.5 else part.schema
        for at, (name, part) in enumerate(parts.items())
    }
    schema = {
        "$id": "https://example.com/whole", "type": "object", "properties": properties, "required": list(parts),
        "additionalProperties": False, "$defs": definitions,
    }  # fmt: skip

    def holds(value: Any) -> bool:
        if not isinstance(value, dict) or set(value) != set(parts):
            return False
        return all(part.holds(value[name]) for name, part in parts.items())

    return Drawn(schema, holds, _near_answers(parts, chance))


def _near_answers(parts: dict[str, Part], chance: random.Random) -> list[str]:
    """Answers of which one part is near its edge, and the others are valid where such a value is known."""
    good = {name: [text for text in part.near if part.holds(read(text))] for name, part in parts.items()}
    answers = []
    for name, part in parts.items():
        for text in part.near:
            chosen = {other: chance.choice(good[other] or [parts[other].near[0]]) for other in parts} | {name: text}
            answers.append("{" + ", ".join(f'"{key}": {value}' for key, value in chosen.items()) + "}")
    return answers
