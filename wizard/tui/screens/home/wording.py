"""What the home screen says of all functions: a row for each, and what they cost together."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.text import Text

from wizard.core.access_token import clean_line
from wizard.core.sizing.gpus import device_words
from wizard.flow.deploy.discovery import size_words
from wizard.flow.operate.deployed_apps import DeployedFunction, Overview
from wizard.tui.screens.model.columns import shortened

COLUMNS = ("function", "model", "GPU", "state", "deployed", "idle")
KEPT_LONGEST = ("function", "state", "model", "GPU", "deployed", "idle")  # the last ones go first where room is short
SHORTEST_MODEL, PADDING = 16, 2  # cells


def columns_for(rows: Sequence[Mapping[str, str]], width: int) -> dict[str, int]:
    """The columns that fit into `width` cells, in their order, each with its own width.

    Names and states stay whole where there is room at all; of the rest, only a model's name is cut, in its middle.
    Where names have to be cut, they still differ, even if that leaves no room for the state.
    """
    wide = {name: max([cell_len(name), *(cell_len(row[name]) for row in rows)]) for name in COLUMNS}
    names = [row["function"] for row in rows]
    beside_state = min(wide["function"], width - wide["state"] - 2 * PADDING)
    differ = len({shortened(name, beside_state) for name in names}) == len(set(names))
    least = wide | {"model": min(wide["model"], SHORTEST_MODEL)}
    least["function"] = beside_state if differ else min(wide["function"], width - PADDING)
    kept: dict[str, int] = {}
    left = width
    for name in KEPT_LONGEST:
        if least[name] + PADDING > left and kept:
            break
        kept[name] = min(least[name], left - PADDING)
        left -= kept[name] + PADDING
    if "model" in kept:
        kept["model"] = min(wide["model"], kept["model"] + max(0, left))
    return {name: kept[name] for name in COLUMNS if name in kept}


def row_of(function: DeployedFunction) -> dict[str, str]:
    """What each column says of a function."""
    draft = function.draft
    return {
        "function": clean_line(function.name),
        "model": clean_line(draft.model or "unknown"),
        "GPU": device_words(draft.gpu) if draft.gpu else "unknown",
        "state": state(function),
        "deployed": when(function.app.deployed_at),
        "idle": f"${function.idle_per_hour:.2f}/h",
    }


def cells(row: Mapping[str, str], columns: Mapping[str, int]) -> list[Text]:
    """One row of the table."""
    return [Text(shortened(row[name], width), no_wrap=True) for name, width in columns.items()]


def state(function: DeployedFunction) -> str:
    """Running or idle, where it is deployed."""
    if function.app.state != "deployed":
        return clean_line(function.app.state.replace("_", " "), 20) or "unknown"
    return f"● running ({function.containers})" if function.containers else "○ idle"


def money_line(overview: Overview) -> str:
    """What all of it costs while nobody calls."""
    count = len(overview.functions)
    idle = sum(function.idle_per_hour for function in overview.functions)
    words = f"{count} function{'' if count == 1 else 's'} · ${idle:.2f}/h while idle"
    return words + f" · {size_words(overview.stored)} of weights, ${overview.storage_per_month:.2f}/month"


def when(seconds: float | None) -> str:
    """A moment as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""
