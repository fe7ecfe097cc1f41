"""What the table of patterns says of a text: the matches, the verdict, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.explain.context_clues import ContextClues
from wizard.core.explain.patterns.error_pattern import ErrorPattern
from wizard.core.explain.repository import Repository

NOT_RECOGNISED = "not_recognised"


@dataclass(frozen=True)
class PatternMatch:
    """One place where a pattern of the table was found; `start` and `end` are places in the normalized text."""

    pattern: ErrorPattern
    rank: int
    start: int
    end: int


@dataclass(frozen=True)
class Classification:
    """What the table says of a text, before it becomes sentences."""

    verdict: str
    sure: bool
    others: tuple[str, ...]
    matches: tuple[PatternMatch, ...]
    repository: Repository | None
    clues: ContextClues

    @property
    def model(self) -> str | None:
        """The model that the text is about, where it is about one."""
        return self.repository.name if self.repository and self.repository.type == "model" else None

    @property
    def may_be_forwarding(self) -> bool:
        """True when all depends on whether an access token exists where the person sits."""
        return self.verdict == "no_token" and self.clues.in_container and not self.clues.forwarded
