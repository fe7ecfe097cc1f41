"""The commands of the program: one file each in `wizard.cli.commands`, and that folder is the list.

A file is named as its command is, with ``_`` for ``-``, and defines the click command of that name. Two constants in it
tell what the program's help needs: `SUMMARY`, one line, and `ORDER`, its place among the others. They are read from the
source, so that listing the commands imports none of them.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass
from importlib.abc import InspectLoader

import click

from wizard.cli import commands


@dataclass(frozen=True)
class CommandEntry:
    """One line of the program's help."""

    name: str
    summary: str
    order: int


def command_names() -> list[str]:
    """The names of all commands, in alphabetical order; no file is opened."""
    modules = (module.name for module in pkgutil.iter_modules(commands.__path__))
    return sorted(name.replace("_", "-") for name in modules if not name.startswith("_"))


def list_commands() -> list[CommandEntry]:
    """All commands, in the order of the program's help."""
    return sorted(map(_read_entry, command_names()), key=lambda entry: (entry.order, entry.name))


def load_command(name: str) -> click.Command | None:
    """The command of that name, imported; None where there is none."""
    if name not in command_names():
        return None
    defined = vars(importlib.import_module(_module_of(name))).values()
    return next(each for each in defined if isinstance(each, click.Command) and each.name == name)


def _module_of(name: str) -> str:
    return f"{commands.__name__}.{name.replace('-', '_')}"


def _read_entry(name: str) -> CommandEntry:
    module = _module_of(name)
    spec = importlib.util.find_spec(module)
    assert spec is not None and isinstance(spec.loader, InspectLoader)
    constants: dict[str, object] = {}
    for statement in ast.parse(spec.loader.get_source(module) or "").body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="SUMMARY" | "ORDER" as constant)], value=ast.Constant(value=value)):
                constants[constant] = value
    summary, order = constants.get("SUMMARY"), constants.get("ORDER")
    if not isinstance(summary, str) or not isinstance(order, int):
        raise TypeError(f"{module} has to set SUMMARY to a text and ORDER to a number, as literals")
    return CommandEntry(name, summary, order)
