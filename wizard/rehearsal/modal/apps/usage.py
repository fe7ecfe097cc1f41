"""What an app was used for: calls by time, and costs by hour, as Modal's statistics and billing report tell them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from modal_proto import api_pb2 as pb

from wizard.core.sizing.gpus import gpu_of_another
from wizard.rehearsal.modal.account.prices import RATES
from wizard.rehearsal.modal.apps.apps import find_app, lifecycle
from wizard.rehearsal.modal.rpc.routes import Caller, Routes
from wizard.rehearsal.modal.state.container import Container
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()


@routes.unary("AppGetTimeRangeStats")
async def app_get_time_range_stats(
    state: ModalState, caller: Caller, request: pb.AppGetTimeRangeStatsRequest
) -> pb.AppGetTimeRangeStatsResponse:
    """How many inputs an app's functions have completed in a time; each input of a map counts (modal 1.6.4)."""
    app = find_app(state, request.app_id)
    since, until = request.since.ToMicroseconds() / 1e6, request.until.ToMicroseconds() / 1e6
    response = pb.AppGetTimeRangeStatsResponse(
        since=request.since, until=request.until, lifecycle=lifecycle(state, app)
    )
    for name, function_id in app.layout.function_ids.items():
        counts = response.functions.by_name[name].counts.calls
        response.functions.by_name[name].object_id = function_id
        for call in state.calls.values():
            if call.function.root.id != function_id or not since <= call.created < until:
                continue
            results = [output.result.status for output in call.latest.values()]
            good = results.count(pb.GenericResult.GENERIC_STATUS_SUCCESS)
            counts.total += len(results)
            counts.succeeded += good
            counts.failed += len(results) - good
    for each in response.functions.by_name.values():
        total = response.functions.total.calls
        total.total += each.counts.calls.total
        total.succeeded += each.counts.calls.succeeded
        total.failed += each.counts.calls.failed
    return response


@routes.stream("WorkspaceBillingReport")
async def workspace_billing_report(
    state: ModalState, caller: Caller, request: pb.WorkspaceBillingReportRequest
) -> AsyncIterator[pb.WorkspaceBillingReportItem]:
    """What each app's containers would cost at list prices, in one item for the whole time.

    An interval that has not ended is left out, as the SDK says of the real report.
    """
    length = 3600 if request.resolution == "h" else 86_400
    since, until = request.start_timestamp.seconds, request.end_timestamp.seconds // length * length
    spent: dict[str, float] = {}
    for container in (*state.containers.values(), *state.past_containers.values()):
        begun, ended = max(container.started or container.created, since), min(container.ended or time.time(), until)
        app_id = container.function.root.app_id
        spent[app_id] = spent.get(app_id, 0.0) + max(0.0, ended - begun) / 3600 * _price(container)
    for app_id, dollars in spent.items():
        app = state.apps[app_id]
        item = pb.WorkspaceBillingReportItem(
            object_id=app_id, description=app.name, environment_name=app.environment, cost=f"{dollars:.6f}"
        )
        item.interval.CopyFrom(request.start_timestamp)
        yield item


def _price(container: Container) -> float:
    """Dollars an hour: the GPU, and one core with 4 GiB beside it."""
    chosen = gpu_of_another(container.definition.resources.gpu_config.gpu_type or None)
    gpu = float(RATES.get(chosen.gpu.rate_key, 0)) if chosen is not None and not chosen.is_cpu else 0.0
    return gpu + float(RATES["cpu_hour_cost"]) + 4 * float(RATES["mem_gib_hour_cost"])
