"""The program's own small files on this computer: where they are, and how they are written."""

from __future__ import annotations

import json
from pathlib import Path

import platformdirs

from wizard.core.atomic_write import write_atomically

_NAME = "outlines-wizard"


def config_folder() -> Path:
    """Where this person's configuration of the program lives."""
    return Path(platformdirs.user_config_dir(_NAME))


def state_folder() -> Path:
    """Where it keeps what it has seen of this person's sessions."""
    return Path(platformdirs.user_state_dir(_NAME))


def keep_json(file: Path, data: object) -> bool:
    """Write a file that nobody else may read; False where the folder cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(file, json.dumps(data).encode())
    except OSError:
        return False
    return True
