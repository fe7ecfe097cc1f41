"""A stand-in Hub that runs in another thread, and a plain HTTP client for it."""

from __future__ import annotations

import asyncio
import http.client
import ssl
import subprocess
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from huggingface_hub import constants

from wizard.rehearsal.hub import StandInHub

MODEL = "rehearsal-lab/tiny-character"


@dataclass(frozen=True)
class Answer:
    """What came back over the wire, redirects not followed."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class RunningHub:
    """A stand-in that is being served, and a plain HTTP client for it."""

    def __init__(self, hub: StandInHub, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None = None) -> None:
        self.hub, self.loop, self.tls = hub, loop, tls
        self.fixtures = hub.fixtures
        self.url = hub.url

    def value(self, token: str | None) -> str | None:
        """A token's value by its name; a name that starts with ``hf_`` is a value already."""
        return token if token is None or token.startswith("hf_") else self.fixtures.token(token).value

    def ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        connection = self._connect()
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {self.value(token)}"
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body=urlencode(form) if form is not None else None, headers=sent)
            with connection.getresponse() as response:
                return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        assert parts.hostname and parts.port
        if parts.scheme == "https":
            return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=10, context=self.tls)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)


Serve = Callable[..., RunningHub]
Hf = Callable[..., "subprocess.CompletedProcess[str]"]


def point_library_at(url: str, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """What the environment variables would do in a new process, for the library that is already imported."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    template = "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + template)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_HOME", str(home))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(home / "stored_tokens"))
