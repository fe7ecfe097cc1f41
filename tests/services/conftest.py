"""Stand-ins in the test's own loop, and nothing of this machine's own accounts."""

from __future__ import annotations

import os
import random
import string
from collections.abc import AsyncIterator, Callable

import pytest

from wizard.core.access_token import AccessToken
from wizard.flow.credential_ports import FoundToken
from wizard.rehearsal.faults import Faults
from wizard.rehearsal.hub.server import StandInHub
from wizard.rehearsal.world import World
from wizard.services.hub import Hub


def new_token() -> str:
    """An access token that no Hub has ever given out."""
    return "hf_" + "".join(random.choices(string.ascii_letters, k=34))


@pytest.fixture(autouse=True)
def no_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person's own variables have no part in these tests."""
    for name in [name for name in os.environ if name.startswith(("HF_", "HUGGING", "MODAL_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
async def stand_in() -> AsyncIterator[StandInHub]:
    """A Hub on loopback."""
    server = StandInHub(World.load(), Faults())
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


Held = Callable[[str | None], FoundToken | None]


@pytest.fixture
def held(stand_in: StandInHub) -> Held:
    """The access token of that name in the stand-in's world, as if it had been found on this machine."""

    def hold(name: str | None) -> FoundToken | None:
        if name is None:
            return None
        value = new_token() if name == "unknown" else stand_in.world.token(name).value
        return FoundToken(AccessToken(value), "HF_TOKEN", "env")

    return hold
