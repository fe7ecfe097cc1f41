"""Everything that comes from outside, generated: text of access tokens, answers of a Hub in any bytes, model cards.

`WIZARD_EXAMPLES` sets how many examples are tried; the nightly run uses ten thousand.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from tests.access.raw_server import RawAnswer, RawServer
from tests.support.hubs import trusting
from tests.support.terminal import new_token
from wizard.cli.commands.check import _blocks
from wizard.cli.output.layout import Exact, Paragraph
from wizard.cli.output.reporters import make_reporter
from wizard.core.access.token_format import what_is_wrong
from wizard.core.access_token import AccessToken, kind_of
from wizard.core.models.model_info import is_folder_name, is_model_name, read_model_name
from wizard.core.problem import ExitCode, Problem
from wizard.flow.access.check import check_access
from wizard.flow.access.report import AccessReport
from wizard.flow.access.wait import open_alternatives
from wizard.flow.ports.credentials import Credential
from wizard.flow.ports.hub import HubRefusal
from wizard.services.credentials.active_token import read_token
from wizard.services.hub import client as hub_module
from wizard.services.hub.client import Hub

EXAMPLES = int(os.environ.get("WIZARD_EXAMPLES", "60"))
NAME = "some-lab/some-model"
COMMIT = "0123456789abcdef" * 2 + "01234567"
pace = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=EXAMPLES <= 60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

spice = st.sampled_from(
    [
        "\x1b[2J",
        "\x1b]0;owned\x07",
        "\x1b]8;;http://x\x1b\\",
        "\x9b31m",
        "\r",
        "\n✓ ready",
        "\u2028",
        "\u202e",
        "[/x]",
        "\x00",
        *["[bold red]", "{model}", "{0}", "%s", "\ud800", "é", "🦜", "\x7f", "</form>", "​", "\x1bP", "\x1b", "\x85"],
    ]
)
rough_text = st.lists(st.one_of(st.text(max_size=8), spice), max_size=5).map("".join)
pasted = st.lists(
    st.one_of(
        st.text(max_size=12), spice, st.sampled_from(["hf_", "hf_oauth_", "api_org_", "ak-", "Bearer ", '"', " "])
    ),
    max_size=5,
).map("".join)


@pace
@given(pasted)
def test_what_reads_as_an_access_token_can_be_sent_as_one(text: str) -> None:
    try:
        token = read_token(text, "standard input")
    except Problem as problem:
        assert problem.exit_code is ExitCode.CREDENTIALS
        assert what_is_wrong(text)
        if len(text.strip()) >= 16:
            assert text.strip() not in json.dumps(problem.to_mapping(), ensure_ascii=False)
        return
    if token is None:
        assert not text.strip()
        return
    value = token.reveal()
    assert value == text.strip()
    header = f"Bearer {value}".encode("ascii")
    assert all(0x21 <= byte <= 0x7E for byte in header[7:]), "no client refuses it, and none repeats it in an error"
    assert what_is_wrong(value) is None
    assert token.kind == kind_of(value)
    if len(value) >= 16:
        assert value not in f"{token} {token!r} {token.masked} {token:>80}"


@pace
@given(
    name=st.from_regex(
        r"[A-Za-z0-9][A-Za-z0-9_.]{0,12}[A-Za-z0-9]/[A-Za-z0-9][A-Za-z0-9_.]{0,12}[A-Za-z0-9]", fullmatch=True
    ),
    form=st.sampled_from(
        [
            "{}",
            "{}/",
            "https://huggingface.co/{}",
            "https://huggingface.co/{}/",
            "http://hf.co/{}",
            "huggingface.co/{}/tree/main",
            "hf://{}",
            "https://huggingface.co/{}/blob/main/config.json",
            "https://hub.example.com/{}/resolve/main/x?download=true",
        ]
    ),
    around=st.sampled_from(["{}", " {} ", '"{}"', "'{}'", "\t{}\n", "“{}”", "<{}>"]),
)
def test_a_name_as_people_paste_it(name: str, form: str, around: str) -> None:
    assume(".." not in name and not name.endswith(".git"))
    assume(name.split("/")[0] not in ("datasets", "spaces", "models"))
    assume(name.split("/")[1] not in ("tree", "blob", "resolve", "raw", "commit"))
    assert read_model_name(around.format(form.format(name))).repo_id == name


@pace
@given(
    st.one_of(rough_text, st.builds("{}{}{}".format, rough_text, st.sampled_from(["/", "://", "@", "%"]), rough_text))
)
def test_any_text_is_a_name_or_a_problem(text: str) -> None:
    try:
        name = read_model_name(text)
    except Problem as problem:
        assert problem.exit_code is ExitCode.USAGE
        return
    assert is_model_name(name.repo_id) or is_folder_name(name.repo_id)


class Asked:
    """The service, and the server that it is pointed at."""

    def __init__(self) -> None:
        self.server = RawServer()
        self.hub = self.server.run(self._open())
        self.hub.endpoint = self.server.url

    async def _open(self) -> Hub:
        return Hub(trusting(self.server.url))

    def close(self) -> None:
        self.server.run(self.hub.close())
        self.server.close()


@pytest.fixture
def raw() -> Iterator[Asked]:
    """One for all examples of a test."""
    asked = Asked()
    yield asked
    asked.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second try comes at once."""
    monkeypatch.setattr(hub_module, "RETRY_AFTER_SECONDS", 0.0)


