"""Probes of Modal's web functions: who is let in, and what is passed on, by the small app without a GPU."""

from __future__ import annotations

import secrets

from wizard.core.live.report import Finding
from wizard.flow.live.probes.app import APART, LOG_SECONDS
from wizard.flow.live.registry import probe
from wizard.flow.live.state import CouldNotTry, Live, log_has, seen_if
from wizard.flow.ports.http import HttpAnswer
from wizard.flow.ports.modal import ProxyToken

LARGE = 40_000_000  # bytes
WEB_SECONDS = 200.0


def _address(live: Live, path: str = "") -> str:
    if not live.endpoint:
        raise CouldNotTry("Modal says no address of the small app's web function")
    return live.endpoint + path


def proxy_token(live: Live) -> ProxyToken:
    """The proxy token of this check. Raises CouldNotTry."""
    if live.made.proxy_token is None:
        raise CouldNotTry(f"there is no proxy token: {live.no_proxy_token or 'none was made'}")
    return live.made.proxy_token


def _said(answer: HttpAnswer) -> str:
    return f"{answer.status} {answer.text[:100]}"


@probe("web-door", "small", seconds=WEB_SECONDS)
async def door(live: Live) -> Finding:
    answer = await live.modal.ask_web(_address(live), {})
    return seen_if(answer.status == 401, _said(answer))


@probe("web-wrong-token", "small", seconds=WEB_SECONDS)
async def wrong_token(live: Live) -> Finding:
    made_up = ProxyToken(f"wk-{secrets.token_hex(11)}", f"ws-{secrets.token_hex(11)}")
    answer = await live.modal.ask_web(_address(live), made_up.headers)
    return seen_if(answer.status == 401, _said(answer))


@probe("web-key", "small", seconds=WEB_SECONDS)
async def key(live: Live) -> Finding:
    answer = await live.modal.ask_web(_address(live, "/size"), proxy_token(live).headers)
    return seen_if(answer.status == 200, _said(answer))


@probe("web-bearer", "small", seconds=WEB_SECONDS)
async def bearer(live: Live) -> Finding:
    token = proxy_token(live)
    headers = {"Authorization": f"Bearer {token.token_id}.{token.secret}"}
    answer = await live.modal.ask_web(_address(live, "/size"), headers)
    return seen_if(answer.status == 200, _said(answer))


@probe("web-stream", "small", seconds=WEB_SECONDS)
async def stream(live: Live) -> Finding:
    answer = await live.modal.ask_web(_address(live, "/pieces"), proxy_token(live).headers)
    over = answer.pieces[-1] - answer.pieces[0] if answer.pieces else 0.0
    holds = answer.status == 200 and len(answer.pieces) >= 3 and over >= APART
    return seen_if(holds, f"{answer.status}, {len(answer.pieces)} pieces over {over:.1f} s")


@probe("web-large-request", "small", seconds=WEB_SECONDS)
async def large_request(live: Live) -> Finding:
    answer = await live.modal.ask_web(_address(live, "/size"), proxy_token(live).headers, bytes(LARGE))
    return seen_if(answer.text == str(LARGE), _said(answer))


@probe("web-reader-gone", "small", seconds=WEB_SECONDS, rests_on=("web-stream",))
async def reader_gone(live: Live) -> Finding:
    answer = await live.modal.ask_web(_address(live, "/wait"), proxy_token(live).headers, pieces=2)
    if answer.status != 200:
        raise CouldNotTry(_said(answer))
    after = await log_has(live, "live: reader gone", LOG_SECONDS)
    return seen_if(after is not None, "it went on" if after is None else f"it ended within {after + 1:.0f} s")
