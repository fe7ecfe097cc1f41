"""One thing that this program assumes of a service or of a GPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Subject = Literal["hub", "modal", "web", "job", "gpu"]
SUBJECTS: dict[Subject, str] = {
    "hub": "The Hub",
    "modal": "Modal",
    "web": "Modal's web functions",
    "job": "The whole job",
    "gpu": "On a GPU",
}
"""What the assumptions are about, in the order of every list."""


@dataclass(frozen=True)
class Assumption:
    """A statement in plain words, where this program relies on it, and how it is tried.

    `used` is a module of this project, `source` where the statement comes from. `by_hand`: the live check does not try
    it, and `tried` is what a person does to see it.
    """

    id: str
    statement: str
    used: str
    source: str
    tried: str
    subject: Subject
    by_hand: bool = False
