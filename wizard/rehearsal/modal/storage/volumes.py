"""Modal Volumes as objects: looked up, created, listed, renamed and deleted. Each is a folder of this machine."""

from __future__ import annotations

import asyncio
import shutil

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.account.environments import environment_name, newest_named
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, already_exists, not_found
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.records import Volume
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()


def find_volume(state: ModalState, volume_id: str) -> Volume:
    """A Volume by id. Raises NOT_FOUND."""
    if volume_id not in state.volumes:
        raise not_found(f"Volume with ID '{volume_id}' not found")
    return state.volumes[volume_id]


def volume_metadata(state: ModalState, volume: Volume) -> pb.VolumeMetadata:
    """A Volume as clients see it."""
    return pb.VolumeMetadata(
        name=volume.name,
        version=volume.version,
        creation_info=pb.CreationInfo(created_at=volume.created, created_by=state.settings.username),
    )


def _named(state: ModalState, name: str, environment: str) -> Volume | None:
    for each in state.volumes.values():
        if name and (each.name, each.environment) == (name, environment):
            return each
    return None


@routes.unary("VolumeGetOrCreate")
async def volume_get_or_create(
    state: ModalState, caller: Caller, request: pb.VolumeGetOrCreateRequest
) -> pb.VolumeGetOrCreateResponse:
    """Look a Volume up, or make it."""
    environment = environment_name(state, request.environment_name)
    kind, name = request.object_creation_type, request.deployment_name
    found = _named(state, name, environment)
    if found is None and kind == pb.OBJECT_CREATION_TYPE_UNSPECIFIED:
        raise not_found(f"Volume '{name}' not found in environment '{environment}'")
    if found is not None and kind == pb.OBJECT_CREATION_TYPE_CREATE_FAIL_IF_EXISTS:
        raise already_exists(f"Volume '{name}' already exists in environment '{environment}'")
    if found is None:
        volume_id = new_id("vo")
        folder = state.folder / "volumes" / volume_id
        await asyncio.to_thread(folder.mkdir, parents=True)
        found = Volume(volume_id, name, environment, folder, request.version or pb.VOLUME_FS_VERSION_V2)
        state.volumes[volume_id] = found
    return pb.VolumeGetOrCreateResponse(
        volume_id=found.id, version=found.version, metadata=volume_metadata(state, found)
    )


@routes.unary("VolumeGetById")
async def volume_get_by_id(
    state: ModalState, caller: Caller, request: pb.VolumeGetByIdRequest
) -> pb.VolumeGetByIdResponse:
    """A Volume's metadata."""
    volume = find_volume(state, request.volume_id)
    return pb.VolumeGetByIdResponse(volume_id=volume.id, metadata=volume_metadata(state, volume))


@routes.unary("VolumeList")
async def volume_list(state: ModalState, caller: Caller, request: pb.VolumeListRequest) -> pb.VolumeListResponse:
    """Named Volumes of an environment, newest first, a page at a time."""
    environment = environment_name(state, request.environment_name)
    return pb.VolumeListResponse(
        environment_name=environment,
        items=[
            pb.VolumeListItem(
                label=each.name,
                volume_id=each.id,
                created_at=each.created,
                metadata=volume_metadata(state, each),
            )
            for each in newest_named(state.volumes.values(), environment, request.pagination)
        ],
    )


@routes.unary("VolumeRename")
async def volume_rename(state: ModalState, caller: Caller, request: pb.VolumeRenameRequest) -> Empty:
    """Give a Volume another name."""
    volume = find_volume(state, request.volume_id)
    if _named(state, request.name, volume.environment):
        raise already_exists(f"Volume '{request.name}' already exists in environment '{volume.environment}'")
    volume.name = request.name
    return Empty()


@routes.unary("VolumeDelete")
async def volume_delete(state: ModalState, caller: Caller, request: pb.VolumeDeleteRequest) -> Empty:
    """Remove a Volume and its files."""
    volume = find_volume(state, request.volume_id)
    del state.volumes[volume.id]
    await asyncio.to_thread(shutil.rmtree, volume.folder, ignore_errors=True)
    return Empty()


@routes.unary("VolumeHeartbeat")
async def volume_heartbeat(state: ModalState, caller: Caller, request: pb.VolumeHeartbeatRequest) -> Empty:
    """An ephemeral Volume's owner is still there."""
    return Empty()


@routes.unary("VolumeCommit")
async def volume_commit(state: ModalState, caller: Caller, request: pb.VolumeCommitRequest) -> pb.VolumeCommitResponse:
    """Nothing to do: all containers write to the same folder, so every write is visible at once."""
    find_volume(state, request.volume_id)
    return pb.VolumeCommitResponse(skip_reload=True)


@routes.unary("VolumeReload")
async def volume_reload(state: ModalState, caller: Caller, request: pb.VolumeReloadRequest) -> Empty:
    """Nothing to do, for the same reason."""
    find_volume(state, request.volume_id)
    return Empty()
