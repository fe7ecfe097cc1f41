"""Several gates on the access screen: a line for each, with its own verdict, and the page of each that is closed."""

from __future__ import annotations

from wizard.core.access.verdicts import VERDICTS
from wizard.flow.access.report import AccessReport
from wizard.tui.widgets.checks import Check
from wizard.tui.wizard_session import StepState


def gate_checks(report: AccessReport, *, waiting: bool) -> list[Check]:
    """A line for each gate, the base model's last; `waiting`: the screen goes on by itself once they open."""
    return [_check(gate, "Base model" if gate is report.gates[-1] else "Adapter", waiting) for gate in report.gates]


def _check(gate: AccessReport, title: str, waiting: bool) -> Check:
    state: StepState = "done" if gate.problem is None else "blocked"
    if state == "blocked" and waiting and VERDICTS[gate.verdict].may_open:
        state = "waiting"
    return Check(title, state, f"{gate.model}: {VERDICTS[gate.verdict].in_brief}")


def gate_pages(report: AccessReport | None) -> list[str]:
    """The pages of the closed gates beside the first one, each with the repository that it is for."""
    if report is None or report.problem is None:
        return []
    others = [gate for gate in report.closed if gate.problem is not None and gate.problem.url != report.problem.url]
    return [f"{gate.model}: {gate.problem.url}" for gate in others if gate.problem is not None and gate.problem.url]
