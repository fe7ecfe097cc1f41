"""`check --watch`, the browser login, and access tokens that do not last: through the real command line."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
import urllib.request
from collections.abc import Callable

import aiohttp
import pytest

from tests.support.terminal import CHECKOUT, LAB, Ended, Terminal, new_token
from wizard.rehearsal.faults import Fault
from wizard.rehearsal.hub.server import StandInHub

PENDING = f"{LAB}-pending"
MEMORY = """
from keyring.backend import KeyringBackend

class Memory(KeyringBackend):
    priority = 5
    held = {}
    def get_password(self, service, username): return self.held.get((service, username))
    def set_password(self, service, username, password): self.held[service, username] = password
    def delete_password(self, service, username): del self.held[service, username]
"""


class Watching:
    """`check --watch` that is waiting."""

    def __init__(self, terminal: Terminal, *arguments: str) -> None:
        self._terminal, self._arguments = terminal, ("check", *arguments, "--watch", "--every", "0.2")

    async def __aenter__(self) -> Watching:
        self.child = await self._terminal.start(sys.executable, "-m", "wizard", *self._arguments)
        return self

    async def __aexit__(self, *reason: object) -> None:
        if self.child.returncode is None:
            self.child.kill()
            await self.child.wait()

    async def ended(self, seconds: float = 30) -> Ended:
        out, err = await asyncio.wait_for(self.child.communicate(), seconds)
        assert "Traceback" not in out.decode() + err.decode(), err.decode()
        return Ended(self._arguments, self.child.returncode or 0, out.decode(), err.decode(), 0)


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.03)


def polls(stand_in: StandInHub) -> int:
    return sum(seen.path == f"/api/models/{PENDING}/auth-check" for seen in stand_in.seen)


@pytest.mark.parametrize(
    ("becomes", "verdict", "code"), [("accepted", "ready", 0), ("rejected", "rejected", 3), ("reset", "reset", None)]
)
async def test_the_answer_of_the_authors_is_noticed(
    becomes: str, verdict: str, code: int | None, stand_in: StandInHub, terminal: Terminal
) -> None:
    terminal.variables["HF_TOKEN"] = stand_in.fixtures.token("read").value
    async with Watching(terminal, PENDING, "--json") as watching:
        await until(lambda: polls(stand_in) >= 3)
        stand_in.fixtures.change({"requests": {PENDING: {"robin": becomes}}})
        if code is None:  # asked again after a reset: it goes on waiting, and ends with the answer to that
            await until(lambda: polls(stand_in) >= 6)
            stand_in.fixtures.change({"requests": {PENDING: {"robin": "accepted"}}})
            verdict, code = "ready", 0
        done = await watching.ended()
    assert (done.code, done.data["verdict"]) == (code, verdict), done
    asked = [seen.path for seen in stand_in.seen if seen.token == "read"]
    assert asked.count("/api/whoami-v2") <= 3, "whoami has a strict limit: polling does not ask it"


async def test_a_hub_that_is_down_for_a_while_ends_no_waiting(stand_in: StandInHub, terminal: Terminal) -> None:
    terminal.variables["HF_TOKEN"] = stand_in.fixtures.token("read").value
    async with Watching(terminal, PENDING, "--json") as watching:
        await until(lambda: polls(stand_in) >= 2)
        stand_in.faults.arm(Fault("hub:*", "status", 503))
        seen = polls(stand_in)
        await until(lambda: polls(stand_in) >= seen + 2)
        stand_in.faults.clear()
        stand_in.faults.arm(Fault("hub:*", "disconnect"))
        seen = polls(stand_in)
        await until(lambda: polls(stand_in) >= seen + 2)
        assert watching.child.returncode is None
        stand_in.fixtures.change({"requests": {PENDING: {"robin": "accepted"}}})
        stand_in.faults.clear()
        done = await watching.ended()
    assert (done.code, done.data["verdict"]) == (0, "ready"), done


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_waiting_can_be_stopped(number: signal.Signals, stand_in: StandInHub, terminal: Terminal) -> None:
    terminal.variables["HF_TOKEN"] = stand_in.fixtures.token("read").value
    async with Watching(terminal, PENDING, "--json") as watching:
        await until(lambda: polls(stand_in) >= 2)
        watching.child.send_signal(number)
        done = await watching.ended(5)
    assert (done.code, done.data["code"]) == (130, "interrupted"), done


async def test_a_token_that_dies_meanwhile_ends_the_waiting(stand_in: StandInHub, terminal: Terminal) -> None:
    terminal.variables["HF_TOKEN"] = stand_in.fixtures.token("read").value
    async with Watching(terminal, PENDING, "--json") as watching:
        await until(lambda: polls(stand_in) >= 2)
        stand_in.fixtures.change({"tokens": {"read": {"state": "revoked"}}})
        done = await watching.ended()
    assert (done.code, done.data["verdict"]) == (4, "invalid_token"), done


@pytest.mark.long
async def test_what_is_proposed_meanwhile_is_open_and_of_like_size(stand_in: StandInHub, terminal: Terminal) -> None:
    models = {  # gated model -> what would be wrong to propose, by the declarations of the world
        "mistralai/Mistral-7B-Instruct-v0.2": 7.24e9,
        "google/gemma-2-2b-it": 2.6e9,
        PENDING: None,
    }
    for model, size in models.items():
        done = await terminal.wizard("check", model, "--json", HF_TOKEN=stand_in.fixtures.token("pending-person").value)
        assert done.code == 3, done
        proposed = done.data["alternatives"]
        assert 1 <= len(proposed) <= 3, done
        for name in proposed:
            repository = stand_in.fixtures.repository(name)
            assert repository is not None
            assert not (repository.gated or repository.private or repository.disabled or repository.region_blocked), (
                name
            )
            assert repository.pipeline_tag == "text-generation"
            if size is not None:
                assert 0.5 * size <= sum(repository.parameters.values()) <= 2 * size, name
            ready = await terminal.wizard("check", name, "--json", HF_TOKEN="")
            assert ready.data["verdict"] in ("ready", "weights_missing"), ready
            assert ready.data["verdict"] == "ready", f"{name} is proposed, and cannot be loaded: {ready}"


async def test_a_login_token_is_refused_for_a_modal_secret(stand_in: StandInHub, terminal: Terminal) -> None:
    """By its kind, by its shape, and by the refresh token beside it; before Modal is asked anything."""
    link = f"{stand_in.url}/settings/tokens/new?canReadGatedRepos=true&tokenType=fineGrained"
    oidc, refreshed = new_token("hf_jwt_"), stand_in.fixtures.token("read").value
    stand_in.fixtures.change({"tokens": {"from-ci": {"person": "robin", "role": "read", "value": oidc}}})
    own = Terminal(stand_in.url)
    own.log_in(refreshed)
    beside = f"[oauth-robin]\nhf_token = {refreshed}\nrefresh_token = {new_token('hf_oauth_refresh_')}\n"
    (own.hf_home / "stored_tokens").write_text(beside)
    try:
        ended = await asyncio.gather(
            *(
                shell.wizard("deploy", "--model", LAB, "--text", "--yes", "--json", HF_TOKEN=value)
                for shell, value in ((terminal, stand_in.fixtures.token("oauth").value), (terminal, oidc), (own, ""))
            )
        )
    finally:
        own.leave()
    for done in ended:
        failed = done.one("Failed")
        assert (done.code, failed["code"], failed["step"]) == (4, "token_short_lived", "token"), done
        assert failed["url"] == link
        assert "hf_" not in failed["message"] + failed["hint"]
    fine = await terminal.wizard("check", LAB, "--json", HF_TOKEN=stand_in.fixtures.token("oauth").value)
    assert fine.data["verdict"] == "ready", "for reading it is good enough"


@pytest.mark.parametrize(
    ("answer", "code", "flags"), [("approve", 0, ()), ("approve", 0, ("--json",)), ("deny", 4, ())]
)
async def test_a_login_with_a_code(
    answer: str, code: int, flags: tuple[str, ...], stand_in: StandInHub, terminal: Terminal
) -> None:
    (terminal.home / "memory_keyring.py").write_text(MEMORY)
    child = await terminal.start(
        *(sys.executable, "-m", "wizard", "token", "set", "--browser", *flags),
        PYTHONPATH=f"{CHECKOUT}:{terminal.home}",
        PYTHON_KEYRING_BACKEND="memory_keyring.Memory",
    )
    told = child.stdout if flags else child.stderr
    assert told is not None
    said = b""
    async with asyncio.timeout(20):
        while not (
            match := re.search(rb'(?:enter the code:\s+http\S+\s+|"SignInWaiting".*"code": ")([A-Z]+-[A-Z]+)', said)
        ):
            line = await told.readline()
            assert line, said
            said += line
    async with aiohttp.ClientSession() as browser:
        form = {"user_code": match[1].decode(), "decision": answer}
        async with browser.post(f"{stand_in.url}/oauth/device/answer", data=form) as page:
            assert page.status == 200, await page.text()
    out, err = await asyncio.wait_for(child.communicate(), 20)
    text = (said + err + out).decode()
    assert child.returncode == code, text
    issued = [token.value for token in stand_in.fixtures.tokens.values() if token.name.startswith("device-login")]
    if code == 0:
        assert "robin" in out.decode() and "30 days" in out.decode(), "it is said that it does not last"
        assert issued and all(value not in text for value in issued)
    else:
        assert "refused in the browser" in text
        assert issued == []


@pytest.mark.slow
async def test_with_a_rehearsal_that_is_served(terminal: Terminal) -> None:
    """The same as a person does it: `rehearse` in one terminal, `check --rehearse --watch` in another."""
    server = await terminal.start(sys.executable, "-m", "wizard", "rehearse", "--json", HF_ENDPOINT="")
    assert server.stdout is not None
    try:
        await asyncio.wait_for(server.stdout.readline(), 40)
        control = json.loads((terminal.state / "outlines-wizard" / "rehearsal.json").read_text())["url"]

        def ask(path: str, data: object = None) -> object:
            body = None if data is None else json.dumps(data).encode()
            request = urllib.request.Request(
                f"{control}/{path}", data=body, headers={"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)

        async with Watching(terminal, PENDING, "--json", "--rehearse") as watching:
            async with asyncio.timeout(20):
                while str(await asyncio.to_thread(ask, "seen")).count(f"{PENDING}/auth-check") < 3:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            await asyncio.to_thread(ask, "world", {"requests": {PENDING: {"robin": "accepted"}}})
            done = await watching.ended()
        assert (done.code, done.data["verdict"]) == (0, "ready"), done
    finally:
        server.terminate()
        await asyncio.wait_for(server.communicate(), 15)
