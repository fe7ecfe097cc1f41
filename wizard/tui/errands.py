"""What a screen has done in the background: one errand of a kind at a time, and none that fails in silence."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVarTuple

from textual.screen import Screen
from textual.worker import Worker

from wizard.core.access_token import clean_line

Ts = TypeVarTuple("Ts")


def send(screen: Screen[Any], kind: str, errand: Callable[[*Ts], Coroutine[Any, Any, None]], *about: *Ts) -> None:
    """Run `errand(*about)`; an older errand of the same kind is dropped.

    The coroutine is made when its turn comes, so that one that is dropped before leaves nothing behind.
    """

    async def run() -> None:
        try:
            await errand(*about)
        except Exception as error:
            what = clean_line(f"{type(error).__name__}: {error}", 200)
            screen.notify(what, title="A mistake of ours", severity="error", markup=False, timeout=20)
            raise

    _: Worker[None] = screen.run_worker(run, group=kind, description=kind, exclusive=True, exit_on_error=False)
