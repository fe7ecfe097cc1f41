"""A deploy in a process of its own, so that it can be cancelled, and nothing of the app file runs in this one."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from wizard.core.access_token import clean
from wizard.core.events import LogLine
from wizard.flow.ports import DeployOutcome
from wizard.services.child_process import end, environment_without_tokens

DEPLOY_SECONDS = 3600.0  # an image with torch takes minutes to build for the first time
_MARK = "WIZARD_DEPLOY_MARK"
_PLAIN_OUTPUT = {"COLUMNS": "400", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


async def deploy_in_child(file: Path, app: str, environment: str) -> AsyncGenerator[LogLine | DeployOutcome, None]:
    """Run the deploy worker; build lines as they come, then one DeployOutcome."""
    mark = secrets.token_hex(8)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a modal.py in the person's folder is not ours to run
        "-m",
        "wizard.services.deploy_worker",
        str(file),
        app,
        environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment_without_tokens() | _PLAIN_OUTPUT | {_MARK: mark},
        limit=1 << 20,
    )
    outcome = DeployOutcome(error="NoOutcome", message="the deploy ended without saying how")
    try:
        async with asyncio.timeout(DEPLOY_SECONDS):
            assert child.stdout is not None
            while raw := await child.stdout.readline():
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                if line.startswith(mark):
                    outcome = DeployOutcome(**json.loads(line.removeprefix(mark)))
                elif line.strip():
                    yield LogLine("build", clean(line), time.time())
            await child.wait()
    except TimeoutError:
        outcome = DeployOutcome(error="TimeoutError", message=f"the deploy took longer than {DEPLOY_SECONDS:.0f} s")
    finally:
        await end(child)
    yield outcome


def outcome_mark() -> str:
    """What the worker's last line begins with."""
    return os.environ.pop(_MARK, "")
