"""What an HTTP answer of the Hub, or the lack of one, says: as a WireAnswer, which knows nothing of the library."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx2
from huggingface_hub.errors import OfflineModeIsEnabled

from wizard.core.access.unreachable import UnreachableReason
from wizard.core.access.wire_rules import WireAnswer
from wizard.core.access_token import clean

LONGEST_WAIT = 3600.0  # seconds; the Hub's windows are five minutes long


def read_wire_answer(response: httpx2.Response | UnreachableReason) -> WireAnswer:
    """The answer by its status and the headers that the Hub speaks in."""
    if isinstance(response, UnreachableReason):
        return WireAnswer(0, unreachable=response)
    headers = response.headers
    code, message = headers.get("X-Error-Code", ""), clean(headers.get("X-Error-Message", ""))
    return WireAnswer(
        status=response.status_code,
        error_code=code,
        message=message,
        retry_after=_wait(headers),
        unreachable=None if code or message or not _is_of_no_hub(response) else UnreachableReason.NOT_A_HUB,
    )


def _is_of_no_hub(response: httpx2.Response) -> bool:
    """Whether a refusal without a word of the Hub comes from elsewhere: a wrong path, a server with a sign-in of its
    own. The Hub says why in headers, and asks for a bearer (live 2026-10)."""
    asked_for = response.headers.get("WWW-Authenticate", "").lower()
    return response.status_code == 404 or (
        response.status_code == 401 and asked_for.startswith(("basic", "digest", "ntlm", "negotiate"))
    )


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until the next request is welcome: `Retry-After`, or `t=` of the Hub's `RateLimit` header."""
    for text, pattern in (
        (headers.get("Retry-After", ""), r"^([0-9]+)$"),
        (headers.get("RateLimit", ""), r"t=([0-9]+)"),
    ):
        if match := re.search(pattern, text):
            return min(float(match.group(1)), LONGEST_WAIT)
    return None


def unreachable_reason(error: Exception) -> UnreachableReason:
    """Why no answer came. The words are those of OpenSSL and of the C libraries of Linux, macOS and Windows (2026)."""
    if isinstance(error, OfflineModeIsEnabled):
        return UnreachableReason.OFFLINE
    if isinstance(error, (TimeoutError, httpx2.TimeoutException)):
        return UnreachableReason.SLOW
    if isinstance(error, httpx2.ProxyError):
        return UnreachableReason.PROXY
    if isinstance(error, (httpx2.UnsupportedProtocol, httpx2.InvalidURL, UnicodeError)):
        return UnreachableReason.ADDRESS
    text = str(error).lower()
    if "certificate" in text:
        return UnreachableReason.CERTIFICATE
    if any(words in text for words in ("name or service", "nodename", "getaddrinfo", "name resolution")):
        return UnreachableReason.NAME
    return UnreachableReason.NOBODY if isinstance(error, httpx2.ConnectError) else UnreachableReason.BROKEN
