"""The flags of a Plan's settings, made from their records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click

from wizard.cli.flags.setting_choice import SettingChoice
from wizard.core.plan.draft import Draft
from wizard.core.plan.setting import Setting

F = TypeVar("F", bound=Callable[..., Any])


def setting_option(setting: Setting, option_class: type[click.Option] = click.Option) -> Callable[[F], F]:
    """The click option of one setting; its value is None where it is not given."""
    if setting.value_type is bool:
        both = f"{setting.flag}/--no-{setting.flag.removeprefix('--')}"
        return click.option(both, cls=option_class, default=None, help=setting.help)
    kind = SettingChoice(setting) if setting.choices else str if setting.is_list else setting.value_type
    return click.option(
        setting.flag, cls=option_class, type=kind, metavar=setting.metavar, help=setting.help, multiple=setting.is_list
    )


def setting_options(settings: Iterable[Setting]) -> Callable[[F], F]:
    """Add the flags of these settings to a command, in their order; those without a flag are left out."""

    def decorate(function: F) -> F:
        for setting in reversed([setting for setting in settings if setting.flag]):
            function = setting_option(setting)(function)
        return function

    return decorate


def flag_values(flags: Mapping[str, Any], settings: Iterable[Setting] = Draft.settings()) -> dict[str, Any]:
    """What the flags say of the settings, by the names of their fields."""
    return {
        each.name: (flags[each.name] or None) if each.is_list else flags[each.name] for each in settings if each.flag
    }
