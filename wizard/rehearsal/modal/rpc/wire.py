"""The gRPC server as this project sets it up: wide windows, error details that the SDK reads, one packet an answer."""

from __future__ import annotations

import asyncio
from typing import Any

from grpclib.config import Configuration
from grpclib.server import Server
from modal_proto import api_pb2 as pb

_WINDOW_BYTES = 64 << 20
"""As wide as the SDK's own, so that big messages do not wait (modal 1.6.4, grpc_utils.py)."""


class DetailsCodec:
    """Writes error details as the SDK reads them (modal 1.6.4, grpc_utils.py, CustomProtoStatusDetailsCodec)."""

    def encode(self, status: Any, message: str | None, details: Any) -> bytes:
        """`details` (messages) of a failed call, in one `RPCStatus`."""
        packed = pb.RPCStatus(code=status.value, message=message or "")
        for detail in details or ():
            packed.details.add().Pack(detail, type_url_prefix="type.modal.com/")
        return bytes(packed.SerializeToString())

    def decode(self, status: Any, message: str | None, data: bytes) -> Any:
        """Never needed by a server."""
        raise NotImplementedError


class CorkedTransport:
    """Sends what is written during one turn of the event loop in one piece.

    grpclib writes the headers, the message and the trailers of an answer apart. In three packets they wake the
    reader three times, which costs more than the answer itself.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._pending: list[bytes] = []
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        """Queue bytes for the end of this turn."""
        if not self._pending:
            self._loop.call_soon(self.flush)
        self._pending.append(data)

    def flush(self) -> None:
        """Send what is queued, now."""
        if self._pending:
            data = b"".join(self._pending)
            self._pending.clear()
            self._transport.write(data)

    def close(self) -> None:
        """Send what is queued, then close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class GrpcServer:
    """A grpclib server for one service, on a port of 127.0.0.1 or on a unix socket."""

    def __init__(self, service: Any) -> None:
        self._server = Server(
            [service],
            status_details_codec=DetailsCodec(),
            config=Configuration(http2_connection_window_size=_WINDOW_BYTES, http2_stream_window_size=_WINDOW_BYTES),
        )
        self._listener: asyncio.AbstractServer | None = None

    def _protocol(self) -> Any:
        # grpclib has no public hook for the transport; its own `start` does no more than this with the protocol
        protocol = self._server._protocol_factory()
        connection_made = protocol.connection_made
        protocol.connection_made = lambda transport: connection_made(CorkedTransport(transport))
        return protocol

    async def listen_tcp(self, port: int) -> int:
        """Listen on 127.0.0.1; 0 picks a free port. The port; raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(self._protocol, "127.0.0.1", port)
        self._listener = listener
        return int(listener.sockets[0].getsockname()[1])

    async def listen_unix(self, path: str) -> None:
        """Listen on a unix socket, which must not exist yet."""
        self._listener = await asyncio.get_running_loop().create_unix_server(self._protocol, path)

    def close(self) -> None:
        """Stop listening and cancel what is being answered."""
        if self._listener is not None:
            self._listener.close()
        for handler in self._server._handlers:
            handler.close()
