"""Reading logs: a stream that goes on where the client left off, time ranges, and counts per bucket."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.rpc.routes import Caller, Routes
from wizard.rehearsal.modal.state.journal import STDERR, STDOUT, SYSTEM, Entry, Filters, batches
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()

_FOR_EVER = 1 << 63


@routes.stream("AppGetLogs")
async def app_get_logs(state: ModalState, caller: Caller, request: pb.AppGetLogsRequest) -> AsyncIterator[Any]:
    """Entries after the client's cursor, then new ones as they come; `app_done` when the app has ended.

    Without a cursor everything that is kept is sent. Where the real service starts then is not known.
    """
    journal = state.journal(request.app_id)
    filters = Filters.of(request)
    position = int(request.last_entry_id.split("-")[0]) if request.last_entry_id else 0
    end = time.monotonic() + request.timeout
    while True:
        entries, looked_at = journal.after(position, filters)
        for batch in batches(entries):
            yield batch
        position = looked_at
        if position < journal.last_number:
            continue
        app = state.apps.get(request.app_id)
        if app is not None and app.done:
            yield pb.TaskLogsBatch(app_done=True, entry_id=f"{position}-0")
            return
        left = end - time.monotonic()
        if left <= 0:
            return
        await journal.changed.wait(left)


def _newest_first(state: ModalState, request: Any) -> Any:
    since = request.since.ToNanoseconds() if request.HasField("since") else 0
    until = request.until.ToNanoseconds() if request.HasField("until") else _FOR_EVER
    return state.journal(request.app_id).between(since, until, Filters.of(request))


@routes.unary("AppFetchLogs")
async def app_fetch_logs(state: ModalState, caller: Caller, request: pb.AppFetchLogsRequest) -> pb.AppFetchLogsResponse:
    """Entries of a time range; with a limit the newest ones, in order."""
    found: list[Entry] = list(islice(_newest_first(state, request), request.limit or None))
    return pb.AppFetchLogsResponse(batches=list(batches(found[::-1])))


@routes.unary("AppCountLogs")
async def app_count_logs(state: ModalState, caller: Caller, request: pb.AppCountLogsRequest) -> pb.AppCountLogsResponse:
    """How many entries each bucket of a time range holds; the SDK plans its fetches by it (modal 1.6.4, _logs.py)."""
    width = max(1, request.bucket_secs) * 10**9
    counts = Counter((entry.at // width, entry.source) for entry in _newest_first(state, request))
    buckets = []
    for number in range(request.since.ToNanoseconds() // width, request.until.ToNanoseconds() // width + 1):
        bucket = pb.AppCountLogsResponse.LogBucket(
            stdout_logs=counts[number, STDOUT],
            stderr_logs=counts[number, STDERR],
            system_logs=counts[number, SYSTEM],
        )
        bucket.bucket_start_at.FromNanoseconds(number * width)
        buckets.append(bucket)
    return pb.AppCountLogsResponse(app_id=request.app_id, buckets=buckets)
