"""HF_ENDPOINT as people write it, and what that makes of a check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from huggingface_hub import constants
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.access.raw_server import RawAnswer, RawServer
from tests.support.hubs import trusting
from wizard.core.access.endpoint import read_endpoint
from wizard.core.access.unreachable import UnreachableReason
from wizard.core.access.verdicts import PUBLIC_HUB, Verdict
from wizard.core.access_token import AccessToken
from wizard.flow.access.check import check_access
from wizard.flow.access.report import AccessReport
from wizard.flow.ports.credentials import Credential
from wizard.services.hub import client as hub_module
from wizard.services.hub.client import Hub

M = "acme/tiny-7b"
LOOPBACK = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (None, PUBLIC_HUB),
        ("", PUBLIC_HUB),
        ("  \t", PUBLIC_HUB),
        ("https://huggingface.co", PUBLIC_HUB),
        ("https://huggingface.co/", PUBLIC_HUB),
        ("https://HuggingFace.co//", PUBLIC_HUB),
        ("HTTPS://huggingface.co:443", PUBLIC_HUB),
        ("http://huggingface.co", PUBLIC_HUB),
        ("https://hf.co", PUBLIC_HUB),
        ("https://www.huggingface.co", PUBLIC_HUB),
        ("http://127.0.0.1:8080 ", LOOPBACK),
        (" http://127.0.0.1:8080", LOOPBACK),
        ("\thttp://127.0.0.1:8080/\n", LOOPBACK),
        ('"http://127.0.0.1:8080"', LOOPBACK),
        ("'http://127.0.0.1:8080/'", LOOPBACK),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://hub.acme.example/huggingface/", "https://hub.acme.example/huggingface"),
        ("https://huggingface.co:8443", "https://huggingface.co:8443"),
        ("https://huggingface.co.evil.example", "https://huggingface.co.evil.example"),
        ("https://hf-mirror.com", "https://hf-mirror.com"),
        ("http://hub_1.internal", "http://hub_1.internal"),
        ("https://hüb.example", "https://hüb.example"),
    ],
)
def test_what_can_be_asked_has_one_form(value: str | None, address: str) -> None:
    endpoint = read_endpoint(value)
    assert (endpoint.address, endpoint.wrong) == (address, None)


@pytest.mark.parametrize(
    "value",
    [
        "hf-mirror.com",
        "127.0.0.1:8080",
        "localhost:8080",
        "ftp://huggingface.co",
        "hf://huggingface.co",
        "https:/huggingface.co",
        "https//huggingface.co",
        "https://",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://exa mple.com",
        "https://huggingface.co?a=b",
        "https://huggingface.co/#top",
        "${HF_ENDPOINT}",
        "https://${HUB_HOST}",
        "<your endpoint>",
        "not an address",
        "//huggingface.co",
        "https://a,https://b",
    ],
)
def test_what_cannot_be_asked_is_said_to_be_no_address(value: str) -> None:
    assert read_endpoint(value).wrong is UnreachableReason.ADDRESS


@pytest.mark.parametrize("value", ["http://user:pass-word-9@127.0.0.1:8080/", "https://pass-word-9@huggingface.co"])
def test_a_password_in_an_address_is_neither_used_nor_shown(value: str) -> None:
    endpoint = read_endpoint(value)
    assert endpoint.wrong is UnreachableReason.SIGN_IN_ADDRESS
    assert "pass-word-9" not in endpoint.address


@given(st.one_of(st.text(max_size=60), st.text("htps:/@[]?#%.${}<>\\ 09ahuggingface.co\"'", max_size=40)))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_and_reading_again_changes_nothing(value: str) -> None:
    endpoint = read_endpoint(value)
    again = read_endpoint(endpoint.address)
    assert again.address == endpoint.address and (again.wrong is None) == (endpoint.wrong is None)
    parts = urlsplit(endpoint.parseable)
    assert (parts.hostname, parts.port) != ("", 0), "it can be taken apart"
    kept = read_endpoint(endpoint.parseable)
    assert kept.address == endpoint.address and (kept.wrong is None) == (endpoint.wrong is None)


@pytest.fixture
def served() -> Iterator[RawServer]:
    server = RawServer()
    yield server
    server.close()


def checked(server: RawServer, endpoint: str, patch: pytest.MonkeyPatch, *, token: bool) -> AccessReport:
    """A check against `endpoint`, in the loop of the raw server."""
    patch.setattr(constants, "ENDPOINT", endpoint)
    patch.setattr(hub_module, "RETRY_AFTER_SECONDS", 0.01)

    async def ask() -> AccessReport:
        hub = Hub(trusting(server.url, server.url + "/wrong/path"))
        try:
            credential = Credential(AccessToken("hf_" + "a" * 34), "HF_TOKEN", "env") if token else None
            return await check_access(hub, M, None, credential)
        finally:
            await hub.close()

    return server.run(ask())


HTML = RawAnswer(404, ((b"Content-Type", b"text/html"),), b"<h1>Not Found</h1>")
NO_REPOSITORY = RawAnswer(404, ((b"X-Error-Code", b"RepoNotFound"), (b"X-Error-Message", b"Repository not found")))
BASIC = RawAnswer(401, ((b"WWW-Authenticate", b'Basic realm="staff"'),))
BEARER = RawAnswer(
    401, ((b"WWW-Authenticate", b'Bearer realm="x"'), (b"X-Error-Message", b"Invalid username or password."))
)


@pytest.mark.parametrize(
    ("answer", "token", "verdict"),
    [
        (HTML, True, "hub_unreachable"),
        (HTML, False, "hub_unreachable"),
        (RawAnswer(404, ((b"Server", b"nginx"), (b"X-Request-Id", b"7"))), False, "hub_unreachable"),
        (RawAnswer(200, ((b"Content-Type", b"text/html"),), b"<html></html>"), False, "hub_unreachable"),
        (BASIC, True, "hub_unreachable"),
        (BASIC, False, "hub_unreachable"),
        (NO_REPOSITORY, False, "private_or_missing"),  # look-alikes: the Hub's own words
        (BEARER, True, "invalid_token"),
        (BEARER, False, "private_or_missing"),
        (RawAnswer(401), False, "private_or_missing"),
        (RawAnswer(403), False, "blocked_other"),
        (RawAnswer(429), False, "rate_limited"),
    ],
)
def test_only_a_hub_speaks_for_a_model(
    answer: RawAnswer, token: bool, verdict: str, served: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.answer = lambda method, path: answer
    report = checked(served, served.url + "/wrong/path", monkeypatch, token=token)
    assert report.verdict.value == verdict
    if verdict == "hub_unreachable":
        assert report.problem and "the server there is not a Hub" in report.problem.message
        assert "HF_ENDPOINT" in report.problem.hint


def test_a_mirror_that_does_not_serve_the_question_about_the_gate_is_read_all_the_same(
    served: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = {"id": M, "sha": "0" * 40, "siblings": [{"rfilename": "model.safetensors"}, {"rfilename": "config.json"}]}

    def answer(method: str, path: str) -> RawAnswer:
        if path.startswith(f"/api/models/{M}?"):
            return RawAnswer(body=json.dumps(model).encode())
        return RawAnswer() if "/resolve/" in path else HTML

    served.answer = answer
    assert checked(served, served.url, monkeypatch, token=True).verdict is Verdict.READY


@pytest.mark.parametrize("value", ["not an address", "http://[::1", "http://user:pass-word-9@{host}"])
def test_nothing_is_sent_to_what_is_no_address(value: str, served: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = value.replace("{host}", served.url.removeprefix("http://"))
    report = checked(served, endpoint, monkeypatch, token=True)
    assert report.verdict is Verdict.HUB_UNREACHABLE and served.paths == []
    assert report.problem and "pass-word-9" not in report.problem.message + report.problem.hint
