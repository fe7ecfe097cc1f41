"""One thing that a person should know about a schema: what it is, how bad it is, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FindingKind = Literal[
    "ignored",
    "narrowed",
    "refused",
    "cut_off",
    "slow",
    "runs_away",
    "closed",
    "open",
    "unchecked",
    "no_keyword",
    "says_nothing",
    "dialect",
]
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that a person should know. `path` is a JSON pointer into the schema, "" for the whole.

    `counter_example` is a text that the compiled engine was asked about: one that it lets through although it is not
    valid (`ignored`), or that it refuses although it is (`narrowed`). None where the dated table alone says so.
    """

    kind: FindingKind
    severity: Severity
    message: str
    path: str = ""
    keyword: str = ""
    backend: str = ""
    version: str = ""
    counter_example: str | None = None
