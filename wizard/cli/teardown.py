"""`teardown`: undo a deploy, and say what stays."""

from __future__ import annotations

import sys

import click

from wizard.cli.look import app_missing
from wizard.cli.options import Frame, command
from wizard.core.events import Change, PlanReady
from wizard.core.plan import SECRET_NAME, VOLUME_NAME
from wizard.core.problem import ExitCode, Problem, usage
from wizard.flow.ports import Ports


@command("teardown", short_help="Undo a deploy; says what it keeps.")
@click.argument("app")
@click.option("--secret", metavar="NAME", default=SECRET_NAME, help="Name of the Modal Secret.")
@click.option("--volume", is_flag=True, help="Delete the Volume with the weights too.")
async def teardown(frame: Frame, app: str, secret: str, volume: bool) -> int:
    """Stop APP, and delete its Modal Secret when this program made it and no other of its apps is left."""
    async with frame.wiring.session(frame.session) as ports:
        workspace = await ports.cloud.connect()
        changes = await _plan(ports, app, secret, volume)
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
        for change in changes:
            if change.action == "delete":
                await _delete(ports, change)
        if not frame.as_json:
            gone = ", ".join(f"{change.resource} {change.name}" for change in changes if change.action == "delete")
            frame.reporter.result({}, [f"Undone: {gone}."])
        frame.finished(app=app, environment=workspace.environment, rehearsal=ports.rehearsal)
    return 0


async def _plan(ports: Ports, app: str, secret: str, volume: bool) -> list[Change]:
    found = await ports.cloud.app(app)
    others = [other.name for other in await ports.cloud.apps() if other.name != app]
    changes = [Change("app", app, "delete", "stopped; its containers go")] if found else []
    state = await ports.cloud.secret_state(secret, None)
    if state == "foreign":
        changes.append(Change("secret", secret, "keep", "was not made by outlines-wizard"))
    elif state != "missing":
        used = f"still used by {', '.join(others)}" if others else ""
        changes.append(Change("secret", secret, "keep" if used else "delete", used or "nothing uses it any more"))
    if await ports.cloud.volume_files(VOLUME_NAME, "") is not None:
        if volume and not others:
            changes.append(Change("volume", VOLUME_NAME, "delete", "with all weights in it"))
        else:
            why = (
                f"still used by {', '.join(others)}"
                if others
                else "pass --volume to delete the weights; they cost storage"
            )
            changes.append(Change("volume", VOLUME_NAME, "keep", why))
    return changes


async def _delete(ports: Ports, change: Change) -> None:
    if change.resource == "app":
        await ports.cloud.stop_app(change.name)
    elif change.resource == "secret":
        await ports.cloud.delete_secret(change.name)
    else:
        await ports.cloud.delete_volume(change.name)
