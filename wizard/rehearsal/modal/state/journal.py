"""Logs: a bounded, ordered journal per app, with the cursors that clients hold and time-range reads."""

from __future__ import annotations

import itertools
import time
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.state.change_signal import ChangeSignal

STDOUT, STDERR, SYSTEM = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry; `at` in nanoseconds since 1970. Ids are empty where they are not known."""

    number: int
    at: int
    source: int
    text: str
    function: str = ""
    bound: str = ""
    container: str = ""
    call: str = ""
    input: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are wanted; an empty field wants all."""

    source: int = 0
    function: str = ""
    bound: str = ""
    container: str = ""
    call: str = ""
    search: str = ""

    @classmethod
    def of(cls, request: Any) -> Filters:
        """The filters of an AppGetLogs, AppFetchLogs or AppCountLogs request."""
        source = getattr(request, "source", 0) or getattr(request, "file_descriptor", 0)
        return cls(
            source,
            request.function_id,
            request.parametrized_function_id,
            request.task_id,
            request.function_call_id,
            request.search_text,
        )

    def accept(self, entry: Entry) -> bool:
        """Whether the entry is wanted."""
        return (
            (not self.source or entry.source == self.source)
            and (not self.function or self.function in (entry.function, entry.bound))
            and (not self.bound or entry.bound == self.bound)
            and (not self.container or entry.container == self.container)
            and (not self.call or entry.call == self.call)
            and (not self.search or self.search in entry.text)
        )


class Journal:
    """The log of one app. Numbers start at 1 and never repeat, also when old entries are dropped."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: list[Entry] = []
        self._dropped = 0
        self._newest = 0
        self.changed = ChangeSignal()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def last_number(self) -> int:
        """The number of the newest entry; 0 when there was none."""
        return self._dropped + len(self._entries)

    def write(self, source: int, text: str, **ids: str) -> Entry:
        """Append an entry and wake the readers. `ids` are fields of `Entry`."""
        self._newest = max(self._newest + 1, time.time_ns())
        entry = Entry(self.last_number + 1, self._newest, source, text, **ids)
        self._entries.append(entry)
        if len(self._entries) > self._limit + self._limit // 10:
            surplus = len(self._entries) - self._limit
            del self._entries[:surplus]
            self._dropped += surplus
        self.changed.notify()
        return entry

    def after(self, number: int, filters: Filters, most: int = 1000) -> tuple[list[Entry], int]:
        """Wanted entries that follow `number`, looking at no more than `most`; and the number looked at last."""
        first = max(0, number - self._dropped)
        part = self._entries[first : first + most]
        return [entry for entry in part if filters.accept(entry)], max(number, self._dropped + first + len(part))

    def between(self, since: int, until: int, filters: Filters) -> Iterator[Entry]:
        """Wanted entries of a time range (nanoseconds, end exclusive), newest first."""
        low = bisect_left(self._entries, since, key=lambda entry: entry.at)
        high = bisect_left(self._entries, until, key=lambda entry: entry.at)
        for position in range(high - 1, low - 1, -1):
            if filters.accept(self._entries[position]):
                yield self._entries[position]


def batches(entries: list[Entry]) -> Iterator[Any]:
    """Entries as the wire has them: runs of one container and function share a `TaskLogsBatch`."""
    for (container, function, image), run in itertools.groupby(
        entries, key=lambda entry: (entry.container, entry.function, entry.image)
    ):
        items = list(run)
        yield pb.TaskLogsBatch(
            task_id=container,
            function_id=function,
            image_id=image,
            entry_id=f"{items[-1].number}-0",
            items=[
                pb.TaskLogs(
                    data=entry.text,
                    file_descriptor=cast(Any, entry.source),
                    timestamp=entry.at / 1e9,
                    timestamp_ns=entry.at,
                    function_call_id=entry.call,
                    input_id=entry.input,
                )
                for entry in items
            ],
        )
