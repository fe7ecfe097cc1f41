"""Hubs of tests: trust in a stand-in, a mirror that keeps what it is sent, and a public Hub that is on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from wizard.core.access.endpoint_trust import EndpointTrust

_OF_ONE_CONNECTION = {"host", "connection", "transfer-encoding", "content-length", "content-encoding", "date", "server"}


def trusting(*addresses: str) -> EndpointTrust:
    """Trust in these addresses, as if a person had named them: without it no Hub but the public one gets a token."""
    return EndpointTrust.of(addresses, "a test")


@dataclass
class Mirror:
    """Passes every request on to a Hub, and keeps what came: method, path and the header `Authorization`.

    `elsewhere` makes it send everybody on to another address.
    """

    origin: str
    url: str = ""
    elsewhere: str = ""
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    @property
    def tokens(self) -> set[str]:
        """Every `Authorization` that has arrived."""
        return {sent for _, _, sent in self.seen if sent is not None}

    async def start(self, certificate: Path | None = None) -> None:
        """Serve on loopback, over https where there is a certificate."""
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._runner is not None
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.Response:
        self.seen.append((request.method, request.path, request.headers.get("Authorization")))
        if self.elsewhere:
            return web.Response(status=307, headers={"Location": self.elsewhere + request.path_qs})
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_ONE_CONNECTION}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                self.origin + request.path_qs,
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as answer,
        ):
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_ONE_CONNECTION}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)


@dataclass
class WayOut:
    """An HTTP proxy through which every host is one port of this machine; it keeps the hosts that were asked for."""

    port: int
    hosts: list[str] = field(default_factory=list)
    url: str = ""
    _server: asyncio.Server | None = None
    _open: list[asyncio.StreamWriter] = field(default_factory=list)

    async def start(self) -> None:
        """Serve on loopback."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.close()
        await asyncio.sleep(0)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.hosts.append(request.split()[1])
        there, into = await asyncio.open_connection("127.0.0.1", self.port)
        self._open += [writer, into]
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(_pump(reader, into), _pump(there, writer))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()
