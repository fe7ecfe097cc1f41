"""`doctor --live`: the plan of a live check, its findings as they come, and its report."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

from wizard.cli.consent import ask_consent
from wizard.cli.context import CommandContext
from wizard.cli.live.flags import REPORT, LiveFlags
from wizard.cli.output.layout import Block, Facts, Paragraph, Style
from wizard.cli.output.plan_summary import change_block
from wizard.cli.report_file import check_writable, write_json, write_report
from wizard.codegen.live import MARK_VARIABLE
from wizard.core.events import Event
from wizard.core.inference.engine_registry import engines
from wizard.core.live.events import AssumptionTried, LiveChecked, LivePlanned, LiveStageStarted
from wizard.core.live.limits import MOST_DOLLARS
from wizard.core.live.report import STATUS_WORDS, LiveReport, Status
from wizard.core.live.scope import LiveScope
from wizard.core.next_command import again
from wizard.core.plan.max_cost import check_max_cost
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import GPUS, read_gpu
from wizard.flow.live.check import LiveCheck
from wizard.flow.live.state import LiveOptions
from wizard.flow.ports.services import Ports

_ANOTHER = "Pass another --report."
_SIGNS: dict[Status, tuple[str, Style]] = {"seen": ("✓", "good"), "differs": ("✗", "bad"), "not_tried": ("–", "quiet")}


async def check_live(context: CommandContext, flags: LiveFlags) -> int:
    """Say what will be made, ask, try everything, remove it, and write the report. Raises Problem."""
    check_max_cost(flags.max_cost)
    model, gated = context.wiring.live_models(context.session.rehearse)
    scope = LiveScope(
        model=flags.model or model,
        gated_model=flags.gated_model or gated,
        gpu=read_gpu(flags.gpu or GPUS[0].name).spec,
        engines=(flags.engine,) if flags.engine else tuple(each.name for each in engines()),
    )
    file = flags.report or REPORT
    with tempfile.TemporaryDirectory(prefix="outlines-live-check-") as folder:
        most = MOST_DOLLARS if flags.max_cost is None else flags.max_cost
        options = LiveOptions(scope, Path(folder), most, flags.keep)
        async with context.services() as ports:
            check_writable(ports, file, _ANOTHER)
            check = LiveCheck(ports, options)
            plan = await check.plan()
            _show(context, plan)
            await ask_consent(context, "this", "Go ahead?")
            try:
                await _run(context, check)
            finally:
                await _finish(context, ports, check, file)
    return _end(context, check.report(), file, rehearsal=ports.rehearsal)


async def _run(context: CommandContext, check: LiveCheck) -> None:
    os.environ[MARK_VARIABLE] = "1"  # what no container may have
    try:
        async with aclosing(check.events()) as events:
            async for event in events:
                _show(context, event)
    finally:
        del os.environ[MARK_VARIABLE]


async def _finish(context: CommandContext, ports: Ports, check: LiveCheck, file: Path) -> None:
    """Remove what was made and write what is known, also after an interruption."""
    if check.live.made.anything and not check.live.options.keep:
        context.reporter.note("Removing what was made on Modal…")
    await check.clean_up()
    report = check.report()
    if file.suffix == ".json":
        write_json(ports, file, report.to_mapping(), _ANOTHER)
    else:
        write_report(ports, file, report.to_markdown(), _ANOTHER)
    for each in report.left:
        context.reporter.note(Paragraph(each, "! left  ", "warning"))
    words = f"{report.summary}. The report is in {file}."
    context.reporter.result(LiveChecked(report).to_mapping(), [Paragraph(words)])


def _end(context: CommandContext, report: LiveReport, file: Path, *, rehearsal: bool) -> int:
    if report.left:
        message = f"{len(report.left)} thing{'s are' if len(report.left) > 1 else ' is'} left on Modal."
        raise Problem("live_check_left", f"{message} {'; '.join(report.left)}", "Run the commands that are named.")
    if differing := report.of("differs"):
        names = ", ".join(each.assumption.id for each in differing)
        raise Problem(
            "assumptions_differ",
            f"The services differ from what this program assumes in {len(differing)}: {names}.",
            f"Please open an issue with {file}; no secret is in it.",
            next=(again("after an update of outlines-wizard"),),
        )
    context.finished(rehearsal=rehearsal, files=(str(file),))
    return 0


def _show(context: CommandContext, event: Event) -> None:
    if context.as_json:
        context.reporter.event(event)
    else:
        context.reporter.note(*_blocks(event))


def _blocks(event: Event) -> Iterator[Block]:
    match event:
        case LivePlanned():
            yield Paragraph(f"{event.assumptions} assumptions will be tried. On Modal this makes:")
            yield from map(change_block, event.changes)
            yield Paragraph(f"It costs ${event.most_dollars:.2f} at the most:")
            yield Facts(
                tuple((f"${part.dollars:.3f}", _part_words(part.words, part.seconds)) for part in event.cost_parts), 4
            )
            for app in event.leftover:
                name = app.rpartition("-")[0]
                removed = f"`modal app stop {app}`, `modal secret delete {name}`, `modal volume delete {name}`"
                yield Paragraph(f"An earlier check has left {app}. These remove it: {removed}", "! ", "warning")
        case LiveStageStarted():
            yield Paragraph(event.words[:1].upper() + event.words[1:], text_style="title")
        case AssumptionTried():
            sign, style = _SIGNS[event.status]
            yield Paragraph(f"{event.statement} [{event.id}]", f"{sign} {STATUS_WORDS[event.status]:<19}", style)
            if event.status != "seen":
                yield Paragraph(event.came_back, " " * 21, text_style="quiet")


def _part_words(words: str, seconds: float) -> str:
    return f"{words}, {seconds / 60:.0f} min at the most"
