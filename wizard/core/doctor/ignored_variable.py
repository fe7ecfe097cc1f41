"""A variable of the environment whose value cannot be used: its name, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IgnoredVariable:
    """`why` is a part of a sentence, empty for no value. The value itself is not kept: it may be a secret."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} is ignored: {self.why}."
