"""A real Secret Service: D-Bus and gnome-keyring in a session of the test's own, unlocked or locked."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.credentials.desktop_session import UNLOCKED, Desktop
from tests.support.terminal import Terminal
from wizard.rehearsal.hub.server import StandInHub

START_SECONDS = 15
PROGRAMS = ("dbus-run-session", "gnome-keyring-daemon")


@pytest.fixture(autouse=True)
def alone(no_accounts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's own variables have no part in these tests, nor has a keyring that somebody has chosen."""
    for name in [name for name in os.environ if name.startswith("PYTHON_KEYRING")]:
        monkeypatch.delenv(name)


@pytest.fixture
def desktop(stand_in: StandInHub) -> Desktop:
    """A desktop session with a keyring in some state, and a terminal in it."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        assert not os.environ.get("CI"), f"the keyring is not tested without {', '.join(missing)}"
        pytest.skip(f"needs {', '.join(missing)} (Debian: dbus, gnome-keyring)")

    @asynccontextmanager
    async def log_in(keyring: str = UNLOCKED) -> AsyncIterator[Terminal]:
        terminal = Terminal(stand_in.url)
        del terminal.variables["PYTHON_KEYRING_BACKEND"]
        session = await asyncio.create_subprocess_exec(
            *("dbus-run-session", "--", "sh", "-c", f'{keyring}; echo "$DBUS_SESSION_BUS_ADDRESS"; exec cat'),
            env=terminal.variables,
            cwd=terminal.project,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            assert session.stdout is not None and session.stdin is not None
            address = (await asyncio.wait_for(session.stdout.readline(), START_SECONDS)).decode().strip()
            assert address, "the session did not start"
            terminal.variables["DBUS_SESSION_BUS_ADDRESS"] = address
            yield terminal
        finally:
            await asyncio.wait_for(session.communicate(b""), START_SECONDS)
            terminal.leave()

    return log_in
