"""The OS keyring: whether it is there and open, and the access tokens that this program keeps in it.

Entries are per Hub and user, so that two accounts and an enterprise Hub live side by side. A keyring cannot be
listed, so one more entry per Hub names its users. Every call is bounded: an unlock dialog may wait for ever.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from wizard.core.access.keyring_state import KeyringState, keyring_problem
from wizard.core.access_token import AccessToken, clean_line
from wizard.core.concurrency.daemon_thread import on_daemon_thread
from wizard.core.problem import Problem
from wizard.flow.ports.credentials import KeyringProbe

SERVICE = "outlines-wizard"
CALL_SECONDS = 5.0
T = TypeVar("T")


class Keychain:
    """A KeyringPort over the keyring library. With `enabled` False it is as if there were none."""

    def __init__(self, *, enabled: bool = True) -> None:
        self._enabled = enabled

    async def probe(self) -> KeyringProbe:
        """Write, read and delete a value that means nothing: the only proof that a keyring works."""
        if not self._enabled:
            return KeyringProbe("absent", "none", "not used in the demo")
        try:
            return await _bounded(_round_trip)
        except TimeoutError:
            return KeyringProbe("locked", "unknown", "it did not answer; an unlock dialog may be waiting")

    async def entries(self, endpoint: str) -> list[tuple[str, AccessToken]]:
        """Users and their access tokens for one Hub, the latest first; empty where the keyring cannot be read."""
        if not self._enabled:
            return []
        try:
            return await _bounded(lambda: _read_entries(endpoint))
        except TimeoutError:
            return []

    async def save(self, endpoint: str, user: str, token: AccessToken) -> None:
        """Keep an access token. Raises Problem when the keyring does not take it."""
        late = threading.Event()
        try:
            await self._change(lambda: _write_entry(endpoint, user, token, late))
        except BaseException:
            late.set()  # a dialog may be answered yet: what was said not to be kept must not be kept then
            raise

    async def forget(self, endpoint: str, user: str) -> bool:
        """Delete an entry; False when it was not there. Raises Problem when the keyring refuses."""
        return await self._change(lambda: _delete_entry(endpoint, user))

    async def _change(self, change: Callable[[], T]) -> T:
        if not self._enabled:
            raise keyring_problem("absent")
        try:
            return await _bounded(lambda: _translated(change))
        except TimeoutError as error:
            raise keyring_problem("locked") from error


async def _bounded(call: Callable[[], T]) -> T:
    async with asyncio.timeout(CALL_SECONDS):
        return await on_daemon_thread(call)


def _library() -> Any:
    import keyring

    return keyring


def _state_of(error: BaseException) -> KeyringState:
    """Which of the three ways of not working an exception of the keyring library means."""
    from keyring.errors import KeyringLocked, NoKeyringError

    text = str(error).lower()
    if isinstance(error, NoKeyringError):
        return "absent"
    if isinstance(error, KeyringLocked) or "lock" in text or "prompt" in text or "dismissed" in text:
        return "locked"
    if "no such" in text or "not available" in text or "failed to connect" in text or "not provided" in text:
        return "absent"
    return "denied"


def _translated(call: Callable[[], T]) -> T:
    try:
        if not _keeps_secrets():
            raise keyring_problem("absent")
        return call()
    except Problem:
        raise
    except Exception as error:  # each backend of the library raises classes of its own
        raise keyring_problem(_state_of(error)) from error


def _keeps_secrets() -> bool:
    """False for a keyring that writes plain files: an access token never goes into one."""
    backend = _library().get_keyring()
    names = [type(each).__name__ for each in getattr(backend, "backends", [backend])]
    return bool(names) and not any("Plaintext" in name for name in names)


def _backend_name() -> str:
    backend = _library().get_keyring()
    first = next(iter(getattr(backend, "backends", [])), backend)
    return clean_line(str(getattr(first, "name", type(first).__name__)), 80)


def _round_trip() -> KeyringProbe:
    name = "unknown"
    try:
        keyring, name = _library(), _backend_name()
        if not _keeps_secrets():
            return KeyringProbe("absent", name, "it writes plain files, which is not safe for an access token")
        key, value = f"probe-{secrets.token_hex(4)}", secrets.token_hex(8)
        keyring.set_password(SERVICE, key, value)
        read = keyring.get_password(SERVICE, key)
        keyring.delete_password(SERVICE, key)
    except Exception as error:  # noqa: BLE001 - each backend of the library raises classes of its own
        return KeyringProbe(_state_of(error), name, clean_line(str(error), 200))
    if read is None:
        return KeyringProbe("absent", name, "it forgets what it is given")
    if read != value:
        return KeyringProbe("denied", name, "it did not return what was stored")
    return KeyringProbe("ready", name, "")


def _read_entries(endpoint: str) -> list[tuple[str, AccessToken]]:
    try:
        keyring = _library()
        found = ((user, keyring.get_password(SERVICE, _entry(endpoint, user))) for user in _users(endpoint))
        return [(user, AccessToken(value)) for user, value in found if value]
    except Exception:  # noqa: BLE001 - a keyring that cannot be read holds nothing for us
        return []


def _write_entry(endpoint: str, user: str, token: AccessToken, late: threading.Event) -> None:
    keyring, name = _library(), _entry(endpoint, user)
    before = keyring.get_password(SERVICE, name)
    if not late.is_set():
        keyring.set_password(SERVICE, name, token.reveal())
    if late.is_set():
        if before is not None:
            keyring.set_password(SERVICE, name, before)
        elif keyring.get_password(SERVICE, name) is not None:
            keyring.delete_password(SERVICE, name)
        return
    users = [user, *(other for other in _users(endpoint) if other != user)]
    keyring.set_password(SERVICE, _index(endpoint), json.dumps(users))


def _delete_entry(endpoint: str, user: str) -> bool:
    keyring = _library()
    there = keyring.get_password(SERVICE, _entry(endpoint, user)) is not None
    if there:
        keyring.delete_password(SERVICE, _entry(endpoint, user))
    users = [other for other in _users(endpoint) if other != user]
    if users:
        keyring.set_password(SERVICE, _index(endpoint), json.dumps(users))
    elif keyring.get_password(SERVICE, _index(endpoint)) is not None:
        keyring.delete_password(SERVICE, _index(endpoint))
    return there


def _users(endpoint: str) -> list[str]:
    try:
        users = json.loads(_library().get_password(SERVICE, _index(endpoint)) or "[]")
    except ValueError:
        return []
    return [user for user in users if isinstance(user, str)] if isinstance(users, list) else []


def _entry(endpoint: str, user: str) -> str:
    return f"{user} at {endpoint}"


def _index(endpoint: str) -> str:
    return f"users at {endpoint}"
