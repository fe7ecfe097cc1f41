"""`call`: one sample from a deployed function."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.flags.call import max_tokens_flag, sampling_flags, think_flag
from wizard.cli.flags.output import flag_on_standard_input, output_type_flags, read_output, refuse_empty
from wizard.core.events import Failed, SampleReady
from wizard.core.images.image_file import read_images
from wizard.core.plan.names import FUNCTION_NAME
from wizard.core.playground.exchange import Question
from wizard.core.problem import Problem, usage
from wizard.flow.deploy.function_calls import check_sample, sample_events
from wizard.flow.deploy.phases import PhaseTracker
from wizard.flow.deploy.plan_record import read_record
from wizard.flow.operate.call.arguments import checked_arguments
from wizard.flow.operate.call.thinking import call_seconds, read_think
from wizard.flow.operate.deployed_apps import find_app

SUMMARY = "Draw one sample from a deployed function."
ORDER = 50

CALL_SECONDS = 900.0


@command("call", short_help=SUMMARY)
@click.argument("app")
@click.option("--prompt", metavar="TEXT", help="The prompt (default: standard input).")
@click.option("--system", metavar="TEXT", help="System message.")
@click.option(
    "--image",
    "images",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Image, for a vision model (repeatable).",
)
@max_tokens_flag
@sampling_flags
@think_flag("the answer")
@click.option("--adapter", metavar="NAME", help="Adapter that answers, where the app has several.")
@click.option("--stream", is_flag=True, help="Print the answer as it is generated.")
@output_type_flags
async def call(
    context: CommandContext,
    app: str,
    prompt: str | None,
    system: str | None,
    images: tuple[Path, ...],
    max_tokens: int | None,
    temperature: float | None,
    top_p: float | None,
    seed: int | None,
    think: str | None,
    adapter: str | None,
    stream: bool,
    **flags: Any,
) -> int:
    """Ask the function of APP once, and have the answer judged by an independent validator.

    An output type that is named here is for this call alone; the deployed one stays as it is.

    \b
    outlines-wizard call outlines-tiny-character --prompt "Describe Conan, 40 year old barbarian with an axe."
    outlines-wizard call outlines-tiny-character --prompt "Is Conan old?" --choices yes,no --stream
    outlines-wizard call my-receipts --image receipt.jpg --prompt "What is on this receipt?"
    """
    refuse_empty({"prompt": prompt, "system": system, "adapter": adapter}, ["prompt", "system", "adapter"])
    output = await read_output(flags, context.wiring.schema_of_class)
    budget = read_think("--think", think) if think is not None else None
    text = prompt if prompt is not None else _from_standard_input(flags)
    names = tuple(map(str, images))
    question = Question(
        text, system or "", names, output, max_tokens, temperature, top_p, seed, think=budget, adapter=adapter
    )
    files = read_images(images, "--image")
    async with context.services() as ports:
        if output is not None and output.form == "json_schema":
            await asyncio.to_thread(ports.validation.check_schema, output)
        workspace = await ports.modal.connect()
        record = await read_record(ports.modal, await find_app(ports, app, workspace.environment))
        arguments = await checked_arguments(ports, app, record, question, files)
        limit = call_seconds(CALL_SECONDS, record, budget)
        sample: SampleReady | None = None
        phases = PhaseTracker.of_record(record, rehearsal=ports.rehearsal)
        asking = sample_events(ports, app, arguments, output, limit, stream=stream, phases=phases)
        try:
            async with aclosing(asking) as events:
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


def _from_standard_input(flags: Mapping[str, Any]) -> str:
    if flag := flag_on_standard_input(flags):
        raise usage("missing_prompt", f"Standard input is read by {flag}: there is no prompt.", "Pass --prompt.")
    if sys.stdin is None or sys.stdin.isatty():
        raise usage("missing_prompt", "There is no prompt.", "Pass --prompt, or pipe the prompt into standard input.")
    text = sys.stdin.buffer.read().decode("utf-8", "replace").strip()
    if not text:
        raise usage("missing_prompt", "There is no prompt on standard input.", "Pass --prompt, or pipe one in.")
    return text
