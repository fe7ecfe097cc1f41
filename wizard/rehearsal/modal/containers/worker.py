"""What Modal's container entrypoint asks of its worker: inputs, heartbeats, outputs, and how the task ended.

Source: modal 1.6.4, _runtime/container_io_manager.py and task_lifecycle_manager.py.
"""

from __future__ import annotations

import asyncio
import time

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.calls.calls import find_call
from wizard.rehearsal.modal.calls.outcomes import failure, record
from wizard.rehearsal.modal.functions.definitions import display_name
from wizard.rehearsal.modal.rpc.routes import Caller, Routes
from wizard.rehearsal.modal.state.container import Container
from wizard.rehearsal.modal.state.journal import STDERR, SYSTEM
from wizard.rehearsal.modal.state.records import Function, Input
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()

HEARTBEAT_SECONDS = 14.5
"""Just under the entrypoint's limit of 15.1 s, so that there is hardly a gap in which it cannot hear a cancel."""
FETCH_SECONDS = 30.0


@routes.unary("ContainerHello")
async def container_hello(state: ModalState, caller: Caller, request: Empty) -> Empty:
    """The entrypoint is up."""
    return Empty()


@routes.unary("ContainerCheckpoint")
async def container_checkpoint(state: ModalState, caller: Caller, request: pb.ContainerCheckpointRequest) -> Empty:
    """Never asked for: the variable that turns memory snapshots on is not set."""
    return Empty()


@routes.unary("ContainerHeartbeat")
async def container_heartbeat(
    state: ModalState, caller: Caller, request: pb.ContainerHeartbeatRequest
) -> pb.ContainerHeartbeatResponse:
    """A long poll for inputs to cancel. The request names nobody: the connection does."""
    ids = await caller.running_container.cancelled_inputs(HEARTBEAT_SECONDS)
    if not ids:
        return pb.ContainerHeartbeatResponse()
    return pb.ContainerHeartbeatResponse(cancel_input_event=pb.CancelInputEvent(input_ids=ids))


@routes.unary("FunctionGetDynamicConcurrency")
async def function_get_dynamic_concurrency(
    state: ModalState, caller: Caller, request: pb.FunctionGetDynamicConcurrencyRequest
) -> pb.FunctionGetDynamicConcurrencyResponse:
    """A container may always use all that it is allowed."""
    return pb.FunctionGetDynamicConcurrencyResponse(concurrency=request.max_concurrency)


@routes.unary("FunctionGetInputs")
async def function_get_inputs(
    state: ModalState, caller: Caller, request: pb.FunctionGetInputsRequest
) -> pb.FunctionGetInputsResponse:
    """Wait for inputs; a kill switch when the container is not wanted any more."""
    container = caller.running_container
    function = container.function
    if not container.is_ready:
        container.is_ready = True
        function.startup_failures, function.not_before = 0, 0.0
    end = time.monotonic() + FETCH_SECONDS
    size = max(1, request.batch_max_size)
    while not _is_unwanted(state, container):
        if function.queue:
            if size > 1:
                await _linger(function, size, request.batch_linger_ms / 1000)
            taken = _take(state, container, size)
            if taken:
                return await _hand_over(state, container, taken)
        idle = _idle_seconds_left(state, container)
        left = end - time.monotonic()
        if idle <= 0 and not container.inflight and not _keeps_warm(state, function):
            break
        if left <= 0:
            return pb.FunctionGetInputsResponse()
        await function.changed.wait(left if idle <= 0 else min(left, idle))
    container.is_stopping = container.is_stopping or not container.inflight
    return pb.FunctionGetInputsResponse(inputs=[pb.FunctionGetInputsItem(kill_switch=True)])


def _is_unwanted(state: ModalState, container: Container) -> bool:
    outdated = container.definition_id != container.function.root.definition_id
    return container.is_stopping or outdated or state.closing


def _idle_seconds_left(state: ModalState, container: Container) -> float:
    definition = container.definition
    window = (
        definition.autoscaler_settings.scaledown_window
        or definition.task_idle_timeout_secs
        or state.settings.scaledown_window
    )
    return float(window) - (time.monotonic() - container.idle_since)


