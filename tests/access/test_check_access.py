"""`check_access` through the real Hub service: every access token against every state of a repository."""

from __future__ import annotations

import json

import pytest

from tests.support.hubs import trusting
from wizard.core.problem import ExitCode
from wizard.flow.access.check import check_access
from wizard.rehearsal.faults import Fault, Faults
from wizard.rehearsal.fixtures import Fixtures
from wizard.rehearsal.hub.limits import Limits
from wizard.rehearsal.hub.server import StandInHub
from wizard.services.hub import client as hub_module
from wizard.services.hub.client import Hub

LAB = "rehearsal-lab/tiny-character"
DEAD = {"unknown": "invalid_token", "revoked": "invalid_token", "expired": "expired_token"}

# What each repository answers to each access token that is alive; the dead ones are dead everywhere.
LIVE = (
    "read",
    "write",
    "fine-grained",
    "fine-grained-no-gated",
    "stranger",
    "pending-person",
    "author",
    "oauth",
    "oauth-narrow",
)
OPEN = dict.fromkeys((None, *LIVE), "ready")
TABLE: dict[str, dict[str | None, str]] = {
    f"{LAB}-open": OPEN,
    f"{LAB}-sharded": OPEN,
    f"{LAB}-cdn": OPEN,
    f"{LAB}-pytorch-bin": OPEN,
    f"{LAB}-old-name": OPEN,
    LAB: {
        None: "no_token",
        "read": "ready",
        "write": "ready",
        "fine-grained": "ready",
        "fine-grained-no-gated": "fine_grained_lacks_gated",
        "stranger": "not_requested",
        "pending-person": "pending_review",
        "author": "ready",
        "oauth": "ready",
        "oauth-narrow": "wrong_token_scope",
    },
    f"{LAB}-manual": {
        None: "no_token",
        "read": "ready",
        "fine-grained-no-gated": "fine_grained_lacks_gated",
        "stranger": "not_requested",
    },
    f"{LAB}-not-requested": {
        None: "no_token",
        "read": "not_requested",
        "pending-person": "pending_review",
        "author": "ready",
    },
    f"{LAB}-auto-not-requested": {None: "no_token", "read": "not_requested", "oauth": "not_requested"},
    f"{LAB}-pending": {None: "no_token", "read": "pending_review", "fine-grained": "pending_review"},
    f"{LAB}-rejected": {None: "no_token", "read": "rejected", "stranger": "not_requested"},
    f"{LAB}-reset": {None: "no_token", "read": "reset", "stranger": "not_requested"},
    "robin/private-character": {
        None: "private_or_missing",
        "read": "ready",
        "write": "ready",
        "fine-grained": "ready",
        "fine-grained-no-gated": "ready",
        "scoped": "missing_or_private",
        "stranger": "missing_or_private",
        "author": "missing_or_private",
        "oauth": "ready",
        "oauth-narrow": "wrong_token_scope",
    },
    "sam/private-character": {None: "private_or_missing", "read": "missing_or_private", "author": "ready"},
    "guarded-lab/private-character": {
        None: "private_or_missing",
        "read": "ready",
        "org-unapproved": "org_policy",
        "org-revoked": "org_policy",
        "stranger": "missing_or_private",
    },
    "nobody/nothing": {None: "private_or_missing", "read": "missing_or_private", "oauth": "missing_or_private"},
    "nothing": {None: "private_or_missing", "read": "missing_or_private"},
    f"{LAB}-disabled": {None: "private_or_missing", "read": "repo_disabled", "author": "repo_disabled"},
    f"{LAB}-region-blocked": {None: "region_blocked", "read": "region_blocked", "author": "region_blocked"},
    f"{LAB}-gguf": {None: "weights_missing", "read": "weights_missing"},
    f"{LAB}-onnx": {None: "weights_missing", "read": "weights_missing"},
    f"{LAB}-lora": {None: "ready", "read": "ready", "stranger": "ready"},
    f"{LAB}-gated-base-lora": {
        None: "no_token",
        "read": "ready",
        "fine-grained-no-gated": "fine_grained_lacks_gated",
        "pending-person": "pending_review",
        "stranger": "not_requested",
    },
    f"{LAB}-no-config": {None: "weights_missing", "read": "weights_missing"},
    "robin/notes": {"read": "weights_missing", "scoped": "weights_missing", None: "private_or_missing"},
}
CASES = [
    (repo, token, DEAD.get(token or "") or verdicts[token])
    for repo, verdicts in TABLE.items()
    for token in [*verdicts, *DEAD]
]


