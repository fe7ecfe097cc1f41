"""Web functions: the address of each, and the proxy tokens by which those that ask for one let callers in.

Source: modal 1.6.4, _workspace.py and _functions.py; https://modal.com/docs/guide/webhook-proxy-auth and
https://modal.com/docs/guide/webhook-urls (2026-11).
"""

from __future__ import annotations

import re
import secrets
import time

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2 as pb

from wizard.rehearsal.modal.rpc.routes import Caller, Routes, not_found
from wizard.rehearsal.modal.state.records import Function, ProxyToken
from wizard.rehearsal.modal.state.state import ModalState

routes = Routes()

_LONGEST_LABEL = 63


def give_address(state: ModalState, function: Function, definition: pb.Function) -> None:
    """Give a web function its address: a path here, where Modal has a host name of that label."""
    config = definition.webhook_config
    if not config.type:
        return
    app = state.apps[function.app_id]
    words = config.requested_suffix or f"{app.name or app.description}-{definition.function_name}"
    dev = "-dev" if app.state == pb.APP_STATE_EPHEMERAL else ""
    label = f"{_slug(state.settings.workspace)}--{_slug(words)}"[: _LONGEST_LABEL - len(dev)] + dev
    state.web_functions[label] = function.id
    function.web_url = f"{state.pages_url}/web/{label}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def has_proxy_token(state: ModalState, key: str, secret: str) -> bool:
    """Whether a caller may pass."""
    token = state.proxy_tokens.get(key)
    return token is not None and secrets.compare_digest(token.secret.encode(), secret.encode())


@routes.unary("WebhookTokenCreate")
async def webhook_token_create(
    state: ModalState, caller: Caller, request: pb.WebhookTokenCreateRequest
) -> pb.TokenCreateResponse:
    """``modal workspace proxy-tokens create``; the secret is shown this once."""
    token = ProxyToken(f"wk-{secrets.token_hex(11)}", f"ws-{secrets.token_hex(11)}", request.name, time.time())
    state.proxy_tokens[token.id] = token
    return pb.TokenCreateResponse(token_id=token.id, token_secret=token.secret)


@routes.unary("WebhookTokenList")
async def webhook_token_list(state: ModalState, caller: Caller, request: Empty) -> pb.WebhookTokenListResponse:
    """``modal workspace proxy-tokens list``."""
    return pb.WebhookTokenListResponse(
        tokens=[
            pb.WebhookToken(token_id=token.id, name=token.name, created_at=token.created)
            for token in state.proxy_tokens.values()
        ]
    )


@routes.unary("WebhookTokenDelete")
async def webhook_token_delete(state: ModalState, caller: Caller, request: pb.TokenDeleteRequest) -> Empty:
    """``modal workspace proxy-tokens delete``."""
    if state.proxy_tokens.pop(request.token_id, None) is None:
        raise not_found(f"Proxy token '{request.token_id}' not found")
    return Empty()
