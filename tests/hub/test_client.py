"""The Hub service on its own: what it makes of good answers, of slow and broken ones, and of nonsense."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from tests.support.hubs import trusting
from wizard.core.access_token import AccessToken
from wizard.flow.ports.hub import HubRefusal
from wizard.rehearsal.faults import Fault
from wizard.rehearsal.hub.server import StandInHub
from wizard.services.hub import client as hub_module
from wizard.services.hub.client import Hub

LAB = "rehearsal-lab/tiny-character"
OPEN = f"{LAB}-open"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RETRY_AFTER_SECONDS", 0.01)


def token(stand_in: StandInHub, name: str = "read") -> AccessToken:
    return AccessToken(stand_in.fixtures.token(name).value)


async def refusal(call: Awaitable[Any]) -> Any:
    with pytest.raises(HubRefusal) as caught:
        await call
    return caught.value.answer


# --- good answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "user", "role", "kind", "gated"),
    [
        ("read", "robin", "read", "access_token", None),
        ("write", "robin", "write", "access_token", None),
        ("fine-grained", "robin", "fineGrained", "access_token", True),
        ("fine-grained-no-gated", "robin", "fineGrained", "access_token", False),
        ("stranger", "alex", "read", "access_token", None),
    ],
)
async def test_whose_token_it_is(
    name: str, user: str, role: str, kind: str, gated: bool | None, stand_in: StandInHub, hub: Hub
) -> None:
    account = await hub.whoami(token(stand_in, name))
    assert (account.user, account.role, account.kind, account.can_read_gated) == (user, role, kind, gated)


async def test_a_browser_login_is_no_lasting_token(stand_in: StandInHub, hub: Hub) -> None:
    account = await hub.whoami(token(stand_in, "oauth"))
    assert account.user == "robin"
    assert account.role is None
    assert account.kind != "access_token"


async def test_the_configuration_is_read_past_the_gate(stand_in: StandInHub, hub: Hub) -> None:
    commit = stand_in.commit(LAB)
    config = await hub.config(LAB, commit, token(stand_in))
    assert config is not None and config["model_type"] == "llama"
    assert await hub.config(LAB, commit, None) is None, "the gate is closed without an access token"
    assert await hub.config(LAB, COMMIT, token(stand_in)) is None
    stand_in.faults.arm(Fault("hub:GET */config.json", "status", 503))
    assert (await refusal(hub.config(LAB, commit, token(stand_in)))).status == 503, "which says nothing about the model"


async def test_what_a_model_is(stand_in: StandInHub, hub: Hub) -> None:
    facts = await hub.model(OPEN, None, None)
    assert facts.repo_id == facts.asked_for == OPEN
    assert facts.commit == stand_in.commit(OPEN)
    assert (facts.gate, facts.private, facts.disabled) == ("open", False, False)
    assert facts.licence == "apache-2.0"
    assert facts.weights is not None
    assert facts.weights.size > 100_000, "sizes come with the listing"
    assert sum(facts.parameters.values()) > 0
    assert (await hub.model(LAB, None, None)).gate == "auto"
    assert (await hub.model(f"{LAB}-manual", None, None)).gate == "manual"
    assert (await hub.model(f"{LAB}-remote-code", None, None)).needs_remote_code
    assert (await hub.model("robin/private-character", None, token(stand_in))).private


async def test_one_byte_is_one_byte(stand_in: StandInHub, hub: Hub) -> None:
    answer = await hub.read_one_byte(OPEN, stand_in.commit(OPEN), "model.safetensors", None)
    assert answer.is_good
    assert [(seen.method, seen.status) for seen in stand_in.seen] == [("HEAD", 200), ("GET", 206)]


async def test_a_file_that_is_not_there(stand_in: StandInHub, hub: Hub) -> None:
    answer = await hub.read_one_byte(OPEN, stand_in.commit(OPEN), "no such file?.bin", None)
    assert (answer.status, answer.error_code) == (404, "EntryNotFound")
    assert len(stand_in.seen) == 1, "what HEAD refuses is not asked for again"


async def test_no_token_goes_where_none_was_given(
    stand_in: StandInHub, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the library would find one by itself."""
    monkeypatch.setenv("HF_TOKEN", stand_in.fixtures.token("read").value)
    await hub.model(OPEN, None, None)
    await hub.auth_check(OPEN, None)
    await hub.read_one_byte(OPEN, stand_in.commit(OPEN), "config.json", None)
    assert {seen.token for seen in stand_in.seen} == {None}