@pytest.mark.parametrize("repo", TABLE)
async def test_every_token_gets_its_verdict(repo: str, stand_in: StandInHub, hub: Hub, held: object) -> None:
    wanted = {token: verdict for where, token, verdict in CASES if where == repo}
    found = {}
    for token in wanted:
        report = await check_access(hub, repo, None, held(token))  # type: ignore[operator]
        found[token] = report.verdict.value
        assert (report.problem is None) is (report.verdict.value == "ready")
        data = json.loads(json.dumps(report.to_mapping()))
        assert data["verdict"] == report.verdict.value
        assert data["cause"]
        assert (data["token"] is None) is (token is None)
        if token:
            assert held(token).token.reveal() not in json.dumps(data) or token == "unknown"  # type: ignore[operator]
    assert found == wanted


async def test_ready_means_that_the_weight_file_itself_was_read(stand_in: StandInHub, hub: Hub, held: object) -> None:
    report = await check_access(hub, LAB, None, held("read"))  # type: ignore[operator]
    asked = {(seen.method, seen.path, seen.token) for seen in stand_in.seen}
    weights = f"/{LAB}/resolve/{stand_in.commit(LAB)}/model.safetensors"
    assert {("HEAD", weights, "read"), ("GET", weights, "read")} <= asked
    assert report.facts is not None
    assert report.facts.commit == stand_in.commit(LAB)
    assert "robin" in report.cause


async def test_the_first_shard_is_read(stand_in: StandInHub, hub: Hub) -> None:
    assert (await check_access(hub, f"{LAB}-sharded", None, None)).verdict == "ready"
    assert any(seen.path.endswith("/model-00001-of-00002.safetensors") for seen in stand_in.seen)


async def test_the_token_does_not_follow_to_another_origin(stand_in: StandInHub, hub: Hub, held: object) -> None:
    report = await check_access(hub, f"{LAB}-cdn", None, held("read"))  # type: ignore[operator]
    assert report.verdict == "ready"
    elsewhere = [seen for seen in stand_in.seen if seen.path.startswith("/cdn/")]
    assert elsewhere
    assert all(seen.token is None for seen in elsewhere)


async def test_the_public_object_has_the_keys_of_the_contract(hub: Hub, held: object) -> None:
    data = (await check_access(hub, LAB, None, held("fine-grained-no-gated"))).to_mapping()  # type: ignore[operator]
    assert {"model", "revision", "gated", "private", "verdict", "cause", "hint", "url", "raw", "token"} <= set(data)
    assert set(data["token"]) == {"source", "masked", "user", "role", "kind", "expires_at"}
    assert data["gated"] == "auto"
    assert data["private"] is False
    assert "fine-grained token settings" in data["raw"]
    assert data["token"]["user"] == "robin"
    assert data["token"]["role"] == "fineGrained"
    assert data["token"]["masked"].startswith("hf_…")
    assert len(data["revision"]) == 40


async def test_an_open_model_is_not_gated_in_the_public_object(hub: Hub) -> None:
    data = (await check_access(hub, f"{LAB}-open", None, None)).to_mapping()
    assert data["gated"] is False
    assert data["token"] is None
    assert "Everybody" in data["cause"]


async def test_a_revision_is_pinned_to_its_commit(stand_in: StandInHub, hub: Hub) -> None:
    for revision in ("main", "v1.0", stand_in.commit(f"{LAB}-open"), None):
        report = await check_access(hub, f"{LAB}-open", revision, None)
        assert report.verdict == "ready", revision
        assert report.facts is not None
        assert len(report.facts.commit) == 40


