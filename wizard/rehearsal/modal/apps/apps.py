"""Apps as clients see them: created, looked up, listed, tagged and stopped."""

from __future__ import annotations

import asyncio
import difflib
import time

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.account.environments import environment_name
from wizard.rehearsal.modal.calls.outcomes import record, terminate
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, not_found
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.records import App
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()

_CLIENT_BOUND = frozenset({pb.APP_STATE_EPHEMERAL, pb.APP_STATE_INITIALIZING})


def find_app(state: ModalState, app_id: str) -> App:
    """An app by id. Raises NOT_FOUND."""
    if app_id not in state.apps:
        raise not_found(f"App '{app_id}' not found")
    return state.apps[app_id]


def app_url(state: ModalState, app: App) -> str:
    """The page that stands in for the app's dashboard."""
    return f"{state.pages_url}/apps/{app.id}"


def lifecycle(state: ModalState, app: App) -> pb.AppLifecycle:
    """Where an app is in its life."""
    who = state.settings.username
    found = pb.AppLifecycle(app_state=app.state, created_at=app.created, created_by=who)
    if app.history:
        found.deployed_at, found.deployed_by = app.history[-1].at, who
        found.version = app.history[-1].version
    if app.stopped:
        found.stopped_at, found.stopped_by = app.stopped, who
    return found


def handle_metadata(state: ModalState, app: App) -> pb.AppHandleMetadata:
    """An app as the SDK keeps it in a handle."""
    return pb.AppHandleMetadata(
        description=app.description or app.name,
        app_id=app.id,
        environment_name=app.environment,
        lifecycle=lifecycle(state, app),
        functions=dict(app.layout.function_ids),
    )


def expect_heartbeats(state: ModalState, app: App) -> None:
    """Give the client of an app that is not deployed another while before the app is ended."""
    if app.reaper is not None:
        app.reaper.cancel()
        app.reaper = None
    if app.state in _CLIENT_BOUND:
        loop = asyncio.get_running_loop()
        app.reaper = loop.call_later(state.settings.client_silence, _reap, state, app)


def _reap(state: ModalState, app: App) -> None:
    if app.state in _CLIENT_BOUND:
        stop_app(state, app)


def stop_app(state: ModalState, app: App) -> None:
    """Take no more work and end what runs. The app's log closes when its containers are gone."""
    if app.is_stopped:
        return
    app.state, app.stopped = pb.APP_STATE_STOPPED, time.time()
    for function in state.functions_of(app):
        while function.queue:
            record(state, function.queue.popleft(), terminate("App was stopped"))
        for container in state.containers_of(function):
            for each in container.inflight.values():
                each.verdict = terminate("App was stopped")
    state.start_task(_end_containers(state, app))


async def _end_containers(state: ModalState, app: App) -> None:
    running = [each for each in state.containers.values() if each.function.app_id == app.id]
    await asyncio.gather(*(each.stop(state.settings.stop_grace) for each in running))
    await asyncio.gather(*(each.ended_event.wait() for each in running))
    app.done = True
    state.journal(app.id).changed.notify()


@routes.unary("AppCreate")
async def app_create(state: ModalState, caller: Caller, request: pb.AppCreateRequest) -> pb.AppCreateResponse:
    """Start an app: ephemeral for ``modal run``, initializing for a first deploy."""
    environment = environment_name(state, request.environment_name)
    app = App(new_id("ap"), "", environment, request.app_state, request.description, tags=dict(request.tags))
    state.apps[app.id] = app
    expect_heartbeats(state, app)
    url = app_url(state, app)
    return pb.AppCreateResponse(app_id=app.id, app_page_url=url, app_logs_url=url)


@routes.unary("AppGetOrCreate")
async def app_get_or_create(
    state: ModalState, caller: Caller, request: pb.AppGetOrCreateRequest
) -> pb.AppGetOrCreateResponse:
    """``App.lookup``: by name, or by id."""
    environment = environment_name(state, request.environment_name)
    app = state.apps.get(request.app_name) or state.deployed_app(request.app_name, environment)
    if app is None:
        if request.object_creation_type != pb.OBJECT_CREATION_TYPE_CREATE_IF_MISSING:
            raise not_found(f"App '{request.app_name}' not found in environment '{environment}'")
        app = App(new_id("ap"), request.app_name, environment, pb.APP_STATE_DEPLOYED, request.app_name)
        state.apps[app.id] = app
    return pb.AppGetOrCreateResponse(app_id=app.id, handle_metadata=handle_metadata(state, app))


@routes.unary("AppGetByDeploymentName")
async def app_get_by_deployment_name(
    state: ModalState, caller: Caller, request: pb.AppGetByDeploymentNameRequest
) -> pb.AppGetByDeploymentNameResponse:
    """The app deployed under a name, or the last one that was."""
    environment = environment_name(state, request.environment_name)
    app = state.deployed_app(request.name, environment)
    response = pb.AppGetByDeploymentNameResponse(environment_name=environment)
    stopped = [
        each
        for each in state.apps.values()
        if (each.name, each.environment, each.state) == (request.name, environment, pb.APP_STATE_STOPPED)
    ]
    if app is not None:
        response.app_id = app.id
        response.lifecycle.CopyFrom(lifecycle(state, app))
    elif stopped:
        response.previous_app_id = stopped[-1].id
        response.lifecycle.CopyFrom(lifecycle(state, stopped[-1]))
    return response


