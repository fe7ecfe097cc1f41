"""A class whose own validators judge answers, in a child process: they are somebody's code, which may hang or die."""

from __future__ import annotations

import asyncio
import json

from wizard.core.access_token import clean_line
from wizard.core.problem import Problem
from wizard.services.local.child_process import kill_group
from wizard.services.local.class_child import (
    IMPORT_CLASS,
    IMPORT_SECONDS,
    import_failed,
    import_slow,
    start_class_child,
)

CHECK_SECONDS = 10.0
MOST_ERRORS = 5
_SAID = 64 << 10  # bytes that are kept of what a child says
# Its own channel, since what is imported may print. Answers are judged as JSON text, as a program that uses the class
# reads them: `model_validate_json` runs what `model_validate` runs, and takes dates and the like as JSON has them.
_CHANNEL = """
import os
channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
"""
_JUDGE = """
from pydantic import TypeAdapter, ValidationError
check = thing.model_validate_json if hasattr(thing, "model_validate_json") else TypeAdapter(thing).validate_json

def tell(value):
    channel.write(json.dumps(value) + "\\n")
    channel.flush()

tell("ready")
for line in sys.stdin:
    try:
        check(json.loads(line))
        errors = []
    except ValidationError as error:
        errors = [[".".join(map(str, one["loc"])), one["msg"]] for one in error.errors(include_url=False)]
    except Exception as error:
        errors = [["", type(error).__name__ + ": " + str(error)]]
    tell(errors)
"""


class ChildChecker:
    """A ClassChecker; a child that hangs or dies costs one answer, and another one takes its place."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._child: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Import the class. Raises Problem (exit code 2), in its own words, where that fails."""
        program = _CHANNEL + IMPORT_CLASS + _JUDGE
        child = self._child = await start_class_child(self._reference, program, asked=True)
        assert child.stdout is not None and child.stderr is not None
        said = asyncio.create_task(_last_words(child.stderr))
        try:
            async with asyncio.timeout(IMPORT_SECONDS):
                ready = await child.stdout.readline()
        except TimeoutError as error:
            raise import_slow(self._reference) from error
        if ready.strip() != b'"ready"':
            raise import_failed(self._reference, await said)

    async def check(self, text: str) -> tuple[str, ...]:
        """What the class says against an answer; empty where it takes it."""
        if self._child is None:
            try:
                await self.start()
            except Problem as problem:
                return (problem.message,)
        child = self._child
        assert child is not None and child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(json.dumps(text).encode() + b"\n")
            async with asyncio.timeout(CHECK_SECONDS):
                await child.stdin.drain()
                line = await child.stdout.readline()
            if not line:
                raise ConnectionError
        except TimeoutError:
            await self.close()
            return (f"{self._reference} took longer than {CHECK_SECONDS:.0f} s to judge it",)
        except (ConnectionError, ValueError):
            await self.close()
            return (f"{self._reference} ended its process when it judged it",)
        errors = [f"{place}: {message}" if place else message for place, message in json.loads(line)[:MOST_ERRORS]]
        return tuple(clean_line(each, 300) for each in errors)

    async def close(self) -> None:
        """End the child and whatever it has started; what it imports is not ours, and has nothing to save."""
        child, self._child = self._child, None
        if child is not None:
            await kill_group(child)


async def _last_words(stream: asyncio.StreamReader) -> bytes:
    """The end of what a child says; all is read, so that it never waits for a reader."""
    last = b""
    while piece := await stream.read(_SAID):
        last = (last + piece)[-_SAID:]
    return last
