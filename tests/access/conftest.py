"""Stand-in Hubs in the test's own loop over http and https, terminals, and nothing of this machine's own accounts."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from terminal import Terminal, new_token

from wizard.core.access_token import AccessToken
from wizard.flow.credential_ports import FoundToken
from wizard.rehearsal.faults import Faults
from wizard.rehearsal.hub.server import StandInHub
from wizard.rehearsal.world import World
from wizard.services.hub import Hub

Held = Callable[[str | None], FoundToken | None]


@pytest.fixture(autouse=True)
def no_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's own variables have no part in these tests."""
    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGING", "MODAL_", "DBUS_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for loopback, made for these tests; its key lies beside it."""
    openssl = shutil.which("openssl")
    assert openssl, "The tests over https need the openssl command to make a certificate."
    folder = tmp_path_factory.mktemp("certificate")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=stand-in-hub"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run([openssl, *words.split(), *names, *files], check=True, capture_output=True)
    return folder / "cert.pem"


@pytest.fixture
async def stand_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StandInHub]:
    """A Hub on loopback; over https where the test is parametrized so (indirectly)."""
    server = StandInHub(World.load(), Faults())
    if getattr(request, "param", "http") == "https":
        certificate: Path = request.getfixturevalue("certificate")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        await server.start(ssl_context=context)
    else:
        await server.start()
    yield server
    await server.close()


@pytest.fixture
async def hub(stand_in: StandInHub) -> AsyncIterator[Hub]:
    """The service, pointed at the stand-in."""
    service = Hub()
    service.endpoint = stand_in.url
    yield service
    await service.close()


@pytest.fixture
def held(stand_in: StandInHub) -> Held:
    """The access token of that name in the stand-in's world, as if it had been found on this machine."""

    def hold(name: str | None) -> FoundToken | None:
        if name is None:
            return None
        value = new_token() if name == "unknown" else stand_in.world.token(name).value
        return FoundToken(AccessToken(value), "HF_TOKEN", "env")

    return hold


@pytest.fixture
def terminal(stand_in: StandInHub) -> Iterator[Terminal]:
    """A shell that knows the stand-in."""
    shell = Terminal(stand_in.url)
    yield shell
    shell.leave()
