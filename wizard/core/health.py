"""The doctor's report: what was checked, how it stands, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wizard.core.script_finding import Status


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report. `line` is a script's, None for the machine."""

    name: str
    status: Status
    detail: str
    hint: str = ""
    line: int | None = None
    fixed: bool = False


@dataclass(frozen=True)
class Report:
    """What was checked. `diff` is the change that mends a script, empty where there is none."""

    checks: tuple[Check, ...]
    diff: str = ""
    source: str = ""

    @property
    def healthy(self) -> bool:
        """Nothing has failed that is not mended."""
        return not any(check.status == "failed" and not check.fixed for check in self.checks)

    def to_mapping(self) -> dict[str, Any]:
        """The public JSON object."""
        mapping: dict[str, Any] = {"checks": [asdict(check) for check in self.checks], "healthy": self.healthy}
        return mapping | ({"diff": self.diff} if self.diff else {})
