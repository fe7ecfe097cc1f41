"""A container: one local process in a session of its own, its log, its inputs in flight, and how it ends."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.state.change_signal import ChangeSignal
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.journal import STDERR, STDOUT, SYSTEM, Journal
from wizard.rehearsal.modal.state.records import Function, Input

_CHUNK = 1 << 16
_PARTIAL_LINE_SECONDS = 0.05
_LONGEST_LINE = 1 << 16
_LAST_WORDS_SECONDS = 1.0
_AFTERGLOW_SECONDS = 0.2
_TURNS_TO_READ = 4
"""Turns of the event loop in which a pipe that is readable gets read and logged."""


class Process(Protocol):
    """What is used of a container's process, however it was started."""

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""

    @property
    def stdout(self) -> asyncio.StreamReader | None:
        """What it prints."""

    @property
    def stderr(self) -> asyncio.StreamReader | None:
        """What it prints as errors."""

    async def wait(self) -> int:
        """Its exit code, negative for a signal."""

    def send_signal(self, number: int, /) -> None:
        """Send a signal. Raises ProcessLookupError when it has ended."""


StartProcess = Callable[[int], Awaitable[Process]]
"""Starts a process whose standard input is the file descriptor that is given."""


class Container:
    """State of one container of a function. `folder` is removed when it ends."""

    def __init__(self, function: Function, definition: pb.Function, folder: Path, journal: Journal) -> None:
        self.id = new_id("ta")
        self.function = function
        self.definition = definition
        self.definition_id = function.root.definition_id
        self.folder = folder / self.id
        self.url = ""
        self.created = time.time()
        self.started = 0.0
        self.ended = 0.0
        self.inflight: dict[str, Input] = {}
        self.idle_since = time.monotonic()
        self.is_ready = False
        """Whether it has asked for an input, so that its start succeeded."""
        self.is_stopping = False
        """Whether it was told to end; what it does then is no failure."""
        self.result: pb.GenericResult | None = None
        """What the entrypoint says about a failed start or end of the task."""
        self.exit_code: int | None = None
        self.ended_event = asyncio.Event()
        self.cancellations: set[str] = set()
        """Inputs that the entrypoint is asked to cancel until they are off the list."""
        self.cancel_signal = ChangeSignal()
        self._journal = journal
        self._has_printed = False
        self._latest: Input | None = None
        self._latest_until = 0.0
        self._process: Process | None = None
        self._lifeline = -1

    # ---- log

    def write(self, source: int, text: str) -> None:
        """Add to the app's log, with the call and input if only one can be meant."""
        only = self._meant_input()
        bound = self.function
        self._journal.write(
            source,
            text,
            function=bound.root.id,
            bound=bound.id if bound.base else "",
            container=self.id,
            call=only.call.id if only else "",
            input=only.id if only else "",
        )

    def _meant_input(self) -> Input | None:
        """The input that a line belongs to: the only one that runs, or one that has only just ended."""
        if len(self.inflight) == 1:
            return next(iter(self.inflight.values()))
        if not self.inflight and time.monotonic() < self._latest_until:
            return self._latest
        return None

    async def finish_input(self, each_id: str) -> None:
        """Take an input off the list, after what it printed has been read: output and results travel apart."""
        for _ in range(_TURNS_TO_READ if self._has_printed else 0):
            await asyncio.sleep(0)
        self.cancellations.discard(each_id)
        self._latest = self.inflight.pop(each_id, None)
        self._latest_until = time.monotonic() + _AFTERGLOW_SECONDS
        self.idle_since = time.monotonic()

    async def _pump(self, reader: asyncio.StreamReader, source: int) -> None:
        """Log whole lines at once, and a part of a line when nothing follows it soon (a progress bar, a prompt)."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        partial = ""
        while True:
            try:
                chunk = await asyncio.wait_for(reader.read(_CHUNK), _PARTIAL_LINE_SECONDS if partial else None)
            except TimeoutError:
                self.write(source, partial)
                partial = ""
                continue
            self._has_printed = True
            *lines, partial = (partial + decoder.decode(chunk, final=not chunk)).split("\n")
            for line in lines:
                self.write(source, f"{line}\n")
            if partial and (not chunk or len(partial) > _LONGEST_LINE):
                self.write(source, partial)
                partial = ""
            if not chunk:
                return

    # ---- process

    async def run(self, start: StartProcess, notes: Sequence[str]) -> None:
        """Start the process and see it through. Sets `exit_code`, as a shell says it (137 for SIGKILL)."""
        if self.is_stopping:
            self.exit_code = 0
            return
        for note in notes:
            self.write(SYSTEM, f"{note}\n")
        process = await self._start(start)
        assert process.stdout is not None
        assert process.stderr is not None
        pumps = [
            asyncio.ensure_future(self._pump(process.stdout, STDOUT)),
            asyncio.ensure_future(self._pump(process.stderr, STDERR)),
        ]
        try:
            code = await process.wait()
            self.kill()  # whatever it left behind in its group
            await asyncio.wait(pumps, timeout=_LAST_WORDS_SECONDS)
            self.exit_code = 128 - code if code < 0 else code
        finally:
            for pump in pumps:
                pump.cancel()
            self.kill()

    async def _start(self, start: StartProcess) -> Process:
        """Start the process with its standard input on a pipe that breaks when this server is gone."""
        breaks_with_us, self._lifeline = os.pipe()
        try:
            self._process = await start(breaks_with_us)
        finally:
            os.close(breaks_with_us)
        self.started = time.time()
        if self.is_stopping:  # told to stop while it was being started
            self.kill()
        return self._process

    async def stop(self, grace: float) -> None:
        """SIGINT first, as on preemption: runs the exit handlers. SIGKILL to the group after `grace` seconds."""
        self.retire()
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self.ended_event.wait(), grace)
        except TimeoutError:
            self.kill()

    def retire(self) -> None:
        """Give it no further input; it ends by itself when the current ones are done."""
        self.is_stopping = True
        self.function.changed.notify()

    def kill(self) -> None:
        """SIGKILL to the whole process group, at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    # ---- cancelling inputs

    def ask_to_cancel(self, each: Input) -> None:
        """Tell the entrypoint, by way of its heartbeat, to cancel an input.

        It forgets a request for an input that it has not quite begun, so it is told again with every heartbeat
        (a second apart, by its own rule) until the input has ended.
        """
        self.cancellations.add(each.id)
        self.cancel_signal.notify()

    async def cancelled_inputs(self, seconds: float) -> list[str]:
        """Inputs to cancel; waits up to `seconds` for the first."""
        if not self.cancellations:
            await self.cancel_signal.wait(seconds)
        return sorted(self.cancellations)
