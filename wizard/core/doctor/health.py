"""The doctor's report: what was checked, how it stands, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wizard.core.doctor.finding import Status
from wizard.core.next_command import NextCommand, ours

MODAL_SIGN_IN = "Modal sign-in"


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

    @property
    def next_commands(self) -> tuple[NextCommand, ...]:
        """What can be run about the checks that have failed, as it stands."""
        found = []
        for check in self.checks:
            if check.status != "failed" or check.fixed:
                continue
            if check.hint.startswith("pip install "):
                found.append(NextCommand(check.hint, f"to install what “{check.name}” lacks"))
            elif check.name == MODAL_SIGN_IN:
                found.append(NextCommand("modal token new", "to sign in to Modal in a browser"))
            elif check.name.startswith("access token"):
                found.append(ours("token show", "to see each access token on this computer"))
        return tuple(found)

    def to_mapping(self) -> dict[str, Any]:
        """The public JSON object."""
        checks = [{k: v for k, v in asdict(check).items() if k != "next" or v} for check in self.checks]
        mapping: dict[str, Any] = {"checks": checks, "healthy": self.healthy}
        return mapping | ({"diff": self.diff} if self.diff else {})
