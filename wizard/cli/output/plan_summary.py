"""The plan in words: what will happen, the output type, memory, cost, and where each setting comes from."""

from __future__ import annotations

from wizard.cli.output.standard_error import StandardError
from wizard.core.access_token import clean_line
from wizard.core.events import PlanReady
from wizard.core.plan.cost import CostEstimate, dollars
from wizard.core.plan.inference_engine.advice import BASIS, figures_table
from wizard.core.sizing.fit_report import FitReport

_SIGNS = {"create": ("+", "create"), "update": ("~", "change"), "keep": ("=", "keep"), "delete": ("-", "delete")}


def write_plan(out: StandardError, event: PlanReady, *, rehearsal: bool) -> None:
    """Everything that a person agrees to."""
    out.line("\n  What will happen")
    for change in event.changes:
        sign, word = _SIGNS[change.action]
        style = {"create": "green", "update": "yellow", "delete": "red"}.get(change.action, "dim")
        out.paragraph(f"    {sign} {word:<7}{change.resource:<8} ", f"{change.name}: {change.why}", style=style)
    if event.notes:
        out.line("\n  Output")
    for note in event.unenforced:
        out.paragraph("    ! ", clean_line(note, 400), style="yellow", indent=6)
    for note in event.notes[len(event.unenforced) :]:
        out.paragraph("    ", clean_line(note, 400), style="dim", indent=4)
    _write_choices(out, event)
    _write_memory(out, event.fit)
    _write_cost(out, event.cost, rehearsal=rehearsal)
    if event.hub is not None:
        out.line("\n  Hub")
    for sentence in event.hub.sentences if event.hub is not None else ():
        out.paragraph("    ", sentence, indent=4)
    _write_sources(out, event.sources)
    out.line("")


def _write_choices(out: StandardError, event: PlanReady) -> None:
    """What was chosen and why, every engine side by side, and what might serve better."""
    if not event.why:
        return
    out.line("\n  Inference engine")
    for name, why in event.why.items():
        named = "" if name == "engine" else f"{name.replace('_', ' ')} "
        out.paragraph("    ", clean_line(f"{named}{why}", 400))
    if event.cost is not None and event.cost.engines:
        for row in figures_table(event.cost.engines):
            out.line(f"    {row}")
        out.paragraph("    ", BASIS, style="dim", indent=4)
    for proposal in event.proposals:
        out.paragraph("    or  ", clean_line(proposal, 400), indent=8)


def _write_memory(out: StandardError, report: FitReport | None) -> None:
    if report is None:
        return
    out.line("\n  Memory")
    out.paragraph("    ", f"{report.reason}.")
    if report.at_once is not None:
        out.paragraph("    ", f"{report.at_once.sentence}.", indent=4)
    for note in report.fit.footprint.notes:
        out.paragraph("    ", f"{note}.", style="dim", indent=4)
    for why, command in report.alternatives:
        out.paragraph("    or  ", f"{command}    ({why})", indent=8)


def _write_cost(out: StandardError, cost: CostEstimate | None, *, rehearsal: bool) -> None:
    if cost is None:  # nothing will run that does not run already
        return
    would = "On Modal it would cost" if rehearsal else "It costs"
    out.line("\n  Cost")
    out.paragraph(
        "    ",
        f"{would} about {dollars(cost.first_run)} for the first run: {dollars(cost.build)} to build, "
        f"{dollars(cost.download)} to download, {dollars(cost.cold_start)} to start, {dollars(cost.sample)} for "
        f"the sample, {dollars(cost.idle_tail)} for the idle time after it.",
    )
    out.paragraph(
        "    ",
        f"Afterwards {dollars(cost.per_hour)}/h while running ($0 when scaled to zero), "
        f"{dollars(cost.per_thousand_calls)} for 1,000 calls, {dollars(cost.storage_per_month)} a month for storage.",
    )
    out.paragraph("    ", f"Assumed: {'; '.join(cost.assumptions)}. Prices: {cost.as_of}.", style="dim", indent=4)


def _write_sources(out: StandardError, sources: dict[str, str]) -> None:
    if not sources:
        return
    out.line("\n  Where it comes from")
    for source in dict.fromkeys(sources.values()):
        names = ", ".join(name.replace("_", " ") for name, each in sources.items() if each == source)
        out.paragraph("    ", f"{source}: {names}", indent=4)
