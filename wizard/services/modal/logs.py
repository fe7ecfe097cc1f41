"""The log of an app, by way of modal's SDK: what is there, and what comes, each entry once.

A stream may break, begin anew at a place of the service's choosing, and overlap with what was read before. So every
reading of the log, whether of the past or a stream, goes through one gate that knows what was given out already.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wizard.core.events import LogLine
from wizard.flow.ports.modal import LogQuery
from wizard.services.modal.calls import as_lines
from wizard.services.modal.library import CALL_SECONDS, as_problem, modal_call
from wizard.services.modal.session import ModalSdk, ModalSession

if TYPE_CHECKING:
    import modal
    from modal.types import LogEntry

SETTLE_SECONDS = 1.0  # after a stream was opened, what fell between it and the reading before it is fetched
OVERLAP_SECONDS = 10.0  # entries of several containers need not arrive in order
LOST_SECONDS = 300.0  # a service that cannot be reached for so long ends the following
LONGEST_PAUSE = 15.0
CLOCK_OFF = timedelta(days=2)  # the clock of this machine may be that far from the service's
LONGEST_SPAN = timedelta(days=30)  # the SDK reads no more than 35 days at once (modal 1.6)
REMEMBERED = 50_000  # entries that are recognised when they come again

_Key = tuple[float, str, str, tuple[str, ...]]


class LogDeduplicator:
    """Lets every entry through once, however often it is read. Memory is bounded: what is older than the entries
    that are remembered counts as given out."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._given: Counter[_Key] = Counter()
        self._order: deque[_Key] = deque()
        self._remembered = remembered
        self.floor = 0.0  # seconds since 1970; older entries do not pass
        self.newest = 0.0

    def reading(self) -> Callable[[LogEntry], bool]:
        """A new pass over the log: a question whether an entry of it is new."""
        seen: Counter[_Key] = Counter()

        def is_new(entry: LogEntry) -> bool:
            at = entry.timestamp.timestamp()
            if at < self.floor:
                return False
            key = (at, entry.source, entry.message, tuple(entry.context_ids))
            seen[key] += 1
            if len(seen) > self._remembered:
                del seen[next(iter(seen))]
            if seen[key] <= self._given[key]:
                return False
            self._remember(key)
            self.newest = max(self.newest, at)
            return True

        return is_new

    def _remember(self, key: _Key) -> None:
        self._given[key] += 1
        self._order.append(key)
        if len(self._order) <= self._remembered:
            return
        self.floor = max(self.floor, math.nextafter(self._order[0][0], math.inf))
        while self._order and self._order[0][0] < self.floor:  # a moment is forgotten as a whole
            old = self._order.popleft()
            self._given[old] -= 1
            if not self._given[old]:
                del self._given[old]


async def read_logs(session: ModalSession, app: str, query: LogQuery) -> AsyncGenerator[LogLine, None]:
    """Entries of an app, oldest first; goes on with new ones when `query.follow`, until the app ends."""
    sdk = session.sdk
    async with modal_call(sdk):
        handle = await session.app(app)
    gate = LogDeduplicator()
    if not query.follow:
        for entry in await _past(sdk, handle, query):
            for line in _wanted(entry, query):
                yield line
        return
    async with contextlib.aclosing(_follow(sdk, handle, query, gate)) as entries:
        async for entry in entries:
            for line in _wanted(entry, query):
                yield line


def _wanted(entry: LogEntry, query: LogQuery) -> list[LogLine]:
    if query.source and entry.source != query.source:
        return []
    return [line for line in as_lines(entry) if query.search in line.text]


async def _past(sdk: ModalSdk, app: modal.App, query: LogQuery) -> list[LogEntry]:
    """What is there already: of a time span, or the last so many entries."""
    if query.since is not None:
        since = datetime.now(UTC) - timedelta(seconds=query.since)
        past = app.logs.fetch.aio(since=since, source=query.source, search_text=query.search)
    else:
        past = app.logs.tail.aio(query.entries, source=query.source)
    async with modal_call(sdk, CALL_SECONDS * 4):
        return [entry async for entry in past]