def _keeps_warm(state: ModalState, function: Function) -> bool:
    """Whether one container less would be fewer than the function wants at all times."""
    live = [each for each in state.containers_of(function) if not each.is_stopping]
    if not live or state.apps[function.app_id].state != pb.APP_STATE_DEPLOYED:
        return False
    return len(live) <= int(live[0].definition.autoscaler_settings.min_containers)


async def _linger(function: Function, size: int, seconds: float) -> None:
    """Let a batch fill up."""
    end = time.monotonic() + seconds
    while len(function.queue) < size and (left := end - time.monotonic()) > 0:
        await function.changed.wait(left)


def _take(state: ModalState, container: Container, size: int) -> list[Input]:
    """The next inputs, all for one method, marked as running here; their time limit starts."""
    queue = container.function.queue
    taken: list[Input] = []
    while queue and len(taken) < size:
        if taken and queue[0].body.method_name != taken[0].body.method_name:
            break
        taken.append(queue.popleft())
    limit: float = container.definition.timeout_secs
    if taken and (fault := state.faults.take(f"input-limit:{display_name(container.definition)}")):
        limit = fault.seconds
    loop = asyncio.get_running_loop()
    for each in taken:
        each.container_id = container.id
        container.inflight[each.id] = each
        if limit:
            each.watchdog = loop.call_later(limit, _out_of_time, state, container, each, limit)
    if taken:
        container.idle_since = time.monotonic()
    if queue:
        state.ensure(container.function)
    return taken


async def _hand_over(state: ModalState, container: Container, taken: list[Input]) -> pb.FunctionGetInputsResponse:
    name = display_name(container.definition, taken[0].body.method_name)
    fault = state.faults.take(f"container-input:{name}")
    if fault is not None and fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
    elif fault is not None:
        for line in fault.message.splitlines():
            container.write(STDERR, f"{line}\n")
        container.kill()
    return pb.FunctionGetInputsResponse(
        inputs=[
            pb.FunctionGetInputsItem(
                input_id=each.id,
                input=each.body,
                function_call_id=each.call.id,
                retry_count=each.retry_count,
                function_call_invocation_type=each.call.invocation,
            )
            for each in taken
        ]
    )


def _out_of_time(state: ModalState, container: Container, each: Input, limit: float) -> None:
    """The input's time is up: ask the container to cancel it, and kill the container if it does not."""
    if each.done or each.container_id != container.id:
        return
    why = f"Task's current input {each.id} hit its timeout of {int(limit)}s"
    container.write(SYSTEM, f"{why}\n")
    each.verdict = failure(why, pb.GenericResult.GENERIC_STATUS_TIMEOUT)
    container.ask_to_cancel(each)
    grace = state.settings.cancel_grace
    each.watchdog = asyncio.get_running_loop().call_later(grace, _kill_if_held, container, each)


def _kill_if_held(container: Container, each: Input) -> None:
    if each.id in container.inflight:
        container.kill()


@routes.unary("FunctionPutOutputs")
async def function_put_outputs(state: ModalState, caller: Caller, request: pb.FunctionPutOutputsRequest) -> Empty:
    """Results of inputs; the server's own verdict (cancelled, timed out) goes before what the container says."""
    container = caller.running_container
    for output in request.outputs:
        each = state.inputs.get(output.input_id)
        await container.finish_input(output.input_id)
        if each is None or each.container_id != container.id:
            continue
        each.container_id = ""
        if each.watchdog is not None:
            each.watchdog.cancel()
            each.watchdog = None
        record(
            state,
            each,
            each.verdict or output.result,
            0 if each.verdict else output.data_format,
            task_id=container.id,
            input_started_at=output.input_started_at,
            output_created_at=output.output_created_at,
        )
        each.verdict = None
    return Empty()


@routes.unary("FunctionCallPutDataOut")
async def function_call_put_data_out(
    state: ModalState, caller: Caller, request: pb.FunctionCallPutDataRequest
) -> Empty:
    """What a generator yields. Chunks count from 1; those of a second attempt at the same input are dropped."""
    call = find_call(state, request.function_call_id)
    for chunk in request.data_chunks:
        if chunk.index > len(call.chunks):
            call.chunks.append(chunk)
    call.changed.notify()
    return Empty()


@routes.unary("TaskResult")
async def task_result(state: ModalState, caller: Caller, request: pb.TaskResultRequest) -> Empty:
    """The entrypoint failed outside of any input: at start-up, or in an exit handler."""
    caller.running_container.result = request.result
    return Empty()