def ask(raw: Asked, answer: Callable[[str, str], RawAnswer], question: Callable[[Hub], Any]) -> Any:
    """The result of one question to the service, whose server answers so."""
    raw.server.answer = answer
    return raw.server.run(question(raw.hub))


def read_out(report: AccessReport) -> str:
    """What a person sees; every line has to be one of ours."""
    blocks, out = list(_blocks(report)), io.StringIO()
    with redirect_stdout(out):
        make_reporter(as_json=False, quiet=False, color=False).result({}, blocks)
    shown = out.getvalue()
    assert not [letter for letter in shown if letter in "\x1b\x9b\r\x00\x07\x7f\u202e"], repr(shown)
    expected = sum(1 if isinstance(each, Exact | Paragraph) else len(each.rows) for each in blocks)  # type: ignore[union-attr]
    assert len(shown.splitlines()) == expected, f"text from outside made a line of its own: {shown!r}"
    good = [line for line in shown.splitlines() if line.startswith("✓ ")]
    assert all(line.startswith("✓ ready  ") for line in good) and bool(good) is (report.problem is None), shown
    data = json.dumps(report.to_mapping())
    assert data.isascii()
    return shown


def found_token() -> Credential:
    return Credential(AccessToken(new_token()), "HF_TOKEN", "env")


header_name = st.one_of(
    st.sampled_from(
        b"X-Error-Code X-Error-Message RateLimit Retry-After Content-Type Content-Encoding Transfer-Encoding Location "
        b"Set-Cookie WWW-Authenticate Link".split()
    ),
    st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True),
)
header_value = st.one_of(
    st.sampled_from(
        b"GatedRepo RepoNotFound EntryNotFound 99999999999999999999 -5 gzip br zstd chunked utf-99 "
        b'"api";r=0;t=7 "api";t=1e9 '
        b"application/json;charset=utf-16 / // http://[ http://127.0.0.1:9/ hf://x \xff\xfe ?".split()
    ),
    st.binary(max_size=24).map(lambda value: bytes(byte for byte in value if byte not in b"\r\n\x00")),
    rough_text.map(lambda text: " ".join(text.split()).replace("\x00", "").encode("utf-8", "replace")),
    st.binary(max_size=12).map(lambda value: b"is awaiting a review " + bytes(b for b in value if b > 31)),
)
body = st.one_of(
    st.binary(max_size=64),
    rough_text.map(lambda text: json.dumps({"error": text}).encode()),
    st.sampled_from(
        [b"", b"null", b"[]", b"[" * 90_000, b'{"a":' * 90_000, b"\x1f\x8b\x08", b"9" * 5000, b"NaN", b"\xef\xbb\xbf{}"]
    ),
)
answers = st.builds(
    RawAnswer,
    status=st.one_of(st.sampled_from([200, 401, 403, 404, 429, 500]), st.integers(200, 599)),
    headers=st.lists(st.tuples(header_name, header_value), max_size=5).map(tuple),
    body=body,
    length=st.booleans(),
)


