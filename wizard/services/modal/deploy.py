"""A deploy in a process of its own, so that it can be cancelled, and nothing of the app file runs in this one."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from wizard.core.events import LogLine, read_line
from wizard.flow.ports.modal import NO_DEPLOY_OUTCOME, DeployOutcome
from wizard.services.local.child_process import end, environment_without_tokens

DEPLOY_SECONDS = 3600.0  # an image with torch takes minutes to build for the first time
_MARK = "WIZARD_DEPLOY_MARK"
_LINE_END = re.compile(rb"\n|(?=\r(?!\n))")
_LONGEST_LINE = 1 << 20  # bytes
_PLAIN_OUTPUT = {"COLUMNS": "400", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


async def deploy_in_child(
    file: Path, app: str, environment: str, tag: str = ""
) -> AsyncGenerator[LogLine | DeployOutcome, None]:
    """Run the deploy worker; build lines as they come, then one DeployOutcome."""
    mark = secrets.token_hex(8)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a modal.py in the person's folder is not ours to run
        "-m",
        "wizard.services.modal.deploy_worker",
        str(file),
        app,
        environment,
        tag,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment_without_tokens() | _PLAIN_OUTPUT | {_MARK: mark},
    )
    outcome = NO_DEPLOY_OUTCOME
    try:
        async with asyncio.timeout(DEPLOY_SECONDS):
            assert child.stdout is not None
            async with aclosing(_pieces(child.stdout)) as pieces:
                async for piece in pieces:
                    if piece.startswith(mark):
                        outcome = DeployOutcome(**json.loads(piece.removeprefix(mark)))
                    elif line := read_line("build", piece, time.time()):
                        yield line
            await child.wait()
    except TimeoutError:
        outcome = DeployOutcome(error="TimeoutError", message=f"the deploy took longer than {DEPLOY_SECONDS:.0f} s")
    finally:
        await end(child)
    yield outcome


async def _pieces(stream: asyncio.StreamReader) -> AsyncGenerator[str, None]:
    """Lines without their line feeds; where a line is drawn over, each state with the carriage return before it."""
    rest = b""
    while chunk := await stream.read(1 << 16):
        *whole, rest = _LINE_END.split(rest + chunk)
        for piece in whole:
            yield piece.decode("utf-8", "replace")
        if len(rest) > _LONGEST_LINE:
            yield rest.decode("utf-8", "replace")
            rest = b""
    if rest:
        yield rest.decode("utf-8", "replace")


def outcome_mark() -> str:
    """What the worker's last line begins with."""
    return os.environ.pop(_MARK, "")
