"""What a live check yields: its plan, where it is, each assumption as it is tried, and its report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wizard.core.events import Change, Event
from wizard.core.live.report import LiveReport, Status
from wizard.core.live.scope import CostPart


@dataclass(frozen=True)
class LivePlanned(Event):
    """What a live check is about to make, before anybody has agreed, and what it costs at the most, in dollars."""

    changes: tuple[Change, ...]
    cost_parts: tuple[CostPart, ...]
    most_dollars: float
    assumptions: int
    leftover: tuple[str, ...] = ()  # apps of an earlier check that was killed


@dataclass(frozen=True)
class LiveStageStarted(Event):
    stage: str
    words: str


@dataclass(frozen=True)
class AssumptionTried(Event):
    """One assumption of a live check, and what came back."""

    id: str
    subject: str
    statement: str
    status: Status
    came_back: str


@dataclass(frozen=True)
class LiveChecked(Event):
    report: LiveReport

    def to_mapping(self) -> dict[str, Any]:
        return {"event": "LiveChecked"} | self.report.to_mapping()