@pace
@given(
    whoami=answers, info=answers, gate=answers, file=answers, good=st.sets(st.sampled_from(["whoami", "info", "gate"]))
)
def test_a_hub_that_answers_anything_gets_a_verdict(
    raw: Asked, whoami: RawAnswer, info: RawAnswer, gate: RawAnswer, file: RawAnswer, good: set[str]
) -> None:
    honest = {
        "whoami": RawAnswer(body=b'{"name": "robin", "auth": {}}'),
        "info": RawAnswer(body=json.dumps(card({})).encode()),
        "gate": RawAnswer(body=b"OK"),
    }

    def answer(method: str, path: str) -> RawAnswer:
        name = (
            "whoami" if "whoami" in path else "gate" if "auth-check" in path else "info" if "/api/" in path else "file"
        )
        drawn = {"whoami": whoami, "info": info, "gate": gate, "file": file}
        return honest[name] if name in good else drawn[name]

    found = found_token()
    report = ask(raw, answer, lambda hub: check_access(hub, NAME, None, found))
    assert (report.problem is None) is (report.verdict.value == "ready")
    shown = read_out(report)
    assert found.token.reveal() not in shown + json.dumps(report.to_mapping())
    check_usable(raw)


def check_usable(raw: Asked) -> None:
    """Whatever came before, an honest answer is still understood; else the examples would prove nothing."""
    good = RawAnswer(body=json.dumps(card({})).encode())
    facts = ask(raw, lambda method, path: good, lambda hub: hub.model(NAME, None, AccessToken(new_token())))
    assert facts.repo_id == NAME


@pytest.mark.parametrize("cookie", [b"a=\xe9", b"a=\x01", b"a=b; Path=/; Max-Age=9999", "a=✓".encode()])
def test_a_cookie_of_one_answer_spoils_no_later_question(raw: Asked, cookie: bytes) -> None:
    sent = RawAnswer(headers=((b"Set-Cookie", cookie),))
    with suppress(HubRefusal):
        ask(raw, lambda method, path: sent, lambda hub: hub.model(NAME, None, None))
    check_usable(raw)


@pace
@given(answers)
def test_every_question_ends_in_an_answer_or_a_refusal(raw: Asked, drawn: RawAnswer) -> None:
    token = AccessToken(new_token())
    for question in (
        lambda hub: hub.whoami(token),
        lambda hub: hub.model(NAME, "main", token),
        lambda hub: hub.start_login(),
        lambda hub: hub.post_form("/oauth/token", {"a": "b"}),
    ):
        try:
            ask(raw, lambda method, path: drawn, question)
        except HubRefusal as refusal:
            assert "\x1b" not in refusal.answer.message
            assert refusal.answer.retry_after is None or 0 <= refusal.answer.retry_after <= 3600


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, -1, 2**63]),
        st.floats(),
        rough_text,
        st.sampled_from(["auto", "manual", "llama", "apache-2.0"]),
    ),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(rough_text, inside, max_size=3)),
    max_leaves=6,
)
FIELDS = ["private", "pipeline_tag", "downloads", "tags", "siblings", "author", "library_name", "disabled"]
CARD = ["license", "extra_gated_prompt", "extra_gated_heading", "extra_gated_fields", "base_model"]
cards = st.fixed_dictionaries(
    {
        "gated": st.sampled_from([False, "auto", "manual", "manual"]),
        "cardData": st.one_of(st.dictionaries(st.sampled_from(CARD), values, max_size=4), values),
    },
    optional={
        **{name: values for name in FIELDS},
        "safetensors": st.fixed_dictionaries(
            {"parameters": st.dictionaries(rough_text, values, max_size=2), "total": values}
        ),
        "config": st.dictionaries(st.sampled_from(["model_type", "auto_map", "tokenizer_config"]), values, max_size=2),
        "id": st.one_of(rough_text, st.just("../../oauth"), st.just("some-lab/\n✓ ready")),
    },
)
hostile_forms = st.dictionaries(rough_text, values, max_size=4)
WORST = {"gated": "manual", "cardData": {"license": ["mit", "\n✓ ready"]}, "pipeline_tag": "\ud800"}


