"""Calls as clients make them: inputs in, outputs out, generators, cancelling, and asking how a call is doing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.calls.outcomes import add_input, cancel_call, input_jwt, retry_input
from wizard.rehearsal.modal.functions.definitions import effective
from wizard.rehearsal.modal.functions.functions import find_function
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, invalid, not_found
from wizard.rehearsal.modal.state.ids import jwt_claims, new_id, unsigned_jwt
from wizard.rehearsal.modal.state.records import Call, Input
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()

MAX_INPUTS_OUTSTANDING = 1000
GENERATOR_POLL_SECONDS = 55.0
LINGER_SECONDS = 0.02
"""How long an answer with outputs of a map waits for more: each one costs the client the tokens of all that are
still missing, so a few full answers are far cheaper than many short ones."""

_CATEGORIES = {
    pb.GenericResult.GENERIC_STATUS_SUCCESS: "succeeded_inputs",
    pb.GenericResult.GENERIC_STATUS_TIMEOUT: "timeout_inputs",
    pb.GenericResult.GENERIC_STATUS_TERMINATED: "cancelled_inputs",
}


def find_call(state: ModalState, call_id: str) -> Call:
    """A call by id. Raises NOT_FOUND."""
    if call_id not in state.calls:
        raise not_found(f"Function call '{call_id}' not found")
    return state.calls[call_id]


def _take_inputs(state: ModalState, call: Call, items: Any) -> list[Any]:
    made = [add_input(state, call, item) for item in items]
    if made:
        state.ensure(call.function)
    return [
        pb.FunctionPutInputsResponseItem(idx=each.index, input_id=each.id, input_jwt=input_jwt(each)) for each in made
    ]


@routes.unary("FunctionMap")
async def function_map(state: ModalState, caller: Caller, request: pb.FunctionMapRequest) -> pb.FunctionMapResponse:
    """Begin a call of any kind."""
    function = find_function(state, request.function_id)
    if state.apps[function.app_id].is_stopped:
        raise not_found(f"App '{function.app_id}' is stopped")
    call = Call(new_id("fc"), function, request.function_call_type, request.function_call_invocation_type)
    state.calls[call.id] = call
    return pb.FunctionMapResponse(
        function_call_id=call.id,
        pipelined_inputs=_take_inputs(state, call, request.pipelined_inputs),
        retry_policy=effective(function).retry_policy,
        function_call_jwt=unsigned_jwt(function_id=function.id, function_call_id=call.id),
        sync_client_retries_enabled=True,
        max_inputs_outstanding=MAX_INPUTS_OUTSTANDING,
    )


@routes.unary("FunctionPutInputs")
async def function_put_inputs(
    state: ModalState, caller: Caller, request: pb.FunctionPutInputsRequest
) -> pb.FunctionPutInputsResponse:
    """More inputs of a map."""
    call = find_call(state, request.function_call_id)
    return pb.FunctionPutInputsResponse(inputs=_take_inputs(state, call, request.inputs))


@routes.unary("FunctionFinishInputs")
async def function_finish_inputs(state: ModalState, caller: Caller, request: pb.FunctionFinishInputsRequest) -> Empty:
    """No more inputs follow."""
    return Empty()


@routes.unary("FunctionRetryInputs")
async def function_retry_inputs(
    state: ModalState, caller: Caller, request: pb.FunctionRetryInputsRequest
) -> pb.FunctionRetryInputsResponse:
    """The client's own retries of ``.remote()`` and ``.map()``."""
    tokens = []
    for item in request.inputs:
        try:
            each: Input = state.inputs[jwt_claims(item.input_jwt)["input_id"]]
        except (ValueError, KeyError) as error:
            raise invalid("unknown input token") from error
        retry_input(state, each, item.input, item.retry_count)
        tokens.append(input_jwt(each))
        state.ensure(each.call.function)
    return pb.FunctionRetryInputsResponse(input_jwts=tokens)


def _outputs_of_range(state: ModalState, call: Call, request: Any) -> list[Any]:
    """The newest output of each index in the range, but not of an attempt that a token says was given up."""
    awaited = {}
    for token in request.input_jwts:
        claims = jwt_claims(token)
        awaited[claims["input_id"]] = claims["retry_count"]
    if request.end_idx - request.start_idx < len(call.latest):
        found = [call.latest.get(index) for index in range(request.start_idx, request.end_idx + 1)]
    else:
        found = [call.latest[i] for i in sorted(call.latest) if request.start_idx <= i <= request.end_idx]
    return [
        output
        for output in found
        if output is not None
        and call.inputs[output.input_id].done
        and output.retry_count >= awaited.get(output.input_id, 0)
    ]


