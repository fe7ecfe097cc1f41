"""What becomes of an input: queued, retried, finished or cancelled; and the counters that make asking cheap."""

from __future__ import annotations

import asyncio
from typing import Any

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.functions.definitions import effective
from wizard.rehearsal.modal.state.ids import new_id, unsigned_jwt
from wizard.rehearsal.modal.state.records import Call, Input
from wizard.rehearsal.modal.state.state import ModalState

SUCCESS = pb.GenericResult.GENERIC_STATUS_SUCCESS
TERMINATED = pb.GenericResult.GENERIC_STATUS_TERMINATED
SMALL = 64 << 10  # bytes of an input that is looked at later
CANCELLED_TEXT = "Input was cancelled by user"


def failure(text: str, status: Any = pb.GenericResult.GENERIC_STATUS_FAILURE) -> pb.GenericResult:
    """A result that the SDK raises as an error with this text."""
    return pb.GenericResult(status=status, exception=text)


def terminate(text: str) -> pb.GenericResult:
    """The result of an input that was cancelled; it is never retried."""
    return failure(text, TERMINATED)


def add_input(state: ModalState, call: Call, item: Any) -> Input:
    """Queue one input of a call. Containers are asked for separately, once per request."""
    made = Input(new_id("in"), call, item.idx, item.input)
    state.inputs[made.id] = call.inputs[made.id] = made
    call.unfinished += 1
    if len(item.input.args) <= SMALL:
        state.asked.append(item.input)
    call.function.queue.append(made)
    return made


def input_jwt(each: Input) -> str:
    """The token by which a client refers to an input when it retries (modal 1.6.4, parallel_map.py)."""
    return unsigned_jwt(
        idx=each.index,
        input_id=each.id,
        function_call_id=each.call.id,
        entry_id="0-0",
        retry_count=each.retry_count,
    )


def retry_input(state: ModalState, each: Input, body: Any, retry_count: int) -> None:
    """Run an input again because its client says so. Containers are asked for separately."""
    if each.done:
        each.call.unfinished += 1
        state.finished.pop(each.call.id, None)
    each.retry_count = retry_count or each.retry_count + 1
    each.done, each.verdict, each.body = False, None, body
    each.call.function.queue.append(each)


def retry_delay(policy: Any, retry_count: int) -> float:
    """Seconds before retry number `retry_count` (from 1), by the function's own policy."""
    delay = policy.initial_delay_ms * (policy.backoff_coefficient or 1.0) ** (retry_count - 1)
    return float(min(delay, policy.max_delay_ms or delay) / 1000)


def record(state: ModalState, each: Input, result: Any, data_format: Any = 0, **details: Any) -> None:
    """Note an input's result. A failed input of a spawned call is tried again while its policy allows."""
    if each.done:
        return
    call = each.call
    if call.is_retried_here and result.status not in (SUCCESS, TERMINATED):
        policy = effective(call.function).retry_policy
        if each.retry_count < policy.retries:
            each.retry_count += 1
            delay = retry_delay(policy, each.retry_count)
            asyncio.get_running_loop().call_later(delay, _run_again, state, each)
            return
    each.done, each.body, each.container_id = True, pb.FunctionInput(), ""
    output = pb.FunctionGetOutputsItem(
        result=result,
        idx=each.index,
        input_id=each.id,
        data_format=data_format,
        retry_count=each.retry_count,
        **details,
    )
    call.outputs.append(output)
    call.latest[each.index] = output
    call.unfinished -= 1
    if not call.unfinished:
        _retire(state, call)
    call.changed.notify()


def _run_again(state: ModalState, each: Input) -> None:
    if each.done:
        return
    each.call.function.queue.append(each)
    state.ensure(each.call.function)


def _retire(state: ModalState, call: Call) -> None:
    """Remember only so many finished calls; a forgotten one has expired, as results do on Modal after a week."""
    state.finished[call.id] = None
    while len(state.finished) > state.settings.finished_calls:
        old, _ = state.finished.popitem(last=False)
        forgotten = state.calls.pop(old, None)
        for input_id in forgotten.inputs if forgotten else ():
            state.inputs.pop(input_id, None)


def cancel_call(state: ModalState, call: Call, *, terminate_containers: bool) -> None:
    """Cancel what is not done: queued inputs at once, running ones by way of their container."""
    verdict = terminate(CANCELLED_TEXT)
    waiting = set(call.function.queue)
    if any(each in waiting for each in call.inputs.values()):
        kept = [each for each in call.function.queue if each.call is not call]
        call.function.queue.clear()
        call.function.queue.extend(kept)
    for each in list(call.inputs.values()):
        if each.done:
            continue
        container = state.containers.get(each.container_id)
        if container is None:
            record(state, each, verdict)
            continue
        each.verdict = verdict
        if terminate_containers:
            container.kill()
        else:
            container.ask_to_cancel(each)
