"""`teardown`: undo a deploy, and say what stays."""

from __future__ import annotations

import click

from wizard.cli.options import CommandContext, ask_consent, command
from wizard.core.events import Change, PlanReady
from wizard.core.problem import Problem
from wizard.flow.operate.deployed_apps import app_missing
from wizard.flow.operate.teardown import Keyring, plan_teardown, undo


@command("teardown", short_help="Undo a deploy; says what it keeps.")
@click.argument("app")
@click.option("--secret", metavar="NAME", help="Name of the Modal Secret (default: the one of the app).")
@click.option("--volume", is_flag=True, help="Delete the Volume with the weights too.")
@click.option("--keyring", is_flag=True, help="Forget the access token in the OS keyring too.")
async def teardown(context: CommandContext, app: str, secret: str | None, volume: bool, keyring: bool) -> int:
    """Stop APP, and delete its Modal Secret when this program made it and no other of its apps uses it.

    Shows what goes, and what stays and costs, and asks. One that was interrupted may be run again: it goes on with
    what is left.
    """
    async with context.services() as ports:
        workspace = await ports.modal.connect()
        entries = Keyring(ports.keyring, ports.hub.endpoint, keyring)
        changes = await plan_teardown(ports.modal, app, secret, with_volume=volume, keyring=entries)
        if not any(change.action == "delete" for change in changes):
            raise _nothing_to_undo(app, workspace.environment, changes, lasting=ports.lasting)
        await agree_to(context, {"app": app}, changes, "Delete these?")
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
            f"The app {app} was not made by outlines-wizard: it is left alone.",
            f"`modal app stop {app}` ends it.",
        )
    return app_missing(app, environment, lasting=lasting)


async def agree_to(context: CommandContext, what: dict[str, str], changes: list[Change], question: str) -> None:
    """Show what would change, and ask. Raises Problem when nobody agrees."""
    if context.as_json:
        context.reporter.event(PlanReady(dict(what), tuple(changes), {}))
    for change in changes:
        context.reporter.note(f"  {change.action:<7} {change.resource:<8} {change.name}  {change.why}")
    await ask_consent(context, "this", question)
