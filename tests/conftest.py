"""What several folders of tests need alike: a stand-in Hub in the test's own loop, its certificate, a terminal."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.support.hubs import trusting
from wizard.core.access_token import AccessToken
from wizard.flow.ports.credentials import Credential
from wizard.rehearsal.faults import Faults
from wizard.rehearsal.fixtures import Fixtures, new_token_value
from wizard.rehearsal.hub.server import StandInHub
from wizard.services.hub.client import Hub

pytest_plugins = ["tests.support.session"]

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def shared_fork_server() -> Iterator[None]:
    """One process that containers of all of this worker's rehearsals fork from: what they need is imported once."""
    from wizard.rehearsal.modal.containers import fork_server  # takes the SDK along, which most tests do without
    from wizard.rehearsal.modal.containers.forking import can_fork
    from wizard.rehearsal.stand_ins import FORK_SERVER

    if not can_fork():
        yield
        return
    folder = Path(tempfile.mkdtemp(prefix="forks-", dir="/tmp"))  # short: a socket's path has a limit
    command = [sys.executable, fork_server.__file__, "dispatch", str(folder / "socket")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.environ[FORK_SERVER] = str(folder / "socket")
        yield
        del os.environ[FORK_SERVER]
        process.stdin.close()
    shutil.rmtree(folder)


@pytest.fixture
def no_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's own variables have no part in a test that asks for this."""
    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGING", "MODAL_", "DBUS_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def certificate_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for loopback and the public Hub, made for these tests; its key lies beside it."""
    openssl = shutil.which("openssl")
    assert openssl, "The tests over https need the openssl command to make a certificate."
    folder = tmp_path_factory.mktemp("certificate")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=stand-in-hub"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:huggingface.co"]
    subprocess.run([openssl, *words.split(), *names, *files], check=True, capture_output=True)
    return folder / "cert.pem"


@pytest.fixture
async def stand_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StandInHub]:
    """A Hub on loopback; over https where the test is parametrized so (indirectly)."""
    server = StandInHub(Fixtures.load(), Faults())
    context = None
    if getattr(request, "param", "http") == "https":
        certificate: Path = request.getfixturevalue("certificate_file")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    await server.start(ssl_context=context)
    yield server
    await server.close()


@pytest.fixture
async def hub(stand_in: StandInHub) -> AsyncIterator[Hub]:
    """The service, pointed at the stand-in."""
    service = Hub(trusting(stand_in.url))
    service.endpoint = stand_in.url
    yield service
    await service.close()


@pytest.fixture
def held(stand_in: StandInHub) -> Callable[[str | None], Credential | None]:
    """The access token of that name in the stand-in's world, as if it had been found on this machine."""

    def hold(name: str | None) -> Credential | None:
        if name is None:
            return None
        value = new_token_value() if name == "unknown" else stand_in.fixtures.token(name).value
        return Credential(AccessToken(value), "HF_TOKEN", "env")

    return hold


@pytest.fixture
def on_a_terminal(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Runs a command on a terminal, types `typed` once it asks with `asks`; its exit code and all that was shown."""

    import pty  # not on Windows

    def run(*arguments: str, asks: str, typed: str) -> tuple[int, str]:
        mine, theirs = pty.openpty()
        child = subprocess.Popen(
            [sys.executable, "-m", "wizard", *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(PROJECT), "TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        while asks.encode() not in shown:
            shown += os.read(mine, 4096)
        os.write(mine, typed.encode())
        while piece := _read(mine):
            shown += piece
        os.close(mine)
        return child.wait(30), shown.decode()

    return run


def _read(terminal: int) -> bytes:
    """The next piece; empty at the end, which Linux tells by an error."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
