"""Files that are for one person's eyes: logs hold prompts, answers, and whatever a library prints."""

from __future__ import annotations

import os


def owner_only_opener(path: str, flags: int) -> int:
    """An `opener` for `open`: what it creates can be read and written by its owner alone."""
    return os.open(path, flags, 0o600)
