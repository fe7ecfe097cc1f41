"""Apps as they stand: containers by way of modal's SDK, history and rollback by way of its command line.

History, rollback and rollover have no public function in the SDK (1.6); the command line is the documented way.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from typing import TYPE_CHECKING

from wizard.core.access_token import clean, clean_line
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.explain.failures import diagnose
from wizard.core.problem import Problem
from wizard.flow.ports.modal import AppVersion, DeployedApp
from wizard.services.local.child_process import end, environment_without_tokens
from wizard.services.modal.session import ModalSession

if TYPE_CHECKING:
    import modal

COMMAND_SECONDS = 60.0
ENDPOINT = "endpoint"  # the web function of an app that answers over HTTP
_PLAIN_OUTPUT = {"COLUMNS": "400", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}


async def describe_app(session: ModalSession, app: modal.App) -> DeployedApp:
    """What is known of an app that is there: its tags, its page, its version, where it answers over HTTP."""
    pages = os.environ.get("OUTLINES_WIZARD_MODAL_PAGES")  # a rehearsal's, since the SDK only knows Modal's own
    info, tags = await gather_or_cancel(app.info.aio(), app.get_tags.aio(client=session.client))
    lifecycle = info.lifecycle
    endpoint = ""
    if ENDPOINT in info.functions:
        function = session.function(app.name or "", ENDPOINT)
        endpoint = clean(await function.get_web_url.aio() or "")
    return DeployedApp(
        name=clean(app.name or info.description or ""),
        app_id=info.app_id,
        tags={clean(k): clean(v) for k, v in tags.items()},
        url=f"{pages}/apps/{info.app_id}" if pages else app.get_dashboard_url(),
        state=lifecycle.state.name.lower() if hasattr(lifecycle.state, "name") else str(lifecycle.state),
        version=lifecycle.version,
        deployed_at=lifecycle.deployed_at.timestamp() if lifecycle.deployed_at else None,
        functions=tuple(sorted(info.functions)),
        endpoint=endpoint,
    )


async def count_containers(session: ModalSession, app: modal.App) -> dict[str, int]:
    """Containers that run or start right now, by function."""
    functions = dict((await app.info.aio()).functions)

    async def count(function_id: str) -> int:
        function = session.sdk.Function.from_id(function_id, client=session.client)
        return int((await function.get_current_stats.aio()).num_total_runners)

    counts = await gather_or_cancel(*(count(function_id) for function_id in functions.values()))
    return {clean(name).removesuffix(".*"): number for name, number in zip(functions, counts, strict=True)}


async def read_history(app: str, environment: str) -> list[AppVersion]:
    """Versions of an app, the newest first."""
    rows = json.loads(await run_modal("app", "history", app, "--json", environment=environment) or "[]")
    return [
        AppVersion(
            number=int(str(row["version"]).lstrip("v")),
            deployed_at=clean(str(row.get("time_deployed") or "")),
            by=clean(str(row.get("deployed_by") or "")),
            tag=clean(str(row.get("tag") or "")),
        )
        for row in rows
    ]


async def run_modal(*arguments: str, environment: str) -> str:
    """Run modal's command line; what it printed. Raises Problem with its own words when it fails."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a modal.py in the person's folder is not ours to run
        "-W",
        "ignore",
        "-m",
        "modal",
        *arguments,
        *(("--env", environment) if environment else ()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment_without_tokens() | _PLAIN_OUTPUT,
    )
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            out, err = await child.communicate()
    except TimeoutError as error:
        raise diagnose("modal.exception.ConnectionError", "it did not answer in time", (), model="", endpoint="") from (
            error
        )
    finally:
        await end(child)
    if child.returncode:
        raise _refusal(err.decode("utf-8", "replace"), arguments)
    return out.decode("utf-8", "replace")


def _refusal(text: str, arguments: tuple[str, ...]) -> Problem:
    """What the command line says when it fails is a box or a line that ends with the service's own words."""
    words = clean_line(re.sub(r"[╭╮╰╯│─]+", " ", text)).removeprefix("Error ").strip() or "no error message"
    known = diagnose("", words, (), model="", endpoint="")
    if known.code != "function_failed":
        return known
    return Problem("modal_refused", f"Modal rejected `{' '.join(arguments[:2])}`: {words}", raw=words)
