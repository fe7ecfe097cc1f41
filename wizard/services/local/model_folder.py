"""Folders of this machine that hold a model: read, and never changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wizard.core.models.local_folder import LONGEST_HEADER, FolderFile, counts, read_header
from wizard.core.models.model_info import ADAPTER_CONFIG, is_folder_name
from wizard.core.problem import Problem, usage

_MARKS = ("config.json", ADAPTER_CONFIG)
_LONGEST_JSON = 50_000_000  # bytes


class ModelFolders:
    """A FoldersPort over the local disk."""

    def folder_of(self, name: str) -> str | None:
        """The folder that a model's name stands for; None for a model of a Hub."""
        typed = name.strip()
        path = Path(os.path.expanduser(typed))  # those of `os` take what cannot be a path, and say that it is none
        if is_folder_name(typed):
            return typed if path.name not in ("", "..", "~") and typed not in (".", "~") else str(path.resolve())
        if "/" in typed and "://" not in typed and any(os.path.isfile(path / mark) for mark in _MARKS):
            return f"./{typed}"
        return None

    def path(self, folder: str, name: str) -> Path:
        """Where a file lies."""
        return Path(os.path.expanduser(folder)) / name

    async def files(self, folder: str) -> tuple[FolderFile, ...]:
        """The files of the model, by name. Raises Problem."""
        return await asyncio.to_thread(self._files, folder)

    def _files(self, folder: str) -> tuple[FolderFile, ...]:
        path = Path(os.path.expanduser(folder))
        if not os.path.isdir(path):
            hint = "Name a folder with config.json and model.safetensors, or a model on the Hub: organisation/name."
            raise usage("folder_missing", f"{folder} is not a folder on this machine.", hint)
        try:
            found = [FolderFile(each.name, each.stat().st_size) for each in path.iterdir() if each.is_file()]
        except OSError as error:
            raise _unreadable(folder, error) from error
        files = tuple(sorted((file for file in found if counts(file.name)), key=lambda file: file.name))
        if not {file.name for file in files} & {*_MARKS}:
            raise usage(
                "folder_no_model",
                f"{folder} holds no model: there is neither config.json nor {ADAPTER_CONFIG}.",
                "Name the folder that `save_pretrained` has written.",
            )
        return files

    async def digest(self, folder: str, file: FolderFile) -> FolderFile:
        """A file with its digest. Raises Problem."""

        def read() -> str:
            with self.path(folder, file.name).open("rb") as opened:
                return hashlib.file_digest(opened, "sha256").hexdigest()

        try:
            return replace(file, digest=await asyncio.to_thread(read))
        except OSError as error:
            raise _unreadable(f"{folder}/{file.name}", error) from error

    async def parameters(self, folder: str, files: Sequence[FolderFile]) -> Mapping[str, int]:
        """How many weights of each dtype there are; none where a file is not what it should be."""
        counted: dict[str, int] = {}
        for file in files:
            if file.name.endswith(".safetensors"):
                for dtype, number in (await asyncio.to_thread(_header, self.path(folder, file.name))).items():
                    counted[dtype] = counted.get(dtype, 0) + number
        return counted

    async def read_json(self, folder: str, name: str) -> Mapping[str, Any]:
        """A JSON file; empty where it is none, or is no object."""
        try:
            data = json.loads(await self.read(folder, name, _LONGEST_JSON))
        except (Problem, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    async def read(self, folder: str, name: str, most: int) -> bytes:
        """A file of at most `most` bytes. Raises Problem."""
        path = self.path(folder, name)
        try:
            if path.stat().st_size > most:
                raise usage("file_too_large", f"{path} is larger than {most} bytes.")
            return await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise _unreadable(str(path), error) from error


def _header(path: Path) -> dict[str, int]:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            return read_header(file.read(length)) if length <= LONGEST_HEADER else {}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _unreadable(what: str, error: OSError) -> Problem:
    return usage("folder_unreadable", f"{what} cannot be read: {error.strerror}.")
