"""Fetched files, and which of them are kept."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from wizard.core.problem import Problem
from wizard.services.local.file_cache import KEPT_FILES, FileCache


async def keep(folder: Path, name: str) -> Path:
    async def fetch() -> bytes:
        return b"data"

    return await FileCache(folder).file(name, fetch)


async def test_the_latest_files_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT_FILES + 3):
        os.utime(await keep(tmp_path, f"{number}"), (number, number))
    assert sorted(int(each.name) for each in tmp_path.iterdir()) == list(range(3, KEPT_FILES + 3))


async def test_two_processes_that_clear_up_at_once_do_not_trip_each_other(tmp_path: Path) -> None:
    names = iter(range(10**6))

    async def many() -> None:
        for _ in range(60):
            await keep(tmp_path, f"{next(names)}")

    await asyncio.gather(*(many() for _ in range(6)))  # each file is written in a thread
    assert len(list(tmp_path.iterdir())) <= KEPT_FILES


async def test_a_file_that_cannot_be_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "by").touch()
    with pytest.raises(Problem) as caught:
        await keep(tmp_path, "taken")
    assert caught.value.code == "cache_not_written"
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("home", ["file/cache", "file", "\0"])
async def test_where_no_folder_can_be_made_a_temporary_one_serves(home: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = FileCache(tmp_path / home)

    async def fetch() -> bytes:
        return b"words"

    path = await cache.file("tokenizer.json", fetch)
    assert path.read_bytes() == b"words" and tmp_path not in path.parents
    assert await cache.file("tokenizer.json", fetch) == path
    cache.close()
    assert not path.exists()
