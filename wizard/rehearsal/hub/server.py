"""The stand-in Hub: the Hugging Face Hub's HTTP API on loopback, gates and permissions included.

Unmodified clients work against it once ``HF_ENDPOINT`` names its address. Here requests are counted, delayed,
broken or answered; what they are answered is the business of the routes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from wizard.rehearsal.faults import Fault, Faults
from wizard.rehearsal.fixtures import MAIN_PERSON, Fixtures, Kind
from wizard.rehearsal.hub import access
from wizard.rehearsal.hub.access import Caller
from wizard.rehearsal.hub.access_requests import AccessRequests
from wizard.rehearsal.hub.answers import Refused, error_response, refusal, request_id
from wizard.rehearsal.hub.files import Files
from wizard.rehearsal.hub.limits import Counter, Limits, bucket_of, rate_headers
from wizard.rehearsal.hub.login import DeviceLogin, Login
from wizard.rehearsal.hub.models import Models
from wizard.rehearsal.hub.pages.pages import Pages
from wizard.rehearsal.hub.repository_store import RepositoryStore
from wizard.rehearsal.hub.request_context import REQUEST_CONTEXT, HubState, RequestContext
from wizard.rehearsal.hub.search import Search
from wizard.rehearsal.loopback import refuse_other_names

HOST = "127.0.0.1"
SEEN_AT_MOST = 5000
GATE_ROUTES = re.compile(r"/(resolve|raw|auth-check)(/|$)")
REPOSITORY_PATH = re.compile(r"^(?P<before>/api/(?:models|datasets)/|/datasets/|/)(?P<rest>.+)$")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """One request that was answered, without its secrets.

    `status` is 0 where the connection was broken instead. `token` is the name of the access token, ``unknown``
    for one that does not exist, None for none; `fingerprint` the first 12 hex digits of the sha256 of its value.
    """

    method: str
    path: str
    status: int
    token: str | None
    fingerprint: str | None
    query: str = ""


class StandInHub:
    """A Hub on this machine. Start it, point a client at `url`, look at what it has `seen`, close it.

    `limits` are the rate limits; `page_size` is the length of a page of search results, at most;
    `device_interval` is how many seconds a device login asks its client to wait between two questions.
    """

    def __init__(
        self,
        fixtures: Fixtures,
        faults: Faults | None = None,
        *,
        limits: Limits | None = None,
        page_size: int = 50,
        device_interval: int = 1,
    ) -> None:
        self.fixtures = fixtures
        self.faults = faults or Faults()
        self.seen: list[Seen] = []
        self.url = ""
        self._hub_state = HubState(fixtures, RepositoryStore(), page_size)
        self._login = Login(self._hub_state, device_interval)
        self._counter = Counter(limits or Limits())
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0, ssl_context: ssl.SSLContext | None = None) -> None:
        """Serve on loopback, on any free port for 0. Raises OSError when the port is taken."""
        app = web.Application(middlewares=[refuse_other_names, self._answer], client_max_size=2**20)
        app.on_response_prepare.append(self._prepare)
        handlers = (Models, Search, Files, AccessRequests)
        app.add_routes(self._login.routes())
        for handler in handlers:
            app.add_routes(handler(self._hub_state).routes())
        app.add_routes(Pages(self._hub_state, self._login).routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        scheme = "https" if ssl_context else "http"
        addresses = []
        try:
            for wanted in (port, 0):  # the second one is the other origin that large files may come from
                await web.TCPSite(self._runner, HOST, wanted, ssl_context=ssl_context).start()
                addresses.append(f"{scheme}://{HOST}:{self._runner.addresses[-1][1]}")
        except OSError:
            await self.close()
            raise
        self.url, self._hub_state.cdn_url = addresses

    async def close(self) -> None:
        """Stop serving; open connections are cut."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def commit(self, repo_id: str, kind: Kind = "model") -> str:
        """The commit that ``main`` of a repository points at. Raises KeyError for an unknown repository."""
        repository = self.fixtures.repository(repo_id, kind)
        if repository is None:
            raise KeyError(repo_id)
        return self._hub_state.store.of(repository).head.commit

    def approve_login(self, user_code: str | None = None, person: str = MAIN_PERSON) -> None:
        """Let a device login through, as `person` would in the browser (None: the latest that waits).

        Raises LookupError when none is waiting.
        """
        login = self._waiting(user_code)
        login.person, login.state = person, "approved"

    def deny_login(self, user_code: str | None = None) -> None:
        """Turn a device login down. Raises LookupError when none is waiting."""
        self._waiting(user_code).state = "denied"

    def expire_login(self, user_code: str | None = None) -> None:
        """Let a device login run out of time. Raises LookupError when none is waiting."""
        self._waiting(user_code).expires_at = 0.0

    def _waiting(self, user_code: str | None) -> DeviceLogin:
        login = self._login.find(user_code)
        if login is None:
            raise LookupError("No login is waiting.")
        return login

    @web.middleware
    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        ignores_range = self.faults.differs("hub-range")
        headers = {"X-Request-Id": request_id()}
        REQUEST_CONTEXT.set(RequestContext(self._caller(request), headers, ignores_range=ignores_range))
        fault = self.faults.take(f"hub:{request.method} {request.path}")
        try:
            if fault is not None and (response := await self._play(request, fault)) is not None:
                return response
            return self._otherwise(request, await self._serve(request, handler))
        except Refused as refused:
            return self._otherwise(request, refusal(request.path, refused))
        except web.HTTPNotFound:
            return refusal(request.path, Refused("not_found"))
        except web.HTTPException as error:
            return error_response(request.path, error.status, error.reason, headers=_kept(error))
        except ConnectionError:
            raise
        except OSError as error:
            return error_response(request.path, 500, f"The stand-in cannot read a file: {error.strerror}")

    def _otherwise(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """The answer, or what a Hub would give that differs from what is assumed of it."""
        if response.headers.get("X-Error-Code") == "GatedRepo" and self.faults.differs("hub-gated-code"):
            del response.headers["X-Error-Code"]
        is_whoami = request.path == "/api/whoami-v2" and isinstance(response, web.Response) and response.status == 200
        if is_whoami and self.faults.differs("hub-whoami-role"):
            body = json.loads(response.text or "")  # type: ignore[attr-defined]
            del body["auth"]["accessToken"]["role"]
            return web.json_response(body)
        return response

    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        caller = REQUEST_CONTEXT.get().caller
        self._count(request, caller)
        if not GATE_ROUTES.search(request.path):  # those look at the region first
            access.check_token(caller)
        if (target := self._renamed(request)) is not None:
            return web.Response(status=307, headers={"Location": target}, text=f"Redirecting to {target}")
        return await handler(request)

    def _caller(self, request: web.Request) -> Caller:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return Caller()
        return Caller(self.fixtures.token_of(value.strip()), presented=True)

    def _count(self, request: web.Request, caller: Caller) -> None:
        bucket = bucket_of(request.path)
        who = f"token {caller.token.name}" if caller.token else f"address {request.remote}"
        standing = self._counter.count(who, bucket, known=caller.token is not None)
        REQUEST_CONTEXT.get().headers.update(standing.headers())
        if standing.exceeded:
            row = "rate_known" if caller.token else "rate_anonymous"
            values = {"ip": request.remote, "quota": standing.quota, "bucket": bucket, "minutes": standing.window // 60}
            raise Refused(row, headers={"Retry-After": str(standing.seconds)}, **values)

    def _renamed(self, request: web.Request) -> str | None:
        """Where a request for a repository's old name is sent, with the same method, path and query."""
        match = REPOSITORY_PATH.match(request.rel_url.raw_path)
        if match is None:
            return None
        kind: Kind = "dataset" if "/datasets/" in match["before"] else "model"
        first, _, rest = match["rest"].partition("/")
        second, _, after = rest.partition("/")
        for old, remainder in ((f"{first}/{second}", after), (first, rest)):
            repository = self.fixtures.renamed(old, kind)
            if repository is not None and self.fixtures.repository(old, kind) is None:
                path = match["before"] + repository.id + (f"/{remainder}" if remainder else "")
                return path + (f"?{request.rel_url.raw_query_string}" if request.query_string else "")
        return None

    async def _play(self, request: web.Request, fault: Fault) -> web.StreamResponse | None:
        """Act out a fault: an answer of its own, or None when an honest one is to follow."""
        if fault.kind == "status":
            return error_response(
                request.path,
                int(fault.status),
                fault.message or "Internal Error - We're working hard to fix this as soon as possible!",
            )
        if fault.kind == "throttle":
            seconds = max(1, round(fault.seconds))
            bucket = bucket_of(request.path)
            REQUEST_CONTEXT.get().headers.update(rate_headers(bucket, 0, 0, seconds, self._counter.limits.window))
            message = fault.message or str(Refused("rate_anonymous", ip=request.remote))
            return error_response(request.path, 429, message, headers={"Retry-After": str(seconds)})
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return None
        if request.method == "GET" and ("/resolve/" in request.path or request.path.startswith("/cdn/")):
            REQUEST_CONTEXT.get().is_cut = True
            return None
        self._note(request, 0)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(REQUEST_CONTEXT.get(RequestContext()).headers)
        response.headers["X-Content-Type-Options"] = "nosniff"
        if request.transport is not None and not request.transport.is_closing():
            self._note(request, response.status)

    def _note(self, request: web.Request, status: int) -> None:
        caller = REQUEST_CONTEXT.get(RequestContext()).caller
        name = caller.token.name if caller.token else ("unknown" if caller.presented else None)
        value = request.headers.get("Authorization", "").partition(" ")[2].strip() if caller.presented else ""
        fingerprint = (
            hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()[:12] if caller.presented else None
        )
        query = request.rel_url.raw_query_string
        self.seen.append(Seen(request.method, request.path, status, name, fingerprint, query))
        del self.seen[:-SEEN_AT_MOST]


def _kept(error: web.HTTPException) -> dict[str, str]:
    """The headers of an answer that say something about the request, not about the answer's own body."""
    return {name: error.headers[name] for name in ("Content-Range", "Allow", "Location") if name in error.headers}
