"""What a desktop session starts for its keyring, by state; and the fixture's type."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from tests.support.terminal import Terminal

UNLOCKED = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"
LOCKED = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1"
NO_SERVICE = "true"
Desktop = Callable[..., AbstractAsyncContextManager[Terminal]]
