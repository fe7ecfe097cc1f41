"""What every route needs at hand: the world, the contents of its repositories, and who is asking for what."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from wizard.rehearsal.fixtures import Fixtures, Kind, Repository
from wizard.rehearsal.hub import access
from wizard.rehearsal.hub.access import Caller, Purpose
from wizard.rehearsal.hub.answers import Refused
from wizard.rehearsal.hub.repository_store import RepositoryStore, Snapshot

REPO = r"{repo:[^/]+/[^/]+}"
KINDS = r"{kind:models|datasets}"


@dataclass
class RequestContext:
    """What is known of the request being answered: its sender, headers for its answer, a break half-way, no ranges."""

    caller: Caller = field(default_factory=Caller)
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False
    ignores_range: bool = False


# A context variable rather than a key of the request: those changed their type between versions of aiohttp.
REQUEST_CONTEXT: ContextVar[RequestContext] = ContextVar("inquiry")


@dataclass
class HubState:
    """The shared state of a stand-in Hub's routes. `cdn_url` is the origin that large files are redirected to."""

    fixtures: Fixtures
    store: RepositoryStore
    page_size: int = 50
    cdn_url: str = ""

    def caller(self) -> Caller:
        """Who sent the request that is being answered."""
        return REQUEST_CONTEXT.get().caller

    def open(self, request: web.Request, purpose: Purpose, path: str = "") -> Repository:
        """The repository that the request names, if its sender may have it for that purpose. Raises Refused."""
        repository = self.fixtures.repository(request.match_info["repo"], kind_of(request))
        return access.check_read(self.caller(), repository, purpose, self.fixtures.people, path)

    def snapshot(self, repository: Repository, revision: str) -> Snapshot:
        """A revision's files. Raises Refused when there is no such revision."""
        found = self.store.of(repository).at(revision)
        if found is None:
            raise Refused("revision_not_found", rev=revision)
        return found

    def passes_gate(self, repository: Repository) -> bool:
        """Whether the sender could read the repository's gated files."""
        return access.passes_gate(self.caller(), repository, self.fixtures.people)


def kind_of(request: web.Request) -> Kind:
    """Whether the path speaks of models or of datasets."""
    said = request.match_info.get("kind", "")
    return "dataset" if said == "datasets" or request.path.startswith("/datasets/") else "model"


def origin(request: web.Request) -> str:
    """Scheme, host and port under which the sender knows this server."""
    return str(request.url.origin())


def is_true(request: web.Request, name: str) -> bool:
    """Whether a query parameter says yes."""
    return request.query.get(name, "").lower() in ("1", "true", "yes")


async def body_of(request: web.Request) -> dict[str, Any]:
    """The body of a POST as a mapping, sent as JSON or as a form. Raises Refused if it is neither."""
    if request.content_type == "application/json":
        try:
            data = await request.json()
        except ValueError as error:
            raise Refused("bad_request", reason="The body is not JSON.") from error
        if isinstance(data, dict):
            return data
        raise Refused("bad_request", reason="The body is not a JSON object.")
    form = await request.post()
    return {key: value for key, value in form.items() if isinstance(value, str)}
