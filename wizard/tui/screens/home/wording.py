"""What the home screen says: a row for each function, and more about the one that is chosen."""

from __future__ import annotations

import time

from rich.text import Text
from textual.content import Content

from wizard.core.access_token import clean_line
from wizard.core.plan.cost import awake_words
from wizard.core.sizing.gpus import device_words
from wizard.flow.deploy.discovery import size_words
from wizard.flow.operate.deployed_apps import DeployedFunction, Overview

NARROW = ("function", "state", "deployed")
NORMAL = ("function", "model", "state")
WIDE = ("function", "model", "GPU", "state", "deployed", "idle")
_ROOM = {WIDE: {"function": 24, "model": 24}, NORMAL: {"function": 22, "model": 20}}  # cells


def columns_for(width: int) -> tuple[str, ...]:
    """Columns that fit into `width` cells."""
    return WIDE if width >= 92 else NORMAL if width >= 50 else NARROW


def cells(function: DeployedFunction, columns: tuple[str, ...]) -> list[Text]:
    """One row."""
    draft = function.draft
    known = {
        "function": function.name,
        "model": draft.model or "?",
        "GPU": draft.gpu or "?",
        "state": state(function),
        "deployed": when(function.app.deployed_at),
        "idle": f"${function.idle_per_hour:.2f}/h",
    }
    room = _ROOM.get(columns, {})
    return [Text(clean_line(known[name], room.get(name, 20))) for name in columns]


def state(function: DeployedFunction) -> str:
    """Awake or asleep, where it is deployed."""
    if function.app.state != "deployed":
        return function.app.state
    return f"● awake {function.containers}" if function.containers else "○ asleep"


def details(function: DeployedFunction) -> Content:
    """What the row has no room for."""
    draft, app = function.draft, function.app
    version = f"version {app.version} of " if app.version else "deployed "
    first = [
        draft.output.summary if draft.output else "",
        draft.engine_label if function.record else "",
        version + when(app.deployed_at) if app.deployed_at else "",
    ]
    prices = [device_words(draft.gpu or ""), f"${function.idle_per_hour:.2f} an hour asleep"]
    prices += [awake_words(function.awake_per_hour)] if function.awake_per_hour is not None else []
    lines = [function.name, " · ".join(filter(None, first)), " · ".join(filter(None, prices)), app.endpoint]
    head, *rest = (clean_line(line, 200) for line in lines if line)
    return Content("\n").join([Content.styled(head, "bold"), *(Content.styled(line, "$quiet") for line in rest)])


def money_line(overview: Overview) -> str:
    """What all of it costs while nobody calls."""
    count = len(overview.functions)
    idle = sum(function.idle_per_hour for function in overview.functions)
    words = f"{count} function{'' if count == 1 else 's'} · while idle ${idle:.2f} an hour"
    return words + f" · {size_words(overview.stored)} of weights ${overview.storage_per_month:.2f} a month"


def when(seconds: float | None) -> str:
    """A moment as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""