async def _follow(
    sdk: ModalSdk, app: modal.App, query: LogQuery, gate: LogDeduplicator
) -> AsyncGenerator[LogEntry, None]:
    """Entries as they come. Streams that break are opened again; what was missed in between is fetched."""
    lost_since, pause, first = 0.0, 0.2, True
    while True:
        stream = _Stream(app)
        try:
            if first:
                past = await _past(sdk, app, query)
                gate.floor, gate.newest = await _beginning(sdk, app, past, query)
                first = False
            else:
                past = await _since(sdk, app, gate.newest - OVERLAP_SECONDS)
            is_new = gate.reading()
            for entry in filter(is_new, past):
                yield entry
            is_new, patch_at = gate.reading(), time.monotonic() + SETTLE_SECONDS
            patched = False
            while True:
                left = None if patched else max(0.0, patch_at - time.monotonic())
                entry = await stream.next(left)
                if entry is _NOTHING_YET:
                    patched = True
                    patch = gate.reading()
                    for missed in await _since(sdk, app, gate.newest - OVERLAP_SECONDS):
                        if patch(missed):
                            yield missed
                    continue
                if entry is None:
                    return
                lost_since, pause = 0.0, 0.2
                if is_new(entry):
                    yield entry
        except Exception as error:
            problem = as_problem(error)
            lost_since = lost_since or time.monotonic()
            if not problem.retryable or first or time.monotonic() - lost_since > LOST_SECONDS:
                raise problem from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            await stream.close()


async def _beginning(sdk: ModalSdk, app: modal.App, past: list[LogEntry], query: LogQuery) -> tuple[float, float]:
    """Where following begins, since a stream may replay older entries than were asked for, and when the newest entry
    so far was written; in seconds since 1970.

    The clock of this machine may be wrong, so the entries' own times decide where there are any.
    """
    if past:
        times = [entry.timestamp.timestamp() for entry in past]
        asked_for_all = query.since is None and len(past) < query.entries
        return 0.0 if asked_for_all else min(times), max(times)
    async with modal_call(sdk, CALL_SECONDS * 4):
        last: list[float] = [entry.timestamp.timestamp() async for entry in app.logs.tail.aio(1)]
    floor = 0.0 if query.since is None else min([time.time() - query.since, *(at + 1e-6 for at in last)])
    return floor, max(last, default=time.time() - CLOCK_OFF.total_seconds())


async def _since(sdk: ModalSdk, app: modal.App, since: float) -> list[LogEntry]:
    """Entries from then on, by the service's clock: this machine's may be off."""
    until = max(datetime.now(UTC), datetime.fromtimestamp(since, UTC)) + CLOCK_OFF
    begin = max(datetime.fromtimestamp(since, UTC), until - LONGEST_SPAN)
    async with modal_call(sdk, CALL_SECONDS * 4):
        return [entry async for entry in app.logs.fetch.aio(since=begin, until=until)]


_NOTHING_YET = object()


class _Stream:
    """The service's stream in a task of its own, so that waiting for it can be bounded without breaking it."""

    def __init__(self, app: modal.App) -> None:
        self._entries: asyncio.Queue[Any] = asyncio.Queue(maxsize=1000)
        self._task = asyncio.create_task(self._read(app))

    async def _read(self, app: modal.App) -> None:
        try:
            async with contextlib.aclosing(app.logs.stream.aio()) as stream:
                async for entry in stream:
                    await self._entries.put(entry)
            await self._entries.put(None)
        except Exception as error:  # noqa: BLE001 - handed to whoever reads
            await self._entries.put(error)

    async def next(self, seconds: float | None) -> Any:
        """The next entry, None at the end, or `_NOTHING_YET` when none came in time."""
        try:
            async with asyncio.timeout(seconds):
                entry = await self._entries.get()
        except TimeoutError:
            return _NOTHING_YET
        if isinstance(entry, Exception):
            raise entry
        return entry

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
