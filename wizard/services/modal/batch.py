"""Many calls of one function through Modal's own map, in order, by way of modal's SDK."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from wizard.core.events import LogLine
from wizard.flow.ports.modal import CallOutcome
from wizard.services.modal.calls import CallLines, CrashDetector, find_function, follow, log_end
from wizard.services.modal.library import as_problem, class_name, modal_call
from wizard.services.modal.session import ModalSession

if TYPE_CHECKING:
    import modal

CONTACT_GRACE = 3.0


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
    tasks = [
        asyncio.create_task(_map(target, inputs, dict(options), items)),
        asyncio.create_task(follow(handle, before, lines)),
        asyncio.create_task(_pour(lines, items)),
    ]
    deaths, call_id, finished = CrashDetector(), "", False
    try:
        while (item := await items.get()) is not None:
            if isinstance(item, BaseException):
                raise as_problem(item) from item
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
            with contextlib.suppress(sdk.Error, TimeoutError, OSError):
                async with asyncio.timeout(CONTACT_GRACE):
                    await sdk.FunctionCall.from_id(call_id, client=session.client).cancel.aio()
        await asyncio.gather(*tasks, return_exceptions=True)


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
