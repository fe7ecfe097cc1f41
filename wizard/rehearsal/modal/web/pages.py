"""HTTP beside the gRPC API: blobs and Volume blocks under a secret path, and the HTML pages that a person sees."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from aiohttp import web

from wizard.rehearsal.faults import Fault
from wizard.rehearsal.loopback import refuse_other_names
from wizard.rehearsal.modal.state.state import ModalState
from wizard.rehearsal.modal.web import front as web_front
from wizard.rehearsal.modal.web import markup

_CHUNK = 1 << 20
_SHUTDOWN_SECONDS = 0.3

RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    """The HTTP server of a stand-in Modal, on loopback and a free port."""

    def __init__(self, state: ModalState) -> None:
        self._plane = state
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen, and put its addresses into the state."""
        key = secrets.token_urlsafe(16)  # such URLs carry their own permission, as pre-signed ones do
        app = web.Application(middlewares=[refuse_other_names], client_max_size=_CHUNK)
        app.add_routes(
            [
                web.put(f"/{key}/blobs/{{blob}}", self._faulty(self._put_blob)),
                web.get(f"/{key}/blobs/{{blob}}", self._faulty(self._get_blob)),
                web.put(f"/{key}/blocks/{{sha256}}", self._faulty(self._put_block)),
                web.get(f"/{key}/volume", self._faulty(self._get_range)),
                web.get("/", self._index),
                web.get("/apps/{app}", self._app),
                web.get("/token-flow/{flow}", self._ask),
                web.post("/token-flow/{flow}", self._decide),
                web.route("*", web_front.ROUTE, self._web_function),
            ]
        )
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS, handler_cancellation=True
        )  # cancelled: a web function learns that its caller has gone
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port = self._runner.addresses[0][1]
        self._plane.pages_url = f"http://127.0.0.1:{port}"
        self._plane.blob_url = f"{self._plane.pages_url}/{key}"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def _faulty(self, handler: RequestHandler) -> RequestHandler:
        """Play faults of ``modal-http:GET`` and ``modal-http:PUT`` before a blob route answers."""

        async def handle(request: web.Request) -> web.StreamResponse:
            fault = self._plane.faults.take(f"modal-http:{request.method}")
            if fault is not None and (response := await _play(fault, request)) is not None:
                return response
            return await handler(request)

        return handle

    # ---- payloads

    async def _put_blob(self, request: web.Request) -> web.StreamResponse:
        upload = self._plane.blobs.incoming()
        md5, _ = await _receive(request, upload)
        self._plane.blobs.file_blob(Path(request.match_info["blob"]).name, upload)
        return web.Response(headers={"ETag": f'"{md5}"'})  # checked by modal 1.6.4, blob_utils.py

    async def _get_blob(self, request: web.Request) -> web.StreamResponse:
        path = self._plane.blobs.blob(Path(request.match_info["blob"]).name)
        return web.FileResponse(path) if path.is_file() else web.Response(status=HTTPStatus.NOT_FOUND)

    async def _put_block(self, request: web.Request) -> web.StreamResponse:
        upload = self._plane.blobs.incoming()
        _, sha256 = await _receive(request, upload)
        if sha256 != request.match_info["sha256"]:
            upload.unlink()
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        self._plane.blobs.file_block(sha256, upload)
        return web.Response(text=sha256)  # comes back in the second VolumePutFiles2

    async def _get_range(self, request: web.Request) -> web.StreamResponse:
        volume = self._plane.volumes.get(request.query["volume"])
        if volume is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        path = (volume.folder / request.query["path"].lstrip("/")).resolve()
        if not path.is_relative_to(volume.folder.resolve()) or not path.is_file():
            return web.Response(status=HTTPStatus.NOT_FOUND)
        offset, length = int(request.query["offset"]), int(request.query["length"])
        return web.Response(body=await asyncio.to_thread(_read_range, path, offset, length))

    # ---- pages

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return markup.page(markup.index(self._plane))

    async def _app(self, request: web.Request) -> web.StreamResponse:
        app = self._plane.apps.get(request.match_info["app"])
        if app is None:
            return markup.page(markup.notice("There is no such app."), HTTPStatus.NOT_FOUND)
        return markup.page(markup.app(self._plane, app))

    async def _web_function(self, request: web.Request) -> web.StreamResponse:
        return await web_front.answer(self._plane, request)

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        flow = self._plane.flows.get(request.match_info["flow"])
        if flow is None:
            return markup.page(markup.notice("This request is not open any more."), HTTPStatus.NOT_FOUND)
        return markup.page(markup.token_flow(self._plane, flow))

    async def _decide(self, request: web.Request) -> web.StreamResponse:
        flow = self._plane.flows.get(request.match_info["flow"])
        form = await request.post()
        if flow is None or form.get("key") != flow.form_key:
            return markup.page(markup.notice("This request is not open any more."), HTTPStatus.NOT_FOUND)
        flow.decision = form.get("decision") == "approve"
        flow.changed.notify()
        text = "Approved. You can close this tab and go back to the terminal."
        return markup.page(markup.notice(text if flow.decision else "Denied. No Modal token was made."))


async def _play(fault: Fault, request: web.Request) -> web.StreamResponse | None:
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return None
    if fault.kind == "disconnect":
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
    headers = {"Retry-After": f"{fault.seconds:g}"} if fault.kind == "throttle" else {}
    default = HTTPStatus.TOO_MANY_REQUESTS if fault.kind == "throttle" else HTTPStatus.SERVICE_UNAVAILABLE
    status = fault.status if isinstance(fault.status, int) and fault.kind == "status" else default
    return web.Response(status=status, text=fault.message, headers=headers)


async def _receive(request: web.Request, path: Path) -> tuple[str, str]:
    """Write a body to a file; its MD5 (which uploads are acknowledged with) and SHA-256 in hexadecimal."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with _create(path) as out:
        async for chunk in request.content.iter_chunked(_CHUNK):
            md5.update(chunk)
            sha256.update(chunk)
            out.write(chunk)
    return md5.hexdigest(), sha256.hexdigest()


def _create(path: Path) -> BinaryIO:
    return path.open("wb")


def _read_range(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)
