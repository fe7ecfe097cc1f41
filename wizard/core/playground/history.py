"""Questions and answers of a session, up to a bound: what is oldest goes, and is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from wizard.core.playground.exchange import Exchange, Question

MOST = 100  # answers, and as many questions
MOST_CHARACTERS = 4_000_000  # of all of them together


def characters(exchange: Exchange) -> int:
    """How much of a text an exchange keeps. What was read from JSON is kept beside its text, and counts as it does."""
    question, sample = exchange.question, exchange.sample
    kept = (question.prompt, question.system, sample.text, sample.text, sample.reasoning, *sample.errors)
    return sum(map(len, kept))


class AnswerHistory(Sequence[Exchange]):
    """The answers, oldest first. `dropped` says how many have gone to make room."""

    def __init__(self, most: int = MOST, most_characters: int = MOST_CHARACTERS) -> None:
        self._most, self._most_characters = most, most_characters
        self._kept: list[Exchange] = []
        self._characters = 0
        self.dropped = 0

    def append(self, exchange: Exchange) -> None:
        """Keep one more; the newest is always kept, however long it is."""
        self._kept.append(exchange)
        self._characters += characters(exchange)
        while len(self._kept) > self._most or (self._characters > self._most_characters and len(self._kept) > 1):
            self._characters -= characters(self._kept.pop(0))
            self.dropped += 1

    def clear(self) -> None:
        """Keep none."""
        self._kept.clear()
        self._characters = self.dropped = 0

    @property
    def dropped_words(self) -> str:
        """That older answers have gone; empty while none has."""
        if not self.dropped:
            return ""
        what = "1 older answer was" if self.dropped == 1 else f"{self.dropped:,} older answers were"
        return f"{what} dropped to save memory"

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        return self._kept[index]


class QuestionHistory:
    """Questions that were asked, to go back to as in a shell; the one that is being typed waits at the end."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._asked: list[Question] = []
        self._at = 0
        self._typed = Question("")

    def add(self, question: Question) -> None:
        """A question was asked: the next step back leads to it."""
        if self._asked[-1:] != [question]:
            self._asked.append(question)
            del self._asked[: -self._most]
        self._at = len(self._asked)

    def clear(self) -> None:
        """Keep none."""
        self._asked.clear()
        self._at = 0

    def older(self, now: Question) -> Question | None:
        """One step back from what is in the field; None at the first question."""
        if self._at == 0:
            return None
        if self._at == len(self._asked):
            self._typed = now
        self._at -= 1
        return self._asked[self._at]

    def newer(self) -> Question | None:
        """One step forward, at last to what was being typed; None where that is."""
        if self._at == len(self._asked):
            return None
        self._at += 1
        return self._typed if self._at == len(self._asked) else self._asked[self._at]
