"""Search: ``/api/models`` with its filters and orders, page by page.

Parameters are those that huggingface_hub 2.4 sends; the next page is announced by a ``Link`` header.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from typing import Any

from aiohttp import web

from wizard.rehearsal.fixtures import Repository
from wizard.rehearsal.hub import access
from wizard.rehearsal.hub.access import Caller
from wizard.rehearsal.hub.answers import Refused
from wizard.rehearsal.hub.models import Describer, expanded, safetensors_metadata, tags, trending_score
from wizard.rehearsal.hub.request_context import KINDS, HubState, is_true, kind_of, origin

UNITS = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
ORDERS: dict[str, Callable[[Repository], Any]] = {
    "downloads": lambda repository: repository.downloads,
    "likes": lambda repository: repository.likes,
    "lastModified": lambda repository: repository.last_modified,
    "createdAt": lambda repository: repository.created_at,
    "trendingScore": trending_score,
}


class Search:
    """The route that lists repositories."""

    def __init__(self, hub_state: HubState) -> None:
        self._desk = hub_state

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [web.get(f"/api/{KINDS}", self.find)]

    async def find(self, request: web.Request) -> web.Response:
        """One page of what matches, in the order asked for (default: trending)."""
        order = request.query.get("sort", "trendingScore")
        if order not in ORDERS:
            raise Refused("bad_request", reason=f'Invalid option: "{order}" at sort')
        caller = self._desk.caller()
        found = [
            repository
            for repository in self._desk.fixtures.repositories(kind_of(request))
            if self._is_visible(caller, repository) and self._matches(request, repository)
        ]
        found.sort(key=lambda repository: repository.id)
        found.sort(key=ORDERS[order], reverse=request.query.get("direction", "-1") == "-1")
        start, size = _offset(request), _page_size(request, self._desk.page_size)
        lines = [self._describe(request, repository) for repository in found[start : start + size]]
        headers = {}
        if start + size < len(found):
            cursor = base64.urlsafe_b64encode(str(start + size).encode()).decode()
            target = request.rel_url.update_query({"cursor": cursor})
            headers["Link"] = f'<{origin(request)}{target}>; rel="next"'
        return web.json_response(lines, headers=headers)

    def _is_visible(self, caller: Caller, repository: Repository) -> bool:
        if repository.disabled:
            return False
        try:
            access.check_read(caller, repository, "metadata", self._desk.fixtures.people)
        except Refused:
            return False
        return True

    def _matches(self, request: web.Request, repository: Repository) -> bool:
        query = request.query
        words = query.get("search", "").lower().split()
        if not all(word in repository.id.lower() for word in words):
            return False
        if "author" in query and query["author"].lower() != repository.owner.lower():
            return False
        if "gated" in query and is_true(request, "gated") != bool(repository.gated):
            return False
        if "pipeline_tag" in query and query["pipeline_tag"] != repository.pipeline_tag:
            return False
        if "num_parameters" in query and not _has_size(query["num_parameters"], self._size(repository)):
            return False
        wanted = set(query.getall("filter", []))
        return not wanted or wanted <= set(self._tags(repository))

    def _size(self, repository: Repository) -> int:
        metadata = safetensors_metadata(repository, self._desk.store.of(repository).head)
        return int(metadata["total"]) if metadata else 0

    def _tags(self, repository: Repository) -> list[str]:
        return tags(repository, self._desk.store.of(repository).head)

    def _describe(self, request: web.Request, repository: Repository) -> dict[str, Any]:
        reveal = self._desk.passes_gate(repository)
        describer = Describer(repository, self._desk.store.of(repository).head, reveal)
        if wanted := expanded(request):
            return describer.select(wanted)
        return describer.brief(
            full=is_true(request, "full"), config=is_true(request, "config"), card=is_true(request, "cardData")
        )


def _has_size(wanted: str, total: int) -> bool:
    """Whether the number of parameters lies within ``min:6B,max:128B``; unknown sizes never do."""
    bounds = {"min": 0.0, "max": math.inf}
    for part in wanted.split(","):
        side, _, figure = part.partition(":")
        if side not in bounds or not figure:
            raise Refused("bad_request", reason=f'Invalid option: "{part}" at num_parameters')
        unit = UNITS.get(figure[-1].upper(), 1.0)
        try:
            bounds[side] = float(figure.rstrip("KMBTkmbt")) * unit
        except ValueError as error:
            raise Refused("bad_request", reason=f'Invalid option: "{part}" at num_parameters') from error
    return total > 0 and bounds["min"] <= total <= bounds["max"]


def _offset(request: web.Request) -> int:
    try:
        return int(base64.urlsafe_b64decode(request.query["cursor"])) if "cursor" in request.query else 0
    except (ValueError, binascii.Error) as error:
        raise Refused("bad_request", reason="Invalid cursor") from error


def _page_size(request: web.Request, largest: int) -> int:
    try:
        return max(1, min(largest, int(request.query.get("limit", largest))))
    except ValueError as error:
        raise Refused("bad_request", reason="Invalid input: expected number at limit") from error
