"""The doctor's report: what was checked, how it stands, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wizard.core.doctor.finding import Status


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report. `line` is a script's, None for the machine.

    `next` is what a person still has to do where it is `fixed`; empty for nothing.
    """

    name: str
    status: Status
    detail: str
    hint: str = ""
    line: int | None = None
    fixed: bool = False
    next: str = ""


@dataclass(frozen=True)
class Report:
    """What was checked. `diff` is the change that fixes a script, empty where there is none."""

    checks: tuple[Check, ...]
    diff: str = ""
    source: str = ""

    @property
    def healthy(self) -> bool:
        """Nothing has failed that is not fixed."""
        return not any(check.status == "failed" and not check.fixed for check in self.checks)

    @property
    def left_to_do(self) -> tuple[str, ...]:
        """What fixing has left to a person, each once."""
        return tuple(dict.fromkeys(check.next for check in self.checks if check.fixed and check.next))

    def to_mapping(self) -> dict[str, Any]:
        """The public JSON object."""
        checks = [{k: v for k, v in asdict(check).items() if k != "next" or v} for check in self.checks]
        mapping: dict[str, Any] = {"checks": checks, "healthy": self.healthy}
        return mapping | ({"diff": self.diff} if self.diff else {})
