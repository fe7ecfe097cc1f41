"""`teardown`: undo a deploy, and say what stays."""

from __future__ import annotations

import click

from wizard.cli.command import command
from wizard.cli.consent import ask_consent_to_changes
from wizard.cli.context import CommandContext
from wizard.core.events import Change
from wizard.core.next_command import ours
from wizard.core.problem import Problem
from wizard.flow.operate.deployed_apps import app_missing
from wizard.flow.operate.teardown import Keyring, plan_teardown, undo

SUMMARY = "Undo a deploy; shows what it keeps."
ORDER = 130


@command("teardown", short_help=SUMMARY)
@click.argument("app")
@click.option("--secret", metavar="NAME", help="Name of the Modal Secret (default: the app's).")
@click.option("--volume", is_flag=True, help="Delete the Volume with the weights too.")
@click.option("--keyring", is_flag=True, help="Forget the access token in the OS keyring too.")
async def teardown(context: CommandContext, app: str, secret: str | None, volume: bool, keyring: bool) -> int:
    """Stop APP, and delete its Modal Secret when this program made it and no other of its apps uses it.

    Shows what goes, and what stays and costs, and asks. One that was interrupted may be run again: it goes on with
    what is left.
    """
    async with context.services() as ports:
        workspace = await ports.modal.connect()
        entries = Keyring(ports.keyring, ports.hub.account_hub.endpoint, keyring)
        changes = await plan_teardown(ports.modal, app, secret, with_volume=volume, keyring=entries)
        if not any(change.action == "delete" for change in changes):
            raise _nothing_to_undo(app, workspace.environment, changes, lasting=ports.lasting)
        await ask_consent_to_changes(context, app, changes, "Delete these?")
        await undo(ports.modal, changes, entries)
        if not context.as_json:
            gone = ", ".join(f"{change.resource} {change.name}" for change in changes if change.action == "delete")
            context.reporter.result({}, [f"Undone: {gone}."])
        context.finished(app=app, environment=workspace.environment, rehearsal=ports.rehearsal)
    return 0


def _nothing_to_undo(app: str, environment: str, changes: list[Change], *, lasting: bool) -> Problem:
    if any(change.resource == "app" for change in changes):
        return Problem(
            "app_foreign",
            f"The app {app} was not created by outlines-wizard.",
            f"Use `modal app stop {app}`.",
            next=(ours("list", "to see the apps that this program has deployed"),),
        )
    return app_missing(app, environment, lasting=lasting)
