"""`list`: the apps that this program has deployed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.age import age_words
from wizard.cli.output.layout import Table
from wizard.core.access_token import clean_line
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.flow.deploy.plan_record import PlanRecord, read_record
from wizard.flow.ports.modal import DeployedApp

SUMMARY = "The functions you have deployed with this program."
ORDER = 80

HEADER = ("app", "state", "version", "deployed", "engine")


@command("list", short_help=SUMMARY)
async def list_apps(context: CommandContext) -> int:
    """Every app of the Modal environment that this program has deployed."""
    async with context.services() as ports:
        workspace = await ports.modal.connect()
        apps = await ports.modal.apps()
        records = await gather_or_cancel(*(read_record(ports.modal, app) for app in apps))
    found = list(zip(apps, records, strict=True))
    data = {"environment": workspace.environment, "apps": [_plain(app, record) for app, record in found]}
    rows = [_row(app, record) for app, record in found]
    shown = Table(rows, HEADER) if rows else f"Nothing is deployed in environment {workspace.environment}."
    context.reporter.result(data, [shown])
    return 0


def _plain(app: DeployedApp, record: PlanRecord | None) -> dict[str, Any]:
    engine = (record.draft.engine or record.draft.deployed_engine.name) if record else None
    return asdict(app) | {"tags": dict(app.tags), "functions": list(app.functions), "engine": engine}


def _row(app: DeployedApp, record: PlanRecord | None) -> tuple[str, ...]:
    engine = clean_line(record.draft.engine_label) if record else ""
    return app.name, app.state, str(app.version or "?"), age_words(app.deployed_at), engine
