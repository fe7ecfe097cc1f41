"""The HTTP front of web functions: lets callers in, hands requests to containers, and their answers back.

The scope of a request is the argument of a function call; its body and the answer travel as ASGI messages in the
call's data streams (modal 1.6.4, _serialization.py and _runtime/asgi.py). Sentences are those of Modal's own front; the
redirect after a while is documented at https://modal.com/docs/guide/webhook-timeouts (2026-11).
"""

from __future__ import annotations

import asyncio
import pickle
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.calls.outcomes import SUCCESS, add_input, cancel_call
from wizard.rehearsal.modal.functions.web_addresses import has_proxy_token
from wizard.rehearsal.modal.state.ids import new_id
from wizard.rehearsal.modal.state.records import Call, Function
from wizard.rehearsal.modal.state.state import ModalState

ROUTE = "/web/{label}{path:(?:/.*)?}"
CALL_PARAMETER = "__modal_function_call_id"
_CHUNK = 1 << 20


async def answer(state: ModalState, request: web.Request) -> web.StreamResponse:
    """One request to a web function, from its proxy token to the last byte of the answer."""
    function = state.functions.get(state.web_functions.get(request.match_info["label"], ""))
    definition = function.definition if function else None
    if function is None or definition is None or state.apps[function.app_id].is_stopped:
        return _plain("modal-http: app for invoked web endpoint is stopped", HTTPStatus.NOT_FOUND)
    if definition.webhook_config.requires_proxy_auth and (refusal := _refusal(state, request)):
        return _plain(f"modal-http: {refusal}", HTTPStatus.UNAUTHORIZED)
    call = state.calls.get(request.query.get(CALL_PARAMETER, ""))
    if call is None or call.function is not function:
        call = _begin(state, function, request)
        await _send_body(call, request)
    try:
        return await _reply(state, call, request)
    except (ConnectionError, asyncio.CancelledError):  # the caller has gone
        cancel_call(state, call, terminate_containers=False)
        raise


def _plain(text: str, status: HTTPStatus) -> web.Response:
    return web.Response(text=text, status=status)


def _refusal(state: ModalState, request: web.Request) -> str:
    """Why a caller may not pass; empty when they may."""
    key, secret = request.headers.get("Modal-Key", ""), request.headers.get("Modal-Secret", "")
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if not key and scheme.lower() == "bearer":
        key, _, secret = bearer.partition(".")
    if not key or not secret:
        return "" if state.faults.differs("web-door") else "missing credentials for proxy authorization"
    return "" if has_proxy_token(state, key, secret) else "invalid credentials for proxy authorization"


def _begin(state: ModalState, function: Function, request: web.Request) -> Call:
    """Queue the request as an input of a call of its own."""
    kind, invocation = pb.FUNCTION_CALL_TYPE_UNARY, pb.FUNCTION_CALL_INVOCATION_TYPE_SYNC
    call = Call(new_id("fc"), function, kind, invocation)
    state.calls[call.id] = call
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.match_info["path"] or "/",
        "query_string": request.rel_url.raw_query_string.encode(),
        "headers": [(name.lower(), value) for name, value in request.raw_headers],
        "client": (request.remote or "", 0),
        "extensions": {},
    }
    body = pb.FunctionInput(args=pickle.dumps(((scope,), {})), data_format=pb.DATA_FORMAT_PICKLE)
    add_input(state, call, pb.FunctionPutInputsItem(idx=0, input=body))
    state.ensure(function)
    return call


async def _send_body(call: Call, request: web.Request) -> None:
    async for part in request.content.iter_chunked(_CHUNK):
        _put(call, part, more=True)
    _put(call, b"", more=False)


def _put(call: Call, part: bytes, *, more: bool) -> None:
    message = pb.Asgi(http_request=pb.Asgi.HttpRequest(body=part, more_body=more))
    index = len(call.incoming) + 1
    call.incoming.append(pb.DataChunk(data_format=pb.DATA_FORMAT_ASGI, data=message.SerializeToString(), index=index))
    call.changed.notify()


async def _reply(state: ModalState, call: Call, request: web.Request) -> web.StreamResponse:
    """What the container answers, as it comes; a redirect to ask again when it takes long."""
    response: web.StreamResponse | None = None
    end = time.monotonic() + state.settings.web_patience
    sent, held = 0, bytearray()
    in_one_piece = state.faults.differs("web-stream")
    while True:
        for chunk in call.chunks[sent:]:
            sent += 1
            message = await _message(state, chunk)
            if message.HasField("http_response_start"):
                response = _head(message.http_response_start)
                await response.prepare(request)
            elif message.HasField("http_response_body") and response is not None:
                held += message.http_response_body.body
                if not in_one_piece:
                    await response.write(bytes(held))
                    held.clear()
        if not call.unfinished and sent >= len(call.chunks):
            break
        left = end - time.monotonic() if response is None else 60.0
        if left <= 0:
            again = request.rel_url.update_query({CALL_PARAMETER: call.id})
            return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": str(again)})
        await call.changed.wait(left)
    if response is None:
        result = call.latest[0].result
        said = "no answer" if result.status == SUCCESS else result.exception or "the function failed"
        return _plain(f"modal-http: internal error: {said}", HTTPStatus.INTERNAL_SERVER_ERROR)
    await response.write_eof(bytes(held))
    return response


async def _message(state: ModalState, chunk: Any) -> Any:
    data = chunk.data
    if chunk.data_blob_id:
        data = await asyncio.to_thread(Path.read_bytes, state.blobs.blob(chunk.data_blob_id))
    message = pb.Asgi()
    message.ParseFromString(data)
    return message


def _head(start: Any) -> web.StreamResponse:
    response = web.StreamResponse(status=start.status)
    for name, value in zip(start.headers[::2], start.headers[1::2], strict=True):
        response.headers.add(name.decode("latin-1"), value.decode("latin-1"))
    return response
