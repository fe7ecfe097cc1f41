"""A stand-in Hub in a thread of its own, so that synchronous clients in the test can talk to it."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.hub.running_hub import Hf, RunningHub, Serve, point_library_at
from wizard.rehearsal.faults import Faults
from wizard.rehearsal.fixtures import Fixtures
from wizard.rehearsal.hub import StandInHub


@pytest.fixture(scope="session")
def server_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The event loop that the stand-ins live in, turning in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="stand-in-hub", daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def serve(server_loop: asyncio.AbstractEventLoop) -> Iterator[Serve]:
    """Start stand-ins with options of the test's own; all are closed after it."""
    running: list[RunningHub] = []

    def start(
        fixtures: Fixtures | None = None,
        tls: tuple[ssl.SSLContext, ssl.SSLContext] | None = None,
        **options: Any,
    ) -> RunningHub:
        hub = StandInHub(fixtures or Fixtures.load(), Faults(), **options)
        asyncio.run_coroutine_threadsafe(hub.start(ssl_context=tls[0] if tls else None), server_loop).result(10)
        running.append(RunningHub(hub, server_loop, tls[1] if tls else None))
        return running[-1]

    yield start
    for started in running:
        started.run(started.hub.close())


@pytest.fixture
def hub(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunningHub:
    """A fresh stand-in with the bundled world, and a Hub library that knows of no other."""
    started = serve()
    point_library_at(started.url, monkeypatch, tmp_path)
    return started


@pytest.fixture
def environment(hub: RunningHub, tmp_path: Path) -> dict[str, str]:
    """What a child process needs to know the stand-in and nothing of this machine's own accounts."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": str(tmp_path),
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "hf-home"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_TOKEN": hub.fixtures.token("read").value,
        "NO_COLOR": "1",
    }


@pytest.fixture
def hf(environment: dict[str, str]) -> Hf:
    """The real ``hf`` command line, pointed at the stand-in."""

    def run(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("hf")), *words]
        return subprocess.run(
            command, env={**environment, **changes}, capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture(scope="session")
def certificate(certificate_file: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A context to serve with, and one that trusts it."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate_file, certificate_file.with_name("key.pem"))
    return serving, ssl.create_default_context(cafile=str(certificate_file))
