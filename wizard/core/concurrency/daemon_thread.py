"""Blocking calls that may never return, run so that they cannot hold up quitting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def on_daemon_thread(ask: Callable[[], T]) -> T:
    """The result of `ask`, which runs on a daemon thread: cancelling leaves it behind instead of waiting for it.

    Reading a terminal, or a keyring that shows an unlock dialog, may take for ever. Raises what `ask` raises.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = ask()
        except BaseException as caught:  # noqa: BLE001 - it is raised again where the answer is awaited
            error = caught
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    threading.Thread(target=run, daemon=True, name="blocking call").start()
    return await answer
