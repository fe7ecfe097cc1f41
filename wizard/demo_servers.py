"""The demo's servers: those that are being served already, or fresh ones in a child process for one session."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from wizard.cli.session import Rehearse, SessionOptions
from wizard.core.concurrency.daemon_thread import on_daemon_thread
from wizard.core.problem import ExitCode, Problem
from wizard.flow.configuration.trusted_endpoints import VARIABLE
from wizard.rehearsal.announcement import read_environment
from wizard.services.local.child_process import end, environment_without_tokens

START_SECONDS = 60.0


@asynccontextmanager
async def demo_servers(options: SessionOptions) -> AsyncIterator[tuple[dict[str, str], bool]]:
    """The variables of a rehearsal, and whether it outlives this session: the one that is being served is joined,
    else a fresh one is started in a child process."""
    served = (
        await on_daemon_thread(read_environment) if options.rehearse == "all" and options.scenario is None else None
    )
    if served:
        yield served, True
        return
    command = [sys.executable, "-P", "-m", "wizard", "rehearse", "--json", "--until-stdin-closes"]
    command += ["--scenario", options.scenario or "ready", f"--rehearse={options.rehearse}"]
    command += [f"--trust-endpoint={address}" for address in options.trust]
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=without_account_variables(environment_without_tokens(), options.rehearse) | {"PYTHONIOENCODING": "utf-8"},
        start_new_session=True,  # Ctrl-C is ours to handle: the stand-ins go last
        limit=1 << 20,
    )
    draining: asyncio.Task[None] | None = None
    try:
        env = await _first_line(child)
        draining = asyncio.create_task(_drain(child))
        yield env, False
    finally:
        await _dismiss(child)
        if draining is not None:
            draining.cancel()


async def _first_line(child: asyncio.subprocess.Process) -> dict[str, str]:
    assert child.stdout is not None and child.stderr is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await child.stdout.readline()
            data: dict[str, Any] = json.loads(line) if line.strip() else {}
            if data.get("event") == "Serving":
                return dict(data["env"])
            said = (await child.stderr.read()).decode("utf-8", "replace").strip()
    except (TimeoutError, ValueError):
        data, said = {}, "they did not answer in time"
    if data.get("event") == "Failed":
        raise Problem(data["code"], data["message"], data["hint"], data["url"], exit_code=ExitCode(data["exit_code"]))
    raise Problem("rehearsal_failed", f"The demo's servers did not start: {said[-500:]}")


async def _drain(child: asyncio.subprocess.Process) -> None:
    """Read on what the stand-ins warn of: a full pipe would stop them."""
    assert child.stderr is not None
    while await child.stderr.read(1 << 16):
        pass


async def _dismiss(child: asyncio.subprocess.Process) -> None:
    """Close the child's standard input, which ends it; kill it when it does not go."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        async with asyncio.timeout(6):
            await child.wait()
    except TimeoutError:
        await end(child)


def point_process_at(env: dict[str, str], rehearse: Rehearse) -> None:
    """Point this process at the stand-ins, and forget what the person's own variables say.

    The SDKs read these variables when they are imported, so this comes before any of them.
    """
    for name in set(os.environ) - set(without_account_variables(os.environ, rehearse)):
        del os.environ[name]
    os.environ.update(env)
    for name in ("NO_PROXY", "no_proxy"):  # what is served on loopback goes through no proxy, token and all
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
    os.environ["MODAL_DISABLE_API_PROXY"] = "1"  # modal sends files by way of the proxy whatever NO_PROXY says (1.6.4)


def without_account_variables(variables: Mapping[str, str], rehearse: Rehearse | None) -> dict[str, str]:
    """Variables without those that speak of the person's own accounts."""
    prefixes = ("HF_", "HUGGING", "MODAL_", "TRANSFORMERS_", VARIABLE) if rehearse == "all" else ("MODAL_",)
    return {name: value for name, value in variables.items() if not name.startswith(prefixes)}
