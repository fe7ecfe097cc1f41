"""Modal Secrets that this program has written, by way of modal's SDK.

A Secret can be merged into, never read, and lists no keys; it only says whether a named key is there. So what it holds
is told by keys of ours beside the access token: one for each time that it was written, the latest with a fingerprint.
"""

from __future__ import annotations

from typing import Any

from wizard.core.access_token import AccessToken
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.flow.ports.modal import SecretState
from wizard.services.modal.library import modal_call

MARK = "OUTLINES_WIZARD"  # keys that begin so are ours


class MarkedSecret:
    """One Secret of an environment, there or not. Every method raises Problem when Modal does not answer."""

    def __init__(self, modal: Any, client: Any, environment: str, name: str) -> None:
        self._modal = modal
        self._name = name
        self._where = {"environment_name": environment, "client": client}

    async def state(self, fingerprint: str | None) -> SecretState:
        """Missing, holding the access token of `fingerprint`, holding an older one of ours, or somebody else's."""
        exists, usable = await gather_or_cancel(self._has_keys(), self._has_keys("HF_TOKEN"))
        if not exists:
            return "missing"
        generation = await self._generation()
        if not usable:
            return "outdated"
        if not generation:
            return "foreign"
        return "current" if await self._has_keys(f"{MARK}_{generation}_{fingerprint}") else "outdated"

    async def put(self, token: AccessToken) -> None:
        """Make it hold `token`, marked with a fresh generation, which tells that this fingerprint is the latest."""
        number = await self._generation() + 1
        marks = {f"{MARK}_{number}": "1", f"{MARK}_{number}_{token.fingerprint}": "1"}
        modal = self._modal
        async with modal_call(modal):
            try:
                await modal.Secret.objects.create.aio(self._name, {"HF_TOKEN": token.reveal()} | marks, **self._where)
            except modal.exception.AlreadyExistsError:  # of long ago, or of somebody who is doing the same right now
                secret = modal.Secret.from_name(self._name, **self._where)
                await secret.update.aio({"HF_TOKEN": token.reveal()} | marks)

    async def _has_keys(self, *keys: str) -> bool:
        """Whether it exists and has all these keys. What a missing key raises is the service's choice."""
        modal = self._modal
        async with modal_call(modal):
            try:
                await modal.Secret.from_name(self._name, required_keys=list(keys), **self._where).hydrate.aio()
            except (modal.exception.NotFoundError, modal.exception.InvalidError):
                return False
        return True

    async def _generation(self) -> int:
        """How often this program has written it; 0 when it is not ours."""
        number = 0
        while True:
            probes = range(number + 1, number + 4)
            written = await gather_or_cancel(*(self._has_keys(f"{MARK}_{probe}") for probe in probes))
            number += written.index(False) if False in written else len(written)
            if False in written:
                return number
