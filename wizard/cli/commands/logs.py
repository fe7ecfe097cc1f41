"""`logs`: the log of a deployed function, kept on disk as it is read."""

from __future__ import annotations

import re
from contextlib import aclosing
from datetime import UTC, datetime
from typing import get_args

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.layout import Block, Paragraph
from wizard.cli.output.log_store import LogStore
from wizard.core.events import LogLine
from wizard.core.problem import usage
from wizard.flow.operate.deployed_apps import find_app
from wizard.flow.ports.modal import AppLogSource, LogQuery

SUMMARY = "The log of a deployed function."
ORDER = 100

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@command("logs", short_help=SUMMARY)
@click.argument("app")
@click.option("--follow", "-f", is_flag=True, help="Keep printing new lines until Ctrl-C.")
@click.option("--since", metavar="TIME", help="Start time, as in 30m, 2h, 1d or 2026-11-22T17:30.")
@click.option("--source", type=click.Choice(get_args(AppLogSource)), help="Only this source.")
@click.option("--search", metavar="TEXT", default="", help="Only lines with this text.")
@click.option("--lines", "entries", type=click.IntRange(1, 20000), default=200, help="How many entries (default: 200).")
@click.option("--no-save", is_flag=True, help="Keep no copy on this machine.")
async def logs(
    context: CommandContext,
    app: str,
    follow: bool,
    since: str | None,
    source: AppLogSource | None,
    search: str,
    entries: int,
    no_save: bool,
) -> int:
    """Print the log of APP, oldest first.

    Modal keeps logs for a day on its smallest plan, so what is read is kept here too, a file for each day; the folder
    is named at the end. --no-save turns that off.
    """
    query = LogQuery(follow, _seconds(since), source, search, entries)
    async with context.services() as ports:
        workspace = await ports.modal.connect()
        await find_app(ports, app, workspace.environment)
        keeps = ports.lasting and not no_save  # the log of a rehearsal that ends with this command says nothing later
        store = LogStore(workspace.name, workspace.environment, app) if keeps else None
        try:
            async with aclosing(ports.modal.logs(app, query)) as lines:
                async for line in lines:
                    context.reporter.result(line.to_mapping(), [_block(line)])
                    if store:
                        store.add(line)
        finally:
            if store:
                context.reporter.note(store.close())
        files = tuple(map(str, store.files)) if store else ()
        context.finished(app=app, environment=workspace.environment, rehearsal=ports.rehearsal, files=files)
    return 0


def _block(line: LogLine) -> Block:
    at = datetime.fromtimestamp(line.at, UTC).astimezone().strftime("%H:%M:%S")
    return Paragraph(line.text, f"{at} {line.source:<6} ", "warning" if line.source == "stderr" else "quiet")


def _seconds(text: str | None) -> float | None:
    """Seconds before now, from a span or a moment. Raises Problem (exit code 2)."""
    if text is None:
        return None
    if match := re.fullmatch(r"(\d{1,6})([smhd])", text.strip()):
        return int(match.group(1)) * _UNITS[match.group(2)]
    try:
        moment = datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "Write it as in 30m, 2h, 1d or 2026-11-22T17:30."
        raise usage("since_invalid", f"--since {text!r} is not a time.", hint) from None
    return max(0.0, (datetime.now(UTC) - moment).total_seconds())
