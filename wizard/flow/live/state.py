"""What a live check is asked for, what it has made, and what its probes share."""

from __future__ import annotations

import asyncio
import json
import secrets
import string
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wizard.codegen.live import SmallApp
from wizard.core.access_token import AccessToken
from wizard.core.events import LogLine, SampleReady
from wizard.core.live.report import Finding
from wizard.core.live.scope import NAME_PREFIX, LiveScope
from wizard.core.models.model_info import ModelFacts
from wizard.core.problem import Problem
from wizard.flow.access.check import find_token
from wizard.flow.ports.credentials import Credential
from wizard.flow.ports.hub import HubPort
from wizard.flow.ports.modal import CallOutcome, LogQuery, ModalPort, ProxyToken, Workspace
from wizard.flow.ports.services import Ports

CALL_SECONDS = 120.0


class CouldNotTry(Exception):
    """Why a probe could not find out."""


@dataclass(frozen=True)
class LiveOptions:
    """What is asked for. `folder` is where app files are written for the deploys; `keep`: nothing is removed."""

    scope: LiveScope
    folder: Path
    max_cost: float | None = None
    keep: bool = False


@dataclass
class Made:
    """What is on Modal because of this check; what is removed is taken out."""

    apps: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    proxy_token: ProxyToken | None = None

    @property
    def anything(self) -> bool:
        """Whether there is something to remove."""
        return bool(self.apps or self.secrets or self.volumes or self.proxy_token)


@dataclass
class Job:
    """A deployed model: its app, its endpoint, and its first answer with what it was computed on."""

    app: str
    model: str
    endpoint: str = ""
    sample: SampleReady | None = None
    about: dict[str, Any] = field(default_factory=dict)


@dataclass
class Live:
    """A running check."""

    ports: Ports
    options: LiveOptions
    suffix: str = field(default_factory=lambda: secrets.token_hex(3))
    workspace: Workspace | None = None
    credential: Credential | None = None
    made: Made = field(default_factory=Made)
    jobs: dict[str, Job] = field(default_factory=dict)
    fingerprint: str = ""  # of the made-up access token that the Secret holds
    endpoint: str = ""  # of the small app
    left: tuple[str, ...] = ()  # what could not be removed, each with what removes it
    no_proxy_token: str = ""  # why there is none
    read_only: str = ""  # how the read-only mount refused
    _listings: dict[str, dict[str, Any]] = field(default_factory=dict)
    _facts: dict[str, ModelFacts] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the Secret, the Volume and the proxy token of this check are called, and its apps begin with."""
        return f"{NAME_PREFIX}-{self.suffix}"

    @property
    def small(self) -> SmallApp:
        """The small app without a GPU."""
        return SmallApp(f"{self.name}-small", self.name, self.name)

    @property
    def scope(self) -> LiveScope:
        return self.options.scope

    @property
    def hub(self) -> HubPort:
        """The Hub that access tokens belong to."""
        return self.ports.hub.account_hub

    @property
    def modal(self) -> ModalPort:
        return self.ports.modal

    @property
    def token(self) -> AccessToken:
        """The person's access token. Raises CouldNotTry."""
        if self.credential is None:
            raise CouldNotTry("there is no access token on this computer")
        return self.credential.token

    async def find_token(self) -> None:
        """Look for the person's access token."""
        self.credential = await find_token(self.ports, "auto")

    async def facts(self, model: str) -> ModelFacts:
        """What the Hub says about a model; asked once."""
        if model not in self._facts:
            token = self.credential.token if self.credential else None
            self._facts[model] = await self.hub.model(model, None, token)
        return self._facts[model]

    async def listing(self, model: str) -> dict[str, Any]:
        """The same as the Hub writes it, asked without an access token; asked once. Raises CouldNotTry."""
        if model not in self._listings:
            answer = await self.hub.ask("GET", f"/api/models/{model}?blobs=true")
            if answer.status != 200:
                raise CouldNotTry(f"{model} is answered with {answer.status}")
            self._listings[model] = json.loads(answer.body)
        return self._listings[model]


def seen_if(holds: bool, came_back: str) -> Finding:
    """What came back is as assumed, or differs."""
    return Finding("seen" if holds else "differs", came_back)


def made_up_token() -> AccessToken:
    """A value in the shape of an access token that belongs to nobody."""
    return AccessToken("hf_" + "".join(secrets.choice(string.ascii_letters) for _ in range(34)))


async def call(live: Live, function: str, **arguments: Any) -> tuple[CallOutcome, list[LogLine]]:
    """Call a function of the small app: how it ended, and the log lines that came meanwhile."""
    lines, outcome = [], CallOutcome(error="NoOutcome", message="the call ended without a result")
    async for item in live.modal.call(live.small.app, function, arguments, CALL_SECONDS):
        if isinstance(item, LogLine):
            lines.append(item)
        elif isinstance(item, CallOutcome):
            outcome = item
    return outcome, lines


async def value_of(live: Live, function: str, **arguments: Any) -> Any:
    """What a function of the small app returns. Raises Problem where it ends with an error."""
    outcome, _ = await call(live, function, **arguments)
    if outcome.error:
        raise Problem("live_call_failed", f"{function} ended with {outcome.error}: {outcome.message}")
    return outcome.value


async def log_has(live: Live, text: str, seconds: float) -> float | None:
    """For how long a line of the small app's log was waited for; None where it did not come."""
    started = time.monotonic()
    while (waited := time.monotonic() - started) < seconds:
        async for line in live.modal.logs(live.small.app, LogQuery(since=600.0, search=text)):
            if text in line.text:
                return waited
        await asyncio.sleep(0.5)
    return None


async def until(holds: Callable[[], Awaitable[bool]], seconds: float) -> float | None:
    """For how long something was waited for that an awaitable says; None where it did not come."""
    started = time.monotonic()
    while (waited := time.monotonic() - started) < seconds:
        if await holds():
            return waited
        await asyncio.sleep(0.5)
    return None
