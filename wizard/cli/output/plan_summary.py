"""The plan as people read it: what will happen, the output type, memory, cost, and where each setting comes from."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.cli.output.layout import Block, Exact, Paragraph, Style, Table
from wizard.core.access_token import clean_line
from wizard.core.events import Change, PlanReady
from wizard.core.plan.cost import CostEstimate, CostMeasured, dollars
from wizard.core.plan.inference_engine.advice import BASIS, figures_table
from wizard.core.sizing.fit_report import FitReport

_ACTIONS: dict[str, tuple[str, str, Style]] = {
    "create": ("+", "create", "good"),
    "update": ("~", "change", "warning"),
    "keep": ("=", "keep", "quiet"),
    "delete": ("-", "delete", "bad"),
}


def plan_blocks(event: PlanReady, *, rehearsal: bool) -> Iterator[Block]:
    """Everything that a person agrees to."""
    yield from _section("What will happen")
    yield from map(change_block, event.changes)
    if event.notes:
        yield from _section("Output")
    for note in event.unenforced:
        yield Paragraph(clean_line(note, 400), "    ! ", "warning")
    for note in event.notes[len(event.unenforced) :]:
        yield _quiet(clean_line(note, 400))
    yield from _choices(event)
    yield from _memory(event.fit)
    yield from _cost(event.cost, rehearsal=rehearsal)
    if event.hub is not None:
        yield from _section("Hub")
        for sentence in event.hub.sentences:
            yield Paragraph(sentence, "    ")
    yield from _sources(event.sources)
    yield Exact("")


def change_block(change: Change) -> Block:
    """One line of what will happen."""
    sign, word, style = _ACTIONS.get(change.action, ("·", change.action, ""))
    why = f": {change.why}" if change.why else ""
    return Paragraph(f"{change.name}{why}", f"    {sign} {word:<7}{change.resource:<8} ", style)


def cost_measured(cost: CostMeasured, *, rehearsal: bool) -> Iterator[Block]:
    """What it did cost."""
    yield from _section("Cost" + (" (on Modal; the demo is free)" if rehearsal else ""))
    rows = {
        "Download": cost.download,
        "Start and test call": cost.sample,
        "Idle time, from now": cost.idle_tail,
        "Total": cost.total,
    }
    yield _amounts([(name, dollars(amount), "") for name, amount in rows.items()])


def _section(title: str) -> Iterator[Block]:
    yield Exact("")
    yield Exact(f"  {title}", "title")


def _quiet(text: str) -> Block:
    return Paragraph(text, "    ", text_style="quiet")


def _choices(event: PlanReady) -> Iterator[Block]:
    """What was chosen and why, every engine side by side, and what might serve better."""
    if not event.why:
        return
    yield from _section("Inference engine")
    for name, why in event.why.items():
        named = "" if name == "engine" else f"{name.replace('_', ' ')} "
        yield Paragraph(clean_line(f"{named}{why}", 400), "    ")
    if event.cost is not None and event.cost.engines:
        for row in figures_table(event.cost.engines):
            yield Exact(f"    {row}".rstrip())
        yield _quiet(BASIS)
    for proposal in event.proposals:
        yield Paragraph(clean_line(proposal, 400), "    or  ", "command")


def _memory(report: FitReport | None) -> Iterator[Block]:
    if report is None:
        return
    yield from _section("Memory")
    yield Paragraph(f"{report.reason}.", "    ")
    if report.at_once is not None:
        yield Paragraph(f"{report.at_once.sentence}.", "    ")
    for note in report.fit.footprint.notes:
        yield _quiet(f"{note}.")
    for why, command in report.alternatives:
        yield Paragraph(f"{why}:", "    or  ", "command")
        yield Exact(f"        {command}", "command")


def _cost(cost: CostEstimate | None, *, rehearsal: bool) -> Iterator[Block]:
    if cost is None:  # nothing will run that does not run already
        return
    yield from _section("Cost, estimated" + (" (on Modal; the demo is free)" if rehearsal else ""))
    yield _amounts(
        [
            ("Build the image", dollars(cost.build), ""),
            ("Download the weights", dollars(cost.download), ""),
            ("Start the container", dollars(cost.cold_start), ""),
            ("Test call", dollars(cost.sample), ""),
            ("Idle time after it", dollars(cost.idle_tail), ""),
            ("First run, in total", dollars(cost.first_run), ""),
            ("While running", dollars(cost.per_hour), "per hour ($0 when scaled to zero)"),
            ("1,000 calls", dollars(cost.per_thousand_calls), ""),
            ("Storing the weights", dollars(cost.storage_per_month), "per month"),
        ]
    )
    yield _quiet(f"Assumed: {'; '.join(cost.assumptions)}. Prices: {cost.as_of}.")


def _amounts(rows: list[tuple[str, str, str]]) -> Table:
    return Table(rows, numbers=(1,), margin=4)


def _sources(sources: dict[str, str]) -> Iterator[Block]:
    if not sources:
        return
    yield from _section("Where each value comes from")
    for source in dict.fromkeys(sources.values()):
        names = ", ".join(name.replace("_", " ") for name, each in sources.items() if each == source)
        yield Paragraph(f"{source}: {names}", "    ")
