"""Access requests: how a person asks to read a gated repository, and how its authors answer.

Statuses, sentences and the order of checks were observed on the Hub in October 2026.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from wizard.rehearsal.fixtures import AccessRequest, Repository
from wizard.rehearsal.hub import access
from wizard.rehearsal.hub.answers import Refused
from wizard.rehearsal.hub.login import identity, iso
from wizard.rehearsal.hub.request_context import KINDS, REPO, HubState, body_of, origin

STATUSES = ("pending", "accepted", "rejected", "reset")


def ask(repository: Repository, person: str, answers: dict[str, str]) -> None:
    """File `person`'s request: accepted at once where the gate is automatic, pending where it is manual.

    Asking again does nothing to a request that is pending, accepted or rejected (observed).
    """
    existing = repository.requests.get(person)
    if not repository.gated or (existing and existing.status != "reset"):
        return
    repository.set_request(person, None)
    repository.set_request(person, "accepted" if repository.gated == "auto" else "pending", answers)


class AccessRequests:
    """The API routes of access requests; the form that people fill in is a page."""

    def __init__(self, hub_state: HubState) -> None:
        self._desk = hub_state

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        base = f"/api/{KINDS}/{REPO}/user-access-request"
        return [
            web.post(base + "/cancel", self.cancel),
            web.post(base + "/handle", self.handle),
            web.post(base + "/grant", self.grant),
            web.get(base + "/{status}", self.list),
        ]

    async def cancel(self, request: web.Request) -> web.Response:
        """Withdraw one's own request; only a pending one can be."""
        repository = self._desk.open(request, "metadata")
        person = self._desk.caller().person
        if person is None:
            raise Refused("unauthenticated")
        existing = repository.requests.get(person)
        if existing is None or existing.status != "pending":
            raise Refused("request_not_found")
        repository.set_request(person, None)
        return web.json_response({"ok": True})

    async def list(self, request: web.Request) -> web.Response:
        """The requests of one status, for the authors."""
        repository = self._authored(request)
        status = request.match_info["status"]
        if status not in STATUSES:
            raise Refused("bad_request", reason=f"* Invalid option: expected one of {'|'.join(STATUSES)} * at status")
        found = [self._entry(name, asked) for name, asked in repository.requests.items() if asked.status == status]
        return web.json_response(found)

    async def handle(self, request: web.Request) -> web.Response:
        """Accept, reject or reset a request, or put it back into the queue."""
        repository = self._authored(request)
        body = await body_of(request)
        if body.get("status") not in STATUSES:
            raise Refused("bad_request", reason=f"* Invalid option: expected one of {'|'.join(STATUSES)} * at status")
        if ("user" in body) == ("requestId" in body):
            raise Refused("bad_request", reason="* Either userId or user must be provided, but not both")
        names = [name for name, asked in repository.requests.items() if asked.id == body.get("requestId")]
        name = str(body["user"]) if "user" in body else (names[0] if names else None)
        if "user" in body and name not in self._desk.fixtures.people:
            raise Refused("user_not_found")
        existing = repository.requests.get(name or "")
        if name is None or existing is None or existing.status == body["status"]:
            raise Refused("request_not_found")
        repository.set_request(name, body["status"])
        return web.json_response({})

    async def grant(self, request: web.Request) -> web.Response:
        """Accept somebody who has not asked."""
        repository = self._authored(request)
        if not repository.gated:
            raise Refused("not_gated", **access.repository_words(repository))
        name = str((await body_of(request)).get("user", ""))
        if name not in self._desk.fixtures.people:
            raise Refused("user_not_found")
        existing = repository.requests.get(name)
        if existing and existing.status == "accepted":
            raise Refused("already_granted")
        repository.set_request(name, "accepted")
        return web.json_response({})

    def _authored(self, request: web.Request) -> Repository:
        repository = self._desk.open(request, "metadata")
        caller = self._desk.caller()
        if caller.token is None:
            raise Refused("unauthenticated")
        if not access.can_write(caller, repository, self._desk.fixtures.people):
            raise Refused("not_permitted")
        return repository

    def _entry(self, name: str, asked: AccessRequest) -> dict[str, Any]:
        person = self._desk.fixtures.people.get(name)
        found: dict[str, Any] = {
            "user": {
                "_id": identity("user", name),
                "avatarUrl": f"/avatars/{name}.svg",
                "isPro": bool(person and person.is_pro),
                "fullname": (person.fullname if person else "") or name,
                "user": name,
                "type": "user",
                "verifiedOrgNames": [],
                "email": person.email if person else None,
            },
            "requestId": asked.id,
            "timestamp": iso(asked.asked_at),
            "status": asked.status,
        }
        if asked.reviewed_at is not None:
            found["reviewedAt"] = iso(asked.reviewed_at)
        if asked.answers:
            found["fields"] = asked.answers
        return found


async def answers_of(request: web.Request) -> dict[str, str]:
    """The answers to the gate's questions, sent as a form or as JSON."""
    return {key: str(value) for key, value in (await body_of(request)).items()}


def page_of(request: web.Request, repository: Repository) -> str:
    """The address of a repository's page on this server."""
    return origin(request) + access.web_path(repository.kind, repository.id)
