"""Modal environments: the namespaces of apps, Secrets and Volumes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.account.identity import IMAGE_BUILDER_VERSION
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, already_exists, invalid, not_found
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.records import Environment, Secret, Volume
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()

Named = TypeVar("Named", Secret, Volume)

_NAME = re.compile(r"[a-zA-Z0-9-_.]{1,64}")


def environment_name(state: ModalState, name: str) -> str:
    """The name to use where a request says `name` ("" is the default one). Raises NOT_FOUND."""
    name = name or state.settings.environment
    if name not in state.environments:
        raise not_found(f"Environment '{name}' not found")
    return name


def newest_named(things: Iterable[Named], environment: str, page: Any) -> list[Named]:
    """Those of an environment that have a name, newest first, as many as the request's ``pagination`` asks for."""
    named = [each for each in things if each.name and each.environment == environment]
    named.sort(key=lambda each: each.created, reverse=True)
    if page.created_before:
        named = [each for each in named if each.created < page.created_before]
    return named[: page.max_objects or 100]


def _create(state: ModalState, name: str) -> Environment:
    if not _NAME.fullmatch(name):
        raise invalid(f"Invalid environment name: '{name}'")
    state.environments[name] = Environment(new_id("en"), name)
    return state.environments[name]


@routes.unary("EnvironmentGetOrCreate")
async def environment_get_or_create(
    state: ModalState, caller: Caller, request: pb.EnvironmentGetOrCreateRequest
) -> pb.EnvironmentGetOrCreateResponse:
    """Look an environment up, or make it."""
    name = request.deployment_name or state.settings.environment
    create = request.object_creation_type == pb.OBJECT_CREATION_TYPE_CREATE_IF_MISSING
    if create and name not in state.environments:
        _create(state, name)
    found = state.environments[environment_name(state, name)]
    settings = pb.EnvironmentSettings(image_builder_version=IMAGE_BUILDER_VERSION, webhook_suffix=found.web_suffix)
    return pb.EnvironmentGetOrCreateResponse(
        environment_id=found.id, metadata=pb.EnvironmentMetadata(name=found.name, settings=settings)
    )


@routes.unary("EnvironmentList")
async def environment_list(state: ModalState, caller: Caller, request: Empty) -> pb.EnvironmentListResponse:
    """Every environment of the workspace."""
    return pb.EnvironmentListResponse(
        items=[
            pb.EnvironmentListItem(
                name=each.name,
                environment_id=each.id,
                created_at=each.created,
                webhook_suffix=each.web_suffix,
                default=each.name == state.settings.environment,
            )
            for each in state.environments.values()
        ]
    )


@routes.unary("EnvironmentCreate")
async def environment_create(state: ModalState, caller: Caller, request: pb.EnvironmentCreateRequest) -> Empty:
    """Make an environment."""
    if request.name in state.environments:
        raise already_exists(f"Environment '{request.name}' already exists")
    _create(state, request.name)
    return Empty()


@routes.unary("EnvironmentDelete")
async def environment_delete(state: ModalState, caller: Caller, request: pb.EnvironmentDeleteRequest) -> Empty:
    """Forget an environment with its Secrets and Volumes. Its apps have to be stopped first."""
    name = environment_name(state, request.name)
    if any(app.environment == name and not app.is_stopped for app in state.apps.values()):
        raise invalid(f"Environment '{name}' still has running apps")
    for secret_id in [key for key, secret in state.secrets.items() if secret.environment == name]:
        del state.secrets[secret_id]
    for volume_id in [key for key, volume in state.volumes.items() if volume.environment == name]:
        del state.volumes[volume_id]
    del state.environments[name]
    return Empty()


@routes.unary("EnvironmentUpdate")
async def environment_update(
    state: ModalState, caller: Caller, request: pb.EnvironmentUpdateRequest
) -> pb.EnvironmentListItem:
    """Rename an environment, or change its web suffix."""
    found = state.environments.pop(environment_name(state, request.current_name))
    if request.HasField("name"):
        _rename(state, found, request.name.value)
    if request.HasField("web_suffix"):
        found.web_suffix = request.web_suffix.value
    state.environments[found.name] = found
    return pb.EnvironmentListItem(name=found.name, environment_id=found.id, webhook_suffix=found.web_suffix)


def _rename(state: ModalState, environment: Environment, name: str) -> None:
    for kind in (state.apps, state.secrets, state.volumes):
        for each in kind.values():
            if each.environment == environment.name:
                each.environment = name
    environment.name = name