def card(changes: dict[str, Any]) -> dict[str, Any]:
    """The Hub's JSON about a model that can be loaded, with changes."""
    names = ("config.json", "model.safetensors", "tokenizer.json")
    files = [{"rfilename": name, "size": 1000} for name in names]
    return {"id": NAME, "sha": COMMIT, "gated": False, "siblings": files, "pipeline_tag": "text-generation"} | changes


@pace
@given(changes=cards, form=hostile_forms, user=rough_text, role=values, others=st.lists(cards, max_size=3))
@example(WORST, {"Name\n✓ ready  All is well": "text", "\x1b[2J": 1}, "robin\n✓ ready", ["\x1b"], [])
@example({"safetensors": {"parameters": {"BF16": 10**400}}, "cardData": {}}, {}, "robin", None, [])
@example({"config": {"model_type": ["llama"]}, "cardData": {}}, {}, "robin", None, [])
@example(WORST, {}, "robin", None, [{"id": "some-lab/\n✓ ready", "gated": False}, {"id": "../../oauth"}])
def test_cards_forms_and_accounts_cannot_write_on_the_terminal(
    raw: Asked, changes: dict[str, Any], form: dict[str, Any], user: str, role: Any, others: list[dict[str, Any]]
) -> None:
    told = card(changes)
    if isinstance(told.get("cardData"), dict) and form:
        told["cardData"] = {**told["cardData"], "extra_gated_fields": form}
    who = {"name": user, "auth": {"accessToken": {"role": role, "displayName": user}, "expiresAt": role}}
    refused = RawAnswer(
        403,
        ((b"X-Error-Code", b"GatedRepo"), (b"X-Error-Message", b"you are not in the authorized list")),
        b"{}",
    )

    def answer(method: str, path: str) -> RawAnswer:
        if "whoami" in path:
            return RawAnswer(body=json.dumps(who).encode())
        if "/api/models?" in path:
            return RawAnswer(
                body=json.dumps([{"id": f"other-lab/{n}"} | other for n, other in enumerate(others)]).encode()
            )
        if "auth-check" in path:
            return refused if told.get("gated") in ("auto", "manual") else RawAnswer(body=b"OK")
        return RawAnswer(body=json.dumps(told).encode() if "/api/" in path else b"x")

    async def question(hub: Hub) -> AccessReport:
        from dataclasses import replace

        found = found_token()
        report = await check_access(hub, NAME, None, found)
        if report.facts is None:
            return report
        return replace(report, alternatives=tuple(await open_alternatives(hub, report.facts, found)))

    report = ask(raw, answer, question)
    read_out(report)
    assert report.facts is None or is_model_name(report.facts.repo_id)
    assert all(is_model_name(other.repo_id) for other in report.alternatives)


@pace
@given(
    st.dictionaries(
        st.sampled_from(
            ["device_code", "user_code", "verification_uri", "verification_uri_complete", "interval", "expires_in"]
        ),
        values,
    )
)
def test_an_offer_of_a_login_is_complete_or_refused(raw: Asked, offer: dict[str, Any]) -> None:
    try:
        login = ask(raw, lambda method, path: RawAnswer(body=json.dumps(offer).encode()), lambda hub: hub.start_login())
    except HubRefusal:
        return
    assert 0 < login.interval <= 60, "neither a busy loop nor for ever"
    assert 0 < login.expires_in <= 3600
    assert "\x1b" not in login.url + login.url_with_code + login.user_code
    assert len((login.url_with_code + login.user_code).splitlines()) <= 1
