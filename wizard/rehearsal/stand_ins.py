"""Both stand-ins, started together on loopback and described by the variables that point SDKs at them."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from wizard.core.access_token import AccessToken, remember
from wizard.core.plan.names import SECRET_NAME
from wizard.core.problem import usage
from wizard.rehearsal.container_faults import CONTAINER_FAULTS
from wizard.rehearsal.control import Control
from wizard.rehearsal.faults import Faults
from wizard.rehearsal.fixtures import Fixtures
from wizard.rehearsal.hub.server import StandInHub
from wizard.rehearsal.modal.server import StandInModal
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.records import Secret
from wizard.rehearsal.modal.state.settings import ModalSettings
from wizard.rehearsal.scenarios import SCENARIOS, Scenario

FORK_SERVER = "OUTLINES_WIZARD_FORK_SERVER"
"""Variable with the socket of a `fork_server.py` that several rehearsals share, as tests do; else each has its own."""
PASSED_ON = ("HF_ENDPOINT", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")


# A container has this machine's cores together with the stand-ins and whatever calls it: threads of torch that spin
# while they wait made an answer of the small model take ten times as long when other programs were busy.
_CONTAINER_ENV = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    # For vLLM's build for CPUs, where it is installed: bound to cores, it is slower on a machine that others share.
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_CPU_KVCACHE_SPACE": "1",
}


@dataclass(frozen=True)
class ServedFolder:
    """A model folder of one's own, and how the stand-in Hub serves it."""

    folder: Path
    repo_id: str
    access: Literal["open", "gated", "private"] = "open"


def read_served(text: str) -> ServedFolder:
    """Read ``DIR=org/name[:gated|:private]``. Raises Problem (exit code 2)."""
    folder, equals, rest = text.rpartition("=")
    repo_id, _, access = rest.partition(":")
    if not equals or repo_id.count("/") != 1 or access not in ("", "open", "gated", "private"):
        raise usage("serve_invalid", f"--serve {text!r} is not DIR=org/name[:gated|:private].")
    path = Path(os.path.expanduser(folder))
    if not any((path / name).is_file() for name in ("config.json", "adapter_config.json")):
        raise usage("serve_invalid", f"--serve: {folder} is not a model folder: config.json is not there.")
    return ServedFolder(path.resolve(), repo_id, access or "open")  # type: ignore[arg-type]


@dataclass(frozen=True)
class StandInSettings:
    """What is served. `state` None: a temporary folder that goes when the stand-ins do. `hub` False: Modal only.

    `passes_hub_on` False: the Hub that this machine asks is not trusted, so containers that hold an access token ask
    the public one.
    """

    scenario: Scenario = SCENARIOS[0]
    state: Path | None = None
    hub: bool = True
    serve: tuple[ServedFolder, ...] = ()
    hub_port: int = 0
    modal_port: int = 0
    passes_hub_on: bool = True


