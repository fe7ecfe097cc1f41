"""The flags that say what the output must look like; exactly one of them is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import click

from wizard.cli.flag_files import read_text
from wizard.core.output.output_type import KINDS, OutputType, choices_type, python_type, regex_type, schema_type
from wizard.core.output.value_patterns import TYPES
from wizard.core.plan.plan import BACKENDS
from wizard.core.problem import usage

_FILES = ("--schema", "--grammar")


def _option(flag: str, placeholder: str, words: str) -> Callable[[Any], Any]:
    words = words.format(types=", ".join(TYPES))
    if not placeholder:
        return click.option(flag, is_flag=True, help=words)
    names = (flag, "type_name") if flag == "--type" else (flag,)
    kind = click.Path(path_type=Path, allow_dash=True) if flag in _FILES else str
    return click.option(*names, type=kind, metavar=placeholder, help=words)


_FLAGS: tuple[Callable[[Any], Any], ...] = (
    *(_option(*flag) for kind in KINDS for flag in kind.flags),
    click.option("--backend", type=click.Choice(BACKENDS), help="Structured-output backend (default: auto)."),
)


def output_flags(function: Any) -> Any:
    """Add the output-type flags to a command."""
    for option in reversed(_FLAGS):
        function = option(function)
    return function


def refuse_empty(flags: dict[str, Any], names: Iterable[str]) -> None:
    """Raise Problem (exit code 2) for a flag without a value: often a variable of a script that is not set."""
    for name in names:
        if isinstance(flags[name], str) and not flags[name].strip():
            spelled = "--" + name.replace("_name", "").replace("_", "-")
            raise usage("flag_empty", f"{spelled} is empty.", "Give it a value, or leave it out.")


async def read_output(flags: dict[str, Any], schema_of_class: Callable[[str], Awaitable[str]]) -> OutputType | None:
    """The output type that the flags name; None for none of them. Raises Problem (exit code 2)."""
    names = ("schema", "model_class", "choices", "regex", "type_name", "grammar", "text")
    given = [name for name in names if flags.get(name) not in (None, False)]
    refuse_empty(flags, given)
    if len(given) > 1:
        spelled = " and ".join("--" + name.replace("_name", "").replace("_", "-") for name in given)
        raise usage("output_ambiguous", f"Only one output type can be asked for, not {spelled}.")
    match given:
        case ["schema"]:
            where = "standard input" if str(flags["schema"]) == "-" else str(flags["schema"])
            return schema_type(read_text(flags["schema"], "--schema"), where)
        case ["model_class"]:
            return schema_type(await schema_of_class(flags["model_class"]), flags["model_class"])
        case ["choices"]:
            return choices_type(flags["choices"])
        case ["regex"]:
            return regex_type(flags["regex"])
        case ["type_name"]:
            return python_type(flags["type_name"])
        case ["grammar"]:
            return OutputType("grammar", read_text(flags["grammar"], "--grammar"))
        case ["text"]:
            return OutputType("text")
    return None
