"""The decorator that makes a command: the flags that every command shares, its help, and how a coroutine is run."""

from __future__ import annotations

import asyncio
import functools
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

import click

from wizard import __version__
from wizard.cli.command_line import OutputTypeOption, command_line_of
from wizard.cli.context import CommandContext
from wizard.cli.output.reporters import Reporter, make_reporter
from wizard.cli.output.standard_output import give_up_standard_output
from wizard.cli.session import SessionOptions, Wiring
from wizard.core.access_token import clean
from wizard.core.problem import ExitCode, Problem, interrupted

_SHARED: tuple[Callable[[Any], Any], ...] = (
    click.option("--json", "as_json", is_flag=True, help="Print JSON lines on standard output."),
    click.option("--yes", "-y", is_flag=True, help="Agree to the plan without asking."),
    click.option("--quiet", "-q", is_flag=True, help="Print results only, no progress."),
    click.option("--no-color", is_flag=True, help="No colours (also: NO_COLOR)."),
    click.option("--environment", metavar="NAME", help="Modal environment."),
    click.option(
        "--rehearse",
        type=click.Choice(["all", "modal"]),
        metavar="[=modal]",
        help="Demo: run on this computer, no accounts; =modal: with the real Hub.",
    ),
    click.option("--scenario", metavar="NAME", help="Demo of a prepared situation (“list” shows them)."),
    click.option(
        "--trust-endpoint",
        multiple=True,
        metavar="URL",
        help="Send your access token to the Hub at this address too, where HF_ENDPOINT names it.",
    ),
    click.version_option(__version__, "--version", "program_version", prog_name="outlines-wizard"),
)


_EVERYWHERE = {
    *("as_json", "yes", "quiet", "no_color", "environment", "rehearse", "scenario", "trust_endpoint"),
    "program_version",
}


class SectionedCommand(click.Command):
    """A command whose help lists its own flags first, and those that every command has last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lists."""
        parts: dict[str, list[tuple[str, str]]] = {"Options": [], "Output type": [], "Everywhere": []}
        for parameter in self.get_params(ctx):
            everywhere = parameter.name in _EVERYWHERE or "--help" in parameter.opts
            title = (
                "Everywhere" if everywhere else "Output type" if isinstance(parameter, OutputTypeOption) else "Options"
            )
            record = parameter.get_help_record(ctx)
            if record and isinstance(parameter, click.Option):
                parts[title].append(record)
        for title, rows in parts.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


Job = Coroutine[Any, Any, int]


def command(name: str, **more: Any) -> Callable[[Callable[..., Job | int]], click.Command]:
    """Make a click command of a function that takes a CommandContext and gives an exit code, or a coroutine for it."""

    def wrap(function: Callable[..., Job | int]) -> click.Command:
        @functools.wraps(function)
        def run(
            as_json: bool,
            yes: bool,
            quiet: bool,
            no_color: bool,
            environment: str | None,
            rehearse: Any,
            scenario: str | None,
            trust_endpoint: tuple[str, ...],
            **arguments: Any,
        ) -> None:
            wiring: Wiring = click.get_current_context().find_root().obj
            is_rehearsal = bool(rehearse or scenario)
            options = SessionOptions(environment, rehearse or ("all" if scenario else None), scenario, trust_endpoint)
            line = command_line_of(click.get_current_context(), options, as_json=as_json)
            reporter = make_reporter(line, as_json=as_json, quiet=quiet, color=not no_color, rehearsal=is_rehearsal)
            if scenario == "list":
                reporter.table(("scenario", "what it is about", "ends with"), wiring.scenarios())
                CommandContext(wiring, reporter, SessionOptions(), yes, quiet, as_json).finished()
                sys.exit(0)
            context = CommandContext(wiring, reporter, options, yes, quiet, as_json, line)
            sys.exit(run_to_end(lambda: function(context, **arguments), reporter))

        decorated: Any = run
        for option in reversed(_SHARED):
            decorated = option(decorated)
        made: click.Command = click.command(name, cls=SectionedCommand, **more)(decorated)
        return made

    return wrap


def run_to_end(run: Callable[[], Job | int], reporter: Reporter) -> int:
    """Run a command; every way that it can end becomes an exit code and at most one sentence."""
    try:
        job = run()
        return job if isinstance(job, int) else int(asyncio.run(_interruptible(job)))
    except Problem as problem:
        reporter.failed(problem)
        return int(problem.exit_code)
    except (KeyboardInterrupt, asyncio.CancelledError):
        reporter.failed(interrupted())
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has gone
        give_up_standard_output()
        return int(ExitCode.FAILED)
    except Exception as error:  # noqa: BLE001 - a bug of ours must not print a secret
        reporter.failed(
            Problem(
                "internal_error",
                f"Internal error in outlines-wizard: {clean(type(error).__name__)}.",
                "Please report it with the lines above; access tokens in them are masked.",
                raw=clean("".join(traceback.format_exception(error))),
            )
        )
        return int(ExitCode.FAILED)


async def _interruptible(job: Coroutine[Any, Any, int]) -> int:
    """SIGTERM ends a command as Ctrl-C does: with time to clean up."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    if task is not None and hasattr(signal, "SIGTERM"):
        try:
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
        except (NotImplementedError, RuntimeError):  # not on this platform, or not on the main thread
            return await job
    return await job
