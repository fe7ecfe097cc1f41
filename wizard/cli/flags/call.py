"""The flags that commands which call a deployed function share: how long an answer may be, and how far to reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from wizard.core.models.thinking import MOST_TOKENS
from wizard.core.playground.numbers import NUMBERS

SAMPLING = {"temperature": "T", "top_p": "P", "seed": "N"}  # the numbers that have a flag, with what it takes
Command = TypeVar("Command", bound=Callable[..., Any])

max_tokens_flag = click.option(
    "--max-tokens", type=click.IntRange(1, MOST_TOKENS), metavar="N", help="Longest answer, in tokens."
)


def think_flag(before: str) -> Callable[[Command], Command]:
    """How many tokens the model may reason before an answer; the value is for `read_think`."""
    words = f"Tokens that the model may reason before {before} (default: as deployed)."
    return click.option("--think", metavar="off|N|auto", help=words)


def sampling_flags(function: Command) -> Command:
    """How an answer is sampled: the numbers that a question on screen names too."""
    for number in reversed(NUMBERS):
        if number.name in SAMPLING:
            limits = click.FloatRange(number.low, number.high)
            whole = click.IntRange(int(number.low), int(number.high))
            words = f"{number.title} (default: {number.unset}). {number.tip}."
            flag, metavar = f"--{number.name.replace('_', '-')}", SAMPLING[number.name]
            option = click.option(flag, type=whole if number.is_whole else limits, metavar=metavar, help=words)
            function = option(function)
    return function
