"""A deploy that is under way, on disk: its plan, so that the next session can go on if this one is killed.

What was really made is looked up on Modal, as always; this file only says what was wanted. It holds no secret.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from wizard.core.own_files import keep_json, state_folder


@dataclass(frozen=True)
class UnfinishedDeploy:
    """`plan` is a plan file. `file` goes when the person has gone on, or does not want to."""

    file: Path
    app: str
    model: str
    plan: str

    def forget(self) -> None:
        """It is not offered again."""
        self.file.unlink(missing_ok=True)


def unfinished_folder() -> Path:
    """Where deploys under way are kept, one file for each session."""
    return state_folder() / "unfinished"


def note_deploy(app: str, model: str, plan: str, *, rehearsal: bool) -> Path | None:
    """Keep the plan of a deploy that begins. A folder that cannot be written only means that it is not offered."""
    file = unfinished_folder() / f"{os.getpid()}.json"
    data = {"pid": os.getpid(), "rehearsal": rehearsal, "app": app, "model": model, "plan": plan}
    return file if keep_json(file, data) else None


def read_unfinished(*, rehearsal: bool) -> UnfinishedDeploy | None:
    """The latest deploy that was left in the middle, by a session of this kind that runs no more."""
    try:
        files = sorted(unfinished_folder().glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    except OSError:
        return None
    for file in files:
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            pid, app, model, plan = data["pid"], str(data["app"]), str(data["model"]), str(data["plan"])
            if data["rehearsal"] is rehearsal and isinstance(pid, int) and not _is_running(pid):
                return UnfinishedDeploy(file, app, model, plan)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def _is_running(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
