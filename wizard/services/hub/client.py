"""The Hub, by way of huggingface_hub's own HTTP client; answers are read as the wire gives them.

An access token goes to a Hub that is trusted and to no other: what is asked here of another one is asked without, and
what only an access token answers is asked of the public Hub instead.
"""

from __future__ import annotations

import asyncio
import copy
import os
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers, get_async_session

from wizard.core.access.endpoint import read_endpoint
from wizard.core.access.endpoint_trust import NOTHING_NAMED, EndpointTrust
from wizard.core.access.unreachable import UnreachableReason
from wizard.core.access.verdicts import PUBLIC_HUB
from wizard.core.access.wire_rules import WireAnswer
from wizard.core.access_token import AccessToken, clean_line
from wizard.core.concurrency.daemon_thread import on_daemon_thread
from wizard.core.models.model_info import ModelFacts, is_model_name
from wizard.core.problem import usage
from wizard.flow.ports.http import HttpAnswer
from wizard.flow.ports.hub import Account, DeviceLogin, HubRefusal, ModelQuery, ModelSummary
from wizard.services.credentials.device_login import read_login, wait_for_login
from wizard.services.hub.answers import read_facts, read_summary, table
from wizard.services.hub.wire import read_wire_answer, unreachable_reason

REQUEST_SECONDS = 10.0  # huggingface_hub itself sets no limit
BESIDE_SECONDS = 4.0  # for the public Hub, where another one is set: it may well be out of reach
FILE_SECONDS = 60.0  # for a whole tokenizer
RETRY_AFTER_SECONDS = 0.5
ANSWER_BYTES = 1 << 20  # of an answer that is looked at as it is
_OF_A_RESULT = ("gated", "private", "safetensors", "cardData", "downloads", "pipeline_tag")
_RETRIED = {0, 500, 502, 503, 504}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Hub:
    """A HubPort over huggingface_hub. Nothing is read from, or written to, the local cache."""

    def __init__(self, trust: EndpointTrust = NOTHING_NAMED) -> None:
        endpoint = read_endpoint(constants.ENDPOINT)
        self.endpoint, self._wrong = endpoint.address, endpoint.wrong
        self._trust, self._is_beside = trust, False
        try:
            self._client = get_async_session()
        except (ValueError, httpx2.InvalidURL) as error:  # it reads the proxy variables when it is made
            named = ", ".join(name for name in _PROXIES if os.environ.get(name) or os.environ.get(name.lower()))
            raise usage(
                "proxy_not_understood",
                f"The address of a proxy in {named or 'this machine’s settings'} cannot be used.",
                "Write it like http://proxy.example:8080 or socks5://127.0.0.1:1080, or unset it, then run this again.",
            ) from error
        self._client.timeout = httpx2.Timeout(REQUEST_SECONDS)
        # No cookies: one with odd characters would make every later request fail, and none is needed.
        self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def trusts(self, endpoint: str) -> bool:
        """Whether the Hub at this address may be sent an access token."""
        return self._trust.covers(endpoint)

    @property
    def is_trusted(self) -> bool:
        """Whether this Hub is sent access tokens."""
        return self.trusts(self.endpoint)

    def trust(self) -> None:
        """Send access tokens to this Hub from now on: a person has said so. Raises Problem where it cannot be."""
        self._trust = self._trust.also(self.endpoint)

    @property
    def account_hub(self) -> Hub:
        """The Hub that access tokens belong to: this one where it is trusted, else the public one."""
        if self.is_trusted:
            return self
        public = copy.copy(self)
        public.endpoint, public._wrong, public._is_beside = PUBLIC_HUB, None, True
        return public

    async def whoami(self, token: AccessToken) -> Account:
        """Whom `token` belongs to, by the Hub that it belongs to. Raises HubRefusal."""
        data = await self.account_hub._object("/api/whoami-v2", token)
        auth = table(data.get("auth"))
        access = table(auth.get("accessToken"))
        fine = table(access.get("fineGrained"))
        return Account(
            user=clean_line(str(data.get("name") or ""), 200) or "unknown",
            role=_text(access.get("role")),
            kind=_text(auth.get("type")) or "access_token",
            expires_at=_text(auth.get("expiresAt")),
            can_read_gated=gated if isinstance(gated := fine.get("canReadGatedRepos"), bool) else None,
        )

    async def model(self, repo_id: str, revision: str | None, token: AccessToken | None) -> ModelFacts:
        """What the Hub says about a model. Raises HubRefusal."""
        at = f"/revision/{quote(revision, safe='')}" if revision else ""
        data = await self._object(f"/api/models/{repo_id}{at}?blobs=true", token)
        try:
            return read_facts(data, repo_id)
        except ValueError as error:
            raise HubRefusal(WireAnswer(0, message=str(error))) from error

    async def auth_check(self, repo_id: str, token: AccessToken | None) -> WireAnswer:
        """Whether the gate is open for `token`."""
        return read_wire_answer(await self._ask("GET", f"/api/models/{repo_id}/auth-check", token))

    async def read_one_byte(self, repo_id: str, commit: str, path: str, token: AccessToken | None) -> WireAnswer:
        """HEAD and then the first byte of a file at a commit, past every cache.

        The gate is at the first address; where large files lie is asked for once, by the read, to save a round trip.
        """
        url = f"/{repo_id}/resolve/{commit}/{quote(path)}"
        head = read_wire_answer(await self._ask("HEAD", url, token, follow=False))
        if not (head.is_good or 300 <= head.status < 400):
            return head
        return read_wire_answer(await self._ask("GET", url, token, {"Range": "bytes=0-0"}))

    async def read_file(self, repo_id: str, commit: str, path: str, token: AccessToken | None, most: int) -> bytes:
        """A small file of a model at a commit. Raises HubRefusal, also for a file of more than `most` bytes."""
        if self._wrong is not None:
            raise HubRefusal(WireAnswer(0, unreachable=self._wrong))
        headers = await self._headers(token)
        url = f"{self.endpoint}/{repo_id}/resolve/{commit}/{quote(path)}"
        try:
            async with (
                asyncio.timeout(FILE_SECONDS),
                self._client.stream("GET", url, headers=headers, follow_redirects=True) as response,
            ):
                answer = read_wire_answer(response)
                if not answer.is_good:
                    raise HubRefusal(answer)
                data = bytearray()
                async for chunk in response.aiter_bytes():
                    data += chunk
                    if len(data) > most:
                        raise HubRefusal(WireAnswer(0, message=f"the file is larger than {most} bytes"))
                return bytes(data)
        except (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled, TimeoutError, UnicodeError) as error:
            raise HubRefusal(WireAnswer(0, unreachable=unreachable_reason(error))) from error

    async def config(
        self, repo_id: str, commit: str, token: AccessToken | None, name: str = "config.json"
    ) -> Mapping[str, Any] | None:
        """A configuration of a model at a commit; None where it cannot be read, or is no object. Raises HubRefusal
        where the Hub is out of order or asked too often, which says nothing about the model."""
        try:
            return await self._object(f"/{repo_id}/resolve/{commit}/{name}", token)
        except HubRefusal as refusal:
            if refusal.answer.status == 429 or refusal.answer.status >= 500:
                raise
            return None

    async def search(self, query: ModelQuery, token: AccessToken | None) -> list[ModelSummary]:
        """Models that match, most downloaded first. Raises HubRefusal."""
        wanted: list[tuple[str, str]] = [("sort", "downloads"), ("limit", str(query.limit))]
        wanted += [("expand", name) for name in _OF_A_RESULT]
        if query.text:
            wanted.append(("search", query.text))
        if query.task:
            wanted.append(("pipeline_tag", query.task))
        if query.parameters:
            wanted.append(("num_parameters", "min:{},max:{}".format(*query.parameters)))
        if query.gated is not None:
            wanted.append(("gated", str(query.gated).lower()))
        data = await self._json(f"/api/models?{urlencode(wanted)}", token)
        return [read_summary(item) for item in _named(data)][: query.limit]

    async def ask(
        self, method: str, path: str, token: AccessToken | None = None, headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """One request as it is, and the beginning of its answer. Raises HubRefusal where no answer came."""
        if self._wrong is not None:
            raise HubRefusal(WireAnswer(0, unreachable=self._wrong))
        sent_headers, body = await self._headers(token) | dict(headers or {}), bytearray()
        try:
            async with (
                asyncio.timeout(REQUEST_SECONDS),
                self._client.stream(method, self.endpoint + path, headers=sent_headers, follow_redirects=False) as got,
            ):
                async for chunk in got.aiter_bytes():
                    body += chunk
                    if len(body) >= ANSWER_BYTES:
                        break
                named = {name.lower(): value for name, value in got.headers.items()}
                return HttpAnswer(got.status_code, named, bytes(body[:ANSWER_BYTES]))
        except (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled, TimeoutError, UnicodeError) as error:
            raise HubRefusal(WireAnswer(0, unreachable=unreachable_reason(error))) from error

    async def start_login(self) -> DeviceLogin:
        """Ask for a code that a person types in a browser. Raises HubRefusal."""
        form = {"client_id": constants.DEVICE_CODE_OAUTH_CLIENT_ID}
        return read_login(await self.account_hub.post_form("/oauth/device", form) or {})

    async def finish_login(self, login: DeviceLogin) -> AccessToken:
        """Wait until the person has approved. Raises Problem."""
        return await wait_for_login(self.account_hub, login)

    async def post_form(self, path: str, form: Mapping[str, str]) -> dict[str, Any] | None:
        """Post a form without an access token; the JSON object of the answer, or None when there is none."""
        if self._wrong is not None:
            return None
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                response = await self._client.post(self.endpoint + path, data=dict(form))
                data = response.json()
        except (httpx2.HTTPError, OfflineModeIsEnabled, TimeoutError, ValueError, RecursionError):
            return None
        return data if isinstance(data, dict) else None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _object(self, path: str, token: AccessToken | None) -> dict[str, Any]:
        data = await self._json(path, token)
        if not isinstance(data, dict):
            raise HubRefusal(WireAnswer(0, message="the answer is not an object"))
        return data

    async def _json(self, path: str, token: AccessToken | None) -> Any:
        response = await self._ask("GET", path, token)
        answer = read_wire_answer(response)
        if isinstance(response, UnreachableReason) or not answer.is_good:
            raise HubRefusal(answer)
        try:
            return response.json()
        except (ValueError, RecursionError) as error:
            refusal = WireAnswer(0, message="the answer is not JSON", unreachable=UnreachableReason.NOT_A_HUB)
            raise HubRefusal(refusal) from error

    async def _ask(
        self,
        method: str,
        path: str,
        token: AccessToken | None,
        more: Mapping[str, str] | None = None,
        *,
        follow: bool = True,
    ) -> httpx2.Response | UnreachableReason:
        """One request, once more where that can help; none to what is no address."""
        if self._wrong is not None:
            return self._wrong
        headers = await self._headers(token) | dict(more or {})
        response = await self._send(method, path, headers, follow)
        if response is UnreachableReason.OFFLINE or self._is_beside:
            return response
        if (0 if isinstance(response, UnreachableReason) else response.status_code) in _RETRIED:
            await asyncio.sleep(RETRY_AFTER_SECONDS)
            response = await self._send(method, path, headers, follow)
        return response

    async def _send(
        self, method: str, path: str, headers: dict[str, str], follow: bool
    ) -> httpx2.Response | UnreachableReason:
        try:
            async with asyncio.timeout(BESIDE_SECONDS if self._is_beside else REQUEST_SECONDS):
                sent = self._client.stream(method, self.endpoint + path, headers=headers, follow_redirects=follow)
                async with sent as response:
                    if method == "GET" and "Range" not in headers:
                        await response.aread()
                    elif method == "GET" and not response.is_stream_consumed:  # huggingface_hub reads what is an error
                        # one byte is enough, even where the range is ignored
                        await anext(response.aiter_raw(), b"")
                    return response
        except (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled, TimeoutError, UnicodeError) as error:
            return unreachable_reason(error)

    async def _headers(self, token: AccessToken | None) -> dict[str, str]:
        """The library's own headers; the only place where an access token gets into a request.

        To make its first, it waits for an answer of the Hub and blocks meanwhile (2.4). False keeps it from finding
        an access token by itself.
        """
        value = token.reveal() if token and self.is_trusted else False
        return await on_daemon_thread(lambda: build_hf_headers(token=value))


def _named(data: object) -> list[dict[str, Any]]:
    """The items of a list that can be models."""
    items = data if isinstance(data, list) else []
    return [item for item in items if isinstance(item, dict) and is_model_name(str(item.get("id") or ""))]


def _text(value: object) -> str | None:
    return (clean_line(value, 200) or None) if isinstance(value, str) else None
