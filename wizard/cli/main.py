"""The program's command line: its own flags, its commands, and what becomes of a command line that is misused."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from wizard import __version__
from wizard.cli.command_list import command_names, list_commands, load_command
from wizard.cli.opening import open_wizard
from wizard.cli.output.standard_output import give_up_standard_output
from wizard.cli.session import ARGUMENTS, SessionOptions, Wiring
from wizard.core.problem import ExitCode, Problem, interrupted, usage

if TYPE_CHECKING:
    from wizard.cli.command_line import CommandLine
    from wizard.cli.output.reporters import Reporter

HELP = """From nothing to a working structured-output GPU function on Modal, with any Hugging Face model.

\b
  outlines-wizard                              the full-screen wizard
  outlines-wizard demo                         try it on this computer, no account needed
  outlines-wizard check org/model              can my access token read this model?
  outlines-wizard deploy --model org/model --schema schema.json
"""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it.

    Flags before a command are the command's: it reads them first, so that those behind its name win, and refuses what
    it does not know.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [entry.name for entry in list_commands()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return load_command(cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in command_names() and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], [entry.name for entry in list_commands()], 1)
            hint = f" Did you mean {close[0]}?" if close else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        all_arguments: list[str] = ctx.meta[ARGUMENTS]
        early = [each for each in all_arguments[: len(all_arguments) - len(args)] if each != "--"]
        name, command, rest = super().resolve_command(ctx, args)
        at = 1 if isinstance(command, click.Group) and rest and not rest[0].startswith("-") else 0
        return name, command, [*rest[:at], *early, *rest[at:]]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.summary) for entry in list_commands()])


@click.group(
    cls=LazyGroup, help=HELP, context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True
)
@click.version_option(__version__, prog_name="outlines-wizard")
@click.option("--environment", metavar="NAME", help="Modal environment.")
@click.option(
    "--rehearse",
    type=click.Choice(["all", "modal"]),
    metavar="[=modal]",
    help="Demo: run on this computer, no accounts.",
)
@click.option("--scenario", metavar="NAME", help="Demo of a prepared situation.")
@click.option("--trust-endpoint", multiple=True, metavar="URL", help="Send your access token to this Hub too.")
@click.option("--plain", is_flag=True, help="The wizard as numbered lines (also: ACCESSIBLE=1).")
@click.option("--json", is_flag=True, hidden=True)
@click.option("--yes", "-y", is_flag=True, hidden=True)
@click.option("--quiet", "-q", is_flag=True, hidden=True)
@click.option("--no-color", is_flag=True, hidden=True)
@click.pass_context
def program(
    ctx: click.Context,
    /,
    environment: str | None,
    rehearse: Any,
    scenario: str | None,
    trust_endpoint: tuple[str, ...],
    plain: bool,
    **of_commands: bool,
) -> None:
    """Without a command: open the full-screen wizard."""
    if ctx.invoked_subcommand is not None:
        return
    for name in (name for name, is_set in of_commands.items() if is_set):
        raise click.NoSuchOption(f"--{name.replace('_', '-')}", ctx=ctx)
    options = SessionOptions(environment, rehearse or ("all" if scenario else None), scenario, trust_endpoint)
    ctx.exit(open_wizard(ctx.obj, options, plain=plain))


def main(arguments: Sequence[str], wiring: Wiring) -> int:
    """Run one command line; returns its exit code."""
    code: object = 0
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - closed by whoever started us
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a sign that a terminal does not have is no reason to fail
            stream.reconfigure(errors="replace")
    try:
        code = program.main(args=spell_out(arguments), prog_name="outlines-wizard", obj=wiring, standalone_mode=False)
    except SystemExit as end:
        code = end.code
    except click.ClickException as error:
        return _misused(error, arguments, as_json="--json" in arguments)
    except Problem as problem:  # what keeps the screen from opening; commands say theirs themselves
        _reporter(_line(arguments), as_json=False).failed(problem)
        return int(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):  # before the command has begun
        _reporter(_line(arguments), as_json="--json" in arguments).failed(interrupted())
        return int(ExitCode.INTERRUPTED)
    except OSError:  # --help, and nobody reads it
        give_up_standard_output()
        return int(ExitCode.FAILED)
    return code if isinstance(code, int) else 0 if code is None else 1


def _misused(error: click.ClickException, arguments: Sequence[str], *, as_json: bool) -> int:
    """A command line that the parser does not take: one sentence and a way on, or the public object."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and not as_json:
        sys.stderr.write(error.format_message() + "\n")
        return int(ExitCode.USAGE)
    from wizard.core.models.model_info import is_model_name

    context = getattr(error, "ctx", None)
    path = context.command_path if context else "outlines-wizard"
    model = next((each for each in arguments if is_model_name(each) and "/" in each), None)
    if model and model in error.format_message() and path != "outlines-wizard check":
        hint = f"A model is named with a flag: outlines-wizard deploy --model {model}"
    else:
        hint = f"See `{path} --help`."
    problem = usage("flags_invalid", _plain_words(error.format_message()), hint)
    line = _line(arguments, path.partition(" ")[2])
    _reporter(line, as_json=as_json, color="--no-color" not in arguments).failed(problem)
    return int(ExitCode.USAGE)


def _line(arguments: Sequence[str], name: str = "") -> CommandLine:
    from wizard.cli.command_line import CommandLine

    return CommandLine(tuple(arguments), name)


_PARSER_WORDS = (  # what click says of a value, and what a person reads
    (r"Invalid value for '(\S+)': (\S+) is not in the range (\S+)<=x<=(\S+)\.", r"\1 \2 is outside \3 to \4."),
    (r"Invalid value for '(\S+)': '(.*)' is not a valid (?:float|float range)\.", r"\1: '\2' is not a number."),
    (
        r"Invalid value for '(\S+)': '(.*)' is not a valid (?:integer|integer range)\.",
        r"\1: '\2' is not a whole number.",
    ),
)


def _plain_words(message: str) -> str:
    for parser_words, plain in _PARSER_WORDS:
        message = re.sub(parser_words, plain, message)
    return message


def _reporter(line: CommandLine, *, as_json: bool, color: bool = True) -> Reporter:
    from wizard.cli.output.reporters import make_reporter

    return make_reporter(line, as_json=as_json, quiet=False, color=color)


def spell_out(arguments: Sequence[str]) -> list[str]:
    """``--rehearse`` takes its value only behind an equals sign; click would swallow the next argument."""
    spelled, literal = [], False
    for argument in arguments:
        literal = literal or argument == "--"
        spelled.append("--rehearse=all" if argument == "--rehearse" and not literal else argument)
    return spelled