@dataclass
class StandIns:
    """The running stand-ins; use as an asynchronous context manager."""

    settings: StandInSettings
    env: dict[str, str] = field(default_factory=dict, repr=False)
    pages: dict[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> StandIns:
        async with AsyncExitStack() as closing:  # where one of them does not start, what is there already goes again
            await self._set(closing)
            self._closing = closing.pop_all()
        return self

    async def __aexit__(self, *reason: object) -> None:
        await self._closing.aclose()

    async def _set(self, closing: AsyncExitStack) -> None:
        scenario, kept = self.settings.scenario, self.settings.state
        self.state = kept.resolve() if kept else Path(tempfile.mkdtemp(prefix="outlines-rehearsal-"))
        if kept is None:
            closing.callback(shutil.rmtree, self.state, ignore_errors=True)
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.faults = Faults(scenario.faults)
        self.fixtures = Fixtures.load()
        for served in self.settings.serve:
            self.fixtures.add_repository(
                served.folder,
                served.repo_id,
                gated="auto" if served.access == "gated" else None,
                private=served.access == "private",
            )
        self.fixtures.change(scenario.fixtures)
        self.hub = StandInHub(self.fixtures, self.faults)
        if self.settings.hub:
            closing.push_async_callback(self.hub.close)
            await self.hub.start(self.settings.hub_port)
        self.token_id, self.token_secret = _modal_token()
        self.modal = StandInModal(self._modal_settings(), self.faults)
        closing.push_async_callback(self.modal.close)
        await self.modal.start(self.settings.modal_port)
        if scenario.stale_secret:
            self._put_stale_secret()
        self._describe()
        self.control = Control(self)
        closing.push_async_callback(self.control.close)
        await self.control.start()

    def _modal_settings(self) -> ModalSettings:
        if self.settings.hub:
            outside: Mapping[str, str] = {"HF_ENDPOINT": self.hub.url}
        else:
            outside = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return ModalSettings(
            state=self.state / "modal",
            tokens={self.token_id: self.token_secret},
            container_env={**outside, **_CONTAINER_ENV},
            customization=self._container_fault(),
            never_beside_token=() if self.settings.passes_hub_on else ("HF_ENDPOINT",),
            python=sys.executable,
            fork_server=Path(shared) if (shared := os.environ.get(FORK_SERVER)) else None,
        )

    def _container_fault(self) -> Path | None:
        """The folder of the program that goes wrong inside of containers, if this scenario has one."""
        name = self.settings.scenario.container_fault
        if not name:
            return None
        folder = self.state / "container-fault"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(CONTAINER_FAULTS[name])
        return folder

    def _put_stale_secret(self) -> None:
        """A Modal Secret as this program makes it, with an access token that is no longer the one in use."""
        old = AccessToken(self.fixtures.token("revoked").value)
        mark = "OUTLINES_WIZARD_1"
        values = {"HF_TOKEN": old.reveal(), mark: "1", f"{mark}_{old.fingerprint}": "1"}
        secret = Secret(new_id("st"), SECRET_NAME, "main", values)
        self.modal.state.secrets[secret.id] = secret

    def _describe(self) -> None:
        scenario, home = self.settings.scenario, self.state / "huggingface"
        home.mkdir(exist_ok=True)
        config = self.state / "modal.toml"
        config.touch()
        if self.settings.hub:
            token = self.fixtures.token(scenario.token).value if scenario.token else ""
            self.env = {
                "HF_ENDPOINT": self.hub.url,
                "HF_HOME": str(home),
                "HF_HUB_CACHE": str(home / "hub"),
                "HF_TOKEN_PATH": str(home / "token"),
                "HF_TOKEN": remember(token),
                "HF_HUB_DISABLE_TELEMETRY": "1",
                "OUTLINES_WIZARD_TRUST_ENDPOINT": self.hub.url,
            }
            self.pages = {
                "model": f"{self.hub.url}/rehearsal-lab/tiny-character",
                "requests": f"{self.hub.url}/settings/gated-repos",
                "new token": f"{self.hub.url}/settings/tokens/new",
            }
        self.env |= {
            "MODAL_SERVER_URL": self.modal.server_url,
            "MODAL_CONFIG_PATH": str(config),
            "MODAL_TOKEN_ID": self.token_id if scenario.modal_token else "",
            "MODAL_TOKEN_SECRET": self.token_secret if scenario.modal_token else "",
            "MODAL_ENVIRONMENT": "main",
            "NO_PROXY": ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1"))),
            "OUTLINES_WIZARD_MODAL_PAGES": self.modal.pages_url,
        }
        self.pages["modal"] = self.modal.pages_url

    def to_mapping(self) -> dict[str, Any]:
        """The public `Serving` object."""
        return {"event": "Serving", "env": self.env, "pages": self.pages, "scenario": self.settings.scenario.name}


def _modal_token() -> tuple[str, str]:
    """A Modal token in the service's shape, made now and good for these stand-ins only."""
    token_id, token_secret = (f"{kind}-{secrets.token_hex(11)}" for kind in ("ak", "as"))
    return remember(token_id), remember(token_secret)
