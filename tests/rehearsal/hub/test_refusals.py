"""The refusals of the Hub, one by one, over the wire: status, code, sentence, form."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from wizard.rehearsal.faults import Fault
from wizard.rehearsal.hub import Limits

LAB = "rehearsal-lab/tiny-character"
INVALID = "Invalid username or password."
CHALLENGE = 'Bearer realm="Authentication required", charset="UTF-8"'
NOT_LISTED = (
    "Access to model {id} is restricted and you are not in the authorized list. "
    "Visit https://huggingface.co/{id} to ask for access."
)
NO_TOKEN = (
    "Access to model {id} is restricted. You must have access to it and be authenticated to access it. Please log in."
)
RESET = (
    "Your request to access model {id} has been reset by the repo's authors. "
    "Visit https://huggingface.co/{id} to submit a new request."
)
FINE_GRAINED = (
    "Please enable access to public gated repositories in your fine-grained token settings to view this repository."
)
UNAPPROVED = (
    "Due to the organization token policy, your token needs to be approved by the organization before you can access "
    "this resource."
)
REVOKED = (
    "Your token has been revoked by the organization administrator, you can no longer access organization resources. "
    "Please contact them for more information."
)


class Case(NamedTuple):
    """A repository, whose token asks, and the refusal that follows on each route of a kind."""

    name: str
    repo: str
    token: str | None
    status: int
    code: str | None
    message: str
    routes: str = "gate"


GATE = ("/{id}/resolve/main/config.json", "/{id}/raw/main/config.json", "/api/models/{id}/auth-check")
FILES = GATE[:2]
INFO = ("/api/models/{id}", "/api/models/{id}/revision/main", "/api/models/{id}/tree/main", "/api/models/{id}/refs")
ROUTES = {"gate": GATE, "files": FILES, "info": INFO, "all": (*GATE, *INFO)}

CASES = [
    Case("1 no token", LAB, None, 401, "GatedRepo", NO_TOKEN),
    Case("1 manual", f"{LAB}-manual", None, 401, "GatedRepo", NO_TOKEN),
    Case("2 never asked", f"{LAB}-not-requested", "read", 403, "GatedRepo", NOT_LISTED),
    Case("2 auto", f"{LAB}-auto-not-requested", "read", 403, "GatedRepo", NOT_LISTED),
    Case(
        "3 pending",
        f"{LAB}-pending",
        "read",
        403,
        "GatedRepo",
        "Your request to access model {id} is awaiting a review from the repo authors.",
    ),
    Case(
        "4 rejected",
        f"{LAB}-rejected",
        "write",
        403,
        "GatedRepo",
        "Your request to access model {id} has been rejected by the repo's authors.",
    ),
    Case("5 reset", f"{LAB}-reset", "read", 403, "GatedRepo", RESET),
    Case("7 fine-grained", LAB, "fine-grained-no-gated", 403, None, FINE_GRAINED),
    Case("8 revoked", LAB, "revoked", 401, None, INVALID, "all"),
    Case("8 never existed", f"{LAB}-open", "hf_" + "x" * 34, 401, None, INVALID, "all"),
    Case("9 expired", f"{LAB}-open", "expired", 401, None, 'User Access Token "expired" is expired', "all"),
    Case("11 missing", "nobody/nothing", None, 401, None, INVALID, "all"),
    Case("11 private", "robin/private-character", None, 401, None, INVALID, "all"),
    Case("12 missing", "nobody/nothing", "read", 404, "RepoNotFound", "Repository not found", "all"),
    Case("12 private", "sam/private-character", "read", 404, "RepoNotFound", "Repository not found", "all"),
    Case("12 not scoped", "robin/private-character", "scoped", 404, "RepoNotFound", "Repository not found", "all"),
    Case("15 disabled", f"{LAB}-disabled", "read", 403, None, "Access to this resource is disabled.", "all"),
    Case("15 anonymous", f"{LAB}-disabled", None, 401, None, INVALID, "all"),
    Case("16 region", f"{LAB}-region-blocked", "read", 403, None, "This model is not available in your region."),
    Case("16 before 8", f"{LAB}-region-blocked", "revoked", 403, None, "This model is not available in your region."),
    Case("17 unapproved", "guarded-lab/private-character", "org-unapproved", 403, None, UNAPPROVED, "all"),
    Case("18 org revoked", "guarded-lab/private-character", "org-revoked", 403, None, REVOKED, "all"),
    Case("20 OAuth scope", LAB, "oauth-narrow", 401, None, INVALID),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_refusal(hub: Any, case: Case) -> None:
    for route in ROUTES[case.routes]:
        path = route.format(id=case.repo)
        answer = hub.ask("GET", path, case.token)
        check_refusal(answer, path, case.status, case.code, case.message.format(id=case.repo))
        head = hub.ask("HEAD", path, case.token)
        assert (head.status, head.body) == (case.status, b"")
        assert head.headers["X-Error-Message"] == answer.headers["X-Error-Message"]
        assert head.headers["X-Error-Code"] == case.code


def check_refusal(answer: Any, path: str, status: int, code: str | None, message: str) -> None:
    assert (answer.status, answer.headers["X-Error-Code"]) == (status, code)
    assert answer.headers["X-Error-Message"] == message
    assert answer.headers["X-Request-Id"].startswith("Root=1-")
    assert answer.headers["WWW-Authenticate"] == (CHALLENGE if status == 401 else None)
    if path.startswith("/api/"):
        assert json.loads(answer.body) == {"error": message}
    else:
        assert answer.headers.get_content_type() == "text/plain"
        assert answer.text == message


def test_row_6_accepted(hub: Any) -> None:
    answer = hub.ask("GET", f"/api/models/{LAB}/auth-check", "read")
    assert (answer.status, answer.text, answer.headers.get_content_type()) == (200, "OK", "text/plain")
    for token in ("write", "fine-grained", "oauth", "author"):
        assert hub.ask("GET", f"/api/models/{LAB}/auth-check", token).status == 200


def test_row_10_whoami_without_token(hub: Any) -> None:
    check_refusal(hub.ask("GET", "/api/whoami-v2"), "/api/whoami-v2", 401, None, INVALID)


def test_rows_8_and_9_reach_search_and_whoami(hub: Any) -> None:
    for path in ("/api/models?search=tiny", "/api/whoami-v2"):
        assert hub.ask("GET", path, "revoked").headers["X-Error-Message"] == INVALID
        assert hub.ask("GET", path, "expired").headers["X-Error-Message"] == 'User Access Token "expired" is expired'


def test_row_13_revision(hub: Any) -> None:
    for path in (
        f"/{LAB}/resolve/nope/config.json",
        f"/api/models/{LAB}/revision/nope",
        f"/api/models/{LAB}/tree/nope",
    ):
        check_refusal(hub.ask("GET", path, "read"), path, 404, "RevisionNotFound", "Invalid rev id: nope")


def test_row_14_entry(hub: Any) -> None:
    path = f"/{LAB}/resolve/main/nope.txt"
    answer = hub.ask("GET", path, "read")
    check_refusal(answer, path, 404, "EntryNotFound", "Entry not found")
    assert answer.headers["X-Repo-Commit"] == hub.hub.commit(LAB)
    path = f"/api/models/{LAB}/tree/main/nope?recursive=false"
    check_refusal(hub.ask("GET", path, "read"), path, 404, "EntryNotFound", 'nope does not exist on "main"')


def test_the_gate_comes_before_revision_and_file(hub: Any) -> None:
    for path in (f"/{LAB}-pending/resolve/nope/config.json", f"/{LAB}-pending/resolve/main/nope"):
        assert hub.ask("GET", path, "read").headers["X-Error-Code"] == "GatedRepo"


def test_the_card_and_licence_are_not_gated_on_resolve_only(hub: Any) -> None:
    path = f"/{LAB}-pending/{{}}/main/{{}}"
    assert hub.ask("GET", path.format("resolve", "README.md")).status == 200
    assert hub.ask("GET", path.format("resolve", "LICENSE")).headers["X-Error-Code"] == "EntryNotFound"
    for gated in (("resolve", "readme.md"), ("resolve", ".gitattributes"), ("raw", "README.md")):
        assert hub.ask("GET", path.format(*gated)).headers["X-Error-Code"] == "GatedRepo"


def test_metadata_of_gated_and_blocked_repositories_is_for_everybody(hub: Any) -> None:
    for repo in (f"{LAB}-pending", f"{LAB}-region-blocked"):
        for route in INFO:
            assert hub.ask("GET", route.format(id=repo)).status == 200


def test_row_19_not_the_owner(hub: Any) -> None:
    path = f"/api/models/{LAB}/user-access-request/pending"
    message = "You have read access but not the required permissions for this operation"
    for token in ("write", "author-read"):
        check_refusal(hub.ask("GET", path, token), path, 403, None, message)


def test_row_21_rate_limit(serve: Any) -> None:
    hub = serve(limits=Limits(anonymous_api=2, known_api=1))
    path = f"/api/models/{LAB}"
    first = hub.ask("GET", path)
    assert first.headers["RateLimit"] == '"api";r=1;t=300'
    assert first.headers["RateLimit-Policy"] == '"fixed window";"api";q=2;w=300'
    hub.ask("GET", path)
    limited = hub.ask("GET", path)
    assert (limited.status, limited.headers["X-Error-Code"]) == (429, None)
    assert limited.headers["X-Error-Message"].startswith("We had to rate limit your IP (127.0.0.1). To continue using")
    assert limited.headers["RateLimit"].startswith('"api";r=0;t=')
    assert hub.ask("GET", path, "read").status == 200
    known = hub.ask("GET", path, "read")
    assert "you hit the quota of 1 api requests per 5 minutes period" in known.headers["X-Error-Message"]
    assert hub.ask("GET", f"/{LAB}/resolve/main/README.md").status == 200, "files are counted apart"


def test_row_22_outage(hub: Any) -> None:
    hub.hub.faults.arm(Fault("hub:GET /api/models/*", status=503, message="We are down", times=1))
    path = f"/api/models/{LAB}"
    check_refusal(hub.ask("GET", path), path, 503, None, "We are down")
    assert hub.ask("GET", path).status == 200


def test_renamed_repository(hub: Any) -> None:
    answer = hub.ask("GET", f"/api/models/{LAB}-old-name/tree/main?recursive=true")
    assert answer.status == 307
    assert answer.headers["Location"] == f"/api/models/{LAB}-renamed/tree/main?recursive=true"
    assert hub.ask("HEAD", "/gpt2/resolve/main/config.json").headers["Location"] == (
        "/openai-community/gpt2/resolve/main/config.json"
    )


def test_messages_use_the_canonical_id(hub: Any) -> None:
    answer = hub.ask("GET", "/api/models/Rehearsal-Lab/TINY-character-pending/auth-check", "read")
    assert f"access model {LAB}-pending is" in answer.headers["X-Error-Message"]


def test_datasets_say_dataset(hub: Any) -> None:
    answer = hub.ask("GET", "/datasets/rehearsal-lab/gated-sheets/resolve/main/data/train.jsonl", "read")
    expected = NOT_LISTED.replace("model", "dataset").replace("co/{id}", "co/datasets/{id}")
    assert answer.headers["X-Error-Message"] == expected.format(id="rehearsal-lab/gated-sheets")
    assert hub.ask("GET", "/api/datasets/rehearsal-lab/character-sheets").status == 200
    assert hub.ask("GET", f"/api/datasets/{LAB}", "read").headers["X-Error-Code"] == "RepoNotFound"


def test_unknown_paths(hub: Any) -> None:
    assert hub.ask("GET", "/api/agent-harnesses").status == 404
    assert hub.ask("DELETE", f"/api/models/{LAB}").status == 405


def test_seen_knows_names_and_fingerprints_but_no_values(hub: Any) -> None:
    value = hub.fixtures.token("read").value
    hub.ask("GET", "/api/whoami-v2", "read")
    hub.ask("GET", "/api/models?limit=1")
    hub.ask("GET", "/api/whoami-v2", "hf_" + "y" * 34)
    known, anonymous, unknown = hub.hub.seen
    assert (known.method, known.path, known.status, known.token) == ("GET", "/api/whoami-v2", 200, "read")
    assert (anonymous.token, anonymous.fingerprint, anonymous.query) == (None, None, "limit=1")
    assert (unknown.token, unknown.status) == ("unknown", 401)
    assert known.fingerprint and len(known.fingerprint) == 12
    assert value not in repr(hub.hub.seen) and value not in repr(hub.fixtures.tokens)
