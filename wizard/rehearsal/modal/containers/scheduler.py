"""When containers start: as many as the waiting inputs need, within limits, and not again too soon after a failure."""

from __future__ import annotations

import asyncio
import os
import time

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.containers.runner import Runtime, run_container
from wizard.rehearsal.modal.functions.definitions import effective, slots
from wizard.rehearsal.modal.state.container import Container
from wizard.rehearsal.modal.state.records import Function
from wizard.rehearsal.modal.state.state import ModalState

_STARTS_AT_ONCE = max(2, os.cpu_count() or 2)
"""More interpreters starting at the same time only slow each other down."""


def ensure(runtime: Runtime, function: Function) -> None:
    """Wake the containers that wait for inputs, and start more where that is not enough."""
    state = runtime.state
    function.changed.notify()
    app = state.apps[function.app_id]
    if state.closing or app.is_stopped or function.root.definition is None:
        return
    missing = _missing(state, function, is_deployed=app.state == pb.APP_STATE_DEPLOYED)
    if missing <= 0:
        return
    wait = function.not_before - time.monotonic()
    if wait > 0:
        if function.wake_up is None:
            loop = asyncio.get_running_loop()
            function.wake_up = loop.call_later(wait, _try_again, runtime, function)
        return
    live = [each for each in state.containers_of(function) if not each.is_stopping]
    limit = effective(function).autoscaler_settings.max_containers or state.settings.max_containers
    room = min(limit, state.settings.max_containers) - len(live)
    starting = sum(not each.is_ready for each in live)
    for _ in range(min(missing, room, _STARTS_AT_ONCE - starting)):
        _start(runtime, function)


def _missing(state: ModalState, function: Function, *, is_deployed: bool) -> int:
    definition = effective(function)
    current = [
        each
        for each in state.containers_of(function)
        if each.definition_id == function.root.definition_id and not each.is_stopping
    ]
    each_takes = slots(definition)
    free = sum(max(0, each_takes - len(container.inflight)) for container in current)
    needed = -(-(len(function.queue) - free) // each_takes)
    if is_deployed:
        needed = max(needed, definition.autoscaler_settings.min_containers - len(current))
    return needed


def _try_again(runtime: Runtime, function: Function) -> None:
    function.wake_up = None
    ensure(runtime, function)


def _start(runtime: Runtime, function: Function) -> None:
    state = runtime.state
    container = Container(function, effective(function), state.folder / "containers", state.journal(function.app_id))
    state.containers[container.id] = container
    state.start_task(run_container(runtime, container))
