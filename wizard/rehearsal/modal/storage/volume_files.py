"""Files in a Volume as the SDK's Volume methods and ``modal volume`` see them: list, read, upload, copy, remove."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.rpc.routes import Caller, Routes, already_exists, invalid, not_found
from wizard.rehearsal.modal.state.records import Volume
from wizard.rehearsal.modal.state.state import ModalState
from wizard.rehearsal.modal.storage.volumes import find_volume

routes = Routes()

BLOCK_BYTES = 8 << 20
"""Size of the blocks that files travel in (modal 1.6.4, blob_utils.py, BLOCK_SIZE)."""


def path_inside(volume: Volume, path: str) -> Path:
    """Where a path of a Volume is on this machine. Raises INVALID_ARGUMENT when it would lead out."""
    target = (volume.folder / path.lstrip("/")).resolve()
    if not target.is_relative_to(volume.folder.resolve()):
        raise invalid(f"{path} is outside of the Volume")
    return target


def _entries(volume: Volume, path: str, recursive: bool) -> Iterator[Any]:
    top = volume.folder.resolve()
    base = path_inside(volume, path)
    if not base.exists():
        raise not_found(f"No such file or directory: {path}")
    found = [base] if not base.is_dir() else sorted(base.rglob("*") if recursive else base.iterdir())
    for file in found:
        status = file.lstat()
        yield pb.FileEntry(
            path=str(file.relative_to(top)),
            size=0 if file.is_dir() else status.st_size,
            mtime=int(status.st_mtime),
            type=_type_of(file),
        )


def _type_of(file: Path) -> Any:
    if file.is_symlink():
        return pb.FileEntry.SYMLINK
    return pb.FileEntry.DIRECTORY if file.is_dir() else pb.FileEntry.FILE


async def _list(state: ModalState, request: Any) -> list[Any]:
    volume = find_volume(state, request.volume_id)
    return await asyncio.to_thread(lambda: list(_entries(volume, request.path, request.recursive)))


@routes.stream("VolumeListFiles")
async def volume_list_files(
    state: ModalState, caller: Caller, request: pb.VolumeListFilesRequest
) -> AsyncIterator[Any]:
    """A folder's entries."""
    yield pb.VolumeListFilesResponse(entries=await _list(state, request))


@routes.stream("VolumeListFiles2")
async def volume_list_files2(
    state: ModalState, caller: Caller, request: pb.VolumeListFiles2Request
) -> AsyncIterator[Any]:
    """A folder's entries."""
    yield pb.VolumeListFiles2Response(entries=await _list(state, request))


@routes.unary("VolumeGetFile2")
async def volume_get_file2(
    state: ModalState, caller: Caller, request: pb.VolumeGetFile2Request
) -> pb.VolumeGetFile2Response:
    """Where to download a file: one URL for each block that the range touches."""
    volume = find_volume(state, request.volume_id)
    file = path_inside(volume, request.path)
    if not file.is_file():
        raise not_found(f"No such file: {request.path}")
    size = file.stat().st_size
    end = min(size, request.start + request.len) if request.len else size
    urls = []
    position = request.start
    while position < end:
        length = min(BLOCK_BYTES - position % BLOCK_BYTES, end - position)
        query = urlencode({"volume": volume.id, "path": request.path, "offset": position, "length": length})
        urls.append(f"{state.blob_url}/volume?{query}")
        position += length
    return pb.VolumeGetFile2Response(get_urls=urls, size=size, start=request.start, len=end - request.start)


@routes.unary("VolumePutFiles2")
async def volume_put_files2(
    state: ModalState, caller: Caller, request: pb.VolumePutFiles2Request
) -> pb.VolumePutFiles2Response:
    """First round: name the blocks that are missing, with upload URLs. Second round: put the files together."""
    volume = find_volume(state, request.volume_id)
    missing = [
        pb.VolumePutFiles2Response.MissingBlock(
            file_index=file_index,
            block_index=block_index,
            put_url=f"{state.blob_url}/blocks/{block.contents_sha256.hex()}",
        )
        for file_index, file in enumerate(request.files)
        for block_index, block in enumerate(file.blocks)
        if not state.blobs.has_block(block.contents_sha256.hex())
    ]
    if not missing:
        targets = [(file, path_inside(volume, file.path)) for file in request.files]
        for file, target in targets:
            if request.disallow_overwrite_existing_files and target.exists():
                raise already_exists(f"{file.path} already exists")
        for file, target in targets:
            names = [block.contents_sha256.hex() for block in file.blocks]
            await asyncio.to_thread(state.blobs.assemble, names, target)
            if file.HasField("mode"):
                target.chmod(file.mode & 0o777)
    return pb.VolumePutFiles2Response(missing_blocks=missing)


@routes.unary("VolumeRemoveFile2")
async def volume_remove_file2(state: ModalState, caller: Caller, request: pb.VolumeRemoveFile2Request) -> Empty:
    """Remove a file, or with `recursive` a folder."""
    target = path_inside(find_volume(state, request.volume_id), request.path)
    if not target.exists():
        raise not_found(f"No such file or directory: {request.path}")
    if not target.is_dir():
        target.unlink()
    elif request.recursive:
        await asyncio.to_thread(shutil.rmtree, target)
    else:
        raise invalid(f"{request.path} is a directory and recursive was not set")
    return Empty()


@routes.unary("VolumeCopyFiles2")
async def volume_copy_files2(state: ModalState, caller: Caller, request: pb.VolumeCopyFiles2Request) -> Empty:
    """Copy files inside a Volume, as ``cp`` does."""
    volume = find_volume(state, request.volume_id)
    destination = path_inside(volume, request.dst_path)
    sources = [path_inside(volume, path) for path in request.src_paths]
    if len(sources) > 1 and not destination.is_dir():
        raise invalid(f"{request.dst_path} is not a directory")
    for source in sources:
        if not source.exists():
            raise not_found(f"No such file or directory: {source.name}")
        target = destination / source.name if destination.is_dir() else destination
        if not source.is_dir():
            await asyncio.to_thread(shutil.copy2, source, target)
        elif request.recursive:
            await asyncio.to_thread(shutil.copytree, source, target, dirs_exist_ok=True)
        else:
            raise invalid(f"{source.name} is a directory and recursive was not set")
    return Empty()
