"""`list`, `status` and `logs`: looking at what is deployed."""

from __future__ import annotations

import re
import time
from contextlib import aclosing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from wizard.cli.options import Frame, command
from wizard.core.access_token import clean
from wizard.core.problem import Problem, usage
from wizard.flow.ports import DeployedApp, LogQuery

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@command("list", short_help="The functions that this program has deployed.")
async def list_apps(frame: Frame) -> int:
    """Every app of the Modal environment that this program has deployed."""
    async with frame.wiring.session(frame.session) as ports:
        workspace = await ports.cloud.connect()
        apps = await ports.cloud.apps()
    data = {"environment": workspace.environment, "apps": [_plain(app) for app in apps]}
    lines = [f"{app.name}  {app.state}  version {app.version or '?'}  {_when(app.deployed_at)}" for app in apps]
    frame.reporter.result(data, lines or [f"Nothing is deployed in environment {workspace.environment}."])
    return 0


@command("status", short_help="One deployed function: state, version, Modal Secret, weights.")
@click.argument("app")
async def status(frame: Frame, app: str) -> int:
    """State, version and page of APP, and what it uses."""
    async with frame.wiring.session(frame.session) as ports:
        workspace = await ports.cloud.connect()
        found = await ports.cloud.app(app)
    if found is None:
        raise app_missing(app, workspace.environment)
    data = _plain(found) | {"environment": workspace.environment}
    lines = [f"{name:<12} {value}" for name, value in data.items() if value not in ("", None, {}, [])]
    frame.reporter.result(data, lines)
    return 0


@command("logs", short_help="The log of a deployed function.")
@click.argument("app")
@click.option("--follow", "-f", is_flag=True, help="Go on with new lines until Ctrl-C.")
@click.option("--since", metavar="TIME", help="How far back, as in 30m, 2h or 1d.")
@click.option("--source", type=click.Choice(["stdout", "stderr", "system"]), help="Only this source.")
@click.option("--search", metavar="TEXT", default="", help="Only lines with this text.")
@click.option(
    "--lines", "entries", type=click.IntRange(1, 100000), default=200, help="How many entries (default: 200)."
)
async def logs(
    frame: Frame, app: str, follow: bool, since: str | None, source: str | None, search: str, entries: int
) -> int:
    """Print the log of APP, oldest first."""
    query = LogQuery(follow, _seconds(since), source, search, entries)
    async with frame.wiring.session(frame.session) as ports:
        workspace = await ports.cloud.connect()
        if await ports.cloud.app(app) is None:
            raise app_missing(app, workspace.environment)
        async with aclosing(ports.cloud.logs(app, query)) as lines:
            async for line in lines:
                at = datetime.fromtimestamp(line.at, UTC).astimezone().strftime("%H:%M:%S")
                frame.reporter.result(line.to_mapping(), [f"{at} {line.source:<6} {clean(line.text)}"])
        frame.finished(app=app, environment=workspace.environment, rehearsal=ports.rehearsal)
    return 0


def app_missing(app: str, environment: str) -> Problem:
    """The problem of an app that is not there."""
    return Problem(
        "app_missing",
        f"There is no deployed app {app!r} in environment {environment}.",
        "See `outlines-wizard list`, or deploy it first.",
    )


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)([smhd])", text.strip())
    if not match:
        raise usage("since_invalid", f"--since {text!r} is not a time span.", "Write it as in 30m, 2h or 1d.")
    return int(match.group(1)) * _UNITS[match.group(2)]


def _plain(app: DeployedApp) -> dict[str, Any]:
    return asdict(app) | {"tags": dict(app.tags), "functions": list(app.functions)}


def _when(at: float | None) -> str:
    if at is None:
        return ""
    minutes = (time.time() - at) / 60
    return "just now" if minutes < 1 else f"{minutes:.0f} min ago" if minutes < 90 else f"{minutes / 60:.0f} h ago"
