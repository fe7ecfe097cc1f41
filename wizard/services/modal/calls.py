"""Calls of deployed functions and their logs, by way of modal's SDK."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wizard.core.events import AnswerRestarted, AnswerText, LogLine, ReasoningText, read_line
from wizard.flow.ports.modal import CallOutcome, CallWaiting
from wizard.services.modal.apps import count_containers
from wizard.services.modal.library import STREAM_ERRORS, class_name, modal_call
from wizard.services.modal.session import ModalSdk, ModalSession

if TYPE_CHECKING:
    import modal
    from modal.types import LogEntry

CallLines = asyncio.Queue[tuple[LogLine | AnswerText, str]]  # each with its container, empty where that is not known

QUIET_SECONDS = 0.15  # after the result, log lines that are this late are not waited for
FAILED_STARTS = 2  # Modal starts the containers of a deployed app for ever: after so many have died, stop waiting
CONTACT_GRACE = 3.0
SCHEDULING_SECONDS = 20.0  # without a sign of a container: then it is said that the call waits for one
TIMED_OUT = "CallTimeout"


class _WholeAnswer:
    """A call whose answer comes whole."""

    def __init__(self, running: modal.FunctionCall[Any]) -> None:
        self._running = running

    async def value(self) -> Any:
        return await self._running.get.aio()

    async def cancel(self) -> None:
        await self._running.cancel.aio()


class _StreamedAnswer:
    """A call that yields {"text": …} as its answer is made, {"reasoning": …} before it, and the whole at the end."""

    def __init__(self, session: ModalSession, items: AsyncGenerator[dict[str, Any], None], lines: CallLines) -> None:
        self._session, self._items, self._lines = session, items, lines
        self._call = ""

    async def value(self) -> Any:
        last: dict[str, Any] = {}
        async with contextlib.aclosing(self._items) as items:
            async for last in items:
                if self._call and "call" in last and "tokens" not in last:  # only the first item of an answer says it
                    self._lines.put_nowait((AnswerRestarted(), ""))
                self._call = last.get("call") or self._call
                if "tokens" not in last and last["text"]:
                    self._lines.put_nowait((AnswerText(last["text"]), ""))
                elif "tokens" not in last and last.get("reasoning"):
                    self._lines.put_nowait((ReasoningText(last["reasoning"]), ""))
        return last

    async def cancel(self) -> None:
        if self._call:  # the first item says it; before that there is nothing to cancel it by
            running = self._session.sdk.FunctionCall.from_id(self._call, client=self._session.client)
            await running.cancel.aio()


async def call_function(
    session: ModalSession, app: str, function: str, arguments: Mapping[str, Any], limit: float
) -> AsyncGenerator[LogLine | CallWaiting | CallOutcome, None]:
    """Spawn a call and yield the app's log lines until it ends, then one CallOutcome.

    CallWaiting says now and then that no container has started yet. A call whose consumer goes away is cancelled, since
    it would go on and be paid for; and so is one whose containers die again and again when they start.
    """

    async def start(_: CallLines) -> _WholeAnswer:
        return _WholeAnswer(await find_function(session, app, function).spawn.aio(**arguments))

    async with contextlib.aclosing(_follow_call(session, app, function, start, limit)) as items:
        async for item in items:
            assert not isinstance(item, AnswerText)
            yield item


async def stream_function(
    session: ModalSession, app: str, function: str, arguments: Mapping[str, Any], limit: float
) -> AsyncGenerator[LogLine | CallWaiting | AnswerText | CallOutcome, None]:
    """The same for a method that yields its text as it is made: AnswerText in between."""

    async def start(lines: CallLines) -> _StreamedAnswer:
        items = find_function(session, app, function).remote_gen.aio(**arguments)
        return _StreamedAnswer(session, items, lines)

    async with contextlib.aclosing(_follow_call(session, app, function, start, limit)) as items:
        async for item in items:
            yield item


async def _follow_call(
    session: ModalSession,
    app: str,
    function: str,
    start: Callable[[CallLines], Awaitable[_WholeAnswer | _StreamedAnswer]],
    limit: float,
) -> AsyncGenerator[LogLine | CallWaiting | AnswerText | CallOutcome, None]:
    started = time.monotonic()
    lines: CallLines = asyncio.Queue()
    async with modal_call(session.sdk):
        handle = await session.app(app)
        before = await log_end(session.sdk, handle)
        running = await start(lines)
    result = asyncio.create_task(_result(running, limit))
    log = asyncio.create_task(follow(handle, before, lines))
    deaths = CrashDetector()
    seen = finished = False
    try:
        while not result.done():
            item = await _next(lines, result, None if seen else SCHEDULING_SECONDS)
            if item is None:
                if not result.done() and not (seen := await _has_container(session, handle, function)):
                    yield CallWaiting(time.monotonic() - started)
                continue
            line, container = item
            seen = seen or bool(container) or isinstance(line, AnswerText)
            yield line
            if isinstance(line, LogLine) and deaths.note(line, container):
                async for late, of in _drain(lines):
                    if isinstance(late, LogLine):
                        deaths.note(late, of)
                    yield late
                yield CallOutcome(
                    error="ContainerCrashed", message=deaths.last_words, seconds=time.monotonic() - started
                )
                return
        outcome = CallOutcome(**result.result(), seconds=time.monotonic() - started)
        finished = outcome.error != TIMED_OUT
        if not finished and not seen and not await _has_container(session, handle, function):
            outcome = replace(outcome, error="NotScheduled")
        async for late, _ in _drain(lines):
            yield late
        yield outcome
    finally:
        await _stop(session, running, result, log, cancel=not finished)


async def _stop(
    session: ModalSession,
    running: _WholeAnswer | _StreamedAnswer,
    result: asyncio.Task[Any],
    log: asyncio.Task[None],
    *,
    cancel: bool,
) -> None:
    """End what follows a call, and the call itself where nobody waits for it any more."""
    for task in (result, log):
        task.cancel()
    if cancel:
        with contextlib.suppress(session.sdk.Error, TimeoutError, OSError):
            async with asyncio.timeout(CONTACT_GRACE):
                await running.cancel()
    await asyncio.gather(result, log, return_exceptions=True)


class CrashDetector:
    """Containers that did not survive, and what the last of them said."""

    def __init__(self) -> None:
        self.last_words = "its containers end when they start"
        self._dead: set[str] = set()
        self._in_traceback: set[str] = set()

    def note(self, line: LogLine, container: str) -> bool:
        """Read one line; True once it is certain that waiting is in vain."""
        text = line.text.strip()
        lowered = text.lower()
        if line.source == "stderr" and line.text.startswith("Traceback (most recent call last)"):
            self._dead.add(container)
            self._in_traceback.add(container)
        elif container in self._in_traceback and text and not line.text.startswith((" ", "\t")):
            self.last_words = text  # the exception itself; of several, the last one is what ended it
        if line.source == "system" and "runner failed with exit code" in lowered:
            self._dead.add(container)
            if container not in self._in_traceback:
                self.last_words = text
        if line.source == "system" and "startup timeout" in lowered:
            self.last_words = text
            return True  # a second one would take as long again
        return len(self._dead) >= FAILED_STARTS


async def _has_container(session: ModalSession, app: modal.App, function: str) -> bool:
    """Whether a container of the function runs or starts; True where that cannot be told."""
    try:
        async with asyncio.timeout(CONTACT_GRACE):
            return bool((await count_containers(session, app)).get(function.partition(".")[0], 0))
    except (session.sdk.Error, TimeoutError, OSError):
        return True


def find_function(session: ModalSession, app: str, function: str) -> modal.Function[Any, Any, Any]:
    """A deployed function (``download``) or a method (``Generator.generate``); it is looked up when it is used."""
    name, _, method = function.partition(".")
    if not method:
        return session.function(app, name)
    generator = session.sdk.Cls.from_name(app, name, environment_name=session.environment, client=session.client)
    bound: modal.Function[Any, Any, Any] = getattr(generator(), method)
    return bound


async def _result(running: _WholeAnswer | _StreamedAnswer, limit: float) -> dict[str, Any]:
    """The returned value, or the foreign error's class and text."""
    try:
        async with asyncio.timeout(limit):
            return {"value": await running.value()}
    except TimeoutError:
        return {"error": TIMED_OUT, "message": f"Task hit its timeout of {limit:.0f}s on this side"}
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return {"error": class_name(error), "message": str(error)}


