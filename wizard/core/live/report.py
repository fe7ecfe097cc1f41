"""The report of a live check: for each assumption whether it was seen, and what came back; no secret is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from wizard.core.access_token import clean_line
from wizard.core.live.assumption import SUBJECTS, Assumption

Status = Literal["seen", "differs", "not_tried"]
STATUS_WORDS: dict[Status, str] = {"seen": "seen", "differs": "differs", "not_tried": "could not be tried"}
LONGEST_ANSWER = 240  # characters of what came back


@dataclass(frozen=True)
class Finding:
    """What became of one assumption, and what came back, or why it could not be tried."""

    status: Status
    came_back: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "came_back", clean_line(self.came_back, LONGEST_ANSWER))


@dataclass(frozen=True)
class Tried:
    """An assumption with its finding."""

    assumption: Assumption
    finding: Finding

    def to_mapping(self) -> dict[str, Any]:
        about, found = self.assumption, self.finding
        return {
            "id": about.id,
            "subject": about.subject,
            "statement": about.statement,
            "status": found.status,
            "came_back": found.came_back,
            "used": about.used,
            "source": about.source,
            "tried": about.tried,
        }


@dataclass(frozen=True)
class LiveReport:
    """One run. `about` says with what it was made; `left` is what could not be removed, each with its command."""

    about: dict[str, str]
    tried: tuple[Tried, ...]
    most_dollars: float
    seconds: float
    left: tuple[str, ...] = ()
    kept: tuple[str, ...] = field(default=())

    def of(self, status: Status) -> list[Tried]:
        """Those with this status."""
        return [each for each in self.tried if each.finding.status == status]

    @property
    def summary(self) -> str:
        """The counts, as a sentence has them."""
        return ", ".join(f"{len(self.of(status))} {words}" for status, words in STATUS_WORDS.items())

    def to_mapping(self) -> dict[str, Any]:
        """The public object."""
        return {
            "about": self.about,
            "counts": {status: len(self.of(status)) for status in STATUS_WORDS},
            "most_dollars": self.most_dollars,
            "seconds": self.seconds,
            "tried": [each.to_mapping() for each in self.tried],
            "left": list(self.left),
            "kept": list(self.kept),
        }

    def to_markdown(self) -> str:
        """The same for people: what differs first, then everything by subject."""
        lines = ["# Live check of outlines-wizard", "", f"{self.summary}.", ""]
        lines += [f"- {name}: {value}" for name, value in self.about.items()]
        lines += [f"- cost: ${self.most_dollars:.2f} at the most", f"- took: {self.seconds:.0f} s", ""]
        if differing := self.of("differs"):
            lines += ["## What differs", ""]
            for each in differing:
                lines += [f"### `{each.assumption.id}`", "", f"Assumed: {each.assumption.statement}.", ""]
                lines += [f"Came back: {_cell(each.finding.came_back)}", ""]
                lines += [f"Used in `{each.assumption.used}`; tried with: {each.assumption.tried}.", ""]
        for subject, title in SUBJECTS.items():
            rows = [each for each in self.tried if each.assumption.subject == subject]
            if rows:
                lines += [f"## {title}", "", "| assumed | | what came back |", "|---|---|---|"]
                lines += [
                    f"| `{each.assumption.id}`: {_cell(each.assumption.statement)} | "
                    f"{STATUS_WORDS[each.finding.status]} | {_cell(each.finding.came_back)} |"
                    for each in rows
                ]
                lines.append("")
        for title, names in (("Left on Modal", self.left), ("Kept on Modal", self.kept)):
            if names:
                lines += [f"## {title}", "", *(f"- {each}" for each in names), ""]
        return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
