"""`rollback`: an earlier version of an app, deployed again."""

from __future__ import annotations

import re

import click

from wizard.cli.command import command
from wizard.cli.consent import ask_consent_to_changes
from wizard.cli.context import CommandContext
from wizard.core.problem import usage
from wizard.flow.operate.deployed_apps import app_missing
from wizard.flow.operate.rollback import plan_rollback, roll_back

SUMMARY = "Deploy an earlier version of an app again."
ORDER = 120


@command("rollback", short_help=SUMMARY)
@click.argument("app")
@click.argument("version", required=False)
async def rollback(context: CommandContext, app: str, version: str | None) -> int:
    """Bring back VERSION of APP (`status` lists them), or the one before the last."""
    async with context.services() as ports:
        workspace = await ports.modal.connect()
        plan = await plan_rollback(ports.modal, app, _number(version))
        if plan is None:
            raise app_missing(app, workspace.environment, lasting=ports.lasting)
        await ask_consent_to_changes(context, app, plan.changes, "Roll back?")
        after = await roll_back(ports.modal, plan)
        if not context.as_json:
            done = f"{app} is at version {after.version}, which is version {plan.target.number} again."
            context.reporter.result({}, [done])
        context.finished(app=app, environment=workspace.environment, rehearsal=ports.rehearsal)
    return 0


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (match := re.fullmatch(r"v?([1-9]\d{0,8})", text)):
        raise usage("version_invalid", f"{text!r} is not a version.", "Write it as in 3 or v3.")
    return int(match.group(1))
