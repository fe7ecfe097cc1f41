"""A gated model behind a mirror, deployed for real on this machine: who sees the access token, and who proves it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.hubs import Mirror, WayOut
from tests.support.person import need_local
from tests.support.terminal import Ended, Terminal
from wizard.rehearsal.hub.server import StandInHub

pytestmark = [pytest.mark.slow, pytest.mark.long]

LAB = "rehearsal-lab/tiny-character"
PRIVATE = "robin/private-character"
PUBLIC = "https://huggingface.co"
NOBODY = "http://127.0.0.1:9"


class Behind:
    """A shell whose HF_ENDPOINT is a mirror. huggingface.co leads to a Hub on this machine: for the containers, and for
    the shell itself where it `can_get_out`."""

    def __init__(self, terminal: Terminal, stand_in: StandInHub, certificate: Path) -> None:
        self.terminal, self.stand_in, self.certificate = terminal, stand_in, certificate
        self.mirror, self.public = Mirror(stand_in.url), Mirror(stand_in.url)

    async def start(self) -> None:
        """Serve."""
        await self.mirror.start()
        await self.public.start(self.certificate)
        self.proxy = WayOut(self.public.port)
        await self.proxy.start()

    async def close(self) -> None:
        """Stop serving."""
        await self.proxy.close()
        await self.public.close()
        await self.mirror.close()

    async def deploy(self, *flags: str, token: str, can_get_out: bool) -> Ended:
        """`deploy --rehearse=modal`, with the access token of that name in HF_TOKEN."""
        shell = {
            "HF_ENDPOINT": self.mirror.url,
            "OUTLINES_WIZARD_TRUST_ENDPOINT": "",
            "HF_TOKEN": self.stand_in.fixtures.token(token).value,
            "HTTPS_PROXY": self.proxy.url,  # what a container is given
            "https_proxy": self.proxy.url if can_get_out else NOBODY,  # wins where both are set: here
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "SSL_CERT_FILE": str(self.certificate),
        }
        words = ("deploy", "--rehearse=modal", "--text", "--yes", "--no-sample", "--json", *flags)
        return await self.terminal.wizard(*words, **shell)


@pytest.fixture
async def behind(terminal: Terminal, stand_in: StandInHub, certificate_file: Path) -> AsyncIterator[Behind]:
    """The shell."""
    need_local()
    behind = Behind(terminal, stand_in, certificate_file)
    await behind.start()
    yield behind
    await behind.close()


def logged(done: Ended) -> str:
    """What builds and containers wrote."""
    events = map(json.loads, done.out.splitlines())
    return "\n".join(event["text"] for event in events if event["event"] == "LogLine")


async def test_where_the_public_hub_can_be_reached_it_alone_sees_the_token(behind: Behind) -> None:
    done = await behind.deploy("--model", LAB, token="read", can_get_out=True)
    assert done.code == 0, done
    hub = done.one("PlanReady")["hub"]
    assert (hub["checked_at"], hub["token_sent_to"]) == (behind.mirror.url, [PUBLIC])
    assert (hub["downloaded_from"], hub["proof"], hub["proof_dollars"]) == (PUBLIC, "here", 0.0)
    assert f"model.safetensors can be read at {PUBLIC}" in logged(done)
    assert behind.mirror.seen and behind.mirror.tokens == set() and len(behind.public.tokens) == 1


async def test_where_it_cannot_the_download_function_proves_access_first(behind: Behind) -> None:
    done = await behind.deploy("--model", LAB, token="read", can_get_out=False)
    assert done.code == 0, done
    hub = done.one("PlanReady")["hub"]
    assert (hub["token_sent_to"], hub["downloaded_from"], hub["proof"]) == ([], PUBLIC, "download")
    assert 0 < hub["proof_dollars"] < 0.01
    weights = [seen for seen in behind.public.seen if seen[1].endswith(".safetensors")]
    assert weights and weights[0][0] == "GET" and weights[0][2], "one byte, with the very token, before the download"
    assert behind.mirror.tokens == set() and len(behind.public.tokens) == 1


async def test_a_token_that_does_not_read_it_ends_there_before_any_gpu(behind: Behind) -> None:
    done = await behind.deploy("--model", LAB, token="stranger", can_get_out=False)
    assert (done.code, done.data["code"], done.data["step"]) == (3, "not_requested", "deploy"), done
    assert done.data["url"] == f"{PUBLIC}/{LAB}"
    assert logged(done).count("starting container") == 1, "that of the download function"
    assert behind.mirror.tokens == set()


async def test_a_container_asks_a_mirror_that_is_trusted_or_that_gets_no_token(behind: Behind) -> None:
    trusted = await behind.deploy(
        "--model", LAB, "--trust-endpoint", behind.mirror.url, token="read", can_get_out=False
    )
    assert trusted.code == 0, trusted
    assert len(behind.mirror.tokens) == 1 and not behind.public.seen
    assert f"can be read at {behind.mirror.url}" in logged(trusted)
    private = await behind.deploy(  # a company's own model, on its own Hub
        "--model", PRIVATE, "--trust-endpoint", behind.mirror.url, token="read", can_get_out=False
    )
    assert private.code == 0 and private.one("PlanReady")["plan"]["model"]["needs_token"] is True, private
    assert f"{PRIVATE}: model.safetensors can be read at {behind.mirror.url}" in logged(private)
    assert len(behind.mirror.tokens) == 1 and not behind.public.seen
    behind.mirror.seen.clear()
    anonymous = await behind.deploy("--model", f"{LAB}-open", token="read", can_get_out=False)
    assert anonymous.code == 0, anonymous
    assert behind.mirror.tokens == set() and not behind.public.seen
