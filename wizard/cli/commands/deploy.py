"""`deploy`: the whole job without a screen."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from wizard.cli.command import command
from wizard.cli.consent import require_consent
from wizard.cli.context import CommandContext
from wizard.cli.flags.files import read_text
from wizard.cli.flags.output import flag_on_standard_input, output_flags, read_output, refuse_empty
from wizard.cli.flags.settings import flag_values, setting_options
from wizard.cli.next_steps import next_steps
from wizard.core.events import Failed, Finished, PlanReady
from wizard.core.plan.draft import Draft
from wizard.core.plan.max_cost import check_max_cost
from wizard.core.plan.plan import Plan
from wizard.core.plan.plan_file import read_plan, write_plan_document
from wizard.core.problem import Problem, usage
from wizard.flow.configuration.merge import Configuration, configure
from wizard.flow.deploy.job import run_job
from wizard.flow.deploy.job_state import JobOptions
from wizard.flow.ports.credentials import TOKEN_ORIGINS
from wizard.flow.ports.services import Ports

SUMMARY = "The whole job: from a model to a validated sample."
ORDER = 10


@command("deploy", short_help=SUMMARY)
@setting_options(setting for setting in Draft.settings() if setting.name != "backend")  # which `output_flags` adds
@click.option("--replace-secret", is_flag=True, help="Replace a Modal Secret that outlines-wizard didn't create.")
@click.option(
    "--output-dir", type=click.Path(path_type=Path, file_okay=False), default=Path("."), help="Where the app file goes."
)
@click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path), metavar="FILE", help="Read the Plan from TOML; flags win."
)
@click.option("--save-plan", type=click.Path(path_type=Path), metavar="FILE", help="Write the Plan as TOML.")
@click.option(
    "--max-cost", type=float, metavar="DOLLARS", help="Stop before anything starts if the first run costs more."
)
@click.option("--dry-run", is_flag=True, help="Show the plan and change nothing.")
@click.option("--no-sample", is_flag=True, help="Deploy without drawing a sample.")
@click.option(
    "--token-from",
    type=click.Choice(TOKEN_ORIGINS),
    default="auto",
    help="Where the access token comes from.",
)
@output_flags
async def deploy(context: CommandContext, **flags: Any) -> int:
    """From a model to a validated, structured sample from your own GPU function on Modal.

    \b
    outlines-wizard deploy --rehearse
    outlines-wizard deploy --model mistralai/Mistral-7B-Instruct-v0.2 --schema character.json --dry-run
    """
    check_max_cost(flags["max_cost"])
    if flags["token_from"] == "stdin" and (flag := flag_on_standard_input(flags)):
        raise usage("stdin_twice", f"{flag} - and --token-from stdin cannot both read standard input.")
    configuration = await read_configuration(context, flags)
    configuration.draft.check()
    if not flags["dry_run"]:
        require_consent(context, "the plan", "Pass --yes, or --dry-run.")
    job_options = JobOptions(
        token_from=flags["token_from"],
        output_dir=flags["output_dir"],
        max_cost=flags["max_cost"],
        dry_run=flags["dry_run"],
        sample=not flags["no_sample"],
        replace_secret=flags["replace_secret"],
        sources=configuration.sources,
        may_sign_in=bool(sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()) and not context.quiet,
    )
    async with context.services(configuration) as ports:
        return await _run(context, configuration.draft, job_options, ports, flags["save_plan"])


async def read_configuration(context: CommandContext, flags: Mapping[str, Any]) -> Configuration:
    """What is decided before anything is looked at. Raises Problem (exit code 2)."""
    named = flag_values(flags)
    refuse_empty(flags, named)
    output = await read_output(flags, context.wiring.schema_of_class)
    path, rehearse = flags["plan_file"], context.session.rehearse
    return configure(
        Draft(**named, output=output),
        environment=context.session.environment,
        plan_file=read_plan(read_text(path, "--plan"), str(path), Draft) if path is not None else None,
        rehearsal=rehearse is not None,
        rehearsal_model=context.wiring.default_model(rehearse, context.session.scenario or "ready"),
    )


async def _run(
    context: CommandContext, draft: Draft, job_options: JobOptions, ports: Ports, save_plan: Path | None
) -> int:
    async def agree(plan: PlanReady) -> bool:
        return context.yes or await context.reporter.confirm("Go ahead?")

    code, prompt, sees = 0, "", False
    async with aclosing(run_job(draft, job_options, ports, agree)) as events:
        async for event in events:
            if isinstance(event, PlanReady) and isinstance(event.plan, Plan):
                prompt, sees = event.plan.prompt, event.plan.sees
                if save_plan is not None:
                    _save(ports, save_plan, event.plan, "" if draft.names_engine else event.why["engine"])
            if isinstance(event, Failed):
                code = int(event.problem.exit_code)
            if isinstance(event, Finished):
                event = replace(event, next=next_steps(event, ports, prompt, sees=sees))
            context.reporter.event(event)
    return code


def _save(ports: Ports, path: Path, plan: Plan, engine_why: str) -> None:
    try:
        ports.files.write(path, write_plan_document(plan, engine_why))
    except Problem as problem:
        raise replace(problem, hint="Pass another --save-plan.") from problem