async def _drain(lines: CallLines) -> AsyncGenerator[tuple[LogLine | AnswerText, str], None]:
    """Lines that are still under way; ends when none has come for a moment."""
    with contextlib.suppress(TimeoutError):
        while True:
            async with asyncio.timeout(QUIET_SECONDS):
                item = await lines.get()
            yield item


async def _next(
    lines: CallLines, result: asyncio.Task[Any], patience: float | None
) -> tuple[LogLine | AnswerText, str] | None:
    """The next log line, or None when the result came first, or nothing within `patience` seconds."""
    waiting = asyncio.create_task(lines.get())
    try:
        await asyncio.wait({waiting, result}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else None
    finally:
        waiting.cancel()


async def log_end(sdk: ModalSdk, app: modal.App) -> float:
    """When the newest entry of an app's log was written, in seconds since 1970 by the service's clock: that of this
    machine may be hours off. 0 for an empty log."""
    try:
        async with asyncio.timeout(CONTACT_GRACE):
            return max([entry.timestamp.timestamp() async for entry in app.logs.tail.aio(1)], default=0.0)
    except (sdk.Error, *STREAM_ERRORS, TimeoutError, OSError):
        return time.time()


async def follow(app: modal.App, after: float, lines: CallLines) -> None:
    """Put log entries that are younger than `after` into the queue, line by line, each with its container."""
    with contextlib.suppress(Exception):  # a log that breaks off must not break the call
        async with contextlib.aclosing(app.logs.stream.aio()) as entries:
            async for entry in entries:
                if entry.timestamp.timestamp() > after:
                    container = next((part for part in entry.context_ids if part.startswith("ta-")), "")
                    for line in as_lines(entry):
                        lines.put_nowait((line, container))


def as_lines(entry: LogEntry) -> list[LogLine]:
    """A log entry as lines; those that are drawn over again and again say so."""
    at = entry.timestamp.timestamp()
    lines = (read_line(entry.source, part, at) for part in entry.message.split("\n"))
    return [line for line in lines if line is not None]
