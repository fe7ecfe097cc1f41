"""The flags of `doctor --live`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from wizard.core.inference.engine_registry import engines
from wizard.core.live.limits import MOST_DOLLARS
from wizard.core.sizing.gpus import GPUS

REPORT = Path("live-check.md")


@dataclass(frozen=True)
class LiveFlags:
    """The flags of `doctor --live`, as they were typed."""

    live: bool = False
    model: str | None = None
    gated_model: str | None = None
    gpu: str | None = None
    engine: str | None = None
    max_cost: float | None = None
    report: Path | None = None
    keep: bool = False

    def given_without_live(self) -> str:
        """The first of them that was given although there is no --live; empty for none."""
        given = (each.name for each in fields(self) if each.name != "live" and getattr(self, each.name))
        return next((f"--{name.replace('_', '-')}" for name in given), "")


def live_flags(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags of a live check to a command."""
    options = (
        click.option("--live", is_flag=True, help="Try on your accounts what this program assumes of Hub and Modal."),
        click.option("--model", metavar="ORG/NAME", help="With --live: an open model (default: a very small one)."),
        click.option("--gated-model", metavar="ORG/NAME", help="With --live: a gated model that you may read."),
        click.option("--gpu", metavar="GPU", help=f"With --live: the GPU (default: {GPUS[0].name}, the cheapest)."),
        click.option(
            "--engine",
            type=click.Choice([each.name for each in engines()]),
            help="With --live: one inference engine (default: both).",
        ),
        click.option(
            "--max-cost",
            type=float,
            metavar="DOLLARS",
            help=f"With --live: stop before anything starts if it may cost more (default: {MOST_DOLLARS:.2f}).",
        ),
        click.option(
            "--report",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=f"With --live: where the report goes, as JSON where it ends in .json (default: {REPORT}).",
        ),
        click.option("--keep", is_flag=True, help="With --live: do not remove what was made."),
    )
    for option in reversed(options):
        function = option(function)
    return function