async def test_exactly_the_given_token_is_sent(stand_in: StandInHub, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", stand_in.fixtures.token("stranger").value)
    await hub.model(LAB, None, token(stand_in, "read"))
    await hub.auth_check(LAB, token(stand_in, "read"))
    assert {seen.token for seen in stand_in.seen} == {"read"}


async def test_a_moved_repository_is_followed(stand_in: StandInHub, hub: Hub) -> None:
    facts = await hub.model(f"{LAB}-old-name", None, token(stand_in))
    assert facts.repo_id == f"{LAB}-renamed"
    assert facts.is_renamed
    assert [seen.token for seen in stand_in.seen if seen.status == 200] == ["read"]


# --- refusals, limits, trouble --------------------------------------------------------------------------------------


async def test_a_refusal_carries_status_code_and_sentence(stand_in: StandInHub, hub: Hub) -> None:
    answer = await hub.auth_check(LAB, token(stand_in, "stranger"))
    assert (answer.status, answer.error_code) == (403, "GatedRepo")
    assert "not in the authorized list" in answer.message
    gone = await refusal(hub.whoami(token(stand_in, "expired")))
    assert gone.status == 401
    assert "is expired" in gone.message


async def test_a_rate_limit_says_when_to_come_back(stand_in: StandInHub, hub: Hub) -> None:
    stand_in.faults.arm(Fault("hub:*", "throttle", seconds=41))
    answer = await refusal(hub.model(OPEN, None, None))
    assert (answer.status, answer.retry_after) == (429, 41.0)
    assert len(stand_in.seen) == 1, "asking at once again only makes it worse"


async def test_a_slow_answer_is_waited_for_only_so_long(
    stand_in: StandInHub, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "REQUEST_SECONDS", 0.2)
    stand_in.faults.arm(Fault("hub:*", "delay", seconds=20))
    started = time.monotonic()
    assert (await refusal(hub.model(OPEN, None, None))).status == 0
    assert (await hub.auth_check(OPEN, None)).status == 0
    assert (await hub.read_one_byte(OPEN, COMMIT, "x", None)).status == 0
    assert time.monotonic() - started < 5


async def test_a_connection_that_is_cut(stand_in: StandInHub, hub: Hub) -> None:
    stand_in.faults.arm(Fault("hub:*", "disconnect"))
    assert (await refusal(hub.whoami(token(stand_in)))).status == 0
    stand_in.faults.clear()
    assert (await hub.whoami(token(stand_in))).user == "robin"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_outage_is_tried_twice_and_no_more(status: int, stand_in: StandInHub, hub: Hub) -> None:
    stand_in.faults.arm(Fault("hub:*", "status", status, "oh"))
    assert (await refusal(hub.model(OPEN, None, None))).status == status
    assert len(stand_in.seen) == 2


async def test_nobody_listens() -> None:
    service = Hub()
    service.endpoint = "http://127.0.0.1:9"
    assert (await service.auth_check(OPEN, None)).status == 0
    await service.close()


# --- nonsense -------------------------------------------------------------------------------------------------------

Serve = Callable[..., Awaitable[Hub]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """A Hub that answers every request with the same thing."""
    runners: list[web.AppRunner] = []
    services: list[Hub] = []

    async def start(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Hub:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runners.append(web.AppRunner(app, access_log=None, shutdown_timeout=0.1))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runners[-1].addresses[0][1]}"
        services.append(Hub(trusting(url)))
        services[-1].endpoint = url
        return services[-1]

    yield start
    for service in services:
        await service.close()
    for runner in runners:
        await runner.cleanup()


def answering(text: str = "", status: int = 200, kind: str = "application/json", **headers: str) -> Any:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type=kind, headers=headers)

    return answer


@pytest.mark.parametrize(
    "text", ["", "<html>Sign in to the guest network</html>", "{", "[]", "null", "5", '"text"', "\x00"]
)
async def test_an_answer_that_is_no_object_is_no_answer(text: str, serve: Serve) -> None:
    hub = await serve(answering(text))
    assert (await refusal(hub.model(OPEN, None, None))).status == 0
    assert (await refusal(hub.whoami(AccessToken("a-token-of-a-test")))).status == 0


GOOD: dict[str, Any] = {
    "id": "acme/model",
    "sha": COMMIT,
    "gated": False,
    "siblings": [{"rfilename": "model.safetensors"}],
}


@pytest.mark.parametrize(
    "odd",
    [
        {"safetensors": []},
        {"safetensors": {"parameters": [1]}},
        {"safetensors": "yes"},
        {"siblings": {"rfilename": "x"}},
        {"siblings": [{"rfilename": 5}]},
        {"siblings": [{"rfilename": ["x"]}]},
        {"siblings": 5},
        {"cardData": []},
        {"cardData": {"extra_gated_fields": ["a"]}},
        {"config": {"tokenizer_config": "x"}},
        {"config": {"tokenizer_config": {"chat_template": [{"name": "x"}]}}},
        {"gated": "some new kind"},
        {"downloads": "many"},
    ],
    ids=json.dumps,
)
async def test_a_field_of_another_kind_is_a_field_that_is_missing(odd: dict[str, Any], serve: Serve) -> None:
    hub = await serve(answering(json.dumps(GOOD | odd)))
    facts = await hub.model("acme/model", None, None)
    assert facts.repo_id == "acme/model"
    assert facts.commit == COMMIT
    assert all(isinstance(file.path, str) for file in facts.files)
    assert isinstance(facts.needs_token, bool)
    assert isinstance(facts.weights.size if facts.weights else 0, int)


async def test_a_size_that_is_no_number_does_not_count(serve: Serve) -> None:
    sizes = [{"rfilename": "model.safetensors", "size": "big"}, {"rfilename": "config.json", "size": None}]
    facts = await (await serve(answering(json.dumps(GOOD | {"siblings": sizes})))).model("acme/model", None, None)
    assert facts.weights is not None
    assert facts.weights.size == 0
    assert facts.download_size == 0


@pytest.mark.parametrize(
    "odd", [{"auth": "x"}, {"auth": {"accessToken": "x"}}, {"auth": {"accessToken": {"fineGrained": 5}}}, {"name": 5}]
)
async def test_an_account_of_another_shape_is_still_an_account(odd: dict[str, Any], serve: Serve) -> None:
    hub = await serve(answering(json.dumps({"name": "robin"} | odd)))
    assert (await hub.whoami(AccessToken("a-token-of-a-test"))).user in ("robin", "5")


@pytest.mark.parametrize(
    "said",
    [
        {"id": 'acme/x"""\nimport os\n"""'},
        {"id": "../../etc"},
        {"id": "acme/model/../../x"},
        {"sha": ""},
        {"sha": None},
        {"sha": "main"},
        {"sha": "../../../x"},
    ],
    ids=json.dumps,
)
async def test_a_name_or_commit_that_cannot_be_one_is_not_believed(said: dict[str, Any], serve: Serve) -> None:
    """Both are written into the user's app file, the name even into its docstring."""
    hub = await serve(answering(json.dumps(GOOD | said)))
    try:
        facts = await hub.model("acme/model", None, None)
    except HubRefusal as caught:
        assert not caught.answer.is_good
        return
    assert facts.repo_id == "acme/model"
    assert facts.commit == COMMIT


async def test_escape_sequences_in_what_the_hub_says_are_gone(serve: Serve) -> None:
    card = {"license": "mit\x1b[2J", "extra_gated_prompt": "a\x1b]0;t\x07b"}
    facts = await (await serve(answering(json.dumps(GOOD | {"cardData": card})))).model("acme/model", None, None)
    assert facts.licence == "mit"
    assert facts.gate_text == "ab"
    answer = await (await serve(answering("", 403, **{"X-Error-Message": "no\x9b31m"}))).auth_check("acme/m", None)
    assert answer.message == "no"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"RateLimit": '"api";r=0;t=55'}, 55.0),
        ({"Retry-After": "7", "RateLimit": '"api";r=0;t=55'}, 7.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "RateLimit": '"api";r=0;t=55'}, 55.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
