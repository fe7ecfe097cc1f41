"""`token set|show|forget` and `--token-from keyring` against a real Secret Service, through the real command line."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from tests.credentials.desktop_session import LOCKED, NO_SERVICE, Desktop
from tests.support.terminal import LAB, Ended, Terminal
from wizard.rehearsal.hub.server import StandInHub

LIST = """
import json, secretstorage
bus = secretstorage.dbus_init()
open_ones = [each for each in secretstorage.get_all_collections(bus) if not each.is_locked()]
items = [item for each in open_ones for item in each.get_all_items()]
print(json.dumps([[item.get_attributes().get("username"), item.get_secret().decode()] for item in items]))
"""


async def entries(terminal: Terminal) -> dict[str, str]:
    """Everything that the keyring holds, as another program sees it."""

    child = await terminal.start(sys.executable, "-c", LIST)
    out, err = await child.communicate()
    assert child.returncode == 0, err
    return dict(json.loads(out))


def check_manners(*ended: Ended) -> None:
    for done in ended:
        assert "Traceback" not in done.said, done
        assert done.seconds < 20, done


@pytest.mark.long
async def test_a_life_in_an_unlocked_keyring(desktop: Desktop, stand_in: StandInHub) -> None:
    mine, another = (stand_in.fixtures.token(name).value for name in ("read", "author-read"))
    async with desktop() as terminal:
        shown = await terminal.wizard("token", "show", "--json")
        assert shown.data["keyring"]["state"] == "ready", shown
        assert await entries(terminal) == {}, "the round trip leaves nothing behind"

        kept = await terminal.wizard("token", "set", "--json", stdin=f"{mine}\n")
        assert kept.code == 0, kept
        assert (kept.one("TokenSaved")["user"], kept.one("TokenSaved")["role"]) == ("robin", "read")
        checked = await terminal.wizard("check", LAB, "--token-from", "keyring", "--json")
        assert (checked.code, checked.data["verdict"]) == (0, "ready"), checked
        assert checked.data["token"]["source"] == "the OS keyring (robin)"
        by_default = await terminal.wizard("check", LAB, "--json")
        assert by_default.data["token"]["source"] == "the OS keyring (robin)", "where nothing else holds one"

        # Two people, and another Hub: side by side.
        elsewhere = StandInHub(stand_in.fixtures)
        await elsewhere.start()
        asked = {"HF_ENDPOINT": elsewhere.url, "OUTLINES_WIZARD_TRUST_ENDPOINT": elsewhere.url}
        try:
            second = await terminal.wizard("token", "set", "--json", stdin=another)
            third = await terminal.wizard("token", "set", "--json", stdin=mine, **asked)
            assert (second.code, third.code) == (0, 0), f"{second}{third}"
            held = await entries(terminal)
            assert held[f"robin at {stand_in.url}"] == held[f"robin at {elsewhere.url}"] == mine
            assert held[f"sam at {stand_in.url}"] == another
            shown, there = await asyncio.gather(
                terminal.wizard("token", "show", "--json"),
                terminal.wizard("token", "show", "--json", **asked),
            )
            assert [(row["user"], row["wins"]) for row in shown.data["tokens"]] == [("sam", True), ("robin", False)]
            assert [row["user"] for row in there.data["tokens"]] == ["robin"]
        finally:
            await elsewhere.close()

        gone = await terminal.wizard("token", "forget", "--user", "sam", "--json")
        assert gone.code == 0, gone
        after = await terminal.wizard("token", "show", "--json")
        assert [row["user"] for row in after.data["tokens"]] == ["robin"], after
        await terminal.wizard("token", "forget", "--json")
        nobody = await terminal.wizard("token", "forget", "--json")
        assert (nobody.code, nobody.data["code"]) == (2, "no_keyring_entry"), nobody
        left = await entries(terminal)
        assert {name for name in left if str(name).endswith(stand_in.url)} == set(), "nothing of this Hub is left"
        check_manners(shown, kept, checked, gone, nobody)
        for done in (shown, kept, checked, second, gone, after):
            assert mine not in done.said and another not in done.said
        plain = [path for path in terminal.files() if mine.encode() in path.read_bytes()]
        assert plain == [], "the keyring's own files are encrypted, and there is no other"


async def test_a_dead_token_is_not_kept(desktop: Desktop, stand_in: StandInHub) -> None:
    async with desktop() as terminal:
        dead = await terminal.wizard("token", "set", "--json", stdin=stand_in.fixtures.token("expired").value)
        assert (dead.code, dead.data["code"]) == (4, "expired_token"), dead
        assert await entries(terminal) == {}


async def test_a_locked_keyring_says_so(desktop: Desktop, stand_in: StandInHub) -> None:
    value = stand_in.fixtures.token("read").value
    async with desktop(LOCKED) as terminal:
        shown, kept, gone, wanted, anyway = await asyncio.gather(
            terminal.wizard("token", "show", "--json"),
            terminal.wizard("token", "set", "--json", stdin=value),
            terminal.wizard("token", "forget", "--json"),
            terminal.wizard("check", LAB, "--token-from", "keyring", "--json"),
            terminal.wizard("check", f"{LAB}-open", "--json"),
        )
    check_manners(shown, kept, gone, wanted, anyway)
    assert shown.code == 0
    assert shown.data["keyring"]["state"] == "locked", shown
    for done in (kept, gone, wanted):  # what is in it is not known: "there is none" would be untrue
        assert (done.code, done.data.get("code")) == (4, "keyring_locked"), done
        assert "Unlock" in done.data["hint"]
        assert value not in done.said
    assert (anyway.code, anyway.data["verdict"]) == (0, "ready"), "an open model needs no keyring"


async def test_a_session_without_a_keyring_is_another_sentence(desktop: Desktop, stand_in: StandInHub) -> None:
    """A bus, but no Secret Service behind it that starts: WSL, containers, minimal desktops."""
    value = stand_in.fixtures.token("read").value
    async with desktop(NO_SERVICE) as terminal:
        del terminal.variables["DBUS_SESSION_BUS_ADDRESS"]
        shown, kept, gone, wanted = await asyncio.gather(
            terminal.wizard("token", "show", "--json"),
            terminal.wizard("token", "set", "--json", stdin=value),
            terminal.wizard("token", "forget", "--json"),
            terminal.wizard("check", LAB, "--token-from", "keyring", "--json"),
        )
        files = [path for path in terminal.files() if value.encode() in path.read_bytes()]
    check_manners(shown, kept, gone, wanted)
    assert shown.data["keyring"]["state"] == "absent", shown
    for done in (kept, gone, wanted):
        assert (done.code, done.data.get("code")) == (4, "keyring_absent"), done
    assert "deploy --token-from stdin" in kept.data["hint"], (
        "what to do instead: this session, or the Modal Secret only"
    )
    assert "keyrings.alt" in kept.data["hint"], "and last an encrypted file"
    assert files == [], "never into a plain file"
