"""A model that knows nothing: random logits through an engine's real masks. What it writes, the engine let through."""

from __future__ import annotations

import math
import random

from wizard.services.lint.backends.protocol import Compiled, Vocabulary

# How much likelier a token is than others, by what it does; without this, an answer by chance hardly ever ends.
# (closes, separates, a digit, plain ASCII, ends the answer), one row for each temperament.
SAMPLING_PROFILES: dict[str, tuple[float, float, float, float, float]] = {
    "neutral": (3, 0, 0, 2, 9),
    "closing": (8, 0, 0, 2, 9),
    "listing": (3, 6, 5, 2, 9),
    "lasting": (1, 0, 0, 4, 9),
}


class RandomModel:
    """Draws answers from a compiled output type, the same ones for the same seed."""

    def __init__(self, vocabulary: Vocabulary, end: int, seed: int = 1) -> None:
        self.vocabulary, self.end = vocabulary, end
        self.chance = random.Random(seed)
        self.noise = [math.exp(2 * self.chance.gauss(0, 1)) for _ in range(4099)]
        self.weights = {
            name: [_weight(text, row) for text in vocabulary.texts] for name, row in SAMPLING_PROFILES.items()
        }

    def draw(self, compiled: Compiled, sampling_profile: str = "neutral", limit: int = 200) -> str | None:
        """One whole answer; None when it did not end within `limit` tokens."""
        walk, ids, weights = compiled.walk(), list[int](), self.weights[sampling_profile]
        ending = math.exp(SAMPLING_PROFILES[sampling_profile][4])
        for _ in range(limit):
            allowed = [token for token in walk.allowed() if token < len(weights) or token == self.end]
            if not allowed:
                return self.vocabulary.decode(ids)
            shift = self.chance.randrange(4099)
            odds = [
                ending if token == self.end else weights[token] * self.noise[(token + shift) % 4099]
                for token in allowed
            ]
            token = self.chance.choices(allowed, odds)[0] if sum(odds) else allowed[0]
            if token == self.end:
                return self.vocabulary.decode(ids)
            ids.append(token)
            walk.advance(token)
        return None


def _weight(text: str, row: tuple[float, float, float, float, float]) -> float:
    closes, separates, digit, plain, _ = row
    score = 0.0
    if text.startswith('"') or text.lstrip()[:1] in ("}", "]"):
        score += closes
    if text.lstrip().startswith(",") or text.startswith('",'):
        score += separates
    if text.strip().isdigit():
        score += digit
    if text.isascii() and text.isprintable():
        score += plain
    return math.exp(score)