@routes.unary("AppGetLifecycle")
async def app_get_lifecycle(
    state: ModalState, caller: Caller, request: pb.AppGetLifecycleRequest
) -> pb.AppGetLifecycleResponse:
    """Where an app is in its life."""
    return pb.AppGetLifecycleResponse(lifecycle=lifecycle(state, find_app(state, request.app_id)))


@routes.unary("AppGetInfo")
async def app_get_info(state: ModalState, caller: Caller, request: pb.AppGetInfoRequest) -> pb.AppGetInfoResponse:
    """An app with its functions and what hardware they ask for."""
    app = find_app(state, request.app_id)
    summaries = {}
    for function_id in app.layout.function_ids.values():
        definition = state.functions[function_id].published
        gpu = definition.resources.gpu_config
        summaries[function_id] = pb.AppGetInfoResponse.FunctionInfoSummary(
            gpu_config=[gpu] if gpu.gpu_type else [],
            schedule=definition.schedule if definition.HasField("schedule") else None,
        )
    return pb.AppGetInfoResponse(info=handle_metadata(state, app), function_info_summaries=summaries)


@routes.unary("AppGetLayout")
async def app_get_layout(state: ModalState, caller: Caller, request: pb.AppGetLayoutRequest) -> pb.AppGetLayoutResponse:
    """An app's functions and classes by name."""
    return pb.AppGetLayoutResponse(app_layout=find_app(state, request.app_id).layout)


@routes.unary("AppList")
async def app_list(state: ModalState, caller: Caller, request: pb.AppListRequest) -> pb.AppListResponse:
    """Apps of an environment, with the number of their containers."""
    environment = environment_name(state, request.environment_name)
    running: dict[str, int] = {}
    for container in state.containers.values():
        running[container.function.app_id] = running.get(container.function.app_id, 0) + 1
    return pb.AppListResponse(
        apps=[
            pb.AppListResponse.AppListItem(
                app_id=app.id,
                description=app.description or app.name,
                name=app.name,
                state=app.state,
                created_at=app.created,
                stopped_at=app.stopped,
                n_running_tasks=running.get(app.id, 0),
                metadata=handle_metadata(state, app),
            )
            for app in state.apps.values()
            if app.environment == environment
        ]
    )


@routes.unary("AppHeartbeat")
async def app_heartbeat(state: ModalState, caller: Caller, request: pb.AppHeartbeatRequest) -> Empty:
    """The client of an ephemeral app is still there."""
    expect_heartbeats(state, find_app(state, request.app_id))
    return Empty()


@routes.unary("AppClientDisconnect")
async def app_client_disconnect(state: ModalState, caller: Caller, request: pb.AppClientDisconnectRequest) -> Empty:
    """The client leaves: an app that was not deployed ends with it."""
    app = find_app(state, request.app_id)
    if app.state in _CLIENT_BOUND:
        stop_app(state, app)
    return Empty()


@routes.unary("AppStop")
async def app_stop(state: ModalState, caller: Caller, request: pb.AppStopRequest) -> Empty:
    """``modal app stop``."""
    stop_app(state, find_app(state, request.app_id))
    return Empty()


@routes.unary("AppSetTags")
async def app_set_tags(state: ModalState, caller: Caller, request: pb.AppSetTagsRequest) -> Empty:
    """Replace an app's tags."""
    app = find_app(state, request.app_id)
    if not state.faults.differs("modal-tags"):
        app.tags = dict(request.tags)
    return Empty()


@routes.unary("AppGetTags")
async def app_get_tags(state: ModalState, caller: Caller, request: pb.AppGetTagsRequest) -> pb.AppGetTagsResponse:
    """An app's tags."""
    return pb.AppGetTagsResponse(tags=find_app(state, request.app_id).tags)


@routes.unary("ObjectSuggest")
async def object_suggest(
    state: ModalState, caller: Caller, request: pb.ObjectSuggestRequest
) -> pb.ObjectSuggestResponse:
    """Names close to one that was not found, for the command line's hint."""
    environment = environment_name(state, request.environment_name)
    apps = [app for app in state.apps.values() if app.environment == environment and not app.is_stopped]
    names = {app.name for app in apps if app.name}
    if request.kind == pb.ObjectSuggestRequest.OBJECT_SUGGEST_KIND_FUNCTION:
        names = {f"{app.name}/{tag}" for app in apps for tag in app.layout.function_ids}
    suggestions = []
    for match in difflib.get_close_matches(request.query, sorted(names), n=request.limit or 3):
        app_name, _, name = match.rpartition("/")
        suggestions.append(pb.ObjectSuggestion(app_name=app_name, object_name=name))
    return pb.ObjectSuggestResponse(suggestions=suggestions)
