"""Before every RPC: count it, authenticate the caller, play faults, then call its handler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from grpclib import GRPCError, Status
from grpclib.const import Handler
from grpclib.exceptions import StreamTerminatedError
from h2.exceptions import StreamClosedError
from modal_proto import api_grpc
from modal_proto import api_pb2 as pb

from wizard.rehearsal.faults import Fault
from wizard.rehearsal.modal.rpc.routes import Caller, Routes, StreamHandler, UnaryHandler

if TYPE_CHECKING:
    from wizard.rehearsal.modal.state.container import Container
    from wizard.rehearsal.modal.state.state import ModalState

logger = logging.getLogger(__name__)

ANONYMOUS = frozenset({"TokenFlowCreate", "TokenFlowWait"})
"""RPCs of a person who has no token yet."""

_GONE = (StreamTerminatedError, StreamClosedError, ConnectionError)


class Service:
    """The gRPC service of a stand-in Modal: one for clients, one per container, which is how callers are told apart."""

    def __init__(self, state: ModalState, routes: Routes, container: Container | None = None) -> None:
        self._plane = state
        self._routes = routes
        self._container = container

    def __mapping__(self) -> dict[str, Any]:
        """Path to handler, as grpclib asks for it: every RPC that Modal's proto file names."""
        mapping = {}
        for path, listed in _every_rpc().items():
            name = path.rsplit("/", 1)[1]
            mapping[path] = Handler(self._answer(name), listed.cardinality, listed.request_type, listed.reply_type)
        return mapping

    def _answer(self, name: str) -> Any:
        unary = self._routes.unary_handlers.get(name)
        streaming = self._routes.stream_handlers.get(name)

        async def answer(stream: Any) -> None:
            try:
                caller = Caller(stream.metadata, self._container)
                fault = self._admit(name, caller)
                if fault is not None and not await _play(fault, stream, is_streaming=streaming is not None):
                    return
                if unary is not None:
                    await self._unary(unary, caller, stream)
                elif streaming is not None:
                    cut = fault is not None and fault.kind == "disconnect"
                    await self._streaming(streaming, caller, stream, cut_after_first=cut)
                else:
                    self._refuse(name)
            except (GRPCError, asyncio.CancelledError):
                raise
            except _GONE:
                return
            except Exception as error:
                logger.exception("The stand-in Modal failed in %s", name)
                raise GRPCError(Status.INTERNAL, f"The stand-in failed: {type(error).__name__}") from error

        return answer

    def _admit(self, name: str, caller: Caller) -> Fault | None:
        if self._container is not None:
            self._plane.rpcs[f"container:{name}"] += 1
            return self._plane.faults.take(f"modal-container:{name}")
        self._plane.rpcs[name] += 1
        if name not in ANONYMOUS:
            authenticate(self._plane.tokens, caller.metadata)
        return self._plane.faults.take(f"modal:{name}")

    async def _unary(self, handler: UnaryHandler, caller: Caller, stream: Any) -> None:
        request = await stream.recv_message()
        await stream.send_message(await handler(self._plane, caller, request))

    async def _streaming(self, handler: StreamHandler, caller: Caller, stream: Any, *, cut_after_first: bool) -> None:
        request = await stream.recv_message()
        responses: Any = handler(self._plane, caller, request)
        try:
            async for response in responses:
                await stream.send_message(response)
                if cut_after_first:
                    await stream.cancel()
                    return
        finally:
            await responses.aclose()

    def _refuse(self, name: str) -> None:
        if name not in self._plane.unimplemented:
            self._plane.unimplemented.add(name)
            logger.warning("%s is not part of the rehearsal; the caller is told UNIMPLEMENTED", name)
        raise GRPCError(Status.UNIMPLEMENTED, f"{name} is not part of the rehearsal")


def authenticate(tokens: Mapping[str, str], metadata: Mapping[str, str]) -> None:
    """Raise UNAUTHENTICATED, in the words that public bug reports quote, unless the Modal token is known."""
    if "x-modal-refresh-token" in metadata:  # an OAuth client: its id and secret are a Modal token's, here
        secret = tokens.get(metadata.get("x-modal-oauth-client-id") or "")
        if secret is None or secret != metadata.get("x-modal-oauth-client-secret"):
            raise GRPCError(Status.UNAUTHENTICATED, "OAuth client not found")
        return
    token_id = metadata.get("x-modal-token-id") or ""
    if not token_id.startswith("ak-"):
        raise GRPCError(Status.UNAUTHENTICATED, "Token ID is malformed")
    secret = tokens.get(token_id)
    if secret is None or secret != metadata.get("x-modal-token-secret"):
        raise GRPCError(Status.UNAUTHENTICATED, "Token not found")


async def _play(fault: Fault, stream: Any, *, is_streaming: bool) -> bool:
    """Misbehave; True when the honest answer is to follow."""
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return True
    if fault.kind == "disconnect":
        if is_streaming:
            return True  # the stream is cut after its first message
        await stream.cancel()
        return False
    if fault.kind == "throttle":
        raise GRPCError(
            _status(fault, Status.RESOURCE_EXHAUSTED),
            fault.message or "Too many requests; slow down",
            [pb.RPCRetryPolicy(retry_after_secs=fault.seconds)],
        )
    raise GRPCError(_status(fault, Status.INTERNAL), fault.message or "Rehearsed fault")


def _status(fault: Fault, default: Any) -> Any:
    return Status[fault.status] if isinstance(fault.status, str) else default


@cache
def _every_rpc() -> dict[str, Any]:
    """The RPCs of Modal's proto file with their cardinalities and message types."""
    complete: Any = type("Complete", (api_grpc.ModalClientBase,), {})
    complete.__abstractmethods__ = frozenset()
    return dict(complete().__mapping__())
