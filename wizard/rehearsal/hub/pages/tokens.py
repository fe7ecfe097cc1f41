"""Pages about access tokens: the list, a new one, and the device login that makes one by itself."""

from __future__ import annotations

from html import escape

from aiohttp import web

from wizard.rehearsal.fixtures import MAIN_PERSON, TokenRole
from wizard.rehearsal.hub.login import Login, iso
from wizard.rehearsal.hub.pages import markup
from wizard.rehearsal.hub.request_context import HubState, body_of

ROLES: dict[str, TokenRole] = {"fineGrained": "fineGrained", "read": "read", "write": "write"}
GATED_LABEL = "Read access to contents of all public gated repos you can access"  # the Hub's own label


def browser_person(request: web.Request, hub_state: HubState) -> str:
    """Whose browser this is: the main person's, unless it was handed to another."""
    name = request.cookies.get("rehearsal_person", MAIN_PERSON)
    return name if name in hub_state.fixtures.people else MAIN_PERSON


def refuse_strangers(request: web.Request) -> None:
    """Raise HTTPForbidden for a form that another site sent: pages take no access token to prove who asks."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden


class TokenPages:
    """The routes of the token settings and of the device login's page."""

    def __init__(self, hub_state: HubState, login: Login) -> None:
        self._desk = hub_state
        self._login = login

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [
            web.get("/settings/tokens", self.list),
            web.get("/settings/tokens/new", self.new),
            web.post("/settings/tokens/new", self.create),
            web.post("/settings/tokens/revoke", self.revoke),
            web.get("/oauth/device", self.device),
            web.post("/oauth/device/answer", self.answer),
        ]

    async def list(self, request: web.Request) -> web.StreamResponse:
        """The person's access tokens, without their values."""
        person = browser_person(request, self._desk)
        rows = []
        for token in self._desk.fixtures.tokens.values():
            if token.person != person:
                continue
            state = "expired" if token.is_expired else token.state
            hidden = f'<input type="hidden" name="name" value="{escape(token.name)}">'
            revoke = markup.form("/settings/tokens/revoke", hidden, ("", "", "Revoke")) if state == "valid" else ""
            rows.append((escape(token.name), "hf_…", token.role, iso(token.created_at)[:10], state + revoke))
        link = '<p><a href="/settings/tokens/new">Create new access token</a></p>'
        table = markup.table(("Name", "Value", "Type", "Created", "State"), rows)
        return markup.page("Access tokens", link + table, person)

    async def new(self, request: web.Request) -> web.StreamResponse:
        """The form for a new access token; ``tokenType`` and ``canReadGatedRepos`` fill it in beforehand."""
        person = browser_person(request, self._desk)
        chosen = request.query.get("tokenType", "fineGrained")
        ticked = " checked" if request.query.get("canReadGatedRepos") == "true" else ""
        roles = "".join(
            f'<label><input type="radio" name="tokenType" value="{role}"{" checked" if role == chosen else ""}> '
            f"{'Fine-grained' if role == 'fineGrained' else role.capitalize()}</label>"
            for role in ROLES
        )
        inside = (
            '<label>Token name<input type="text" name="displayName" value="rehearsal" required maxlength="60"></label>'
            f"<fieldset><legend>Token type</legend>{roles}</fieldset>"
            f'<label><input type="checkbox" name="canReadGatedRepos" value="true"{ticked}> {GATED_LABEL} '
            "<small>(fine-grained only)</small></label>"
        )
        body = markup.form("/settings/tokens/new", inside, ("", "", "Create token"))
        return markup.page("Create new access token", body, person)

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Make the access token and show its value, this once."""
        refuse_strangers(request)
        person = browser_person(request, self._desk)
        form = await body_of(request)
        name = str(form.get("displayName", "")).strip()[:60] or "rehearsal"
        token = self._desk.fixtures.issue(
            name,
            person,
            role=ROLES.get(str(form.get("tokenType")), "fineGrained"),
            can_read_gated=form.get("canReadGatedRepos") == "true",
            covers=(person,),
        )
        body = (
            "<p>Save your token value somewhere safe. You will not be able to see it again after you close this "
            f'page.</p><p class="secret" id="token">{escape(token.value)}</p>'
            "<p>It only works in this demo.</p>"
        )
        return markup.page(f"Access token {token.name}", body, person)

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """Make one of the person's access tokens worthless."""
        refuse_strangers(request)
        token = self._desk.fixtures.tokens.get(str((await body_of(request)).get("name")))
        if token is None or token.person != browser_person(request, self._desk):
            raise web.HTTPNotFound
        token.state = "revoked"
        raise web.HTTPSeeOther("/settings/tokens")

    async def device(self, request: web.Request) -> web.StreamResponse:
        """Where a device login is let through: the form for its short code."""
        person = browser_person(request, self._desk)
        code = escape(request.query.get("user_code", ""))
        inside = (
            f"<p>A program on this machine wants to act as <strong>{escape(person)}</strong>. Is this its code?</p>"
            f'<label>Code<input type="text" name="user_code" value="{code}" required autocomplete="off"></label>'
        )
        buttons = (("decision", "approve", "Approve"), ("decision", "deny", "Deny"))
        return markup.page("Device login", markup.form("/oauth/device/answer", inside, *buttons), person)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What the person decided."""
        refuse_strangers(request)
        person = browser_person(request, self._desk)
        form = await body_of(request)
        login = self._login.find(str(form.get("user_code", "")))
        if login is None:
            body = "<p>No login is waiting with that code.</p><p><a href='/oauth/device'>Try again</a></p>"
            return markup.page("Device login", body, person, 404)
        if form.get("decision") != "approve":
            login.state = "denied"
            return markup.page("Device login", "<p>Denied. The program was told so.</p>", person)
        login.person, login.state = person, "approved"
        return markup.page("Device login", "<p>Approved. You may close this page.</p>", person)
