"""`doctor`: is this machine ready; what is wrong with an existing Modal script?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from wizard.cli.command import command
from wizard.cli.consent import ask_consent
from wizard.cli.context import CommandContext
from wizard.cli.live.flags import LiveFlags, live_flags
from wizard.cli.output.event_blocks import next_blocks
from wizard.cli.output.layout import Block, Paragraph, Style
from wizard.core.doctor.health import Report
from wizard.core.next_command import again
from wizard.core.problem import ExitCode, Problem, usage
from wizard.flow.doctor.machine_check import check_machine
from wizard.flow.doctor.script_check import check_script, fix_script, read_script

SUMMARY = "Is this machine ready; what is wrong with an existing Modal script?"
ORDER = 150

_WIDTH = 23
_SIGNS: dict[str, tuple[str, Style]] = {"ok": ("✓", "good"), "warning": ("!", "warning"), "failed": ("✗", "bad")}


@command("doctor", short_help=SUMMARY)
@click.argument("script", required=False, metavar="[SCRIPT.py]")
@click.option("--fix", is_flag=True, help="Show the change that fixes the script, ask, and write it.")
@click.option("--offline", is_flag=True, help="Ask nothing of the network: neither the Hub nor Modal.")
@live_flags
async def doctor(context: CommandContext, script: str | None, fix: bool, offline: bool, **live: Any) -> int:
    """Check this machine, or, with SCRIPT.py, an existing Modal script. The script is read, never run.

    With --live, check on your own accounts what this program assumes of the Hub and of Modal: it deploys a small open
    model and a gated one, tries each assumption, removes everything, and writes a report. It says first what it makes
    and what that costs at the most.

    \b
    outlines-wizard doctor
    outlines-wizard doctor app.py --fix
    outlines-wizard doctor --live
    """
    flags = LiveFlags(**live)
    if flags.live:
        if script is not None or fix or offline:
            raise usage("flags_exclusive", "--live takes no script, no --fix and no --offline.", "Omit one.")
        from wizard.cli.live.check import check_live

        return await check_live(context, flags)
    if flag := flags.given_without_live():
        raise usage("flag_needs_live", f"{flag} is for --live.", "Add --live, or omit it.")
    if script is None:
        if fix:
            raise usage("script_missing", "--fix needs a script to fix.", "Pass SCRIPT.py.")
        async with context.services() as ports:
            report = await check_machine(ports, context.wiring.machine(), offline=offline)
    else:
        report = await _script(context, Path(script), fix=fix, offline=offline)
    problem = context.line.complete(as_problem(report, may_be_fixed=script is not None and not fix))
    found = () if report.healthy else problem.next
    data = report.to_mapping() | {"next": [each.to_mapping() for each in found]}
    blocks = [*_blocks(report, script, offline=offline), *(() if report.healthy else next_blocks(problem))]
    context.reporter.result(data, blocks)
    return int(ExitCode.DONE if report.healthy else ExitCode.FAILED)


async def _script(context: CommandContext, path: Path, *, fix: bool, offline: bool) -> Report:
    scripts = context.wiring.scripts()
    source, facts = read_script(scripts, path)  # what is not Python is said before any service is opened
    if offline:
        report = await (fix_script(None, scripts, source, path.name) if fix else check_script(None, facts))
    else:
        async with context.services() as ports:
            report = await (
                fix_script(ports.hub, scripts, source, path.name) if fix else check_script(ports.hub, facts)
            )
    if not report.diff:
        return report
    if not context.as_json:
        sys.stderr.write(report.diff)  # as it is: a wrapped diff is none
    await ask_consent(context, "the change", f"Write this to {path}?")
    if scripts.load(path) != source:
        raise Problem("file_changed", f"{path.name} changed since it was read: nothing was written.", "Run it again.")
    scripts.save(path, report.source)
    return report


def as_problem(report: Report, *, may_be_fixed: bool) -> Problem:
    """What is not ready as a problem, with what can be run about it."""
    fix = (again("to see the change that fixes it, and write it", "--fix"),) if may_be_fixed else ()
    repeat = again("to check again, once the rest is done")
    return Problem("not_ready", "Not everything is ready.", next=(*report.next_commands, *fix, repeat))


def _blocks(report: Report, script: str | None, *, offline: bool) -> Iterator[Block]:
    for check in report.checks:
        sign, style = _SIGNS["ok" if check.fixed else check.status]
        where = f"line {check.line}  " if check.line else ""
        state = "fixed  " if check.fixed else ""
        head = f"{sign} {where}{state}{check.name:<{_WIDTH}}  "
        yield Paragraph(check.detail, head, style, hang=4)
        if check.hint and not check.fixed and check.status != "ok":
            yield Paragraph(check.hint, "    → ", "command")
    for step in report.left_to_do:
        yield Paragraph(step, "→ next: ", "command", hang=2)
    yield Paragraph(_verdict(report, script, offline=offline), text_style="good" if report.healthy else "bad")


def _verdict(report: Report, script: str | None, *, offline: bool) -> str:
    def count(status: str) -> int:
        return sum(check.status == status and not check.fixed for check in report.checks)

    failed, warnings = count("failed"), count("warning")
    what = "The script" if script else "This machine"
    if failed:
        return f"{what} is not ready: {failed} to fix, {warnings} to consider."
    if yours := len(report.left_to_do):
        consider = f"; {warnings} to consider" if warnings else ""
        steps = f"{yours} step{'s are' if yours > 1 else ' is'} left to you, see above{consider}."
        return f"The script is fixed, but not ready yet: {steps}"
    ready = f"{what} is ready, as far as can be seen offline" if offline and not script else f"{what} is ready"
    return f"{ready}; {warnings} to consider." if warnings else f"{ready}."
