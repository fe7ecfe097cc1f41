"""`demo`: the wizard with stand-ins on this computer, without any account."""

from __future__ import annotations

from dataclasses import replace

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.opening import open_wizard
from wizard.core.problem import usage

SUMMARY = "Try it on this computer: no account, nothing is billed."
ORDER = 5


@command("demo", short_help=SUMMARY)
def demo(context: CommandContext) -> int:
    """Open the wizard on this computer: the Hub and Modal run here, and no account is needed. The same as
    `outlines-wizard --rehearse`.

    \b
    outlines-wizard demo
    outlines-wizard demo --scenario not-requested
    """
    if context.as_json:
        raise usage("flags_invalid", "The demo has no JSON.", "Use: outlines-wizard deploy --rehearse --yes --json")
    options = replace(context.session, rehearse=context.session.rehearse or "all")
    return open_wizard(context.wiring, options, plain=context.plain)
