"""Answers that are worked out once, for everybody who asks the same question."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass
class _Running(Generic[V]):
    task: asyncio.Task[V]
    askers: int = 0


class SharedAnswers(Generic[K, V]):
    """The latest answers by question. Who asks what is being asked already waits for the same answer; a question is
    cancelled when the last of those who wait for it is. What it raises is not kept."""

    def __init__(self, is_kept: Callable[[V], bool] = lambda answer: True, most: int = 64) -> None:
        self._is_kept, self._most = is_kept, most
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._running: dict[K, _Running[V]] = {}

    async def get(self, question: K, ask: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The answer to a question: a kept one, that of a running question, or a new one. Raises what `ask` raises."""
        if question in self._kept:
            self._kept.move_to_end(question)
            return self._kept[question]
        running = self._running.get(question)
        if running is None:
            running = self._running[question] = _Running(asyncio.create_task(self._ask(question, ask)))
        running.askers += 1
        try:
            return await asyncio.shield(running.task)
        finally:
            running.askers -= 1
            if running.askers == 0:
                if self._running.get(question) is running:
                    del self._running[question]
                if not running.task.done():
                    running.task.cancel()
                    await asyncio.gather(running.task, return_exceptions=True)

    async def _ask(self, question: K, ask: Callable[[], Coroutine[Any, Any, V]]) -> V:
        answer = await ask()
        if self._is_kept(answer):
            self._kept[question] = answer
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return answer
