"""`teardown`: undo a deploy, and say what stays."""

from __future__ import annotations

import sys

import click

from wizard.cli.look import app_missing
from wizard.cli.options import Frame, command
from wizard.core.events import PlanReady
from wizard.core.plan import SECRET_NAME
from wizard.core.problem import ExitCode, Problem, usage
from wizard.flow.undoing import plan_undoing, undo


@command("teardown", short_help="Undo a deploy; says what it keeps.")
@click.argument("app")
@click.option("--secret", metavar="NAME", default=SECRET_NAME, help="Name of the Modal Secret.")
@click.option("--volume", is_flag=True, help="Delete the Volume with the weights too.")
async def teardown(frame: Frame, app: str, secret: str, volume: bool) -> int:
    """Stop APP, and delete its Modal Secret when this program made it and no other of its apps is left."""
    async with frame.wiring.session(frame.session) as ports:
        workspace = await ports.cloud.connect()
        changes = await plan_undoing(ports.cloud, app, secret, with_volume=volume)
        if not any(change.action == "delete" for change in changes):
            raise app_missing(app, workspace.environment)
        if frame.as_json:
            frame.reporter.event(PlanReady({"app": app}, tuple(changes), {}))
        for change in changes:
            word = "delete" if change.action == "delete" else "keep"
            frame.reporter.note(f"  {word:<7} {change.resource:<7} {change.name}  {change.why}")
        if not frame.yes:
            if not (sys.stdin and sys.stdin.isatty()):
                raise usage("missing_yes", "Without a terminal nobody can agree.", "Pass --yes.")
            if not await frame.reporter.confirm("Delete these?"):
                raise Problem("not_agreed", "Nothing was changed.", exit_code=ExitCode.NOT_AGREED)
        await undo(ports.cloud, changes)
        if not frame.as_json:
            gone = ", ".join(f"{change.resource} {change.name}" for change in changes if change.action == "delete")
            frame.reporter.result({}, [f"Undone: {gone}."])
        frame.finished(app=app, environment=workspace.environment, rehearsal=ports.rehearsal)
    return 0
