"""Local files for containers (mounts) and big payloads (blobs): hashes and upload addresses, never the bytes twice."""

from __future__ import annotations

import asyncio
import hashlib

from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.rpc.routes import Caller, Routes, invalid, not_found
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()


@routes.unary("BlobCreate")
async def blob_create(state: ModalState, caller: Caller, request: pb.BlobCreateRequest) -> pb.BlobCreateResponse:
    """Where to upload a payload that is too big for a message."""
    blob_id = new_id("bl")
    urls = pb.UploadUrlList(items=[f"{state.blob_url}/blobs/{blob_id}"])
    return pb.BlobCreateResponse(blob_ids=[blob_id], upload_urls=urls)


@routes.unary("BlobGet")
async def blob_get(state: ModalState, caller: Caller, request: pb.BlobGetRequest) -> pb.BlobGetResponse:
    """Where to download it."""
    return pb.BlobGetResponse(download_url=f"{state.blob_url}/blobs/{request.blob_id}")


@routes.unary("MountBatchedCheckExistence")
async def mount_batched_check_existence(
    state: ModalState, caller: Caller, request: pb.MountBatchedCheckExistenceRequest
) -> pb.MountBatchedCheckExistenceResponse:
    """Which of these files have to be uploaded."""
    missing = [sha256 for sha256 in request.sha256_hex_hashes if not state.blobs.has_block(sha256)]
    return pb.MountBatchedCheckExistenceResponse(missing_sha256_hex_hashes=missing)


@routes.unary("MountPutFile")
async def mount_put_file(state: ModalState, caller: Caller, request: pb.MountPutFileRequest) -> pb.MountPutFileResponse:
    """Take one file, in the message or as a blob; without contents, say whether it is there."""
    kind = request.WhichOneof("data_oneof")
    if kind == "data":
        if hashlib.sha256(request.data).hexdigest() != request.sha256_hex:
            raise invalid("the contents do not have the SHA-256 that was announced")
        await asyncio.to_thread(state.blobs.put_block, request.data)
    elif kind == "data_blob_id":
        try:
            await asyncio.to_thread(state.blobs.copy_blob_to_block, request.data_blob_id, request.sha256_hex)
        except FileNotFoundError as error:
            raise not_found(f"Blob '{request.data_blob_id}' not found") from error
    return pb.MountPutFileResponse(exists=state.blobs.has_block(request.sha256_hex))


@routes.unary("MountGetOrCreate")
async def mount_get_or_create(
    state: ModalState, caller: Caller, request: pb.MountGetOrCreateRequest
) -> pb.MountGetOrCreateResponse:
    """Name a set of files. The SDK's own package is asked for by name and stays empty: the installed one runs."""
    mount_id = new_id("mo")
    files = {file.filename: file.sha256_hex for file in request.files}
    state.mounts[mount_id] = files
    checksum = hashlib.sha256("\n".join(f"{name} {sha}" for name, sha in sorted(files.items())).encode())
    return pb.MountGetOrCreateResponse(
        mount_id=mount_id,
        handle_metadata=pb.MountHandleMetadata(content_checksum_sha256_hex=checksum.hexdigest()),
    )
