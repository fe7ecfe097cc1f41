"""Modal Secrets: created, merged, listed and deleted; their values leave only into a container's environment."""

from __future__ import annotations

import time
from typing import Any

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.account.environments import environment_name, newest_named
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, already_exists, not_found
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.records import Secret
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()


def find_secret(state: ModalState, secret_id: str) -> Secret:
    """A Secret by id. Raises NOT_FOUND."""
    if secret_id not in state.secrets:
        raise not_found(f"Secret with ID '{secret_id}' not found")
    return state.secrets[secret_id]


def use_secrets(state: ModalState, secret_ids: list[str]) -> dict[str, str]:
    """The values that a container gets from its Secrets; a later Secret wins. Raises NOT_FOUND."""
    values: dict[str, str] = {}
    for secret_id in secret_ids:
        secret = find_secret(state, secret_id)
        secret.last_used = time.time()
        values |= secret.values
    return values


def _metadata(state: ModalState, secret: Secret) -> pb.SecretMetadata:
    return pb.SecretMetadata(
        name=secret.name,
        environment_name=secret.environment,
        keys=sorted(secret.values),
        last_used_at=secret.last_used,
        creation_info=pb.CreationInfo(created_at=secret.created, created_by=state.settings.username),
    )


def _get_or_create(state: ModalState, request: Any, environment: str) -> Secret:
    kind, name = request.object_creation_type, request.deployment_name
    found = next(
        (each for each in state.secrets.values() if name and (each.name, each.environment) == (name, environment)),
        None,
    )
    if kind == pb.OBJECT_CREATION_TYPE_UNSPECIFIED:
        if found is None:
            raise not_found(f"Secret '{name}' not found in environment '{environment}'.")
        return found
    if found is not None and kind == pb.OBJECT_CREATION_TYPE_CREATE_FAIL_IF_EXISTS:
        raise already_exists(f"Secret '{name}' already exists in environment '{environment}'.")
    if found is not None and kind == pb.OBJECT_CREATION_TYPE_CREATE_OVERWRITE_IF_EXISTS:
        found.values = dict(request.env_dict)
        return found
    if found is not None:
        return found
    made = Secret(new_id("st"), name, environment, dict(request.env_dict))
    state.secrets[made.id] = made
    return made


@routes.unary("SecretGetOrCreate")
async def secret_get_or_create(
    state: ModalState, caller: Caller, request: pb.SecretGetOrCreateRequest
) -> pb.SecretGetOrCreateResponse:
    """Look up, create or overwrite; `required_keys` are checked here, which is what attaching a Secret does."""
    secret = _get_or_create(state, request, environment_name(state, request.environment_name))
    required = () if state.faults.differs("modal-secret-keys") else request.required_keys
    if missing := [key for key in required if key not in secret.values]:
        raise not_found(f"Secret '{secret.name}' is missing key(s): {', '.join(missing)}")
    return pb.SecretGetOrCreateResponse(secret_id=secret.id, metadata=_metadata(state, secret))


@routes.unary("SecretGetInfo")
async def secret_get_info(
    state: ModalState, caller: Caller, request: pb.SecretGetInfoRequest
) -> pb.SecretGetInfoResponse:
    """Everything but the values."""
    return pb.SecretGetInfoResponse(metadata=_metadata(state, find_secret(state, request.secret_id)))


@routes.unary("SecretUpdate")
async def secret_update(state: ModalState, caller: Caller, request: pb.SecretUpdateRequest) -> Empty:
    """Merge keys in; an update without a value removes its key. Running containers keep what they have."""
    secret = find_secret(state, request.secret_id)
    for update in request.updates:
        if update.HasField("value"):
            secret.values[update.key] = update.value
        else:
            secret.values.pop(update.key, None)
    return Empty()


@routes.unary("SecretDelete")
async def secret_delete(state: ModalState, caller: Caller, request: pb.SecretDeleteRequest) -> Empty:
    """Forget a Secret."""
    del state.secrets[find_secret(state, request.secret_id).id]
    return Empty()


@routes.unary("SecretList")
async def secret_list(state: ModalState, caller: Caller, request: pb.SecretListRequest) -> pb.SecretListResponse:
    """Named Secrets of an environment, newest first, a page at a time."""
    environment = environment_name(state, request.environment_name)
    return pb.SecretListResponse(
        environment_name=environment,
        items=[
            pb.SecretListItem(
                label=each.name,
                secret_id=each.id,
                created_at=each.created,
                last_used_at=each.last_used,
                environment_name=environment,
                metadata=_metadata(state, each),
            )
            for each in newest_named(state.secrets.values(), environment, request.pagination)
        ],
    )
