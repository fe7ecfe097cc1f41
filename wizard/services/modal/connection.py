"""The connection to Modal: whose account, which environment, and the session that everything else is asked in."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from wizard.core.access_token import clean
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.next_command import NextCommand, again
from wizard.core.problem import ExitCode, Problem
from wizard.flow.ports.modal import SignInPage, Workspace
from wizard.services.modal.account import ModalSignIn, config_path, find_sign_in, set_aside
from wizard.services.modal.library import CONTACT_SECONDS, load_modal, modal_call
from wizard.services.modal.session import ModalSdk, ModalSession
from wizard.services.modal.sign_in import sign_in_by_browser, take_over

if TYPE_CHECKING:
    import modal


class ModalConnection:
    """Connects when something is first asked. `environment` None means what the account's configuration says."""

    def __init__(self, environment: str | None = None) -> None:
        self._environment = environment
        self._client: modal.Client | None = None
        self._sdk: ModalSdk | None = None
        self._sign_in = ModalSignIn("")

    async def connect(self) -> Workspace:
        """Prove that the Modal token works. Raises Problem; never takes longer than the contact limit."""
        if self._client is None:
            self._sign_in = find_sign_in()
        sdk = await self._load()
        async with modal_call(sdk, CONTACT_SECONDS):
            client = self._client = self._client or await _open_client(sdk, self._sign_in)
            workspace = sdk.Workspace.from_context(client=client)
            name = self._environment or self._sign_in.environment
            environment = (
                sdk.Environment.from_name(name, client=client) if name else sdk.Environment.from_context(client=client)
            )
            try:
                await gather_or_cancel(workspace.hydrate.aio(), environment.hydrate.aio())
            except sdk.exception.NotFoundError as error:
                raise Problem(
                    "environment_missing",
                    f"Modal has no environment {name!r} in this workspace.",
                    f"Create it with `modal environment create {name}`, or omit --environment.",
                    exit_code=ExitCode.USAGE,
                    next=(
                        NextCommand(f"modal environment create {shlex.quote(str(name))}", "to create it"),
                        again("after that"),
                    ),
                ) from error
        self._environment = environment.name
        return Workspace(
            clean(workspace.name or ""), clean(environment.name or ""), self._sign_in.source, self._sign_in.emptied
        )

    async def sign_in(self) -> AsyncGenerator[SignInPage, None]:
        """Sign in by browser; `connect` uses what it brings."""
        set_aside(config_path())
        async with aclosing(sign_in_by_browser()) as pages:
            async for page in pages:
                yield page
        self._sign_in = take_over(config_path())
        await self.close()
        sdk = await self._load()
        async with modal_call(sdk, CONTACT_SECONDS):
            self._client = await _open_client(sdk, self._sign_in)

    async def environments(self) -> list[str]:
        """Names of the workspace's environments, in Modal's order."""
        session = await self.session()
        async with modal_call(session.sdk):
            environments = await session.sdk.Environment.objects.list.aio(client=session.client)
        return [clean(environment.name) for environment in environments if environment.name]

    async def use_environment(self, name: str, *, create: bool = False) -> Workspace:
        """Make things in `name` from now on. Raises Problem when it is missing, or cannot be made."""
        session = await self.session()
        if create:
            async with modal_call(session.sdk):
                await session.sdk.Environment.objects.create.aio(name, client=session.client)
        before, self._environment = self._environment, name
        try:
            return await self.connect()
        except Problem:
            self._environment = before
            raise

    async def close(self) -> None:
        """Close the connection; a service that does not answer cannot hold this up."""
        client, self._client = self._client, None
        if client is not None:
            sdk = await self._load()
            try:
                async with asyncio.timeout(1):
                    await client.close.aio()
            except (TimeoutError, sdk.Error, OSError):
                return

    async def _load(self) -> ModalSdk:
        if self._sdk is None:
            self._sdk = await asyncio.to_thread(load_modal)
        return self._sdk

    async def session(self) -> ModalSession:
        """The session, which is begun when it is first needed."""
        if self._client is None:
            await self.connect()
        assert self._client is not None
        return ModalSession(await self._load(), self._client, self._environment or "")


async def _open_client(sdk: ModalSdk, sign_in: ModalSignIn) -> modal.Client:
    if sign_in.token is None:
        client = await sdk.Client.from_env.aio()
    else:
        client = await sdk.Client.from_credentials.aio(*sign_in.token)
    await client.hello.aio()  # type: ignore[no-untyped-call]
    return client
