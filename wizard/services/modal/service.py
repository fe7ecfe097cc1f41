"""Modal: account, Secrets, Volumes and apps, by way of its SDK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard.core.access_token import AccessToken
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.events import AnswerText, LogLine
from wizard.core.problem import Problem
from wizard.flow.ports.http import HttpAnswer
from wizard.flow.ports.modal import (
    AppVersion,
    CallOutcome,
    CallWaiting,
    DeployedApp,
    DeployOutcome,
    LogQuery,
    ProxyToken,
    SecretState,
    Usage,
    is_ours,
)
from wizard.services.modal.apps import count_containers, describe_app, read_history, run_modal
from wizard.services.modal.batch import map_function
from wizard.services.modal.calls import call_function, stream_function
from wizard.services.modal.connection import ModalConnection
from wizard.services.modal.deploy import deploy_in_child
from wizard.services.modal.library import CONTACT_SECONDS, modal_call
from wizard.services.modal.logs import read_logs
from wizard.services.modal.secrets import MarkedSecret
from wizard.services.modal.session import ModalSession
from wizard.services.modal.usage import read_usage
from wizard.services.modal.volumes import list_files, put_file, read_text, write_text
from wizard.services.modal.web import ask_web_function, create_proxy_token, remove_proxy_token

if TYPE_CHECKING:
    import modal
    from modal.secret import SecretManager
    from modal.volume import VolumeManager

UPLOAD_SECONDS, SLOWEST_UPLOAD = 300.0, 200_000  # a file may take so long, and so many bytes a second are slow


class ModalService(ModalConnection):
    """A ModalPort over the modal SDK."""

    async def secret_state(self, name: str, fingerprint: str | None) -> SecretState:
        """Missing, holding the access token of `fingerprint`, holding an older one of ours, or somebody else's."""
        return await MarkedSecret(await self.session(), name).state(fingerprint)

    async def put_secret(self, name: str, token: AccessToken) -> None:
        """Make the Secret hold `token`, and mark it as ours."""
        await MarkedSecret(await self.session(), name).put(token)

    async def delete_secret(self, name: str) -> bool:
        """Delete a Secret; False when it was not there."""
        session = await self.session()
        return await _delete(session, session.sdk.Secret.objects, name)

    async def delete_volume(self, name: str) -> bool:
        """Delete a Volume; False when it was not there."""
        session = await self.session()
        return await _delete(session, session.sdk.Volume.objects, name)

    async def volume_files(self, name: str, folder: str) -> Mapping[str, int] | None:
        """Files under `folder` with their sizes in bytes, by path within it; None without the Volume."""
        session = await self.session()
        async with modal_call(session.sdk):
            return await list_files(session, name, folder)

    async def app(self, name: str) -> DeployedApp | None:
        """The deployed app of that name, with its tags."""
        session = await self.session()
        async with modal_call(session.sdk):
            app = await _lookup(session, name)
            return await describe_app(session, app) if app is not None else None

    async def apps(self) -> list[DeployedApp]:
        """Every live app of the environment that carries our tag, by name."""
        session = await self.session()
        async with modal_call(session.sdk):
            environment = session.sdk.Environment.from_name(session.environment, client=session.client)
            live = await environment.apps.list.aio()
            described = await gather_or_cancel(*(describe_app(session, app) for app in live if app.name))
        return sorted(filter(is_ours, described), key=lambda app: app.name)

    async def stop_app(self, name: str) -> bool:
        """Stop an app; False when it was not there."""
        session = await self.session()
        async with modal_call(session.sdk):
            app = await _lookup(session, name)
            if app is not None:
                await app.stop.aio(client=session.client)
        return app is not None

    async def rates(self) -> Mapping[str, float] | None:
        """The workspace's prices in dollars per hour; None where it does not tell them."""
        session = await self.session()
        try:
            async with modal_call(session.sdk, CONTACT_SECONDS):
                workspace = session.sdk.Workspace.from_context(client=session.client)
                rates = await workspace.billing.rates.aio()
        except Problem:  # a price is a courtesy: the dated list price stands in
            return None
        return {str(key): float(value) for key, value in rates.items()}

    async def usage(self, apps: Sequence[DeployedApp], since: float) -> Mapping[str, Usage]:
        """What each app was used for since a moment, by app id; empty fields where Modal does not tell."""
        return await read_usage(await self.session(), apps, since)

    async def containers(self, name: str) -> Mapping[str, int]:
        """How many containers each function of an app has right now; empty where the app is not there."""
        session = await self.session()
        async with modal_call(session.sdk):
            app = await _lookup(session, name)
            return await count_containers(session, app) if app is not None else {}

    async def versions(self, name: str) -> list[AppVersion]:
        """Versions of an app, the newest first."""
        return await read_history(name, (await self.session()).environment)

    async def roll_back(self, name: str, version: int) -> None:
        """Deploy an earlier version of an app again."""
        session = await self.session()
        await run_modal("app", "rollback", name, f"v{version}", environment=session.environment)

    async def refresh(self, name: str) -> None:
        """Deploy the version that is deployed once more: containers that run are replaced."""
        session = await self.session()
        await run_modal("app", "rollover", name, environment=session.environment)

    async def tag_app(self, name: str, tags: Mapping[str, str]) -> None:
        """Replace an app's tags; nothing happens where the app is not there."""
        session = await self.session()
        async with modal_call(session.sdk):
            app = await _lookup(session, name)
            if app is not None:
                await app.set_tags.aio(dict(tags), client=session.client)

    async def keep_text(self, volume: str, path: str, text: str) -> None:
        """Write a small file into a Volume, which is made if it is missing."""
        session = await self.session()
        async with modal_call(session.sdk):
            await write_text(session, volume, path, text)

    async def upload(self, volume: str, path: str, file: Path, size: int) -> None:
        """Put a file of this machine into a Volume, whole or not at all; the Volume is made if it is missing."""
        session = await self.session()
        async with modal_call(session.sdk, UPLOAD_SECONDS + size / SLOWEST_UPLOAD):
            await put_file(session, volume, path, file)

    async def read_text(self, volume: str, path: str) -> str | None:
        """A small file of a Volume; None when either is not there."""
        session = await self.session()
        async with modal_call(session.sdk):
            return await read_text(session, volume, path)

    async def deploy(self, file: Path, app: str, tag: str = "") -> AsyncGenerator[LogLine | DeployOutcome, None]:
        """Deploy an app file in a process of its own; build lines as they come, the outcome last."""
        session = await self.session()
        async with aclosing(deploy_in_child(file, app, session.environment, tag)) as items:
            async for item in items:
                yield item

    async def call(
        self, app: str, function: str, arguments: Mapping[str, Any], limit: float
    ) -> AsyncGenerator[LogLine | CallWaiting | CallOutcome, None]:
        """Call a function or method, for `limit` seconds at most; its log lines, the outcome last."""
        session = await self.session()
        async with aclosing(call_function(session, app, function, arguments, limit)) as items:
            async for item in items:
                yield item

    async def stream(
        self, app: str, function: str, arguments: Mapping[str, Any], limit: float
    ) -> AsyncGenerator[LogLine | CallWaiting | AnswerText | CallOutcome, None]:
        """Call a method that yields text as it is made; its log lines and its text, the outcome last."""
        session = await self.session()
        async with aclosing(stream_function(session, app, function, arguments, limit)) as items:
            async for item in items:
                yield item

    async def map(
        self, app: str, function: str, inputs: AsyncIterator[tuple[Any, ...]], options: Mapping[str, Any]
    ) -> AsyncGenerator[LogLine | CallOutcome, None]:
        """Call a function for each input, with Modal's own concurrency; outcomes in order, log lines in between."""
        session = await self.session()
        async with aclosing(map_function(session, app, function, inputs, options)) as items:
            async for item in items:
                yield item

    async def logs(self, app: str, query: LogQuery) -> AsyncGenerator[LogLine, None]:
        """Log entries of an app, oldest first."""
        session = await self.session()
        async with aclosing(read_logs(session, app, query)) as lines:
            async for line in lines:
                yield line

    async def make_proxy_token(self, name: str) -> ProxyToken:
        """Make a proxy token of this workspace; its secret is told this once."""
        return await create_proxy_token(await self.session(), name)

    async def delete_proxy_token(self, token_id: str) -> bool:
        """Delete a proxy token; False when it was not there."""
        return await remove_proxy_token(await self.session(), token_id)

    async def ask_web(
        self, url: str, headers: Mapping[str, str], body: bytes | None = None, *, pieces: int | None = None
    ) -> HttpAnswer:
        """Ask a web function; with a body it is a POST. `pieces`: break off after so many."""
        return await ask_web_function(url, headers, body, pieces)


async def _lookup(session: ModalSession, name: str) -> modal.App | None:
    try:
        return await session.app(name)
    except session.sdk.exception.NotFoundError:
        return None


async def _delete(session: ModalSession, objects: SecretManager | VolumeManager, name: str) -> bool:
    """Delete a thing of one kind; False when it was not there."""
    async with modal_call(session.sdk):
        try:
            await objects.delete.aio(name, environment_name=session.environment, client=session.client)
        except session.sdk.exception.NotFoundError:
            return False
    return True
