"""Whether somebody opens the wizard on this machine for the first time: an empty file in the state folder says no."""

from __future__ import annotations

from pathlib import Path

import platformdirs

BEFORE = ("welcomed", "recent-models.json")  # either shows that the wizard has been here


def is_first_time() -> bool:
    """Whether nothing of an earlier session is there."""
    folder = _folder()
    return not any((folder / name).exists() for name in BEFORE)


def remember_welcome() -> None:
    """Do not show the first screen again. A folder that cannot be written only means that it comes once more."""
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / BEFORE[0]).touch()
    except OSError:
        return


def _folder() -> Path:
    return Path(platformdirs.user_state_dir("outlines-wizard"))