@pytest.mark.parametrize("revision", ["v9", "refs/pr/99", "no such ré"])
async def test_a_revision_that_is_not_there(revision: str, hub: Hub) -> None:
    report = await check_access(hub, f"{LAB}-open", revision, None)
    assert report.verdict == "revision_missing"
    assert report.problem is not None
    assert report.problem.exit_code is ExitCode.USAGE
    assert revision in report.problem.message


async def test_a_renamed_model_says_its_new_name(hub: Hub) -> None:
    report = await check_access(hub, f"{LAB}-old-name", None, None)
    assert report.facts is not None
    assert report.facts.is_renamed
    assert report.to_mapping()["model"] == f"{LAB}-renamed"


async def test_another_case_is_the_same_model(hub: Hub) -> None:
    report = await check_access(hub, f"{LAB}-open".upper(), None, None)
    assert report.verdict == "ready"
    assert report.to_mapping()["model"] == f"{LAB}-open"


async def limited(limits: Limits) -> tuple[StandInHub, Hub]:
    server = StandInHub(Fixtures.load(), Faults(), limits=limits)
    await server.start()
    service = Hub(trusting(server.url))
    service.endpoint = server.url
    return server, service


@pytest.mark.parametrize(
    ("token", "verdict"), [("read", "ready"), ("stranger", "not_requested"), ("oauth-narrow", "wrong_token_scope")]
)
async def test_a_busy_whoami_does_not_hide_the_verdict(token: str, verdict: str, held: object) -> None:
    """whoami has a strict limit of its own; that the model was told to this token proves that it is alive."""
    server, service = await limited(Limits(whoami=0))
    try:
        value = held(token)  # type: ignore[operator]
        server.fixtures.token(token).value = value.token.reveal()
        report = await check_access(service, LAB, None, value)
        assert report.verdict == verdict
        assert "Everybody" not in report.cause, "a gated model is not for everybody"
    finally:
        await service.close()
        await server.close()


async def test_a_rate_limit_says_how_long_to_wait() -> None:
    server, service = await limited(Limits(anonymous_api=0, window=55))
    try:
        report = await check_access(service, f"{LAB}-open", None, None)
        assert report.verdict == "rate_limited"
        assert report.problem is not None
        assert report.problem.exit_code is ExitCode.REMOTE
        assert report.problem.retryable
        assert "55 seconds" in report.problem.hint
    finally:
        await service.close()
        await server.close()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("hub:*", "status", 503, "Service Unavailable"),
        Fault("hub:GET /api/models/*", "status", 500),
        Fault("hub:GET /api/whoami-v2", "status", 502),
        Fault("hub:* */auth-check", "status", 504),
        Fault("hub:HEAD */resolve/*", "status", 500),
        Fault("hub:*", "disconnect"),
        Fault("hub:GET /api/whoami-v2", "disconnect"),
    ],
    ids=lambda fault: f"{fault.where} {fault.kind}",
)
async def test_trouble_on_the_way_is_the_hubs_and_not_the_tokens(
    fault: Fault, stand_in: StandInHub, hub: Hub, held: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "RETRY_AFTER_SECONDS", 0.01)
    stand_in.faults.arm(fault)
    report = await check_access(hub, LAB, None, held("read"))  # type: ignore[operator]
    assert report.verdict == "hub_unreachable"
    assert report.problem is not None
    assert report.problem.exit_code is ExitCode.REMOTE


async def test_one_hiccup_is_not_worth_a_word(
    stand_in: StandInHub, hub: Hub, held: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "RETRY_AFTER_SECONDS", 0.01)
    stand_in.faults.arm(Fault("hub:GET /api/models/*", "status", 503, times=1))
    stand_in.faults.arm(Fault("hub:HEAD */resolve/*", "disconnect", times=1))
    assert (await check_access(hub, LAB, None, held("read"))).verdict == "ready"  # type: ignore[operator]