@routes.unary("FunctionGetOutputs")
async def function_get_outputs(
    state: ModalState, caller: Caller, request: pb.FunctionGetOutputsRequest
) -> pb.FunctionGetOutputsResponse:
    """Wait for outputs: of an index range, or whatever came after the client's cursor."""
    call = find_call(state, request.function_call_id)
    end = time.monotonic() + request.timeout
    position = int(request.last_entry_id.split("-")[0] or 0) if request.last_entry_id else 0
    ranged = request.HasField("start_idx")
    while True:
        outputs = _outputs_of_range(state, call, request) if ranged else call.outputs[position:]
        left = end - time.monotonic()
        if outputs or left <= 0:
            break
        await call.changed.wait(left)
    if not ranged and call.unfinished and left > 0:
        linger_end = time.monotonic() + min(LINGER_SECONDS, left)
        while call.unfinished and (left := linger_end - time.monotonic()) > 0:
            await call.changed.wait(left)
        outputs = call.outputs[position:]
    last = request.last_entry_id if ranged else f"{position + len(outputs)}-0"
    return pb.FunctionGetOutputsResponse(
        outputs=outputs,
        idxs=[output.idx for output in outputs],
        last_entry_id=last,
        num_unfinished_inputs=call.unfinished,
    )


@routes.unary("FunctionCallFromId")
async def function_call_from_id(
    state: ModalState, caller: Caller, request: pb.FunctionCallFromIdRequest
) -> pb.FunctionCallFromIdResponse:
    """``FunctionCall.from_id``."""
    call = find_call(state, request.function_call_id)
    metadata = pb.FunctionCallHandleMetadata(app_id=call.function.app_id, function_id=call.function.id)
    return pb.FunctionCallFromIdResponse(function_call_id=call.id, num_inputs=len(call.inputs), metadata=metadata)


@routes.unary("FunctionCallGetInfo")
async def function_call_get_info(
    state: ModalState, caller: Caller, request: pb.FunctionCallGetInfoRequest
) -> pb.FunctionCallGetInfoResponse:
    """How many inputs ended in which way; the SDK ends a call's log stream when all have."""
    call = find_call(state, request.function_call_id)
    counts = Counter(
        _CATEGORIES.get(output.result.status, "failed_inputs")
        for output in call.latest.values()
        if call.inputs[output.input_id].done
    )
    info = pb.FunctionCallInfo(function_call_id=call.id, created_at=call.created, total_inputs=len(call.inputs))
    for category, count in counts.items():
        getattr(info, category).total = count
    info.pending_inputs.total = call.unfinished
    return pb.FunctionCallGetInfoResponse(info=info)


@routes.unary("FunctionCallCancel")
async def function_call_cancel(state: ModalState, caller: Caller, request: pb.FunctionCallCancelRequest) -> Empty:
    """``FunctionCall.cancel()``."""
    call = find_call(state, request.function_call_id)
    cancel_call(state, call, terminate_containers=request.terminate_containers)
    return Empty()


@routes.stream("FunctionCallGetDataOut")
async def function_call_get_data_out(
    state: ModalState, caller: Caller, request: pb.FunctionCallGetDataRequest
) -> AsyncIterator[Any]:
    """What a generator yields, as it comes. The client leaves when it has everything."""
    call = find_call(state, request.function_call_id)
    sent = request.last_index
    end = time.monotonic() + GENERATOR_POLL_SECONDS
    while (left := end - time.monotonic()) > 0:
        for chunk in call.chunks[sent:]:
            sent += 1
            yield chunk
        if sent >= len(call.chunks):
            await call.changed.wait(left)


@routes.stream("FunctionCallGetDataIn")
async def function_call_get_data_in(
    state: ModalState, caller: Caller, request: pb.FunctionCallGetDataRequest
) -> AsyncIterator[Any]:
    """The body of a request to a web function, for the container that answers it."""
    call = find_call(state, request.function_call_id)
    sent = request.last_index
    end = time.monotonic() + GENERATOR_POLL_SECONDS
    while (left := end - time.monotonic()) > 0 and call.unfinished:
        for chunk in call.incoming[sent:]:
            sent += 1
            yield chunk
        if sent >= len(call.incoming):
            await call.changed.wait(left)
