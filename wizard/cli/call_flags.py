"""The flags that commands which call a deployed function share: how long an answer may be, and how far to reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

max_tokens_flag = click.option(
    "--max-tokens", type=click.IntRange(1, 131072), metavar="N", help="Longest answer, in tokens."
)


def think_flag(before: str) -> Callable[[Command], Command]:
    """How many tokens the model may reason before an answer; the value is for `read_think`."""
    words = f"Tokens that the model may reason before {before} (default: as deployed)."
    return click.option("--think", metavar="off|N|auto", help=words)
