"""A mirror gets no access token unasked: not by us, not by huggingface_hub by itself, not behind a redirect."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from huggingface_hub import constants

from tests.support.hubs import Mirror, WayOut, trusting
from tests.support.terminal import Terminal
from wizard.core.access_token import AccessToken
from wizard.flow.access.check import check_access
from wizard.flow.access.token_inventory import list_tokens
from wizard.flow.ports.credentials import Credential
from wizard.flow.ports.hub import HubRefusal, ModelQuery
from wizard.flow.ports.services import Ports
from wizard.rehearsal.hub.server import StandInHub
from wizard.services.credentials.active_token import Tokens
from wizard.services.credentials.os_keyring import Keychain
from wizard.services.hub.client import Hub

LAB = "rehearsal-lab/tiny-character"
OPEN = f"{LAB}-open"
NOBODY = "http://127.0.0.1:9"

Hold = Callable[[str | None], Credential | None]


@pytest.fixture
async def mirror(stand_in: StandInHub) -> AsyncIterator[Mirror]:
    """Passes on to the stand-in, over http on loopback."""
    mirror = Mirror(stand_in.url)
    await mirror.start()
    yield mirror
    await mirror.close()


@pytest.fixture
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The public Hub cannot be reached; what is on loopback can."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, NOBODY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
async def public(
    stand_in: StandInHub, certificate_file: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Mirror]:
    """The public Hub: whoever asks huggingface.co from here gets the stand-in, over https."""
    hub = Mirror(stand_in.url)
    await hub.start(certificate_file)
    proxy = WayOut(hub.port)
    await proxy.start()
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate_file))
    yield hub
    assert set(proxy.hosts) <= {"huggingface.co:443"}
    await proxy.close()
    await hub.close()


@pytest.fixture
async def asked(mirror: Mirror, monkeypatch: pytest.MonkeyPatch, held: Hold) -> AsyncIterator[Callable[..., Hub]]:
    """Makes the service, pointed at the mirror; huggingface_hub itself would find an access token in this shell."""
    credential = held("read")
    assert credential is not None
    monkeypatch.setenv("HF_TOKEN", credential.token.reveal())
    monkeypatch.setattr(constants, "ENDPOINT", mirror.url)
    made: list[Hub] = []

    def make(*trusted: str) -> Hub:
        made.append(Hub(trusting(*trusted)))
        return made[-1]

    yield make
    for hub in made:
        await hub.close()


async def everything(hub: Hub, token: AccessToken, commit: str) -> None:
    """Every question that can be asked with an access token."""
    await hub.auth_check(LAB, token)
    await hub.read_one_byte(LAB, commit, "model.safetensors", token)
    await hub.config(LAB, commit, token)
    for question in (
        hub.whoami(token),
        hub.model(LAB, None, token),
        hub.read_file(LAB, commit, "tokenizer.json", token, 10**7),
        hub.search(ModelQuery("tiny"), token),
        hub.start_login(),
    ):
        try:
            await question
        except HubRefusal:
            continue


async def test_no_question_carries_the_access_token_until_the_mirror_is_trusted(
    stand_in: StandInHub, mirror: Mirror, asked: Callable[..., Hub], held: Hold, no_way_out: None
) -> None:
    hub, credential, commit = asked(), held("read"), stand_in.commit(LAB)
    assert credential is not None and hub.endpoint == mirror.url and not hub.is_trusted
    await everything(hub, credential.token, commit)
    assert {path.split("/")[1] for _, path, _ in mirror.seen} >= {"api", "rehearsal-lab"}
    assert mirror.tokens == set()
    assert not [path for _, path, _ in mirror.seen if "whoami" in path or "oauth" in path], "these are about a token"
    hub.trust()
    await everything(hub, credential.token, commit)
    assert mirror.tokens == {f"Bearer {credential.token.reveal()}"}
    assert {path for _, path, sent in mirror.seen if sent} >= {"/api/whoami-v2", f"/api/models/{LAB}/auth-check"}


async def test_the_public_hub_gets_it_without_being_named(
    stand_in: StandInHub,
    public: Mirror,
    held: Hold,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "https://HUGGINGFACE.co:443/")
    hub, credential = Hub(), held("read")
    assert credential is not None
    report = await check_access(hub, LAB, None, credential)
    await hub.close()
    assert report.verdict == "ready" and report.token_sent_to == ("https://huggingface.co",)
    assert public.tokens == {f"Bearer {credential.token.reveal()}"}


@pytest.mark.parametrize("status", ["elsewhere", "another port"])
async def test_a_trusted_hub_that_sends_us_on_does_not_send_the_token_on(
    status: str, stand_in: StandInHub, mirror: Mirror, asked: Callable[..., Hub], held: Hold, public: Mirror
) -> None:
    """To the mirror from another loopback port, which is another origin, and to another host over https."""
    first, credential = Mirror(stand_in.url), held("read")
    assert credential is not None
    await first.start()
    first.elsewhere = mirror.url if status == "another port" else "https://huggingface.co"
    hub = asked(first.url)
    hub.endpoint = first.url
    await everything(hub, credential.token, stand_in.commit(LAB))
    await first.close()
    assert first.tokens == {f"Bearer {credential.token.reveal()}"}
    after = mirror if status == "another port" else public
    assert after.seen and after.tokens == set()


# --- what is said ---------------------------------------------------------------------------------------------------


async def test_a_gated_model_behind_a_mirror_is_checked_at_the_public_hub(
    mirror: Mirror, public: Mirror, asked: Callable[..., Hub], held: Hold
) -> None:
    report = await check_access(asked(), LAB, None, held("read"))
    assert (report.verdict, report.problem) == ("ready", None)
    assert report.token_sent_to == ("https://huggingface.co",) and report.account is not None
    assert mirror.tokens == set() and len(public.tokens) == 1
    (note,) = [each for each in report.notes if mirror.url in each]
    assert "without your access token" in note and f"--trust-endpoint {mirror.url}" in note
    stranger = await check_access(asked(), LAB, None, held("stranger"))
    assert stranger.verdict == "not_requested" and stranger.problem is not None
    assert stranger.problem.url == f"https://huggingface.co/{LAB}", "nobody agrees to terms at a mirror"
    assert mirror.tokens == set()


async def test_where_no_hub_may_see_the_token_that_is_what_is_said(
    mirror: Mirror, asked: Callable[..., Hub], held: Hold, no_way_out: None
) -> None:
    report = await check_access(asked(), LAB, None, held("read"))
    assert report.verdict == "endpoint_not_trusted" and report.may_be_proven_later
    assert report.facts is not None and report.facts.gate == "auto"
    problem = report.problem
    assert problem is not None and int(problem.exit_code) == 4
    assert f"{LAB} is gated. {mirror.url} was asked without your access token" in problem.message
    assert "https://huggingface.co cannot be reached" in problem.message
    assert f"--trust-endpoint {mirror.url}" in problem.hint and "unset HF_ENDPOINT" in problem.hint
    assert problem.url == f"https://huggingface.co/{LAB}"
    private = await check_access(asked(), "robin/private-character", None, held("read"))
    assert private.verdict == "endpoint_not_trusted" and not private.may_be_proven_later
    assert mirror.tokens == set()
    trusted = await check_access(asked(mirror.url), LAB, None, held("read"))
    assert trusted.verdict == "ready" and trusted.token_sent_to == (mirror.url,)


async def test_an_open_model_needs_no_trust_and_asks_nobody_else(
    mirror: Mirror, asked: Callable[..., Hub], held: Hold, no_way_out: None
) -> None:
    report = await check_access(asked(), OPEN, None, held("read"))
    assert (report.verdict, report.notes, report.token_sent_to) == ("ready", (), ())
    assert report.cause == f"Everybody can read the weights of {OPEN}."
    assert mirror.tokens == set()


async def test_without_an_access_token_it_is_the_public_hub_that_makes_one(
    mirror: Mirror, asked: Callable[..., Hub], no_way_out: None
) -> None:
    report = await check_access(asked(), LAB, None, None)
    assert report.verdict == "no_token" and report.problem is not None
    assert report.problem.url is not None and report.problem.url.startswith("https://huggingface.co/settings/tokens/")


async def test_no_token_of_this_machine_is_tried_at_a_mirror(
    stand_in: StandInHub, mirror: Mirror, asked: Callable[..., Hub], no_way_out: None
) -> None:
    hub = asked()
    ports = Ports(hub, Tokens(Keychain(enabled=False)), Keychain(enabled=False), *([None] * 6))  # type: ignore[arg-type]
    findings = await list_tokens(ports, LAB)
    assert [finding.state for finding in findings] == ["hub_unreachable"]
    assert mirror.tokens == set()


# --- the program ----------------------------------------------------------------------------------------------------


@pytest.mark.long
async def test_no_command_sends_it_until_a_flag_a_variable_or_the_configuration_says_so(
    stand_in: StandInHub, mirror: Mirror, terminal: Terminal
) -> None:
    token = stand_in.fixtures.token("read").value
    shell = {
        "HF_ENDPOINT": mirror.url,
        "OUTLINES_WIZARD_TRUST_ENDPOINT": "",
        "HF_TOKEN": token,
        "HTTPS_PROXY": NOBODY,
        "NO_PROXY": "127.0.0.1",
        "MODAL_SERVER_URL": NOBODY,
        "MODAL_TOKEN_ID": "ak-x",
        "MODAL_TOKEN_SECRET": "as-x",
    }
    checked = await terminal.wizard("check", LAB, "--json", **shell)
    assert checked.code == 4, checked
    said = json.loads(checked.out)
    assert (said["verdict"], said["token_sent_to"]) == ("endpoint_not_trusted", [])
    for command in (("token", "show"), ("doctor",), ("lint", "--model", OPEN, "--choices", "a,b"), ("token", "set")):
        await terminal.wizard(*command, "--json", stdin=token, **shell)
    assert mirror.seen and mirror.tokens == set()
    ways = (
        (("--trust-endpoint", mirror.url + "/"), {}),
        ((), {"OUTLINES_WIZARD_TRUST_ENDPOINT": f"https://hub.company.example, {mirror.url}"}),
    )
    for flags, more in ways:
        mirror.seen.clear()
        trusted = await terminal.wizard("check", LAB, "--json", *flags, **{**shell, **more})
        assert trusted.code == 0 and mirror.tokens == {f"Bearer {token}"}, trusted
    config = terminal.home / ".config" / "outlines-wizard" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[hub]\ntrusted = ["{mirror.url}"]\n')
    mirror.seen.clear()
    kept = await terminal.wizard("check", LAB, "--json", **shell)
    assert kept.code == 0 and mirror.tokens == {f"Bearer {token}"}, kept
