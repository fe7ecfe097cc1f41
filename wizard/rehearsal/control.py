"""What a rehearsal that is being served answers to programs on this machine: its variables, and changes of it."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web

from wizard.rehearsal.faults import Fault, Faults
from wizard.rehearsal.loopback import refuse_other_names

if TYPE_CHECKING:  # the stand-ins load an SDK, and make what is here
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
        seen = {"hub": hub, "modal": self._stand_ins.modal.rpcs, "calls": self._stand_ins.modal.asked()}
        return web.json_response(json.loads(json.dumps(seen, default=_plain)))


def _plain(value: Any) -> Any:
    return {name: getattr(value, name) for name in getattr(value, "__slots__", ())} or str(value)
