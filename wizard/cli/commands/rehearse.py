"""`rehearse`: serve the stand-ins until somebody stops them."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.layout import Exact
from wizard.cli.output.standard_output import write_json
from wizard.cli.session import ServeOptions

SUMMARY = "Serve a local stand-in Hub and Modal for `hf`, `modal` and your own programs."
ORDER = 160


@command("rehearse", short_help=SUMMARY)
@click.option(
    "--serve", multiple=True, metavar="DIR=ORG/NAME[:gated|:private]", help="Serve a model folder of your own."
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep the demo's files in this folder.",
)
@click.option("--hub-port", type=click.IntRange(0, 65535), default=0, help="Port of the Hub (default: any).")
@click.option("--modal-port", type=click.IntRange(0, 65535), default=0, help="Port of Modal (default: any).")
@click.option("--until-stdin-closes", is_flag=True, hidden=True)
async def rehearse(context: CommandContext, until_stdin_closes: bool, **flags: Any) -> int:
    """Serve the Hub and Modal on this machine, and print the variables that point `hf` and `modal` at them.

    \b
    outlines-wizard rehearse > rehearsal.env &
    source rehearsal.env
    hf auth whoami; modal app list
    """
    options = ServeOptions(
        scenario=context.session.scenario or "ready",
        hub=context.session.rehearse != "modal",
        announce=not until_stdin_closes,
        trust=context.session.trust,
        **flags,
    )
    async with context.wiring.serving(options) as serving:
        described = serving.to_mapping()
        if context.as_json:
            write_json(described)
        else:
            _print_exports(described["env"])
            context.reporter.note(
                "The Hub and Modal of the demo are running. Nothing leaves this computer, nothing is billed."
            )
            context.reporter.note(*(Exact(f"  {name:<10} {url}") for name, url in described["pages"].items()))
            context.reporter.note("Press Ctrl-C to stop.")
        await _until_stopped(until_stdin_closes)
    return 0


def _print_exports(env: dict[str, str]) -> None:
    for name, value in env.items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    sys.stdout.flush()


async def _until_stopped(until_stdin_closes: bool) -> None:
    """Wait for SIGINT or SIGTERM, or for the end of standard input, which is how a parent's death shows."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows: Ctrl-C cancels this coroutine instead
            continue
    if until_stdin_closes:

        def wait_for_end() -> None:
            while os.read(0, 4096):
                continue
            loop.call_soon_threadsafe(stopped.set)

        import threading

        threading.Thread(target=wait_for_end, daemon=True, name="stdin").start()
    await stopped.wait()
