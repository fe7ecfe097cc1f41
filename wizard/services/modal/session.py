"""The Modal session as one value: the SDK, a connection, and the environment that things are made in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import modal
    import modal.exception


class ModalExceptions(Protocol):
    """What of ``modal.exception`` is told apart here."""

    @property
    def AlreadyExistsError(self) -> type[modal.exception.AlreadyExistsError]: ...
    @property
    def AsyncUsageWarning(self) -> type[modal.exception.AsyncUsageWarning]: ...
    @property
    def InternalError(self) -> type[modal.exception.InternalError]: ...
    @property
    def InvalidError(self) -> type[modal.exception.InvalidError]: ...
    @property
    def NotFoundError(self) -> type[modal.exception.NotFoundError]: ...
    @property
    def RemoteError(self) -> type[modal.exception.RemoteError]: ...
    @property
    def ServiceError(self) -> type[modal.exception.ServiceError]: ...


class ModalSdk(Protocol):
    """The modal package, which is imported late: a module cannot be a type, so this says what of it is used."""

    @property
    def App(self) -> type[modal.App]: ...
    @property
    def Client(self) -> type[modal.Client]: ...
    @property
    def Cls(self) -> type[modal.Cls]: ...
    @property
    def Environment(self) -> type[modal.Environment]: ...
    @property
    def Error(self) -> type[modal.Error]: ...
    @property
    def Function(self) -> type[modal.Function[Any, Any, Any]]: ...
    @property
    def FunctionCall(self) -> type[modal.FunctionCall[Any]]: ...
    @property
    def Secret(self) -> type[modal.Secret]: ...
    @property
    def Volume(self) -> type[modal.Volume]: ...
    @property
    def Workspace(self) -> type[modal.Workspace]: ...
    @property
    def exception(self) -> ModalExceptions: ...


@dataclass(frozen=True)
class ModalSession:
    """A connection to Modal. `environment` is empty for the one that the account's configuration names."""

    sdk: ModalSdk
    client: modal.Client
    environment: str

    async def app(self, name: str) -> modal.App:
        """A deployed app. Raises the SDK's NotFoundError."""
        return await self.sdk.App.lookup.aio(name, environment_name=self.environment, client=self.client)

    def volume(self, name: str, *, create: bool = False) -> modal.Volume:
        """A Volume, there or not: it is looked up when it is used. `create` makes it then."""
        return self.sdk.Volume.from_name(
            name, environment_name=self.environment, create_if_missing=create, client=self.client
        )

    def function(self, app: str, name: str) -> modal.Function[Any, Any, Any]:
        """A deployed function, looked up when it is used."""
        return self.sdk.Function.from_name(app, name, environment_name=self.environment, client=self.client)
