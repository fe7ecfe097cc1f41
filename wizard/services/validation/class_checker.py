"""A class whose own validators judge answers, in a child process: they are somebody's code, which may hang or die."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys

from wizard.core.access_token import clean_line
from wizard.core.problem import Problem, usage
from wizard.services.local.child_process import GRACE_SECONDS, environment_without_tokens

IMPORT_SECONDS = 30.0
CHECK_SECONDS = 10.0
MOST_ERRORS = 5
_LONGEST_LINE = 64 << 20
# Its own channel, since what is imported may print. Answers are judged as JSON text, as a program that uses the class
# reads them: `model_validate_json` runs what `model_validate` runs, and takes dates and the like as JSON has them.
_WORK = """
import importlib, json, os, sys
channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
sys.path.insert(0, "")
module, _, name = sys.argv[1].partition(":")
thing = importlib.import_module(module)
for part in name.split("."):
    thing = getattr(thing, part)
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
        module, colon, name = self._reference.partition(":")
        if not module or not colon or not name:
            raise usage("model_class_invalid", f"--model-class {self._reference!r} is not of the form module:Class.")
        child = self._child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _WORK, self._reference),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment_without_tokens(modal=False),
            start_new_session=True,
            limit=_LONGEST_LINE,
        )
        assert child.stdout is not None and child.stderr is not None
        said = asyncio.create_task(_last_line(child.stderr))
        try:
            async with asyncio.timeout(IMPORT_SECONDS):
                ready = await child.stdout.readline()
        except TimeoutError as error:
            raise usage("model_class_slow", f"Importing {module} took longer than {IMPORT_SECONDS:.0f} s.") from error
        if ready.strip() != b'"ready"':
            why = clean_line(await said, 400)
            raise usage("model_class_failed", f"--model-class {self._reference} cannot be used: {why}")

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
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                await child.wait()


async def _last_line(stream: asyncio.StreamReader) -> str:
    """The line of a traceback that names the exception; all is read, so that the child never waits for a reader."""
    last = "it ended without a word"
    while raw := await stream.readline():
        line = raw.decode("utf-8", "replace").rstrip()
        if line and not line.startswith((" ", "\t", "Traceback")):
            last = line
    return last
