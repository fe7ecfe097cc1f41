"""Questions that are asked side by side, and end side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


@overload
async def gather_or_cancel(a: Awaitable[A], b: Awaitable[B], /) -> tuple[A, B]: ...
@overload
async def gather_or_cancel(a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], /) -> tuple[A, B, C]: ...
@overload
async def gather_or_cancel(
    a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], d: Awaitable[D], /
) -> tuple[A, B, C, D]: ...
@overload
async def gather_or_cancel(*calls: Awaitable[A]) -> list[A]: ...
async def gather_or_cancel(*calls: Awaitable[Any]) -> Any:
    """What all of them return, in order. When one raises, that is raised once the others are cancelled and gone.

    `asyncio.gather` lets them go on: what they ask then meets services that are being closed, and its failure is
    printed by the event loop as it ends.
    """
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
