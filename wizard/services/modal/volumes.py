"""What is in Modal Volumes, and small files that go there and come back, by way of modal's SDK."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from wizard.services.modal.library import read_again
from wizard.services.modal.session import ModalSession

LARGEST_BYTES = 1 << 20


async def list_files(session: ModalSession, name: str, folder: str) -> Mapping[str, int] | None:
    """Files under `folder` with their sizes in bytes, by path within it; None without the Volume."""
    not_found = session.sdk.exception.NotFoundError
    try:
        volume = session.volume(name)
        await volume.hydrate.aio()
    except not_found:
        return None
    try:
        entries = await read_again(session.sdk, lambda: volume.listdir.aio(f"/{folder}", recursive=True))
    except (not_found, FileNotFoundError):
        return {}
    prefix = f"{folder}/"
    return {path.removeprefix(prefix): entry.size for entry in entries if (path := entry.path.lstrip("/"))}


async def write_text(session: ModalSession, volume: str, path: str, text: str) -> None:
    """Write a file whole; the Volume is made if it is missing."""
    target = session.volume(volume, create=True)
    await target.hydrate.aio()
    async with target.batch_upload.aio(force=True) as batch:
        batch.put_file(io.BytesIO(text.encode()), path)


async def put_file(session: ModalSession, volume: str, path: str, file: Path) -> None:
    """Put a file of this machine into a Volume, which is made if it is missing. It is there whole, or not at all; the
    SDK sends by hash, and nothing twice."""
    target = session.volume(volume, create=True)
    await target.hydrate.aio()
    async with target.batch_upload.aio(force=True) as batch:
        batch.put_file(file, path)


async def read_text(session: ModalSession, volume: str, path: str) -> str | None:
    """A file's text; None when the Volume or the file is not there, or the file is none of ours."""
    data = b""
    try:
        async for chunk in session.volume(volume).read_file.aio(path):
            data += chunk
            if len(data) > LARGEST_BYTES:
                return None
    except (FileNotFoundError, session.sdk.exception.NotFoundError):
        return None
    return data.decode("utf-8", "replace")
