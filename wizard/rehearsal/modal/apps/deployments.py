"""Versions of an app: publish, history, rollback and rollover. A definition counts only once it is published."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.apps.apps import app_url, find_app
from wizard.rehearsal.modal.functions.definitions import function_metadata
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, invalid
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.records import App, Deployment
from wizard.rehearsal.modal.state.state import ModalState
from wizard.rehearsal.modal.storage.volumes import volume_metadata

routes = Routes()


def _make_current(state: ModalState, app: App, layout: Any, definitions: Mapping[str, str], **facts: Any) -> float:
    """Make definitions current. Containers of other ones get no further input and end when they are idle."""
    for function_id, definition_id in definitions.items():
        function = state.functions[function_id]
        function.definition_id, function.definition = definition_id, state.definitions[definition_id]
    deployment = Deployment(len(app.history) + 1, time.time(), layout, dict(definitions), **facts)
    app.layout = layout
    app.history.append(deployment)
    for function in state.functions_of(app):
        function.effective = None
        function.startup_failures, function.not_before = 0, 0.0
        if function.root.definition is not None:
            state.ensure(function)
    return deployment.at


def _layout(state: ModalState, request: Any) -> pb.AppLayout:
    layout = pb.AppLayout(function_ids=request.function_ids, class_ids=request.class_ids)
    seen: set[str] = set()

    def add(object_id: str, **metadata: Any) -> None:
        if object_id not in seen:
            seen.add(object_id)
            layout.objects.append(pb.Object(object_id=object_id, **metadata))

    for function_id in request.function_ids.values():
        function = state.functions[function_id]
        definition_id = request.definition_ids.get(function_id, function.definition_id)
        metadata = function_metadata(function, state.definitions[definition_id], definition_id)
        add(function_id, function_handle_metadata=metadata)
    for class_id in request.class_ids.values():
        add(class_id, class_handle_metadata=pb.ClassHandleMetadata())
    for function_id in request.function_ids.values():
        definition_id = request.definition_ids.get(function_id, state.functions[function_id].definition_id)
        for dependency in state.definitions[definition_id].object_dependencies:
            volume = state.volumes.get(dependency.object_id)
            extra = {"volume_metadata": volume_metadata(state, volume)} if volume else {}
            add(dependency.object_id, **extra)
    return layout


def _client_version(caller: Caller) -> str:
    return caller.metadata.get("x-modal-client-version") or ""


@routes.unary("AppPublish")
async def app_publish(state: ModalState, caller: Caller, request: pb.AppPublishRequest) -> pb.AppPublishResponse:
    """Deploy, or start an ephemeral app: what was created becomes what runs."""
    app = find_app(state, request.app_id)
    for function_id, definition_id in request.definition_ids.items():
        if function_id not in state.functions or definition_id not in state.definitions:
            raise invalid(f"Unknown definition {definition_id} of {function_id}")
    layout = _layout(state, request)
    app.state = request.app_state or app.state
    app.name = request.name or app.name
    app.description = app.name or app.description
    app.tags = dict(request.tags)
    at = _make_current(
        state,
        app,
        layout,
        request.definition_ids,
        client_version=request.client_version or _client_version(caller),
        tag=request.deployment_tag,
        commit=request.commit_info if request.HasField("commit_info") else None,
    )
    return pb.AppPublishResponse(url=app_url(state, app), deployed_at=at)


@routes.unary("AppDeploymentHistory")
async def app_deployment_history(
    state: ModalState, caller: Caller, request: pb.AppDeploymentHistoryRequest
) -> pb.AppDeploymentHistoryResponse:
    """Versions of an app, newest first."""
    app = find_app(state, request.app_id)
    return pb.AppDeploymentHistoryResponse(
        production_app_version=len(app.history),
        app_deployment_histories=[
            pb.AppDeploymentHistory(
                app_id=app.id,
                version=each.version,
                client_version=each.client_version,
                deployed_at=each.at,
                deployed_by=state.settings.username,
                tag=each.tag,
                rollback_version=each.rollback_of,
                rollback_allowed=True,
                commit_info=each.commit,
            )
            for each in reversed(app.history)
        ],
    )


@routes.unary("AppRollback")
async def app_rollback(state: ModalState, caller: Caller, request: pb.AppRollbackRequest) -> pb.AppRollbackResponse:
    """Deploy an earlier version again; -1 means the previous one."""
    app = find_app(state, request.app_id)
    version = len(app.history) - 1 if request.version == -1 else request.version
    if not 1 <= version <= len(app.history):
        raise invalid(f"App '{app.name}' has no version {version} to roll back to")
    old = app.history[version - 1]
    at = _make_current(
        state,
        app,
        old.layout,
        old.definitions,
        client_version=_client_version(caller),
        rollback_of=version,
    )
    return pb.AppRollbackResponse(url=app_url(state, app), deployed_at=at)


@routes.unary("AppRollover")
async def app_rollover(state: ModalState, caller: Caller, request: pb.AppRolloverRequest) -> pb.AppRolloverResponse:
    """Deploy the current version again, which replaces every container."""
    app = find_app(state, request.app_id)
    if not app.history:
        raise invalid(f"App '{app.name}' was never deployed")
    last = app.history[-1]
    fresh = {}
    for function_id, definition_id in last.definitions.items():
        fresh[function_id] = new_id("de")
        state.definitions[fresh[function_id]] = state.definitions[definition_id]
    at = _make_current(state, app, last.layout, fresh, client_version=_client_version(caller))
    return pb.AppRolloverResponse(url=app_url(state, app), deployed_at=at)
