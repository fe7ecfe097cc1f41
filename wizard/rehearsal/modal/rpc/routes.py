"""The table of RPC handlers: plain coroutines from a request to a response, registered under the RPC's name.

A unary handler is ``async def (state, caller, request) -> response``; a streaming one is an async generator of
responses. Neither knows anything of HTTP/2 streams.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grpclib import GRPCError, Status

from wizard.rehearsal.modal.state.container import Container
from wizard.rehearsal.modal.state.state import ModalState


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a client, or the container whose connection it is. `metadata` is the request's."""

    metadata: Mapping[str, str]
    container: Container | None = None

    @property
    def running_container(self) -> Container:
        """The calling container. Raises PERMISSION_DENIED for a client."""
        if self.container is None:
            raise GRPCError(Status.PERMISSION_DENIED, "only a container may call this")
        return self.container


UnaryHandler = Callable[[ModalState, Caller, Any], Awaitable[Any]]
StreamHandler = Callable[[ModalState, Caller, Any], AsyncIterator[Any]]


class Routes:
    """The handlers of one part of the service, by RPC name."""

    def __init__(self) -> None:
        self.unary_handlers: dict[str, UnaryHandler] = {}
        self.stream_handlers: dict[str, StreamHandler] = {}

    def unary(self, name: str) -> Callable[[UnaryHandler], UnaryHandler]:
        """Register a coroutine that answers `name` with one message."""

        def register(handler: UnaryHandler) -> UnaryHandler:
            self.unary_handlers[name] = handler
            return handler

        return register

    def stream(self, name: str) -> Callable[[StreamHandler], StreamHandler]:
        """Register an async generator that answers `name` with any number of messages."""

        def register(handler: StreamHandler) -> StreamHandler:
            self.stream_handlers[name] = handler
            return handler

        return register

    def include(self, other: Routes) -> None:
        """Take over another part's handlers."""
        self.unary_handlers.update(other.unary_handlers)
        self.stream_handlers.update(other.stream_handlers)


def not_found(message: str) -> GRPCError:
    """The error that the SDK turns into `modal.exception.NotFoundError`."""
    return GRPCError(Status.NOT_FOUND, message)


def already_exists(message: str) -> GRPCError:
    """The error that the SDK turns into `modal.exception.AlreadyExistsError`."""
    return GRPCError(Status.ALREADY_EXISTS, message)


def invalid(message: str) -> GRPCError:
    """The error that the SDK turns into `modal.exception.InvalidError`."""
    return GRPCError(Status.INVALID_ARGUMENT, message)
