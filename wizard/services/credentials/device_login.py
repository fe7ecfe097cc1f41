"""The browser login with a code (OAuth 2.0 device authorization, RFC 8628), as `hf auth login` does it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from huggingface_hub import constants

from wizard.core.access.wire_rules import WireAnswer
from wizard.core.access_token import AccessToken, clean
from wizard.core.problem import ExitCode, Problem
from wizard.flow.ports.hub import DeviceLogin, HubRefusal

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SLOWER_SECONDS = 5.0  # RFC 8628: what a slow_down adds to the interval


def read_login(data: dict[str, Any]) -> DeviceLogin:
    """The Hub's answer to a login request. Raises HubRefusal for one that is not complete."""
    try:
        url = clean(str(data["verification_uri"]))
        return DeviceLogin(
            device_code=str(data["device_code"]),
            user_code=clean(str(data["user_code"])),
            url=url,
            url_with_code=clean(str(data.get("verification_uri_complete") or url)),
            interval=_seconds(data.get("interval") or 5, 60),
            expires_in=_seconds(data.get("expires_in") or 900, 3600),
        )
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise HubRefusal(WireAnswer(0, message="the answer to the login request is incomplete")) from error


def _seconds(value: Any, most: float) -> float:
    """A pause or a lifetime within reason. Raises ValueError, TypeError or OverflowError for what is no number."""
    seconds = float(value)
    if not seconds > 0:
        raise ValueError("no time at all")
    return min(seconds, most)


async def wait_for_login(hub: Any, login: DeviceLogin) -> AccessToken:
    """Ask again and again, at the pace that the Hub sets, until the person has decided.

    `hub` posts a form and answers with JSON, or None when no JSON came. Raises Problem when the person refuses or
    the code runs out.
    """
    interval, deadline = login.interval, time.monotonic() + login.expires_in
    form = {
        "grant_type": GRANT,
        "device_code": login.device_code,
        "client_id": constants.DEVICE_CODE_OAUTH_CLIENT_ID,
    }
    while time.monotonic() < deadline:
        await asyncio.sleep(interval)
        answer = await hub.post_form("/oauth/token", form) or {}
        if token := answer.get("access_token"):
            return AccessToken(str(token))
        error = answer.get("error")
        if error == "slow_down":
            interval += SLOWER_SECONDS
        elif error == "access_denied":
            raise _failed("login_denied", "The login was refused in the browser.")
        elif error not in (None, "authorization_pending"):
            break
    raise _failed("login_expired", "The code expired before it was used.")


def _failed(code: str, message: str) -> Problem:
    return Problem(code, message, "Start the login again.", exit_code=ExitCode.CREDENTIALS)
