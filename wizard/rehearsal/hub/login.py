"""Who an access token is, and how a browser login makes one: whoami and the OAuth device flow.

The body of whoami follows the Hub's own client types (huggingface.js, hf-mcp-server, 2026) and one live recording
of October 2026; the device flow is RFC 8628 as huggingface_hub 2.4 speaks it.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from aiohttp import web

from wizard.rehearsal.fixtures import MAIN_PERSON, OAUTH_LIFETIME, OAUTH_SCOPES, Person, Token
from wizard.rehearsal.hub.answers import Refused
from wizard.rehearsal.hub.request_context import HubState, body_of, origin

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, as RFC 8628 suggests
CODE_LIFETIME = 900  # seconds


@dataclass
class DeviceLogin:
    """A login that waits for a person at a browser. Times are in seconds of the monotonic clock."""

    user_code: str
    expires_at: float
    interval: float
    device_code: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    state: Literal["pending", "approved", "denied", "used"] = "pending"
    person: str = MAIN_PERSON
    asked_at: float = float("-inf")


class Login:
    """The routes of whoami and of the device flow, and the logins that are waiting."""

    def __init__(self, hub_state: HubState, interval: int, lifetime: float = CODE_LIFETIME) -> None:
        self._desk = hub_state
        self._interval = interval
        self.lifetime = lifetime
        self.waiting: list[DeviceLogin] = []
        self._refresh: dict[str, str] = {}  # refresh token -> name of the access token it renews

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [
            web.get("/api/whoami-v2", self.whoami),
            web.post("/oauth/device", self.start),
            web.post("/oauth/token", self.token),
        ]

    async def whoami(self, request: web.Request) -> web.Response:
        """The person behind an access token, their organisations, and what the token may do."""
        token = self._desk.caller().token
        if token is None:
            raise Refused("unauthenticated")
        fixtures = self._desk.fixtures
        organisations = [
            _organisation(person, token.person)
            for person in fixtures.people.values()
            if person.kind == "org" and token.person in person.members
        ]
        return web.json_response(_whoami(fixtures.people[token.person], organisations, token))

    async def start(self, request: web.Request) -> web.Response:
        """Begin a device login: a code for the machine, and a short one for the person."""
        form = await body_of(request)
        if not form.get("client_id"):
            return _oauth_error("invalid_client", "The client_id is missing.", 401)
        self.waiting = [login for login in self.waiting if login.expires_at > time.monotonic() - self.lifetime]
        letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
        login = DeviceLogin(
            f"{letters[:4]}-{letters[4:]}", expires_at=time.monotonic() + self.lifetime, interval=self._interval
        )
        self.waiting.append(login)
        page = f"{origin(request)}/oauth/device"
        return web.json_response(
            {
                "device_code": login.device_code,
                "user_code": login.user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={login.user_code}",
                "expires_in": int(self.lifetime),
                "interval": self._interval,
            }
        )

    def find(self, user_code: str | None) -> DeviceLogin | None:
        """The waiting login of that code, however it was typed; the latest one for None."""
        typed = None if user_code is None else "".join(filter(str.isalnum, user_code.upper()))
        for login in reversed(self.waiting):
            is_meant = typed is None or login.user_code.replace("-", "") == typed
            if is_meant and login.state == "pending" and login.expires_at > time.monotonic():
                return login
        return None

    async def token(self, request: web.Request) -> web.Response:
        """Exchange a device code or a refresh token for an access token (RFC 8628 section 3.5, RFC 6749)."""
        form = await body_of(request)
        match form.get("grant_type"):
            case "refresh_token":
                return self._renew(form)
            case grant if grant == DEVICE_GRANT:
                return self._exchange(form)
        return _oauth_error("unsupported_grant_type", "That grant type is not known here.")

    def _exchange(self, form: dict[str, Any]) -> web.Response:
        code = str(form.get("device_code", ""))
        login = next((waiting for waiting in self.waiting if waiting.device_code == code), None)
        if login is None or login.state == "used":
            return _oauth_error("invalid_grant", "That device code is not known here.")
        now = time.monotonic()
        too_soon, login.asked_at = now - login.asked_at < login.interval * 0.5, now
        if now >= login.expires_at:
            return _oauth_error("expired_token", "The device code has expired.")
        if login.state == "denied":
            return _oauth_error("access_denied", "The person denied the login.")
        if login.state == "pending":
            if too_soon:
                return _oauth_error("slow_down", "Asked before the interval was over.")
            return _oauth_error("authorization_pending", "The person has not answered yet.")
        login.state = "used"
        return self._grant(login.person)

    def _renew(self, form: dict[str, Any]) -> web.Response:
        name = self._refresh.pop(str(form.get("refresh_token", "")), None)
        if name is None:
            return _oauth_error("invalid_grant", "That refresh token is not known here, or was used before.")
        return self._grant(self._desk.fixtures.token(name).person)

    def _grant(self, person: str) -> web.Response:
        expires_at = time.time() + OAUTH_LIFETIME
        token = self._desk.fixtures.issue("device-login", person, role="oauth", expires_at=expires_at)
        refresh = "hf_oauth_refresh_" + secrets.token_hex(32)
        self._refresh[refresh] = token.name
        return web.json_response(
            {
                "access_token": token.value,
                "refresh_token": refresh,
                "token_type": "bearer",
                "expires_in": int(OAUTH_LIFETIME),
                "scope": " ".join(OAUTH_SCOPES),
            },
            headers={"Cache-Control": "no-store"},
        )


def _oauth_error(error: str, description: str, status: int = 400) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=status)


def identity(kind: str, name: str) -> str:
    """A stable 24-digit id, in the shape of the Hub's."""
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:24]


def iso(seconds: float) -> str:
    """A time as the Hub writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _organisation(org: Person, person: str) -> dict[str, Any]:
    return {
        "type": "org",
        "id": identity("org", org.name),
        "name": org.name,
        "fullname": org.fullname or org.name,
        "email": org.email,
        "canPay": False,
        "periodEnd": None,
        "avatarUrl": f"/avatars/{org.name}.svg",
        "roleInOrg": org.members[person],
    }


def _whoami(person: Person, organisations: list[dict[str, Any]], token: Token) -> dict[str, Any]:
    return {
        "type": "user",
        "id": identity("user", person.name),
        "name": person.name,
        "fullname": person.fullname or person.name,
        "email": person.email,
        "emailVerified": True,
        "canPay": False,
        "billingMode": "prepaid",
        "periodEnd": None,
        "isPro": person.is_pro,
        "avatarUrl": f"/avatars/{person.name}.svg",
        "orgs": organisations,
        "auth": _auth(token),
    }


def _auth(token: Token) -> dict[str, Any]:
    if token.role == "oauth":
        found: dict[str, Any] = {"type": "oauth"}
        if token.expires_at is not None:
            found["expiresAt"] = iso(token.expires_at)
        return found
    described: dict[str, Any] = {
        "displayName": token.name,
        "role": token.role,
        "createdAt": iso(token.created_at),
    }
    if token.role == "fineGrained":
        described["fineGrained"] = {
            "canReadGatedRepos": token.can_read_gated,
            "global": [],
            "scoped": [_scope(name) for name in token.covers],
        }
    return {"type": "access_token", "accessToken": described}


def _scope(name: str) -> dict[str, Any]:
    kind = "model" if "/" in name else "user"
    return {
        "entity": {"_id": identity(kind, name), "type": kind, "name": name},
        "permissions": ["repo.content.read"],
    }
