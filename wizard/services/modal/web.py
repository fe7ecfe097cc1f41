"""Web functions from outside: proxy tokens by way of modal's SDK, and requests as any HTTP client sends them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import httpx2

from wizard.core.access_token import clean_line, remember
from wizard.core.problem import ExitCode, Problem
from wizard.flow.ports.http import HttpAnswer
from wizard.flow.ports.modal import ProxyToken
from wizard.services.modal.library import modal_call
from wizard.services.modal.session import ModalSession

WEB_SECONDS = 180.0  # a container may have to start
LONGEST_BODY = 1 << 20  # bytes of an answer that are kept


async def create_proxy_token(session: ModalSession, name: str) -> ProxyToken:
    """Make a proxy token; `clean` masks it from now on. Raises Problem."""
    async with modal_call(session.sdk):
        workspace = session.sdk.Workspace.from_context(client=session.client)
        made = await workspace.proxy_tokens.create.aio(name)
    return ProxyToken(remember(made.token_id), remember(made.token_secret))


async def remove_proxy_token(session: ModalSession, token_id: str) -> bool:
    """Delete a proxy token; False when it was not there. Raises Problem."""
    async with modal_call(session.sdk):
        workspace = session.sdk.Workspace.from_context(client=session.client)
        await workspace.hydrate.aio()
        try:
            await workspace.proxy_tokens.delete.aio(token_id)
        except session.sdk.exception.NotFoundError:
            return False
    return True


async def ask_web_function(
    url: str, headers: Mapping[str, str], body: bytes | None, most_pieces: int | None
) -> HttpAnswer:
    """One request, and when each piece of its answer came. Raises Problem where none came."""
    started, text, pieces = time.monotonic(), bytearray(), []
    try:
        async with (
            asyncio.timeout(WEB_SECONDS),
            httpx2.AsyncClient(timeout=WEB_SECONDS, follow_redirects=True) as client,
            client.stream("GET" if body is None else "POST", url, headers=dict(headers), content=body) as response,
        ):
            async for chunk in response.aiter_bytes():
                pieces.append(time.monotonic() - started)
                text += chunk[: LONGEST_BODY - len(text)]
                if len(pieces) == most_pieces:
                    break
            named = {name.lower(): value for name, value in response.headers.items()}
            return HttpAnswer(response.status_code, named, bytes(text), tuple(pieces))
    except (httpx2.HTTPError, TimeoutError) as error:
        why = clean_line(str(error) or type(error).__name__, 200)
        raise Problem(
            "web_unreachable",
            f"The web function did not answer: {why}",
            "Check the connection, then run this again.",
            retryable=True,
            exit_code=ExitCode.REMOTE,
        ) from error
