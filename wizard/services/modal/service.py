"""Modal: account, Secrets, Volumes and apps, by way of its SDK."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from wizard.core.access_token import AccessToken, clean
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.events import LogLine
from wizard.core.problem import ExitCode, Problem
from wizard.flow.ports.modal import (
    AppVersion,
    CallOutcome,
    CallWaiting,
    DeployedApp,
    DeployOutcome,
    LogQuery,
    SecretState,
    SignInPage,
    Workspace,
)
from wizard.services.modal.account import ModalSignIn, config_path, find_sign_in, set_aside
from wizard.services.modal.apps import count_containers, describe_app, read_history, run_modal
from wizard.services.modal.batch import map_function
from wizard.services.modal.calls import call_function
from wizard.services.modal.deploy import deploy_in_child
from wizard.services.modal.library import CONTACT_SECONDS, load_modal, modal_call
from wizard.services.modal.logs import read_logs
from wizard.services.modal.secrets import MarkedSecret
from wizard.services.modal.sign_in import sign_in_by_browser, take_over
from wizard.services.modal.volumes import list_files, read_text, write_text


class ModalService:
    """A ModalPort over the modal SDK. `environment` None means what the account's configuration says."""

    def __init__(self, environment: str | None = None) -> None:
        self._environment = environment
        self._client: Any = None
        self._modal: Any = None
        self._sign_in = ModalSignIn("")

    async def connect(self) -> Workspace:
        """Prove that the Modal token works. Raises Problem; never takes longer than the contact limit."""
        if self._client is None:
            self._sign_in = find_sign_in()
        modal = self._modal = self._modal or await asyncio.to_thread(load_modal)
        async with modal_call(modal, CONTACT_SECONDS):
            self._client = self._client or await _open_client(modal, self._sign_in)
            workspace = modal.Workspace.from_context(client=self._client)
            name = self._environment or self._sign_in.environment
            environment = (
                modal.Environment.from_name(name, client=self._client)
                if name
                else modal.Environment.from_context(client=self._client)
            )
            try:
                await gather_or_cancel(workspace.hydrate.aio(), environment.hydrate.aio())
            except modal.exception.NotFoundError as error:
                raise Problem(
                    "environment_missing",
                    f"Modal has no environment {name!r} in this workspace.",
                    f"Make it with `modal environment create {name}`, or leave --environment out.",
                    exit_code=ExitCode.USAGE,
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
        modal = self._modal = self._modal or await asyncio.to_thread(load_modal)
        async with modal_call(modal, CONTACT_SECONDS):
            self._client = await _open_client(modal, self._sign_in)

    async def environments(self) -> list[str]:
        """Names of the workspace's environments, in Modal's order."""
        await self._ready()
        async with modal_call(self._modal):
            environments = await self._modal.Environment.objects.list.aio(client=self._client)
        return [clean(environment.name) for environment in environments if environment.name]

    async def use_environment(self, name: str, *, create: bool = False) -> Workspace:
        """Make things in `name` from now on. Raises Problem when it is missing, or cannot be made."""
        await self._ready()
        if create:
            async with modal_call(self._modal):
                await self._modal.Environment.objects.create.aio(name, client=self._client)
        before, self._environment = self._environment, name
        try:
            return await self.connect()
        except Problem:
            self._environment = before
            raise

    async def secret_state(self, name: str, fingerprint: str | None) -> SecretState:
        """Missing, holding the access token of `fingerprint`, holding an older one of ours, or somebody else's."""
        await self._ready()
        return await self._secret(name).state(fingerprint)

    async def put_secret(self, name: str, token: AccessToken) -> None:
        """Make the Secret hold `token`, and mark it as ours."""
        await self._ready()
        await self._secret(name).put(token)

    async def delete_secret(self, name: str) -> bool:
        """Delete a Secret; False when it was not there."""
        return await self._delete(self._modal.Secret.objects if await self._ready() else None, name)

    async def delete_volume(self, name: str) -> bool:
        """Delete a Volume; False when it was not there."""
        return await self._delete(self._modal.Volume.objects if await self._ready() else None, name)

    async def volume_files(self, name: str, folder: str) -> Mapping[str, int] | None:
        """Files under `folder` with their sizes in bytes, by path within it; None without the Volume."""
        await self._ready()
        async with modal_call(self._modal):
            return await list_files(self._modal, self._client, self._environment or "", name, folder)

    async def app(self, name: str) -> DeployedApp | None:
        """The deployed app of that name, with its tags."""
        await self._ready()
        async with modal_call(self._modal):
            app = await self._lookup(name)
            return await self._describe(app) if app is not None else None

    async def apps(self) -> list[DeployedApp]:
        """Every live app of the environment that carries our tag, by name."""
        await self._ready()
        modal = self._modal
        async with modal_call(modal):
            environment = modal.Environment.from_name(self._environment, client=self._client)
            live = await environment.apps.list.aio()
            described = await gather_or_cancel(*(self._describe(app) for app in live if app.name))
        return sorted((a for a in described if a.tags.get("made-by") == "outlines-wizard"), key=lambda a: a.name)

    async def stop_app(self, name: str) -> bool:
        """Stop an app; False when it was not there."""
        await self._ready()
        async with modal_call(self._modal):
            app = await self._lookup(name)
            if app is not None:
                await app.stop.aio(client=self._client)
        return app is not None

    async def rates(self) -> Mapping[str, float] | None:
        """The workspace's prices in dollars per hour; None where it does not tell them."""
        await self._ready()
        try:
            async with modal_call(self._modal, CONTACT_SECONDS):
                workspace = self._modal.Workspace.from_context(client=self._client)
                rates = await workspace.billing.rates.aio()
        except Problem:  # a price is a courtesy: the dated list price stands in
            return None
        return {str(key): float(value) for key, value in rates.items()}

    async def containers(self, name: str) -> Mapping[str, int]:
        """How many containers each function of an app has right now; empty where the app is not there."""
        await self._ready()
        async with modal_call(self._modal):
            app = await self._lookup(name)
            return await count_containers(self._modal, self._client, app) if app is not None else {}

    async def versions(self, name: str) -> list[AppVersion]:
        """Versions of an app, the newest first."""
        await self._ready()
        return await read_history(name, self._environment or "")

    async def roll_back(self, name: str, version: int) -> None:
        """Deploy an earlier version of an app again."""
        await self._ready()
        await run_modal("app", "rollback", name, f"v{version}", environment=self._environment or "")

    async def refresh(self, name: str) -> None:
        """Deploy the version that is deployed once more: containers that run are replaced."""
        await self._ready()
        await run_modal("app", "rollover", name, environment=self._environment or "")

    async def tag_app(self, name: str, tags: Mapping[str, str]) -> None:
        """Replace an app's tags; nothing happens where the app is not there."""
        await self._ready()
        async with modal_call(self._modal):
            app = await self._lookup(name)
            if app is not None:
                await app.set_tags.aio(dict(tags), client=self._client)

    async def keep_text(self, volume: str, path: str, text: str) -> None:
        """Write a small file into a Volume, which is made if it is missing."""
        await self._ready()
        async with modal_call(self._modal):
            await write_text(self._modal, self._client, self._environment or "", volume, path, text)

    async def read_text(self, volume: str, path: str) -> str | None:
        """A small file of a Volume; None when either is not there."""
        await self._ready()
        async with modal_call(self._modal):
            return await read_text(self._modal, self._client, self._environment or "", volume, path)

    async def deploy(self, file: Path, app: str, tag: str = "") -> AsyncGenerator[LogLine | DeployOutcome, None]:
        """Deploy an app file in a process of its own; build lines as they come, the outcome last."""
        await self._ready()
        async with aclosing(deploy_in_child(file, app, self._environment or "", tag)) as items:
            async for item in items:
                yield item

    async def call(
        self, app: str, function: str, arguments: Mapping[str, Any], limit: float
    ) -> AsyncGenerator[LogLine | CallWaiting | CallOutcome, None]:
        """Call a function or method, for `limit` seconds at most; its log lines, the outcome last."""
        await self._ready()
        calling = call_function(self._modal, self._client, self._environment or "", app, function, arguments, limit)
        async with aclosing(calling) as items:
            async for item in items:
                yield item

    async def map(
        self, app: str, function: str, inputs: AsyncIterator[tuple[Any, ...]], options: Mapping[str, Any]
    ) -> AsyncGenerator[LogLine | CallOutcome, None]:
        """Call a function for each input, with Modal's own concurrency; outcomes in order, log lines in between."""
        await self._ready()
        mapping = map_function(self._modal, self._client, self._environment or "", app, function, inputs, options)
        async with aclosing(mapping) as items:
            async for item in items:
                yield item

    async def logs(self, app: str, query: LogQuery) -> AsyncGenerator[LogLine, None]:
        """Log entries of an app, oldest first."""
        await self._ready()
        async with aclosing(read_logs(self._modal, self._client, self._environment or "", app, query)) as lines:
            async for line in lines:
                yield line

    async def close(self) -> None:
        """Close the connection; a service that does not answer cannot hold this up."""
        client, self._client = self._client, None
        if client is not None:
            try:
                async with asyncio.timeout(1):
                    await client.close.aio()
            except (TimeoutError, self._modal.Error, OSError):
                return

    async def _ready(self) -> bool:
        if self._client is None:
            await self.connect()
        return True

    def _secret(self, name: str) -> MarkedSecret:
        return MarkedSecret(self._modal, self._client, self._environment or "", name)

    async def _delete(self, objects: Any, name: str) -> bool:
        async with modal_call(self._modal):
            try:
                await objects.delete.aio(name, environment_name=self._environment, client=self._client)
            except self._modal.exception.NotFoundError:
                return False
        return True

    async def _lookup(self, name: str) -> Any | None:
        modal = self._modal
        try:
            return await modal.App.lookup.aio(name, environment_name=self._environment, client=self._client)
        except modal.exception.NotFoundError:
            return None

    async def _describe(self, app: Any) -> DeployedApp:
        return await describe_app(self._modal, self._client, self._environment or "", app)


async def _open_client(modal: Any, sign_in: ModalSignIn) -> Any:
    if sign_in.token is None:
        client = await modal.Client.from_env.aio()
    else:
        client = await modal.Client.from_credentials.aio(*sign_in.token)
    await client.hello.aio()
    return client
