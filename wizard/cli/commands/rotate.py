"""`rotate`: a new access token for what is deployed."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import click

from wizard.cli.command import command
from wizard.cli.consent import require_consent
from wizard.cli.context import CommandContext
from wizard.core.events import Failed, PlanReady
from wizard.flow.operate.rotate import Rotation
from wizard.flow.operate.rotate import rotate as run_rotation
from wizard.flow.ports.credentials import TOKEN_ORIGINS

SUMMARY = "Replace the access token of a deployed app."
ORDER = 110


@command("rotate", short_help=SUMMARY)
@click.argument("app")
@click.option(
    "--token-from",
    type=click.Choice(TOKEN_ORIGINS),
    default="stdin",
    help="Where the new access token comes from (default: standard input, or asked for on a terminal).",
)
@click.option("--secret", metavar="NAME", help="Name of the Modal Secret (default: the app's).")
@click.option("--replace-secret", is_flag=True, help="Replace a Modal Secret that outlines-wizard didn't create.")
@click.option("--no-keyring", is_flag=True, help="Do not keep the new access token in the OS keyring.")
@click.option("--no-sample", is_flag=True, help="Do not draw a sample at the end.")
async def rotate(context: CommandContext, app: str, **flags: Any) -> int:
    """Give APP a new access token: checked against its model first, then kept in the OS keyring, put into the Modal
    Secret, and proven by fresh containers and a sample. The old one stays usable; you are told where to revoke it.

    \b
    outlines-wizard rotate outlines-tiny-character              asks for the new access token
    hf auth token | outlines-wizard rotate APP --yes            for scripts
    """
    require_consent(context, "the plan")
    rotation = Rotation(
        app=app,
        token_from=flags["token_from"],
        secret=flags["secret"],
        replace_secret=flags["replace_secret"],
        keyring=not flags["no_keyring"],
        sample=not flags["no_sample"],
    )

    async def agree(plan: PlanReady) -> bool:
        return context.yes or await context.reporter.confirm("Go ahead?")

    code = 0
    async with context.services() as ports, aclosing(run_rotation(ports, rotation, agree)) as events:
        async for event in events:
            code = int(event.problem.exit_code) if isinstance(event, Failed) else code
            context.reporter.event(event)
    return code
