"""The life of one container: its socket, its process, rehearsed crashes, and what happens to its inputs after it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.calls.outcomes import failure, record
from wizard.rehearsal.modal.containers.forking import ForkServer
from wizard.rehearsal.modal.containers.launch import prepare, start_process
from wizard.rehearsal.modal.functions.definitions import display_name, startup_timeout
from wizard.rehearsal.modal.rpc.middleware import Service
from wizard.rehearsal.modal.rpc.routes import Routes
from wizard.rehearsal.modal.rpc.wire import GrpcServer
from wizard.rehearsal.modal.state.container import Container
from wizard.rehearsal.modal.state.journal import STDERR, SYSTEM
from wizard.rehearsal.modal.state.state import ModalState


@dataclass(frozen=True)
class Runtime:
    """What running a container takes: the state, what it may call, and what it forks from where that is possible."""

    state: ModalState
    routes: Routes
    fork_server: ForkServer | None = None


logger = logging.getLogger(__name__)

_REMEMBERED = 1000
INIT_FAILURE = pb.GenericResult.GENERIC_STATUS_INIT_FAILURE


async def run_container(runtime: Runtime, container: Container) -> None:
    """Run a container from start to end; never raises."""
    state = runtime.state
    try:
        if not await _play_start(state, container):
            await _run(runtime, container)
    except asyncio.CancelledError:
        container.kill()
        raise
    except Exception as error:
        logger.exception("The stand-in Modal failed to run container %s", container.id)
        container.write(SYSTEM, f"[demo] the container could not be run: {error}\n")
    finally:
        _settle(state, container)
        await asyncio.to_thread(shutil.rmtree, container.folder, ignore_errors=True)


async def _play_start(state: ModalState, container: Container) -> bool:
    """A rehearsed start; True when it was a crash and nothing is to be run."""
    fault = state.faults.take(f"container-start:{display_name(container.definition)}")
    if fault is None:
        return False
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return False
    lines = fault.message.splitlines()
    for line in lines:
        container.write(STDERR, f"{line}\n")
    container.exit_code = fault.status if isinstance(fault.status, int) else 1
    last = lines[-1] if lines else f"Runner failed with exit code: {container.exit_code}"
    container.result = failure(last, INIT_FAILURE)
    return True


async def _run(runtime: Runtime, container: Container) -> None:
    state = runtime.state
    gpu = container.definition.resources.gpu_config.gpu_type
    wish = f" ({gpu} requested; the demo runs on the CPU)" if gpu else ""
    container.write(SYSTEM, f"[demo] starting container {container.id}{wish}\n")
    server = GrpcServer(Service(state, runtime.routes, container))
    assert state.sockets is not None, "the server was not started"
    socket = state.sockets / f"{container.id[-12:]}.sock"
    await server.listen_unix(str(socket))
    container.url = f"unix://{socket}"
    limit = startup_timeout(container.definition)
    if fault := state.faults.take(f"start-limit:{display_name(container.definition)}"):
        limit = fault.seconds
    timer = asyncio.get_running_loop().call_later(limit, _startup_took_too_long, container, limit)
    try:
        launch = await asyncio.to_thread(prepare, state, container)
        await container.run(partial(start_process, launch, runtime.fork_server), launch.notes)
    finally:
        timer.cancel()
        server.close()
        await asyncio.to_thread(Path.unlink, socket, missing_ok=True)


def _startup_took_too_long(container: Container, limit: float) -> None:
    if container.is_ready or container.is_stopping:
        return
    text = f"Container did not start within its startup timeout of {int(limit)}s"
    container.write(SYSTEM, f"{text}\n")
    container.result = failure(text, INIT_FAILURE)
    container.kill()


def _settle(state: ModalState, container: Container) -> None:
    """Put a container's end on record, and find out what becomes of the inputs it held."""
    function = container.function
    code = 1 if container.exit_code is None else container.exit_code
    container.ended = time.time()
    state.containers.pop(container.id, None)
    state.past_containers[container.id] = container
    while len(state.past_containers) > _REMEMBERED:
        state.past_containers.popitem(last=False)
    if code and not container.is_stopping:
        container.write(SYSTEM, f"Runner failed with exit code: {code}\n")
    _return_inputs(state, container, code)
    if container.is_ready or container.is_stopping:
        pass
    else:
        _note_failed_start(state, container, code)
    container.write(SYSTEM, f"[demo] container {container.id} exited with code {code}\n")
    container.ended_event.set()
    state.ensure(function)


def _return_inputs(state: ModalState, container: Container, code: int) -> None:
    held = list(container.inflight.values())
    container.inflight.clear()
    for each in reversed(held):
        each.container_id = ""
        if each.watchdog is not None:
            each.watchdog.cancel()
            each.watchdog = None
        verdict = each.verdict or container.result
        if verdict is not None:
            record(state, each, verdict)
        elif container.is_stopping or each.crashes < state.settings.crash_retries:
            # Modal gives the inputs of a lost container to another one; that is not one of the user's retries.
            each.crashes += not container.is_stopping
            container.function.queue.appendleft(each)
        else:
            record(state, each, failure(f"Runner failed with exit code: {code}"))


def _note_failed_start(state: ModalState, container: Container, code: int) -> None:
    """An ephemeral app hands the failure to its caller; a deployed one starts again, later and later, for ever."""
    function = container.function
    function.startup_failures += 1
    if state.apps[function.app_id].state != pb.APP_STATE_DEPLOYED:
        text = f"Runner failed with exit code: {code}"
        result: Any = container.result or failure(text, INIT_FAILURE)
        while function.queue:
            record(state, function.queue.popleft(), result)
        function.startup_failures = 0
        return
    settings = state.settings
    pause = settings.startup_backoff * 2 ** min(function.startup_failures - 1, 16)
    pause = min(pause, settings.startup_backoff_limit)
    function.not_before = time.monotonic() + pause
    if function.queue:
        container.write(SYSTEM, f"[demo] the container failed to start; next try in {pause:g} s\n")
