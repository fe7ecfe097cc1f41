"""What is in Modal Volumes, and small files that go there and come back, by way of modal's SDK."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from wizard.services.modal.library import read_again

LARGEST_BYTES = 1 << 20


async def list_files(modal: Any, client: Any, environment: str, name: str, folder: str) -> Mapping[str, int] | None:
    """Files under `folder` with their sizes in bytes, by path within it; None without the Volume."""
    try:
        volume = modal.Volume.from_name(name, environment_name=environment, client=client)
        await volume.hydrate.aio()
    except modal.exception.NotFoundError:
        return None
    try:
        entries = await read_again(modal, lambda: volume.listdir.aio(f"/{folder}", recursive=True))
    except (modal.exception.NotFoundError, FileNotFoundError):
        return {}
    prefix = f"{folder}/"
    return {path.removeprefix(prefix): entry.size for entry in entries if (path := entry.path.lstrip("/"))}


async def write_text(modal: Any, client: Any, environment: str, volume: str, path: str, text: str) -> None:
    """Write a file whole; the Volume is made if it is missing."""
    target = modal.Volume.from_name(volume, environment_name=environment, create_if_missing=True, client=client)
    await target.hydrate.aio()
    async with target.batch_upload.aio(force=True) as batch:
        batch.put_file(io.BytesIO(text.encode()), path)


async def read_text(modal: Any, client: Any, environment: str, volume: str, path: str) -> str | None:
    """A file's text; None when the Volume or the file is not there, or the file is none of ours."""
    data = b""
    try:
        source = modal.Volume.from_name(volume, environment_name=environment, client=client)
        async for chunk in source.read_file.aio(path):
            data += chunk
            if len(data) > LARGEST_BYTES:
                return None
    except (FileNotFoundError, modal.exception.NotFoundError):
        return None
    return data.decode("utf-8", "replace")
