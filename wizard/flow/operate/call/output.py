"""An output type for one call alone: refused here, before the call is paid for, if the app cannot enforce it."""

from __future__ import annotations

from wizard.core.lint.report import LintReport
from wizard.core.output.output_type import OutputType
from wizard.core.plan.draft import Draft
from wizard.core.problem import Problem, usage
from wizard.flow.deploy.plan_record import PlanRecord
from wizard.flow.ports.lint import LintRequest
from wizard.flow.ports.services import Ports


async def refuse_unenforced_call(ports: Ports, app: str, record: PlanRecord | None, output: OutputType) -> None:
    """Raise Problem (exit code 2) for an output type that the app's structured-output backend does not enforce."""
    if output.form == "none":
        return
    draft = record.draft if record is not None else Draft()
    engine = draft.deployed_engine
    backend = draft.backend_for(engine)
    report = await ports.lint.examine(LintRequest(output, backend, thorough=False, engine=engine.name))
    if not report.is_enforced:
        raise _problem(app, backend, report)


def _problem(app: str, backend: str, report: LintReport) -> Problem:
    serious = [each for each in report.findings if each.severity == "error" and each.backend in ("", backend)]
    serious.sort(key=lambda each: each.kind != "refused")
    why = serious[0].message if serious else "It does not compile."
    rewrite = next((each for each in report.proposals if each.output is not None), None)
    if rewrite is not None:
        hint = f"{rewrite.title} `outlines-wizard lint` shows how."
    elif other := next((each.backend for each in report.proposals if each.backend != backend), ""):
        hint = f"{other} enforces it: deploy the app with `--backend {other}`, or leave out what is named."
    else:
        hint = "Leave out or change what is named."
    return usage("schema_unsupported", f"{app} answers with {backend}, which does not enforce this. {why}", hint)
