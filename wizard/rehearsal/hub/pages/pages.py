"""Pages for a person at a browser: model pages with their gate, access tokens, and the device login.

The browser belongs to the main person of the rehearsal; ``?as=NAME`` makes it somebody else's. Like the Hub's,
pages do not look at access tokens (observed, October 2026), except for the form that asks for access.
"""

from __future__ import annotations

from html import escape
from typing import Any

from aiohttp import web

from wizard.rehearsal.fixtures import Kind, Repository, RequestStatus, Token
from wizard.rehearsal.hub import access
from wizard.rehearsal.hub.access import Caller
from wizard.rehearsal.hub.access_requests import answers_of, ask, page_of
from wizard.rehearsal.hub.answers import Refused
from wizard.rehearsal.hub.login import Login, iso
from wizard.rehearsal.hub.models import card_data, tags
from wizard.rehearsal.hub.pages import markup
from wizard.rehearsal.hub.pages.tokens import TokenPages, browser_person, refuse_strangers
from wizard.rehearsal.hub.request_context import REPO, HubState, kind_of

AGREE_AUTO = "Agree and access repository"  # the Hub's own labels, observed and documented in October 2026
AGREE_MANUAL = "Agree and send request to access repo"
SHARING = "By agreeing you accept to share your contact information (email and username) with the repository authors."
STANDINGS = {
    "accepted": "Gated {kind}: you have been granted access to this {kind}.",
    "pending": "Your request to access this repository has been submitted and is awaiting a review from the "
    "repository authors.",
    "rejected": "Your request to access this repo has been rejected by the repo's authors.",
    "reset": "Your access was reset by the repo's authors. Please agree and submit a new request.",
}


KINDS_SERVED: tuple[Kind, ...] = ("model", "dataset")
DECISIONS: dict[str, RequestStatus] = {"accepted": "accepted", "rejected": "rejected", "reset": "reset"}


class Pages:
    """The routes that a browser opens."""

    def __init__(self, hub_state: HubState, login: Login) -> None:
        self._desk = hub_state
        self._tokens = TokenPages(hub_state, login)

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        found = [
            web.get("/", self.home),
            web.get("/settings/gated-repos", self.gated_repositories),
            web.post("/settings/gated-repos/cancel", self.cancel),
            *self._tokens.routes(),
        ]
        for prefix in ("/datasets", ""):
            found.append(web.get(f"{prefix}/{REPO}", self.repository))
            found.append(web.post(f"{prefix}/{REPO}/ask-access", self.ask_access))
            found.append(web.post(f"{prefix}/{REPO}/rehearsal-review", self.review))
        return found

    async def home(self, request: web.Request) -> web.StreamResponse:
        """What there is to see."""
        if (switched := _switch(request, self._desk)) is not None:
            return switched
        person = browser_person(request, self._desk)
        shown = [r for r in self._desk.fixtures.repositories() if not r.shape and self._may_see(person, r)]
        rows = [
            (
                f'<a href="/{escape(r.id)}">{escape(r.id)}</a>',
                f"gated: {r.gated}" if r.gated else "open",
                escape(_state(r)),
            )
            for r in shown
        ]
        others = ", ".join(
            f'<a href="/?as={escape(name)}">{escape(name)}</a>'
            for name, somebody in self._desk.fixtures.people.items()
            if somebody.kind == "user" and name != person
        )
        body = f"<p>This is not Hugging Face. Look at it as {others}.</p>"
        return markup.page("The stand-in Hub", body + markup.table(("Model", "Gate", ""), rows), person)

    async def repository(self, request: web.Request) -> web.StreamResponse:
        """A repository's page: its gate as the person at the browser meets it, then its card."""
        if (switched := _switch(request, self._desk)) is not None:
            return switched
        person = browser_person(request, self._desk)
        repository = self._open(request, person)
        if repository is None:
            return markup.page("404", "<p>Sorry, we can't find the page you are looking for.</p>", person, 404)
        return self._draw(repository, person)

    def _draw(self, repository: Repository, person: str, note: str = "") -> web.Response:
        head = self._desk.store.of(repository).head
        parts = [markup.tags(tags(repository, head))]
        if state := _state(repository):
            parts.append(f"<p><strong>{escape(state)}</strong></p>")
        if note:
            parts.append(f'<p role="alert"><strong>{escape(note)}</strong></p>')
        if repository.gated:
            inside = access.passes_gate(_as_person(person), repository, self._desk.fixtures.people)
            parts.append(_gate(repository, card_data(repository, head), person, inside))
        readme = head.files.get("README.md")
        parts.append(markup.model_card(readme.text()) if readme else "<p>No model card.</p>")
        files = (f"<li>{escape(blob.path)} <small>{blob.size:,} bytes</small></li>" for blob in head.files.values())
        parts.append(f"<h2>Files</h2><ul>{''.join(files)}</ul>")
        return markup.page(repository.id, "\n".join(parts), person)

    async def ask_access(self, request: web.Request) -> web.StreamResponse:
        """The gate's form: accepted at once or put into the queue; 303 back to the page, as the Hub does.

        An access token says who asks, where there is one (observed); else it is the person at the browser.
        """
        caller = self._desk.caller()
        person = caller.person or browser_person(request, self._desk)
        if caller.token is None:
            refuse_strangers(request)
        repository = self._open(request, person)
        if repository is None:
            raise Refused("repo_not_found")
        answers = await answers_of(request)
        card = card_data(repository, self._desk.store.of(repository).head)
        questions: dict[str, Any] = card.get("extra_gated_fields", {})
        if caller.token is None and (missing := [label for label in questions if not answers.get(label)]):
            return self._draw(repository, person, note=f"Please fill in: {', '.join(missing)}.")
        ask(repository, person, {label: answers[label] for label in questions if label in answers})
        target = page_of(request, repository)
        return web.Response(status=303, headers={"Location": target}, text=f"See Other. Redirecting to {target}")

    async def review(self, request: web.Request) -> web.StreamResponse:
        """Play the author: decide on the request of the person at the browser. Only a rehearsal has this."""
        refuse_strangers(request)
        person = browser_person(request, self._desk)
        repository = self._open(request, person)
        decision = DECISIONS.get((await answers_of(request)).get("decision", ""))
        if repository is None or decision is None or person not in repository.requests:
            raise Refused("request_not_found")
        repository.set_request(person, decision)
        raise web.HTTPSeeOther(page_of(request, repository))

    async def gated_repositories(self, request: web.Request) -> web.StreamResponse:
        """The person's own access requests, and a way to withdraw those that are pending."""
        person = browser_person(request, self._desk)
        rows = []
        for kind in KINDS_SERVED:
            for repository in self._desk.fixtures.repositories(kind):
                asked = repository.requests.get(person)
                if asked is None:
                    continue
                path = access.web_path(kind, repository.id)
                inside = f'<input type="hidden" name="repo" value="{escape(repository.id)}">'
                inside += f'<input type="hidden" name="kind" value="{kind}">'
                cancel = markup.form("/settings/gated-repos/cancel", inside, ("", "", "Cancel this access request"))
                link = f'<a href="{escape(path)}">{escape(repository.id)}</a>'
                status = asked.status + (cancel if asked.status == "pending" else "")
                rows.append((link, kind, iso(asked.asked_at)[:10], status))
        head = ("Repo Name", "Type", "Date", "Request Status")
        return markup.page("Gated repositories", markup.table(head, rows), person)

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        """Withdraw a pending request."""
        refuse_strangers(request)
        person = browser_person(request, self._desk)
        form = await answers_of(request)
        kind: Kind = "dataset" if form.get("kind") == "dataset" else "model"
        repository = self._desk.fixtures.repository(form.get("repo", ""), kind)
        asked = repository.requests.get(person) if repository else None
        if repository is None or asked is None or asked.status != "pending":
            raise Refused("request_not_found")
        repository.set_request(person, None)
        raise web.HTTPSeeOther("/settings/gated-repos")

    def _may_see(self, person: str, repository: Repository) -> bool:
        try:
            access.check_read(_as_person(person), repository, "metadata", self._desk.fixtures.people)
        except Refused:
            return False
        return True

    def _open(self, request: web.Request, person: str) -> Repository | None:
        repository = self._desk.fixtures.repository(request.match_info["repo"], kind_of(request))
        return repository if repository is not None and self._may_see(person, repository) else None


