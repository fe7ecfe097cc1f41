"""The flags of `verify --cases`, and what `--against` may name."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from wizard.cli.flags.call import max_tokens_flag, think_flag
from wizard.cli.flags.output import output_type_flags
from wizard.core.cases.rules import FORMS
from wizard.core.problem import usage

_VERSION = re.compile(r"v?[1-9]\d{0,8}")


@dataclass(frozen=True)
class CasesFlags:
    """What `verify` was given beside the flags that it has without cases."""

    cases: Path | None
    inputs: Path | None
    compare: tuple[str, ...]
    against: str | None
    min_accuracy: float | None
    html: Path | None
    resume: bool
    model_class: str | None
    temperature: float | None

    def given_without_cases(self) -> str:
        """A flag that only cases have, where none are; empty for none."""
        for each in fields(self):
            if each.name != "cases" and getattr(self, each.name):
                return "--" + each.name.replace("_", "-")
        return ""


def read_share(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    """A share, as 0.9 or 90%."""
    if text is None:
        return None
    try:
        number = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        number = -1.0
    if not 0 < number <= 1:
        raise click.BadParameter(f"{text!r} is not a share such as 0.9 or 90%.", context, parameter)
    return number


def cases_flags(function: Any) -> Any:
    """Add the flags to a command."""
    file = click.Path(path_type=Path)
    options = (
        click.option("--cases", type=file, metavar="FILE", help="Prompts with expected values: JSON lines or CSV."),
        click.option("--inputs", type=file, metavar="FILE", help="The input of the batch whose output --cases is."),
        click.option("--compare", multiple=True, metavar="FIELD=RULE", help=f"{FORMS}; can be repeated."),
        click.option(
            "--against",
            metavar="WHAT",
            help='An app, an earlier report, or call options such as "--think 200" or --text.',
        ),
        click.option("--min-accuracy", callback=read_share, metavar="X", help="Exit code 7 below it; 0.9 or 90%."),
        click.option("--html", type=file, metavar="FILE", help="Write the report as HTML too."),
        click.option("--resume", is_flag=True, help="Keep the answers of an earlier run with the same -o."),
        click.option("--model-class", metavar="module:Class", help="Run this class's validators on every answer."),
        click.option("--temperature", type=click.FloatRange(0, 2), metavar="T", help="With --cases (default: 0)."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@dataclass(frozen=True)
class Against:
    """What a run is compared with: one of these."""

    app: str = ""
    file: Path | None = None
    options: dict[str, Any] | None = None
    words: str = ""


@output_type_flags
@max_tokens_flag
@think_flag("an answer")
@click.option("--temperature", type=click.FloatRange(0, 2))
def _options(**_: Any) -> None:
    """What `--against` may hold."""


_COMMAND = click.command("--against", add_help_option=False)(_options)


def read_against(text: str, app: str) -> Against:
    """An app, a file, or call options. Raises Problem (exit code 2)."""
    said = text.strip()
    if said.startswith("-"):
        try:
            context = _COMMAND.make_context("--against", shlex.split(said))
        except (click.ClickException, ValueError) as error:
            why = error.format_message() if isinstance(error, click.ClickException) else str(error)
            hint = 'Call options such as "--think 200", "--max-tokens 50" or --text can be compared with.'
            raise usage("against_invalid", f"--against {said!r}: {why}", hint) from error
        return Against(options=context.params, words=said)
    if os.path.isfile(said):
        return Against(file=Path(said))
    if _VERSION.fullmatch(said):
        raise usage(
            "against_version",
            f"Modal runs only the current version of {app}: {said} cannot be asked beside it.",
            f"Run `outlines-wizard rollback {app} {said}`, `verify` with `-o before.json`, deploy again, and pass "
            "`--against before.json`.",
        )
    if not said or "/" in said or said.endswith((".json", ".jsonl")):
        raise usage("file_unreadable", f"--against {said!r}: there is no such file.")
    return Against(app=said)
