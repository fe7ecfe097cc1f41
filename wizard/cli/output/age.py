"""How long ago something was, in words."""

from __future__ import annotations

import time


def age_words(at: float | None) -> str:
    """The time since `at`, in seconds of the epoch, as words; empty where it is not known."""
    if at is None:
        return ""
    minutes = (time.time() - at) / 60
    return "just now" if minutes < 1 else f"{minutes:.0f} min ago" if minutes < 90 else f"{minutes / 60:.0f} h ago"
