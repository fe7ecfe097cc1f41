"""Probes of what the Hub answers: statuses, codes and headers as they are on the wire."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from wizard.core.live.report import Finding
from wizard.flow.live.registry import probe
from wizard.flow.live.state import CouldNotTry, Live, made_up_token, seen_if
from wizard.flow.ports.http import HttpAnswer

ROLES = ("read", "write", "fineGrained")


def _said(answer: HttpAnswer) -> str:
    """Status, code and sentence of an answer."""
    code, message = answer.headers.get("x-error-code"), answer.headers.get("x-error-message")
    return " ".join(filter(None, (str(answer.status), code or "without a code", f"“{message}”" if message else "")))


def _is(answer: HttpAnswer, status: int, code: str = "") -> bool:
    return answer.status == status and answer.headers.get("x-error-code", "") == code


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


async def _whoami(live: Live) -> tuple[HttpAnswer, dict[str, Any]]:
    answer = await live.hub.ask("GET", "/api/whoami-v2", live.token)
    return answer, _object(json.loads(answer.body)) if answer.status == 200 else {}


async def _closed_gate(live: Live) -> HttpAnswer:
    return await live.hub.ask("GET", f"/api/models/{live.scope.gated_model}/auth-check")


async def _weights(live: Live, model: str) -> str:
    """The path of a weight file of a model."""
    facts = await live.facts(model)
    return f"/{model}/resolve/{facts.commit}/{quote(facts.probe)}"


@probe("hub-whoami", "hub")
async def whoami(live: Live) -> Finding:
    answer, data = await _whoami(live)
    kind = _object(data.get("auth")).get("type")
    named = bool(data.get("name")) and isinstance(data.get("name"), str)
    return seen_if(named and isinstance(kind, str), f"{answer.status}, auth.type {kind!r}, a name: {named}")


@probe("hub-whoami-role", "hub", rests_on=("hub-whoami",))
async def whoami_role(live: Live) -> Finding:
    _, data = await _whoami(live)
    auth = _object(data.get("auth"))
    if auth.get("type") != "access_token":
        raise CouldNotTry("this access token is of a browser login, which has no role")
    role = _object(auth.get("accessToken")).get("role")
    return seen_if(role in ROLES, f"role {role!r}")


@probe("hub-fine-grained", "hub", rests_on=("hub-whoami",))
async def fine_grained(live: Live) -> Finding:
    _, data = await _whoami(live)
    access = _object(_object(data.get("auth")).get("accessToken"))
    if access.get("role") != "fineGrained":
        raise CouldNotTry("your access token is not a fine-grained one")
    value = _object(access.get("fineGrained")).get("canReadGatedRepos")
    return seen_if(isinstance(value, bool), f"canReadGatedRepos {value!r}")


@probe("hub-bad-token", "hub")
async def bad_token(live: Live) -> Finding:
    answer = await live.hub.ask("GET", f"/api/models/{live.scope.model}", made_up_token())
    return seen_if(_is(answer, 401), _said(answer))


@probe("hub-missing-anonymous", "hub")
async def missing_anonymous(live: Live) -> Finding:
    answer = await live.hub.ask("GET", f"/api/models/{_nobodys()}")
    return seen_if(_is(answer, 401), _said(answer))


@probe("hub-missing", "hub")
async def missing(live: Live) -> Finding:
    answer = await live.hub.ask("GET", f"/api/models/{_nobodys()}", live.token)
    return seen_if(_is(answer, 404, "RepoNotFound"), _said(answer))


def _nobodys() -> str:
    return f"outlines-wizard-{secrets.token_hex(4)}/no-such-model"


@probe("hub-gated-metadata", "hub")
async def gated_metadata(live: Live) -> Finding:
    answer = await live.hub.ask("GET", f"/api/models/{live.scope.gated_model}")
    return seen_if(answer.status == 200, _said(answer))


@probe("hub-gated-value", "hub")
async def gated_value(live: Live) -> Finding:
    gated = (await live.listing(live.scope.gated_model)).get("gated")
    opened = (await live.listing(live.scope.model)).get("gated")
    return seen_if(gated in ("auto", "manual") and opened is False, f"{gated!r} and {opened!r}")


@probe("hub-gated-code", "hub")
async def gated_code(live: Live) -> Finding:
    answer = await _closed_gate(live)
    return seen_if(_is(answer, 401, "GatedRepo"), _said(answer))


@probe("hub-error-message", "hub")
async def error_message(live: Live) -> Finding:
    answer = await _closed_gate(live)
    return seen_if("restricted" in answer.headers.get("x-error-message", ""), _said(answer))


@probe("hub-gated-file", "hub")
async def gated_file(live: Live) -> Finding:
    answer = await live.hub.ask("HEAD", await _weights(live, live.scope.gated_model))
    return seen_if(answer.status == 401, _said(answer))


@probe("hub-challenge", "hub")
async def challenge(live: Live) -> Finding:
    scheme = (await _closed_gate(live)).headers.get("www-authenticate", "")
    return seen_if(scheme.lower().startswith("bearer"), scheme or "no such header")


@probe("hub-gate-open", "hub")
async def gate_open(live: Live) -> Finding:
    answer = await live.hub.ask("GET", f"/api/models/{live.scope.gated_model}/auth-check", live.token)
    if answer.status in (401, 403):
        raise CouldNotTry(f"your access token does not read {live.scope.gated_model}: {_said(answer)}")
    return seen_if(answer.status == 200, _said(answer))


@probe("hub-range", "hub")
async def range_of_one(live: Live) -> Finding:
    path, host = await _weights(live, live.scope.model), ""
    answer = await live.hub.ask("GET", path, headers={"Range": "bytes=0-0"})
    if answer.status in (301, 302, 307, 308):
        host = " after a redirect to another host"
        target = urljoin(live.hub.endpoint, answer.headers["location"])
        answer = await live.modal.ask_web(target, {"Range": "bytes=0-0"}, pieces=1)
    return seen_if(answer.status == 206 and len(answer.body) == 1, f"{answer.status}, {len(answer.body)} bytes{host}")


@probe("hub-file-size", "hub")
async def file_size(live: Live) -> Finding:
    facts = await live.facts(live.scope.model)
    listed = next(file.size for file in facts.files if file.path == facts.probe)
    answer = await live.hub.ask("HEAD", await _weights(live, live.scope.model))
    said = answer.headers.get("x-linked-size") or answer.headers.get("content-length")
    return seen_if(said == str(listed), f"{answer.status}, {said} bytes; the listing has {listed}")


@probe("hub-commit", "hub")
async def commit(live: Live) -> Finding:
    sha = (await live.listing(live.scope.model)).get("sha")
    facts = await live.facts(live.scope.model)
    answer = await live.hub.ask("HEAD", f"/{live.scope.model}/resolve/main/{quote(facts.probe)}")
    named = answer.headers.get("x-repo-commit")
    holds = bool(re.fullmatch(r"[0-9a-f]{40}", str(sha))) and named == sha
    return seen_if(holds, f"sha {str(sha)[:12]}…, X-Repo-Commit {str(named)[:12]}…")


@probe("hub-revision-missing", "hub")
async def revision_missing(live: Live) -> Finding:
    answer = await live.hub.ask("GET", f"/api/models/{live.scope.model}/revision/no-such-revision")
    return seen_if(_is(answer, 404, "RevisionNotFound"), _said(answer))


@probe("hub-file-missing", "hub")
async def file_missing(live: Live) -> Finding:
    answer = await live.hub.ask("HEAD", f"/{live.scope.model}/resolve/main/no-such-file.json")
    return seen_if(_is(answer, 404, "EntryNotFound"), _said(answer))


@probe("hub-sizes", "hub")
async def sizes(live: Live) -> Finding:
    files = [_object(each) for each in (await live.listing(live.scope.model)).get("siblings", [])]
    sized = sum(isinstance(each.get("size"), int) for each in files)
    return seen_if(bool(files) and sized == len(files), f"{sized} of {len(files)} files have a size")


@probe("hub-parameters", "hub")
async def parameters(live: Live) -> Finding:
    counts = _object(_object((await live.listing(live.scope.model)).get("safetensors")).get("parameters"))
    holds = bool(counts) and all(isinstance(count, int) for count in counts.values())
    return seen_if(holds, ", ".join(f"{name}: {count}" for name, count in counts.items()) or "none")


@probe("hub-rate-limit", "hub")
async def rate_limit(live: Live) -> Finding:
    answer = await live.hub.ask("GET", f"/api/models/{live.scope.model}")
    value = answer.headers.get("ratelimit", "")
    return seen_if(bool(re.search(r"t=[0-9]+", value)), value or "no such header")


@probe("hub-search", "hub")
async def search(live: Live) -> Finding:
    name = live.scope.gated_model
    query = urlencode([("search", name), ("sort", "downloads"), ("limit", "20"), ("expand", "gated")])
    answer = await live.hub.ask("GET", f"/api/models?{query}")
    items = json.loads(answer.body) if answer.status == 200 else []
    found = next((each for each in map(_object, items) if each.get("id") == name), {})
    return seen_if(found.get("gated") in ("auto", "manual"), f"{answer.status}, gated {found.get('gated')!r}")


@probe("hub-device-login", "hub")
async def device_login(live: Live) -> Finding:
    login = await live.hub.start_login()
    holds = bool(login.user_code and login.url)
    return seen_if(holds, f"a code of {len(login.user_code)} characters, good for {login.expires_in:.0f} s")
