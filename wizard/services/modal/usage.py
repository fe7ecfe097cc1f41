"""What apps were used for, by way of modal's SDK: their calls, and their part of the workspace's billing report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.plan.names import FUNCTION_NAME
from wizard.core.problem import Problem
from wizard.flow.ports.modal import DeployedApp, Usage
from wizard.services.modal.library import CONTACT_SECONDS, modal_call
from wizard.services.modal.session import ModalSession

CLASS_NAME = FUNCTION_NAME.partition(".")[0]


async def read_usage(session: ModalSession, apps: Sequence[DeployedApp], since: float) -> dict[str, Usage]:
    """By app id. A figure is a courtesy: where a role or a plan is not told it, it stays empty."""
    start = datetime.fromtimestamp(since, UTC)
    calls = gather_or_cancel(*(_read_calls(session, app.app_id, start) for app in apps))
    dollars, counted = await gather_or_cancel(_read_costs(session, start), calls)
    found = {}
    for app, counts in zip(apps, counted, strict=True):
        total, failed = counts or (None, None)
        found[app.app_id] = Usage(total, failed, None if dollars is None else dollars.get(app.app_id, 0.0))
    return found


async def _read_costs(session: ModalSession, start: datetime) -> dict[str, float] | None:
    """Dollars of each app of the workspace that has cost anything, hour by hour until the last full one."""
    spent: dict[str, float] = {}
    try:
        async with modal_call(session.sdk, CONTACT_SECONDS):
            workspace = session.sdk.Workspace.from_context(client=session.client)
            for item in await workspace.billing.report.aio(start=start, resolution="h"):
                spent[item.object_id] = spent.get(item.object_id, 0.0) + float(item.cost)
    except (Problem, AttributeError, ValueError):  # an SDK from before the report does not have it
        return None
    return spent


async def _read_calls(session: ModalSession, app_id: str, start: datetime) -> tuple[int, int] | None:
    """Calls of the function that have ended, and how many of them failed; those of its download are not counted."""
    try:
        async with modal_call(session.sdk, CONTACT_SECONDS):
            app = await session.sdk.App.lookup.aio(app_id, client=session.client)
            functions = (await app.stats.aio(since=start)).functions
    except (Problem, AttributeError):
        return None
    counts = [each.counts.calls for name, each in functions.items() if name.partition(".")[0] == CLASS_NAME]
    return sum(each.total for each in counts), sum(each.failed for each in counts)
