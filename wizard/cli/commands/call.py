"""`call`: one sample from a deployed function."""

from __future__ import annotations

import sys
from contextlib import aclosing
from typing import Any

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output_flags import refuse_empty
from wizard.core.events import Failed, SampleReady
from wizard.core.plan.names import FUNCTION_NAME
from wizard.core.problem import Problem, usage
from wizard.flow.deploy.apply import check_sample, sample_events
from wizard.flow.operate.deployed_apps import app_missing

SUMMARY = "Draw one sample from a deployed function."
ORDER = 50

CALL_SECONDS = 900.0


@command("call", short_help=SUMMARY)
@click.argument("app")
@click.option("--prompt", metavar="TEXT", help="The prompt (default: standard input).")
@click.option("--max-tokens", type=click.IntRange(1, 131072), metavar="N", help="Longest answer, in tokens.")
async def call(context: CommandContext, app: str, prompt: str | None, max_tokens: int | None) -> int:
    """Ask the function of APP once, and have the answer judged by an independent validator.

    \b
    outlines-wizard call outlines-tiny-character --prompt "Describe Conan, 40 year old barbarian with an axe."
    """
    refuse_empty({"prompt": prompt}, ["prompt"])
    text = prompt if prompt is not None else _from_standard_input()
    arguments: dict[str, Any] = {"prompt": text} | ({"max_tokens": max_tokens} if max_tokens else {})
    async with context.services() as ports:
        workspace = await ports.modal.connect()
        if await ports.modal.app(app) is None:
            raise app_missing(app, workspace.environment, lasting=ports.lasting)
        sample: SampleReady | None = None
        try:
            async with aclosing(sample_events(ports, app, arguments, None, CALL_SECONDS)) as events:
                async for event in events:
                    context.reporter.event(event)
                    sample = event if isinstance(event, SampleReady) else sample
            if sample:
                check_sample(sample)
        except Problem as problem:
            context.reporter.event(Failed(problem.at("sample")))
            return int(problem.exit_code)
        context.finished(app=app, function=FUNCTION_NAME, environment=workspace.environment, rehearsal=ports.rehearsal)
    return 0


def _from_standard_input() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        raise usage("missing_prompt", "There is no prompt.", "Pass --prompt, or pipe the prompt into standard input.")
    text = sys.stdin.buffer.read().decode("utf-8", "replace").strip()
    if not text:
        raise usage("missing_prompt", "Standard input holds no prompt.", "Pass --prompt, or pipe one in.")
    return text
