"""Background tasks of a screen: one of a kind at a time, and a failure is always shown."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVarTuple

from textual.app import App
from textual.widget import Widget
from textual.worker import Worker

from wizard.core.access_token import clean_line
from wizard.core.problem import Problem

Ts = TypeVarTuple("Ts")


def bug(error: Exception, step: str | None = None) -> Problem:
    """An internal error as a problem; what it says of values is filtered."""
    name = clean_line(type(error).__name__)
    raw = clean_line(str(error))
    return Problem(
        "internal_error", f"Internal error in outlines-wizard: {name}.", "Please report it.", raw=raw, step=step
    )


def run_exclusive(
    sender: Widget | App[Any], kind: str, task: Callable[[*Ts], Coroutine[Any, Any, None]], *about: *Ts
) -> None:
    """Run `task(*about)`; an older one of the same kind is cancelled.

    The coroutine is made when its turn comes, so that one that is dropped before leaves nothing behind.
    """

    async def run() -> None:
        try:
            await task(*about)
        except Exception as error:
            what = clean_line(f"{type(error).__name__}: {error}", 200)
            sender.notify(what, title="Internal error", severity="error", markup=False, timeout=20)
            raise

    _: Worker[None] = sender.run_worker(run, group=kind, description=kind, exclusive=True, exit_on_error=False)
