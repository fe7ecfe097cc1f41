"""`plan schema`: the JSON Schema of plan files and of the configuration, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.standard_output import write_out
from wizard.core.atomic_write import write_atomically
from wizard.core.problem import usage

SUMMARY = "The JSON Schema of plan files, for editors that complete them."
ORDER = 155


@click.group("plan")
def plan() -> None:
    """Plan files, as `deploy --save-plan FILE` writes them.

    \b
    outlines-wizard plan schema -o plan.schema.json
    """


@command("schema", short_help=SUMMARY)
@click.option("--config", "of_config", is_flag=True, help="The schema of config.toml instead.")
@click.option("-o", "--output", "path", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file.")
async def schema(context: CommandContext, of_config: bool, path: Path | None) -> int:
    """Print the JSON Schema of a plan file. A saved plan names plan.schema.json beside it in its first line, where
    Even Better TOML, Taplo and others look for it.
    """
    from wizard.core.plan.plan_schema import config_schema, plan_schema

    text = json.dumps(config_schema() if of_config else plan_schema(), indent=2) + "\n"
    if path is None:
        write_out(text)
        return 0
    try:
        write_atomically(path, text.encode(), mode=0o644)
    except OSError as error:
        raise usage("file_not_written", f"{path} cannot be written: {error.strerror}.", "Pass another -o.") from error
    context.reporter.note(f"The schema is in {path}.")
    context.finished(files=(str(path),))
    return 0


plan.add_command(schema)
