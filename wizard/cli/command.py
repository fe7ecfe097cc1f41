"""The decorator that makes a command: the flags that every command shares, its help, and how a coroutine is run."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from wizard import __version__
from wizard.cli.command_line import OutputTypeOption, command_line_of
from wizard.cli.context import CommandContext
from wizard.cli.opening import wants_lines
from wizard.cli.output.reporters import make_reporter
from wizard.cli.run import Job, run_to_end
from wizard.cli.session import SessionOptions, Wiring
from wizard.core.problem import usage

_SHARED: tuple[Callable[[Any], Any], ...] = (
    click.option("--json", "as_json", is_flag=True, help="Print JSON lines on standard output."),
    click.option("--yes", "-y", is_flag=True, help="Agree to the plan without asking."),
    click.option("--quiet", "-q", is_flag=True, help="Print results only, no progress."),
    click.option("--no-color", is_flag=True, help="No colours (also: NO_COLOR)."),
    click.option("--plain", is_flag=True, help="Lines only: no screen, no colours (also: ACCESSIBLE=1)."),
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
    *("as_json", "yes", "quiet", "no_color", "plain", "environment", "rehearse", "scenario", "trust_endpoint"),
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


def refuse_bytes(texts: Mapping[str, Any]) -> None:
    """Raise Problem (exit code 2) for a flag or an argument whose bytes are no text: it could not be sent anywhere."""
    flags = {each.name: each for each in click.get_current_context().command.params}
    for name, value in texts.items():
        for text in value if isinstance(value, tuple) else (value,):
            if not isinstance(text, str):
                continue
            try:
                text.encode()
            except UnicodeEncodeError as error:
                flag = flags[name]
                title = flag.opts[0] if isinstance(flag, click.Option) else name.upper()
                message = f"{title} is not text: its character {error.start + 1} is not UTF-8."
                raise usage("flag_not_text", message, "Type it again, in a terminal that uses UTF-8.") from error


def command(name: str, **more: Any) -> Callable[[Callable[..., Job | int]], click.Command]:
    """Make a click command of a function that takes a CommandContext and gives an exit code, or a coroutine for it."""

    def wrap(function: Callable[..., Job | int]) -> click.Command:
        @functools.wraps(function)
        def run(
            as_json: bool,
            yes: bool,
            quiet: bool,
            no_color: bool,
            plain: bool,
            environment: str | None,
            rehearse: Any,
            scenario: str | None,
            trust_endpoint: tuple[str, ...],
            **arguments: Any,
        ) -> None:
            wiring: Wiring = click.get_current_context().find_root().obj
            plain = wants_lines(plain=plain)
            is_rehearsal = bool(rehearse or scenario)
            options = SessionOptions(environment, rehearse or ("all" if scenario else None), scenario, trust_endpoint)
            line = command_line_of(click.get_current_context(), options, as_json=as_json)
            reporter = make_reporter(
                line, as_json=as_json, quiet=quiet, color=not (no_color or plain), rehearsal=is_rehearsal, plain=plain
            )
            if scenario == "list":
                from wizard.cli.output.scenario_list import list_scenarios  # every command would load it for its help

                list_scenarios(reporter, wiring.scenarios(), as_json=as_json)
                CommandContext(wiring, reporter, SessionOptions(), yes, quiet, as_json).finished()
                sys.exit(0)
            context = CommandContext(wiring, reporter, options, yes, quiet, as_json, line, plain)
            texts = arguments | {"environment": environment, "trust_endpoint": trust_endpoint}

            def start() -> Job | int:
                refuse_bytes(texts)
                return function(context, **arguments)

            sys.exit(run_to_end(start, reporter))

        decorated: Any = run
        for option in reversed(_SHARED):
            decorated = option(decorated)
        made: click.Command = click.command(name, cls=SectionedCommand, **more)(decorated)
        return made

    return wrap
