"""How a program on this machine finds a rehearsal that is being served, and asks it for its variables."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import platformdirs
from aiohttp import web

from wizard.rehearsal.faults import Fault, Faults
from wizard.rehearsal.loopback import refuse_other_names

if TYPE_CHECKING:  # the stand-ins load an SDK, which whoever only looks for a served rehearsal has to do without
    from wizard.rehearsal.fixtures import Fixtures
    from wizard.rehearsal.hub import StandInHub
    from wizard.rehearsal.modal import StandInModal


class Controlled(Protocol):
    """The stand-ins that are controlled: what they play, and what they were asked."""

    faults: Faults
    fixtures: Fixtures
    hub: StandInHub
    modal: StandInModal

    def to_mapping(self) -> dict[str, Any]:
        """The public `Serving` object."""


class Control:
    """A small HTTP interface to running stand-ins, on loopback, behind a path that only its address file tells."""

    def __init__(self, stand_ins: Controlled) -> None:
        self._stand_ins = stand_ins
        self._key = secrets.token_urlsafe(18)
        self.proof = secrets.token_urlsafe(18)  # that these stand-ins answer, and not whoever has its port now
        self.url = ""

    async def start(self) -> None:
        """Listen on any free port of the loopback interface."""
        app = web.Application(middlewares=[refuse_other_names])
        app.add_routes(
            [
                web.get(f"/{self._key}/env", self._env),
                web.post(f"/{self._key}/faults", self._arm),
                web.delete(f"/{self._key}/faults", self._clear),
                web.post(f"/{self._key}/world", self._change),
                web.get(f"/{self._key}/seen", self._seen),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/{self._key}"

    async def close(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _env(self, request: web.Request) -> web.Response:
        return web.json_response(self._stand_ins.to_mapping() | {"proof": self.proof})

    async def _arm(self, request: web.Request) -> web.Response:
        self._stand_ins.faults.arm(Fault.from_mapping(await request.json()))
        return web.json_response({})

    async def _clear(self, request: web.Request) -> web.Response:
        self._stand_ins.faults.clear()
        return web.json_response({})

    async def _change(self, request: web.Request) -> web.Response:
        self._stand_ins.fixtures.change(await request.json())
        return web.json_response({})

    async def _seen(self, request: web.Request) -> web.Response:
        """What was asked so far: for tests that prove what was, and was not, sent."""
        hub = [vars(seen) if hasattr(seen, "__dict__") else seen for seen in self._stand_ins.hub.seen]
        return web.json_response(
            {"hub": json.loads(json.dumps(hub, default=_plain)), "modal": self._stand_ins.modal.rpcs}
        )


def _plain(value: Any) -> Any:
    return {name: getattr(value, name) for name in getattr(value, "__slots__", ())} or str(value)


def address_file() -> Path:
    """Where a serving rehearsal says how it is reached: in this person's state folder, readable by nobody else."""
    return Path(platformdirs.user_state_dir("outlines-wizard")) / "rehearsal.json"


def announce(url: str, proof: str) -> None:
    """Let `--rehearse` find this rehearsal. A folder that cannot be written only means that nobody finds it."""
    path = address_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"url": url, "proof": proof, "pid": os.getpid()}, file)
    except OSError:
        return


def withdraw(url: str) -> None:
    """Take the announcement back, unless it is another rehearsal's by now."""
    try:
        if json.loads(address_file().read_text(encoding="utf-8")).get("url") == url:
            address_file().unlink()
    except (OSError, ValueError):
        return


def announced() -> tuple[str, str] | None:
    """The address of a rehearsal that says it is being served, and what proves that; None when there is none."""
    try:
        said = json.loads(address_file().read_text(encoding="utf-8"))
        url, proof = said["url"], said["proof"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    told = isinstance(url, str) and isinstance(proof, str) and bool(proof)
    return (url, proof) if told and url.startswith("http://127.0.0.1:") else None
