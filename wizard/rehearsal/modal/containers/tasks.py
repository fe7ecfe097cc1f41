"""Containers as clients see them: listed, described and stopped."""

from __future__ import annotations

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.account.environments import environment_name
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, not_found
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()


@routes.unary("TaskList")
async def task_list(state: ModalState, caller: Caller, request: pb.TaskListRequest) -> pb.TaskListResponse:
    """Running containers of an environment, or of one app."""
    environment = environment_name(state, request.environment_name) if request.environment_name else ""
    tasks = []
    for container in state.containers.values():
        app = state.apps[container.function.app_id]
        if request.app_id and app.id != request.app_id:
            continue
        if environment and app.environment != environment:
            continue
        tasks.append(
            pb.TaskStats(
                task_id=container.id,
                app_id=app.id,
                app_description=app.description or app.name,
                started_at=container.started,
                enqueued_at=container.created,
            )
        )
    return pb.TaskListResponse(tasks=tasks)


@routes.unary("TaskGetInfo")
async def task_get_info(state: ModalState, caller: Caller, request: pb.TaskGetInfoRequest) -> pb.TaskGetInfoResponse:
    """A container, also one that has ended."""
    container = state.containers.get(request.task_id) or state.past_containers.get(request.task_id)
    if container is None:
        raise not_found(f"Task '{request.task_id}' not found")
    info = pb.TaskInfo(
        id=container.id,
        enqueued_at=container.created,
        started_at=container.started,
        finished_at=container.ended,
        gpu_config=container.definition.resources.gpu_config,
    )
    return pb.TaskGetInfoResponse(app_id=container.function.app_id, info=info)


@routes.unary("ContainerStop")
async def container_stop(
    state: ModalState, caller: Caller, request: pb.ContainerStopRequest
) -> pb.ContainerStopResponse:
    """End a container: gracefully when its inputs are done, or now, and then its inputs go to another one."""
    container = state.containers.get(request.task_id)
    if container is None:
        raise not_found(f"Container '{request.task_id}' not found")
    if request.graceful:
        container.retire()
    else:
        state.start_task(container.stop(state.settings.stop_grace))
    return pb.ContainerStopResponse()
