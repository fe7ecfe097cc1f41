"""The flags that say what the output must look like, made from the kinds of output type; exactly one is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from wizard.cli.command_line import OutputTypeOption
from wizard.cli.flags.files import read_text
from wizard.cli.flags.settings import setting_option
from wizard.core.output.kinds.registry import KINDS
from wizard.core.output.output_kind import KindFlag, OutputKind
from wizard.core.output.output_type import OutputType, parse_output
from wizard.core.plan.draft import Draft
from wizard.core.problem import usage


def output_flags(function: Any) -> Any:
    """Add the output-type flags to a command, and the one for the backend."""
    for setting in Draft.settings():
        if setting.name == "backend":
            function = setting_option(setting, OutputTypeOption)(function)
    return output_type_flags(function)


def output_type_flags(function: Any) -> Any:
    """Add the flags that name an output type to a command."""
    for _, flag in reversed(list(_all_flags())):
        function = _option(flag)(function)
    return function


def _all_flags() -> Iterator[tuple[OutputKind, KindFlag]]:
    return ((kind, flag) for kind in KINDS.values() for flag in kind.flags)


def _option(flag: KindFlag) -> Callable[[Any], Any]:
    if flag.value == "none":
        return click.option(flag.name, flag.parameter, cls=OutputTypeOption, is_flag=True, help=flag.help)
    kind = click.Path(path_type=Path, allow_dash=True) if flag.value == "file" else str
    return click.option(
        flag.name, flag.parameter, cls=OutputTypeOption, type=kind, metavar=flag.metavar, help=flag.help
    )


def refuse_empty(flags: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise Problem (exit code 2) for a flag without a value: often a variable of a script that is not set."""
    for name in names:
        if isinstance(flags[name], str) and not flags[name].strip():
            raise usage("flag_empty", f"--{name.replace('_', '-')} is empty.", "Give it a value, or omit it.")


def flag_on_standard_input(flags: Mapping[str, Any]) -> str:
    """The output-type flag that reads standard input; empty for none."""
    names = (flag.name for _, flag in _all_flags() if flag.value == "file" and str(flags[flag.parameter]) == "-")
    return next(names, "")


async def read_output(flags: Mapping[str, Any], schema_of_class: Callable[[str], Awaitable[str]]) -> OutputType | None:
    """The output type that the flags name; None for none of them. Raises Problem (exit code 2)."""
    given = [(kind, flag) for kind, flag in _all_flags() if flags.get(flag.parameter) not in (None, False)]
    refuse_empty(flags, [flag.parameter for _, flag in given])
    if len(given) > 1:
        names = " and ".join(flag.name for _, flag in given)
        raise usage("output_ambiguous", f"Choose one output type, not {names}.")
    for kind, flag in given:
        text, where = await _read_value(flag, flags[flag.parameter], schema_of_class)
        return parse_output(kind.name, text, where)
    return None


async def _read_value(flag: KindFlag, value: Any, schema_of_class: Callable[[str], Awaitable[str]]) -> tuple[str, str]:
    """The text that a flag gives, and where it stands."""
    match flag.value:
        case "file":
            return read_text(value, flag.name), "standard input" if str(value) == "-" else str(value)
        case "class":
            return await schema_of_class(value), str(value)
        case "text":
            return str(value), flag.name
        case "none":
            return "", flag.name
