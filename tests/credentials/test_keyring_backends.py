"""Keyring backends that refuse, block for ever, keep nothing, or write plain files: through the real command line."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from tests.support.terminal import LAB, Ended, Terminal, new_token
from wizard.core.access_token import AccessToken
from wizard.core.problem import Problem
from wizard.rehearsal.hub.server import StandInHub
from wizard.services.credentials.os_keyring import Keychain

BACKENDS = '''
import time
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

class Denying(KeyringBackend):
    """As macOS does for "Deny"."""
    priority = 5
    def get_password(self, service, username): return None
    def set_password(self, service, username, password): raise PasswordSetError("Can't store password on keychain")
    def delete_password(self, service, username): raise PasswordDeleteError("Can't delete password in keychain")

class Blocking(KeyringBackend):
    """An unlock dialog that nobody sees."""
    priority = 5
    def get_password(self, service, username): time.sleep(3600)
    def set_password(self, service, username, password): time.sleep(3600)
    def delete_password(self, service, username): time.sleep(3600)

class PlaintextKeyring(KeyringBackend):
    """As keyrings.alt.file.PlaintextKeyring."""
    priority = 5
    def _write(self, *what):
        with open("plain.cfg", "a") as file: print(*what, file=file)
    def get_password(self, service, username): return None
    def set_password(self, service, username, password): self._write(service, username, password)
    def delete_password(self, service, username): self._write(service, username)

class Exploding(KeyringBackend):
    """A library below that fails in a way of its own, with the secret in its message."""
    priority = 5
    def get_password(self, service, username): return None
    def set_password(self, service, username, password): raise RuntimeError(f"cannot keep {password}")
    def delete_password(self, service, username): raise RuntimeError("nothing there")
'''


@pytest.fixture
def terminal(stand_in: StandInHub) -> Iterator[Terminal]:
    """A shell in which `odd_backends.Name` can be chosen as the keyring."""
    shell = Terminal(stand_in.url)
    (shell.home / "odd_backends.py").write_text(BACKENDS)
    shell.variables["PYTHONPATH"] += os.pathsep + str(shell.home)
    yield shell
    shell.leave()


STATES = {  # backend -> state of `token show`, code of `token set`
    "odd_backends.Denying": "denied",
    "odd_backends.Exploding": "denied",
    "odd_backends.PlaintextKeyring": "absent",
    "keyring.backends.null.Keyring": "absent",
    "keyring.backends.fail.Keyring": "absent",
}


@pytest.mark.long
async def test_each_way_of_not_working_has_its_own_sentence(terminal: Terminal, stand_in: StandInHub) -> None:
    value = stand_in.fixtures.token("read").value
    said: dict[str, str] = {}

    async def one(backend: str) -> None:
        state = STATES[backend]
        shown = await terminal.wizard("token", "show", "--json", PYTHON_KEYRING_BACKEND=backend)
        assert shown.data["keyring"]["state"] == state, shown
        kept = await terminal.wizard("token", "set", "--json", stdin=value, PYTHON_KEYRING_BACKEND=backend)
        assert (kept.code, kept.data["code"]) == (4, f"keyring_{state}"), kept
        said[state] = kept.data["message"]
        checked = await terminal.wizard("check", f"{LAB}-open", "--json", PYTHON_KEYRING_BACKEND=backend)
        assert checked.code == 0, checked
        for done in (shown, kept, checked):
            assert "Traceback" not in done.said, done
            assert value not in done.said, done

    await asyncio.gather(*map(one, STATES))
    assert len(set(said.values())) == 2
    assert [path.name for path in terminal.files() if value.encode() in path.read_bytes()] == [], "never a plain file"
    assert not (terminal.project / "plain.cfg").exists(), "not even the round trip writes to one"


@pytest.mark.long
async def test_a_keyring_that_blocks_for_ever_holds_nothing_up(terminal: Terminal, stand_in: StandInHub) -> None:
    value, blocking = stand_in.fixtures.token("read").value, {"PYTHON_KEYRING_BACKEND": "odd_backends.Blocking"}

    async def interrupted() -> Ended:
        child = await terminal.start(sys.executable, "-m", "wizard", "token", "show", "--json", **blocking)
        await asyncio.sleep(2)
        began = time.monotonic()
        child.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(child.communicate(), 10)
        return Ended(("token", "show"), child.returncode or 0, out.decode(), err.decode(), time.monotonic() - began)

    shown, kept, checked, variable, stopped = await asyncio.gather(
        terminal.wizard("token", "show", "--json", **blocking),
        terminal.wizard("token", "set", "--json", stdin=value, **blocking),
        terminal.wizard("check", f"{LAB}-open", "--json", **blocking),
        terminal.wizard("check", LAB, "--json", HF_TOKEN=value, **blocking),
        interrupted(),
    )
    assert shown.data["keyring"]["state"] == "locked", shown
    assert (kept.code, kept.data["code"]) == (4, "keyring_locked"), kept
    assert checked.data["verdict"] == "ready", checked
    assert shown.seconds < 5 + 5 + 4
    assert kept.seconds < 5 + 4
    assert checked.seconds < 5 + 4
    assert variable.data["verdict"] == "ready"
    assert variable.seconds < 4, "it is not even asked where another place holds an access token"
    assert (stopped.code, stopped.data["code"]) == (130, "interrupted"), stopped
    assert stopped.seconds < 2, "quitting does not wait for it"
    for done in (shown, kept, checked, variable, stopped):
        assert "Traceback" not in done.said, done


class Dialog(KeyringBackend):
    """Writes only once somebody has unlocked it, however late that is."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.unlocked, self.put_right, self._writes = threading.Event(), threading.Event(), 0

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.unlocked.wait(30)
        self.kept[service, username] = password
        self._count()

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]
        self._count()

    def _count(self) -> None:
        self._writes += 1
        if self._writes == 2:
            self.put_right.set()


@pytest.mark.parametrize("before", [None, "older"])
async def test_what_was_not_kept_in_time_is_not_kept_later(before: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person was told so: a dialog that is answered afterwards must not make it untrue."""
    dialog, place = Dialog(), ("outlines-wizard", "robin at http://hub")
    if before is not None:
        dialog.kept[place] = before
    monkeypatch.setattr("wizard.services.credentials.os_keyring.CALL_SECONDS", 0.2)
    chosen = keyring.get_keyring()
    keyring.set_keyring(dialog)
    try:
        with pytest.raises(Problem) as told:
            await Keychain().save("http://hub", "robin", AccessToken(new_token()))
        assert told.value.code == "keyring_locked"
        dialog.unlocked.set()
        assert await asyncio.to_thread(dialog.put_right.wait, 10)
    finally:
        keyring.set_keyring(chosen)
    assert dialog.kept == ({} if before is None else {place: before})


def test_no_token_ever_lies_in_a_plain_file_of_ours() -> None:
    """The only writer of access tokens is the keyring library."""
    source = Path(sys.modules["wizard"].__file__ or "").parent
    writers = [
        path.name
        for path in (source / "services").rglob("*.py")
        if "reveal()" in (text := path.read_text())
        and any(word in text for word in (".write_text", "open(", "tomlkit"))
    ]
    assert writers == []
