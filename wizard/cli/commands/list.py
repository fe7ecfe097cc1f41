"""`list`: the apps that this program has deployed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.age import age_words
from wizard.flow.ports.modal import DeployedApp

SUMMARY = "The functions that this program has deployed."
ORDER = 80


@command("list", short_help=SUMMARY)
async def list_apps(context: CommandContext) -> int:
    """Every app of the Modal environment that this program has deployed."""
    async with context.services() as ports:
        workspace = await ports.modal.connect()
        apps = await ports.modal.apps()
    data = {"environment": workspace.environment, "apps": [_plain(app) for app in apps]}
    lines = [f"{app.name}  {app.state}  version {app.version or '?'}  {age_words(app.deployed_at)}" for app in apps]
    context.reporter.result(data, lines or [f"Nothing is deployed in environment {workspace.environment}."])
    return 0


def _plain(app: DeployedApp) -> dict[str, Any]:
    return asdict(app) | {"tags": dict(app.tags), "functions": list(app.functions)}
