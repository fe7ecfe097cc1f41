"""Weights from a folder of this machine into the Volume, file by file, so that a run that was stopped goes on."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator

from wizard.core.events import LogLine, Progress
from wizard.core.models.model_info import ModelFacts
from wizard.core.problem import Problem
from wizard.flow.deploy.make_plan import weights_folder
from wizard.flow.ports.services import Ports


def folders_of(facts: ModelFacts) -> tuple[ModelFacts, ...]:
    """The model and its adapters, those of them that are folders on this machine."""
    return tuple(each for each in (facts, *(adapter.facts for adapter in facts.adapters)) if each.is_folder)


async def upload_folder(ports: Ports, volume: str, facts: ModelFacts) -> AsyncGenerator[Progress | LogLine, None]:
    """Upload what is not in the Volume yet.

    Its folder there is named by the hash of all that is in it, and each file is there whole or not at all: one of the
    same name and size is the same file. Raises Problem, also where a file has changed since it was hashed.
    """
    target = weights_folder(facts.repo_id, facts.commit)
    stored = await ports.modal.volume_files(volume, target) or {}
    missing = [file for file in facts.needed_files if stored.get(file.path) != file.size]
    total = sum(file.size or 0 for file in facts.needed_files)
    done = total - sum(file.size or 0 for file in missing)
    if done:
        yield LogLine("system", f"[outlines-wizard] {done} of {total} bytes are in the Volume already", time.time())
    for file in missing:
        yield Progress("deploy", done, total, "bytes")
        path = ports.folders.path(facts.repo_id, file.path)
        if not path.is_file() or path.stat().st_size != file.size:
            words = f"{path} has changed since its hash was taken."
            raise Problem("folder_changed", words, "Run this again: it takes a new hash.", retryable=True)
        await ports.modal.upload(volume, f"{target}/{file.path}", path, file.size or 0)
        done += file.size or 0
    yield Progress("deploy", total, total, "bytes")
