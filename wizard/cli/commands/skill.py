"""`skill`: one page that tells a coding agent how to use this program."""

from __future__ import annotations

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.standard_output import write_out

SUMMARY = "A page for coding agents: commands, JSON, exit codes, what needs a person."
ORDER = 165


@command("skill", short_help=SUMMARY)
async def skill(context: CommandContext) -> int:
    """Print one page that a coding agent needs to use this program, as Markdown.

    \b
    outlines-wizard skill > SKILL.md
    """
    from wizard.cli.agent_page import agent_page

    program = click.get_current_context().find_root().command
    assert isinstance(program, click.Group)  # this command is one of its own
    page = agent_page(program)
    if context.as_json:
        context.reporter.result({"page": page}, ())
    else:
        write_out(page)
    return 0