async def test_how_long_to_wait(headers: dict[str, str], seconds: float | None, serve: Serve) -> None:
    hub = await serve(answering("", 429, **headers))
    assert (await hub.auth_check(OPEN, None)).retry_after == seconds


async def test_a_server_that_ignores_ranges_is_not_downloaded_from(serve: Serve) -> None:
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Length": str(1 << 30)})
        await response.prepare(request)
        if request.method == "GET":
            try:
                while sent < 1 << 30:
                    await response.write(b"0" * 65536)
                    sent += 65536
            except ConnectionError:
                pass
        return response

    hub = await serve(answer)
    started = time.monotonic()
    assert (await hub.read_one_byte(OPEN, COMMIT, "model.safetensors", None)).status == 200
    assert time.monotonic() - started < 5
    assert sent < 1 << 26, "a few buffers, not a gigabyte"


async def test_a_redirect_without_end_is_no_answer(serve: Serve) -> None:
    hub = await serve(answering("", 307, Location="/again"))
    assert not (await hub.auth_check(OPEN, None)).is_good


async def test_a_body_that_never_ends_is_bounded(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(hub_module, "REQUEST_SECONDS", 0.3)

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b" ")
                await asyncio.sleep(0.05)
        except ConnectionError:
            return response

    hub = await serve(answer)
    started = time.monotonic()
    assert (await refusal(hub.model(OPEN, None, None))).status == 0
    assert time.monotonic() - started < 5