def _as_person(person: str) -> Caller:
    """A browser session of that person, which may do whatever they may."""
    return Caller(Token(name="browser", person=person, role="write"), presented=True)


def _switch(request: web.Request, hub_state: HubState) -> web.Response | None:
    """Hand the browser to another person, if the address asks for it."""
    name = request.query.get("as")
    if name is None or name not in hub_state.fixtures.people:
        return None
    response = web.Response(status=303, headers={"Location": request.path})
    response.set_cookie("rehearsal_person", name, httponly=True, samesite="Strict")
    return response


def _state(repository: Repository) -> str:
    said = {
        "private": repository.private,
        "disabled": repository.disabled,
        "not available in your region": repository.region_blocked,
    }
    return ", ".join(word for word, holds in said.items() if holds)


def _gate(repository: Repository, card: dict[str, Any], person: str, inside: bool) -> str:
    """The box above the card: the form, or where the person's request stands."""
    kind = repository.kind
    asked = repository.requests.get(person)
    status = "accepted" if inside else asked.status if asked else None
    parts = []
    if status:
        parts.append(f'<p role="status"><strong>{escape(STANDINGS[status].format(kind=kind))}</strong></p>')
    if status == "pending":
        parts.append('<p>See all your requests in <a href="/settings/gated-repos">your settings</a>.</p>')
    if status in (None, "reset"):
        heading = f"You need to agree to share your contact information to access this {kind}"
        description = (
            "This repository is publicly accessible, but you have to accept the conditions to access its files and "
            "content."
        )
        parts.insert(0, f"<h2>{escape(str(card.get('extra_gated_heading', heading)))}</h2>")
        parts.append(f"<p>{escape(str(card.get('extra_gated_description', description)))}</p>")
        if "extra_gated_prompt" in card:
            parts.append(markup.model_card(str(card["extra_gated_prompt"])))
        label = card.get("extra_gated_button_content", AGREE_AUTO if repository.gated == "auto" else AGREE_MANUAL)
        fields = markup.gate_fields(card.get("extra_gated_fields", {})) + f"<p>{SHARING}</p>"
        action = access.web_path(kind, repository.id) + "/ask-access"
        parts.append(markup.form(action, fields, ("", "", str(label))))
    if asked:
        others = [choice for choice in ("accepted", "rejected", "reset") if choice != asked.status]
        labels = {"accepted": "Accept the request", "rejected": "Reject it", "reset": "Reset it"}
        buttons = [("decision", choice, labels[choice]) for choice in others]
        action = access.web_path(kind, repository.id) + "/rehearsal-review"
        parts.append("<p><small>Only here: play the authors of this repository.</small></p>")
        parts.append(markup.form(action, "", *buttons))
    return f'<section class="box" id="gate">{"".join(parts)}</section>'
