"""Many calls of one function through Modal's own map, in order, by way of modal's SDK."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from wizard.core.events import LogLine
from wizard.core.problem import ExitCode, Problem
from wizard.flow.ports.modal import CallOutcome
from wizard.services.modal.calls import CallLines, CrashDetector, find_function, follow, log_end
from wizard.services.modal.library import as_problem, class_name, modal_call
from wizard.services.modal.session import ModalSdk, ModalSession

if TYPE_CHECKING:
    import modal

CONTACT_GRACE = 3.0
SILENCE = 60.0  # seconds without an answer or a line of log, after which it is worth asking whether anything is coming
_LOOK = 5.0


async def map_function(
    session: ModalSession,
    app: str,
    function: str,
    inputs: AsyncIterator[tuple[Any, ...]],
    options: Mapping[str, Any],
) -> AsyncGenerator[LogLine | CallOutcome, None]:
    """One CallOutcome for each input, in order, with the app's log lines in between. Raises Problem.

    `inputs` are positional arguments and are asked for as fast as they are given, so whoever gives them bounds how
    many are under way. When the consumer goes away, calls that were sent are cancelled where the answers have said
    which call they belong to; Modal goes on with the others.
    """
    sdk = session.sdk
    async with modal_call(sdk):
        target = find_function(session, app, function)
        handle = await session.app(app)
        before = await log_end(sdk, handle)
    items: asyncio.Queue[Any] = asyncio.Queue()
    lines: CallLines = asyncio.Queue()
    under_way = _UnderWay()
    tasks = [
        asyncio.create_task(_map(target, under_way.count(inputs), dict(options), items)),
        asyncio.create_task(follow(handle, before, lines)),
        asyncio.create_task(_pour(lines, items)),
        asyncio.create_task(_watch(sdk, target, under_way, items)),
    ]
    deaths, call_id, finished = CrashDetector(), "", False
    try:
        while (item := await items.get()) is not None:
            if isinstance(item, BaseException):
                raise item if isinstance(item, Problem) else as_problem(item) from item
            under_way.hear(answers=isinstance(item, CallOutcome))
            if isinstance(item, CallOutcome):
                deaths = CrashDetector()  # some container works
                if isinstance(item.value, dict):
                    call_id = str(item.value.get("call") or call_id)
                yield item
                continue
            line, container = item
            yield line
            if deaths.note(line, container):
                raise as_problem(sdk.exception.RemoteError(f"Runner failed with exit code: {deaths.last_words}"))
        finished = True
    finally:
        for task in tasks:
            task.cancel()
        if call_id and not finished:
            await _cancel(session, call_id)
        await asyncio.gather(*tasks, return_exceptions=True)


async def _cancel(session: ModalSession, call_id: str) -> None:
    """Cancel what was sent; a service that does not answer cannot hold this up."""
    with contextlib.suppress(session.sdk.Error, TimeoutError, OSError):
        async with asyncio.timeout(CONTACT_GRACE):
            await session.sdk.FunctionCall.from_id(call_id, client=session.client).cancel.aio()


class _UnderWay:
    """How many inputs were sent and have no answer yet, and when something was last heard."""

    def __init__(self) -> None:
        self.number, self.heard = 0, time.monotonic()

    async def count(self, inputs: AsyncIterator[tuple[Any, ...]]) -> AsyncIterator[tuple[Any, ...]]:
        """The inputs, counted as they are sent."""
        async for each in inputs:
            self.number += 1
            yield each

    def hear(self, *, answers: bool) -> None:
        """An answer or a line of log has come."""
        self.number -= answers
        self.heard = time.monotonic()


async def _watch(sdk: ModalSdk, target: modal.Function[Any, Any, Any], under_way: _UnderWay, items: Any) -> None:
    """Put a Problem into the queue where inputs were sent and Modal has none: its SDK would send them for ever."""
    while True:
        await asyncio.sleep(_LOOK)
        if not under_way.number or time.monotonic() - under_way.heard < SILENCE:
            continue
        with contextlib.suppress(Problem):
            async with modal_call(sdk):
                stats = await target.get_current_stats.aio()
            if not stats.backlog and not stats.num_total_runners:
                items.put_nowait(_not_taken())
                return


def _not_taken() -> Problem:
    message = f"Modal has taken none of the prompts that were sent in the last {SILENCE:.0f} s."
    hint = "Look at status.modal.com, then run this again to resume."
    return Problem("modal_busy", message, hint, retryable=True, exit_code=ExitCode.REMOTE)


async def _map(
    target: modal.Function[Any, Any, Any], inputs: AsyncIterator[tuple[Any, ...]], options: dict[str, Any], items: Any
) -> None:
    """Put every outcome into the queue, then None; an exception instead when the map itself breaks off."""
    try:
        answers: Any = target.starmap.aio(inputs, kwargs=options, order_outputs=True, return_exceptions=True)
        async with contextlib.aclosing(answers):
            async for answer in answers:
                if isinstance(answer, BaseException):
                    items.put_nowait(CallOutcome(error=class_name(answer), message=str(answer)))
                else:
                    items.put_nowait(CallOutcome(value=answer))
        items.put_nowait(None)
    except Exception as error:  # noqa: BLE001 - raised where the queue is read
        items.put_nowait(error)


async def _pour(lines: CallLines, items: asyncio.Queue[Any]) -> None:
    while True:
        items.put_nowait(await lines.get())
