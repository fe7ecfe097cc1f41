"""Removing what a live check has made: the teardown that users run for a job, then everything by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from wizard.core.live.report import Finding
from wizard.core.live.scope import NAME_PREFIX
from wizard.core.problem import Problem
from wizard.flow.live.registry import probe
from wizard.flow.live.state import CouldNotTry, Live, seen_if
from wizard.flow.operate.teardown import plan_teardown, undo

REMOVAL_SECONDS = 45.0  # for one thing; it is tried twice


async def end_job(live: Live, name: str) -> None:
    """Undo a job as `teardown` does, so that nothing of it is awake any more. Only what this check made is touched."""
    job = live.jobs.get(name)
    if job is None or live.options.keep:
        return
    changes = await plan_teardown(live.modal, job.app, None, with_volume=False)
    wanted = {"app"} | ({"secret"} if name == "gated" else set())
    ours = [each for each in changes if each.resource in wanted and each.name.startswith(NAME_PREFIX)]
    await undo(live.modal, ours)


async def remove_everything(live: Live) -> tuple[str, ...]:
    """Remove all that was made. Returns what is left, each with what removes it; raises nothing but cancellation."""
    made, left = live.made, []
    kinds: tuple[tuple[str, list[str], Callable[[str], Awaitable[bool]], str], ...] = (
        ("app", made.apps, live.modal.stop_app, "modal app stop"),
        ("Modal Secret", made.secrets, live.modal.delete_secret, "modal secret delete"),
        ("Volume", made.volumes, live.modal.delete_volume, "modal volume delete"),
    )
    for what, names, remove, command in kinds:
        for name in dict.fromkeys(names):
            if not await _removed(remove, name):
                left.append(f"the {what} {name}: `{command} {name}`")
        names.clear()
    if made.proxy_token is not None and not await _removed(live.modal.delete_proxy_token, made.proxy_token.token_id):
        left.append(f"the proxy token {live.name}: delete it at https://modal.com/settings/proxy-auth-tokens")
    made.proxy_token = None
    return tuple(left)


async def _removed(remove: Callable[[str], Awaitable[bool]], name: str) -> bool:
    for _ in range(2):
        try:
            async with asyncio.timeout(REMOVAL_SECONDS):
                await remove(name)
            return True
        except (Problem, TimeoutError):
            continue
    return False


@probe("modal-teardown", "end", seconds=10 * REMOVAL_SECONDS)
async def teardown(live: Live) -> Finding:
    if live.options.keep:
        raise CouldNotTry("--keep")
    if not live.made.apps:
        raise CouldNotTry("nothing was made")
    apps = dict.fromkeys(live.made.apps)
    live.left = await remove_everything(live)
    left = list(live.left)
    for name in apps:
        if await live.modal.app(name) is not None:
            left.append(f"the app {name}")
    if await live.modal.secret_state(live.name, None) != "missing":
        left.append("the Secret")
    if await live.modal.volume_files(live.name, "") is not None:
        left.append("the Volume")
    return seen_if(not left, f"still there: {', '.join(left)}" if left else "nothing is left")
