"""What a person has set for every deploy: the table ``[deploy]`` of `config.toml` in their configuration folder.

Keys are named as the flags of `deploy` are, with underscores: ``gpu = "L4"``, ``environment = "staging"``. The table
``[hub]`` names the Hubs that they trust. The same file holds the theme of the screen.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from wizard.core.own_files import config_folder
from wizard.core.plan.draft import Draft
from wizard.core.plan.names import check_name
from wizard.core.problem import usage


@dataclass(frozen=True)
class UserConfig:
    """What is set there; `environment` is Modal's, `trusted` are addresses of Hubs as they stand in the file."""

    draft: Draft
    environment: str | None = None
    trusted: tuple[str, ...] = ()


def user_config_file() -> Path:
    """Where the file is, or would be."""
    return config_folder() / "config.toml"


def read_user_config() -> UserConfig:
    """Read the file; where there is none, nothing is set. Raises Problem (exit code 2) for what is not understood."""
    path = user_config_file()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        return UserConfig(Draft())
    except (ValueError, RecursionError) as error:
        from wizard.core.plan.plan_file import toml_words

        raise usage("config_invalid", f"{path} is not TOML: {toml_words(error)}.") from error
    from wizard.core.plan.plan_file import read_draft  # where nothing is set, the first question needs none of it

    table = tables.get("deploy", {})
    if not isinstance(table, dict):
        raise usage("config_invalid", f"{path}: deploy has to be a table, as in [deploy].")
    settings = dict(table)
    environment = settings.pop("environment", None)
    if environment is not None:
        if not isinstance(environment, str):
            raise usage("config_invalid", f"{path}: environment has to be a text, not {environment!r}.")
        check_name(f"{path}: environment", environment)
    return UserConfig(read_draft(settings, str(path), Draft), environment, _trusted(tables.get("hub", {}), path))


def _trusted(table: object, path: Path) -> tuple[str, ...]:
    trusted = table.get("trusted", []) if isinstance(table, dict) else None
    if not isinstance(trusted, list) or not all(isinstance(each, str) for each in trusted):
        raise usage("config_invalid", f'{path}: it has to be a list, as in [hub] trusted = ["https://hub.example"].')
    return tuple(trusted)
