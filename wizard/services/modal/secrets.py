"""Modal Secrets that this program has written, by way of modal's SDK.

A Secret can be merged into, never read, and lists no keys; it only says whether a named key is there. So what it holds
is told by keys of ours beside the access token: one for each time that it was written, the latest with a fingerprint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.core.access_token import AccessToken
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.next_command import ours
from wizard.core.problem import Problem
from wizard.flow.ports.modal import SecretState
from wizard.services.modal.library import modal_call
from wizard.services.modal.session import ModalSession

if TYPE_CHECKING:
    import modal

MARK = "OUTLINES_WIZARD"  # keys that begin so are ours


class MarkedSecret:
    """One Secret of an environment, there or not. Every method raises Problem when Modal does not answer."""

    def __init__(self, session: ModalSession, name: str) -> None:
        self._sdk, self._client, self._environment = session.sdk, session.client, session.environment
        self._name = name

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
        values = {"HF_TOKEN": token.reveal()} | marks
        sdk = self._sdk
        async with modal_call(sdk):
            try:
                await sdk.Secret.objects.create.aio(
                    self._name, values, environment_name=self._environment, client=self._client
                )
            except sdk.exception.AlreadyExistsError:  # of long ago, or of somebody who is doing the same right now
                await self._secret().update.aio(values)

    async def _has_keys(self, *keys: str) -> bool:
        """Whether it exists and has all these keys. What a missing key raises is the service's choice."""
        exceptions = self._sdk.exception
        async with modal_call(self._sdk):
            try:
                await self._secret(*keys).hydrate.aio()
            except (exceptions.NotFoundError, exceptions.InvalidError):
                return False
        return True

    def _secret(self, *required_keys: str) -> modal.Secret:
        return self._sdk.Secret.from_name(
            self._name,
            environment_name=self._environment,
            required_keys=list(required_keys),
            client=self._client,
        )

    async def _generation(self) -> int:
        """How often this program has written it; 0 when it is not ours."""
        number = 0
        while True:
            probes = range(number + 1, number + 4)
            written = await gather_or_cancel(*(self._has_keys(f"{MARK}_{probe}") for probe in probes))
            if False in written:
                return number + written.index(False)
            number += len(written)
            if await self._has_keys(f"{MARK}_0"):  # never written, so the answers say nothing, and there is no end
                raise _keys_not_told(self._name)


def _keys_not_told(name: str) -> Problem:
    return Problem(
        "secret_keys_not_told",
        f"Modal says of every key that the Modal Secret {name} has it, so what it holds cannot be known.",
        "Modal may have changed: update outlines-wizard and modal, then run this again.",
        next=(ours("doctor --live", "to see what else Modal does otherwise"),),
    )
