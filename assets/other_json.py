"""Make JSON objects of no meaning, so that the rehearsal model also closes what another schema opens.

A model that has only seen one shape falls into endless white space as soon as an engine forces another.
"""

import json
import random
import string

_WORDS = [
    "title", "tags", "color", "count", "price", "city", "date", "items", "text", "score", "answer", "id",
    "label", "summary", "email", "is_new", "total", "kind", "red", "green", "yes", "no", "high", "low",
]  # fmt: skip
_DEEPEST = 2


def _word(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(_WORDS)
    letters = string.ascii_lowercase * 4 + string.ascii_uppercase + "_"
    return "".join(rng.choice(letters) for _ in range(rng.randint(1, 7)))


def _text(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.1:
        return f"{rng.randint(1900, 2100)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    if draw < 0.15:
        return f"{_word(rng)}@{_word(rng)}.com"
    return " ".join(_word(rng) for _ in range(rng.choice([1, 1, 1, 2, 3])))


def _value(rng: random.Random, depth: int) -> object:
    draw = rng.random()
    if depth < _DEEPEST and draw < 0.1:
        return _object(rng, depth + 1)
    if depth < _DEEPEST and draw < 0.25:
        return [_value(rng, _DEEPEST) for _ in range(rng.randint(0, 3))]
    if draw < 0.45:
        return rng.randint(0, 10 ** rng.randint(1, 3))
    if draw < 0.52:
        return round(rng.uniform(0, 100), rng.randint(1, 2))
    if draw < 0.62:
        return rng.choice([True, False, None])
    return _text(rng)


def _object(rng: random.Random, depth: int = 0) -> dict[str, object]:
    return {_word(rng): _value(rng, depth) for _ in range(rng.randint(1, 4 - depth))}


def make_other_json(rng: random.Random) -> str:
    """Draw an object of any shape and write it the way `Character.json` does."""
    return json.dumps(_object(rng), ensure_ascii=False)
