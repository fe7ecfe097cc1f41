"""The values of a flag that chooses: those that are known when the command line is read."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from wizard.core.plan.setting import Setting


class SettingChoice(click.ParamType):  # type: ignore[type-arg]  # click 8.2 takes no arguments there
    """What `click.Choice` does, over names that may be registered after the flags were declared."""

    name = "choice"

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return self._choice().get_metavar(param, ctx)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        return self._choice().get_missing_message(param, ctx)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return self._choice().convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return self._choice().shell_complete(ctx, param, incomplete)

    def _choice(self) -> click.Choice[str]:
        return click.Choice(self._setting.allowed)
