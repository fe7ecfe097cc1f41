"""The command line's table of contents. Commands are imported when they are called, not when they are listed."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from wizard import __version__
from wizard.cli.output.reporters import Reporter, make_reporter
from wizard.cli.output.standard_output import give_up_standard_output
from wizard.cli.session import SessionOptions, Wiring
from wizard.core.models.model_info import is_model_name
from wizard.core.problem import ExitCode, Problem, interrupted, usage

COMMANDS: dict[str, tuple[str, str]] = {
    "deploy": ("wizard.cli.commands.deploy:deploy", "The whole job: from a model to a validated sample."),
    "check": ("wizard.cli.commands.check:check", "Can this access token read this model's weights?"),
    "token": ("wizard.cli.commands.token:token", "Access tokens on this machine; the one in the OS keyring."),
    "lint": ("wizard.cli.commands.lint:lint", "Does this output type compile, and is every keyword of it enforced?"),
    "call": ("wizard.cli.commands.call:call", "Draw one sample from a deployed function."),
    "verify": ("wizard.cli.commands.verify:verify_app", "Draw many samples, judge each, write a report."),
    "batch": ("wizard.cli.commands.batch:batch", "Many prompts (JSON lines) through a deployed function."),
    "list": ("wizard.cli.commands.look:list_apps", "The functions that this program has deployed."),
    "status": (
        "wizard.cli.commands.look:status",
        "One deployed function: state, versions, Modal Secret, weights, cost.",
    ),
    "logs": ("wizard.cli.commands.logs:logs", "The log of a deployed function."),
    "rotate": ("wizard.cli.commands.rotate:rotate", "Replace the access token of a deployed app."),
    "rollback": ("wizard.cli.commands.rollback:rollback", "Deploy an earlier version of an app again."),
    "teardown": ("wizard.cli.commands.teardown:teardown", "Undo a deploy; says what it keeps."),
    "explain": ("wizard.cli.commands.explain:explain", "What does this error mean? (a pasted log or traceback)"),
    "doctor": (
        "wizard.cli.commands.doctor:doctor",
        "Is this machine ready; what is wrong with an existing Modal script?",
    ),
    "rehearse": ("wizard.cli.commands.rehearse:rehearse", "Serve the Hub and Modal on this machine."),
    "completion": ("wizard.cli.commands.completion:completion", "Shell completion for bash, zsh and fish."),
}

HELP = """From nothing to a working structured-output GPU function on Modal, with any Hugging Face model.

\b
  outlines-wizard                              the full-screen wizard
  outlines-wizard deploy --rehearse            see it work on this machine, no accounts needed
  outlines-wizard check org/model              can my access token read this model?
  outlines-wizard deploy --model org/model --schema schema.json
"""


_GIVEN = "outlines_wizard.given"


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it.

    Flags before a command are the command's: it reads them first, so that those behind its name win, and refuses what
    it does not know.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_GIVEN] = list(args)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: Any = getattr(importlib.import_module(module), name)
        return found  # type: ignore[no-any-return]

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean {close[0]}?" if close else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        given: list[str] = ctx.meta[_GIVEN]
        early = [each for each in given[: len(given) - len(args)] if each != "--"]
        name, found, rest = super().resolve_command(ctx, args)
        at = 1 if isinstance(found, click.Group) and rest and not rest[0].startswith("-") else 0
        return name, found, [*rest[:at], *early, *rest[at:]]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup, help=HELP, context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True
)
@click.version_option(__version__, prog_name="outlines-wizard")
@click.option("--environment", metavar="NAME", help="Modal environment.")
@click.option("--rehearse", type=click.Choice(["all", "modal"]), metavar="[=modal]", help="Rehearse on this machine.")
@click.option("--scenario", metavar="NAME", help="Rehearse a prepared situation.")
@click.option("--json", is_flag=True, hidden=True)
@click.option("--yes", "-y", is_flag=True, hidden=True)
@click.option("--quiet", "-q", is_flag=True, hidden=True)
@click.option("--no-color", is_flag=True, hidden=True)
@click.pass_context
def contents(
    ctx: click.Context, /, environment: str | None, rehearse: Any, scenario: str | None, **of_commands: bool
) -> None:
    if ctx.invoked_subcommand is not None:
        return
    for name in (name for name, given in of_commands.items() if given):
        raise click.NoSuchOption(f"--{name.replace('_', '-')}", ctx=ctx)
    on_terminal = sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()
    if not on_terminal or os.environ.get("TERM") == "dumb":
        sys.stderr.write("The wizard needs a terminal. Without one, use: outlines-wizard deploy --help\n")
        ctx.exit(2)
    options = SessionOptions(environment, rehearse or ("all" if scenario else None), scenario)
    ctx.exit(ctx.obj.screen(options))


def main(arguments: Sequence[str], wiring: Wiring) -> int:
    """Run one command line; returns its exit code."""
    code: object = 0
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - closed by whoever started us
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a sign that a terminal does not have is no reason to fail
            stream.reconfigure(errors="replace")
    try:
        code = contents.main(args=spell_out(arguments), prog_name="outlines-wizard", obj=wiring, standalone_mode=False)
    except SystemExit as end:
        code = end.code
    except click.ClickException as error:
        return _misused(error, arguments, as_json="--json" in arguments)
    except Problem as problem:  # what keeps the screen from opening; commands say theirs themselves
        _reporter(as_json=False).failed(problem)
        return int(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):  # before the command has begun
        _reporter(as_json="--json" in arguments).failed(interrupted())
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
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "outlines-wizard"
    model = next((each for each in arguments if is_model_name(each) and "/" in each), None)
    if model and model in error.format_message() and path != "outlines-wizard check":
        hint = f"A model is named with a flag: outlines-wizard deploy --model {model}"
    else:
        hint = f"See `{path} --help`."
    problem = usage("flags_invalid", error.format_message(), hint)
    _reporter(as_json=as_json, color="--no-color" not in arguments).failed(problem)
    return int(ExitCode.USAGE)


def _reporter(*, as_json: bool, color: bool = True) -> Reporter:
    return make_reporter(as_json=as_json, quiet=False, color=color and not os.environ.get("NO_COLOR"), rehearsal=False)


def spell_out(arguments: Sequence[str]) -> list[str]:
    """``--rehearse`` takes its value only behind an equals sign; click would swallow the next argument."""
    spelled, literal = [], False
    for argument in arguments:
        literal = literal or argument == "--"
        spelled.append("--rehearse=all" if argument == "--rehearse" and not literal else argument)
    return spelled
