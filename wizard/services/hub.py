"""The Hub, by way of huggingface_hub's own HTTP client; answers are read as the wire gives them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers, get_async_session

from wizard.core.access_token import AccessToken, clean
from wizard.core.model import ModelFacts
from wizard.core.verdicts import WireAnswer
from wizard.flow.ports import Account, DeviceLogin, HubRefusal, ModelQuery, ModelSummary
from wizard.services.device_login import read_login, wait_for_login
from wizard.services.hub_answers import read_facts, read_summary, table

REQUEST_SECONDS = 10.0  # huggingface_hub itself sets no limit
RETRY_AFTER_SECONDS = 0.5
_RETRIED = {0, 500, 502, 503, 504}


class Hub:
    """A HubPort over huggingface_hub. Nothing is read from, or written to, the local cache."""

    def __init__(self) -> None:
        self.endpoint = constants.ENDPOINT.rstrip("/")
        self._client = get_async_session()
        self._client.timeout = httpx2.Timeout(REQUEST_SECONDS)

    async def whoami(self, token: AccessToken) -> Account:
        """Whom `token` belongs to. Raises HubRefusal."""
        data = await self._object("/api/whoami-v2", token)
        auth = table(data.get("auth"))
        access = table(auth.get("accessToken"))
        fine = table(access.get("fineGrained"))
        return Account(
            user=clean(str(data.get("name") or "unknown")),
            role=access.get("role"),
            kind=str(auth.get("type") or "access_token"),
            expires_at=auth.get("expiresAt"),
            can_read_gated=fine.get("canReadGatedRepos"),
            token_name=clean(str(access["displayName"])) if access.get("displayName") else None,
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
        return _answer(await self._ask("GET", f"/api/models/{repo_id}/auth-check", token))

    async def read_one_byte(self, repo_id: str, commit: str, path: str, token: AccessToken | None) -> WireAnswer:
        """HEAD and then the first byte of a file at a commit, past every cache."""
        url = f"/{repo_id}/resolve/{commit}/{quote(path)}"
        head = _answer(await self._ask("HEAD", url, token))
        if not head.is_good:
            return head
        return _answer(await self._ask("GET", url, token, {"Range": "bytes=0-0"}))

    async def search(self, query: ModelQuery, token: AccessToken | None) -> list[ModelSummary]:
        """Models that match, most downloaded first. Raises HubRefusal."""
        wanted: list[tuple[str, str]] = [("sort", "downloads"), ("limit", str(query.limit))]
        wanted += [("expand", name) for name in ("gated", "safetensors", "cardData", "downloads", "pipeline_tag")]
        if query.text:
            wanted.append(("search", query.text))
        if query.task:
            wanted.append(("pipeline_tag", query.task))
        if query.parameters:
            wanted.append(("num_parameters", "min:{},max:{}".format(*query.parameters)))
        if query.gated is not None:
            wanted.append(("gated", str(query.gated).lower()))
        data = await self._json(f"/api/models?{urlencode(wanted)}", token)
        return [read_summary(item) for item in data if isinstance(item, dict) and item.get("id")][: query.limit]

    async def start_login(self) -> DeviceLogin:
        """Ask for a code that a person types in a browser. Raises HubRefusal."""
        form = {"client_id": constants.DEVICE_CODE_OAUTH_CLIENT_ID}
        return read_login(await self.post_form("/oauth/device", form) or {})

    async def finish_login(self, login: DeviceLogin) -> AccessToken:
        """Wait until the person has approved. Raises Problem."""
        return await wait_for_login(self, login)

    async def post_form(self, path: str, form: Mapping[str, str]) -> dict[str, Any] | None:
        """Post a form without an access token; the JSON object of the answer, or None when there is none."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                response = await self._client.post(self.endpoint + path, data=dict(form))
                data = response.json()
        except (httpx2.HTTPError, OfflineModeIsEnabled, TimeoutError, ValueError):
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
        answer = _answer(response)
        if response is None or not answer.is_good:
            raise HubRefusal(answer)
        try:
            return response.json()
        except ValueError as error:
            raise HubRefusal(WireAnswer(0, message="the answer is not JSON")) from error

    async def _ask(
        self, method: str, path: str, token: AccessToken | None, more: Mapping[str, str] | None = None
    ) -> httpx2.Response | None:
        """One request, once more where that can help. None when no answer came."""
        headers = build_hf_headers(token=token.reveal() if token else False) | dict(more or {})
        response = await self._send(method, path, headers)
        if (response.status_code if response else 0) in _RETRIED:
            await asyncio.sleep(RETRY_AFTER_SECONDS)
            response = await self._send(method, path, headers)
        return response

    async def _send(self, method: str, path: str, headers: dict[str, str]) -> httpx2.Response | None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                async with self._client.stream(method, self.endpoint + path, headers=headers) as response:
                    if method == "GET" and "Range" not in headers:
                        await response.aread()
                    elif method == "GET":  # one byte is enough, even where the range is ignored
                        await anext(response.aiter_raw(), b"")
                    return response
        except (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled, TimeoutError, UnicodeError):
            return None


def _answer(response: httpx2.Response | None) -> WireAnswer:
    if response is None:
        return WireAnswer(0)
    headers = response.headers
    return WireAnswer(
        status=response.status_code,
        error_code=headers.get("X-Error-Code", ""),
        message=clean(headers.get("X-Error-Message", "")),
        retry_after=_wait(headers),
    )


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until the next request is welcome: `Retry-After`, or `t=` of the Hub's `RateLimit` header."""
    for text, pattern in ((headers.get("Retry-After", ""), r"^(\d+)$"), (headers.get("RateLimit", ""), r"t=(\d+)")):
        if match := re.search(pattern, text):
            return float(match.group(1))
    return None
