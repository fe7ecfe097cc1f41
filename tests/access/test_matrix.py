"""Every access token of the world against every kind of repository, over http and https: one verdict each.

The table is written by hand from the facts about the Hub, row by row; nothing in it is computed by the program.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.support.terminal import LAB, Terminal, new_token
from wizard.core.access.verdicts import Verdict
from wizard.core.problem import Problem
from wizard.flow.access.check import check_access
from wizard.rehearsal.hub.server import StandInHub
from wizard.services.credentials.active_token import read_token
from wizard.services.hub.client import Hub

WORDS = {
    "ok": "ready",
    "NT": "no_token",
    "IT": "invalid_token",
    "EX": "expired_token",
    "NR": "not_requested",
    "PE": "pending_review",
    "RJ": "rejected",
    "RS": "reset",
    "FG": "fine_grained_lacks_gated",
    "PM": "private_or_missing",
    "MP": "missing_or_private",
    "WS": "wrong_token_scope",
    "WM": "weights_missing",
    "DI": "repo_disabled",
    "RG": "region_blocked",
    "OP": "org_policy",
}
TOKENS = [
    "none",
    "malformed",
    "unknown",
    "revoked",
    "expired",
    "read",
    "write",
    "fine-grained",
    "fine-grained-no-gated",
    "scoped",
    "oauth",
    "oauth-narrow",
    "org-unapproved",
    "org-revoked",
    "author",
    "author-read",
    "pending-person",
    "stranger",
]
# robin's: read to org-revoked; sam's: author, author-read; kim's: pending-person; alex's: stranger
TABLE = """
-                    non mal unk rev exp rea wri fin fng sco oau oan oru orr aut aur pen str
                      NT  IT  IT  IT  EX  ok  ok  ok  FG  FG  ok  WS  ok  ok  ok  ok  PE  NR
-manual               NT  IT  IT  IT  EX  ok  ok  ok  FG  FG  ok  WS  ok  ok  ok  ok  NR  NR
-not-requested        NT  IT  IT  IT  EX  NR  NR  NR  FG  FG  NR  WS  NR  NR  ok  ok  PE  NR
-auto-not-requested   NT  IT  IT  IT  EX  NR  NR  NR  FG  FG  NR  WS  NR  NR  ok  ok  NR  NR
-pending              NT  IT  IT  IT  EX  PE  PE  PE  FG  FG  PE  WS  PE  PE  ok  ok  PE  NR
-rejected             NT  IT  IT  IT  EX  RJ  RJ  RJ  FG  FG  RJ  WS  RJ  RJ  ok  ok  NR  NR
-reset                NT  IT  IT  IT  EX  RS  RS  RS  FG  FG  RS  WS  RS  RS  ok  ok  NR  NR
-open                 ok  IT  IT  IT  EX  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
-sharded              ok  IT  IT  IT  EX  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
-cdn                  ok  IT  IT  IT  EX  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
-old-name             ok  IT  IT  IT  EX  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
-pytorch-bin          ok  IT  IT  IT  EX  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
-disabled             PM  IT  IT  IT  EX  DI  DI  DI  DI  DI  DI  DI  DI  DI  DI  DI  DI  DI
-region-blocked       RG  IT  IT  IT  EX  RG  RG  RG  RG  RG  RG  RG  RG  RG  RG  RG  RG  RG
-gguf                 WM  IT  IT  IT  EX  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM
-onnx                 WM  IT  IT  IT  EX  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM
-lora                 ok  IT  IT  IT  EX  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
-gated-base-lora      NT  IT  IT  IT  EX  ok  ok  ok  FG  FG  ok  WS  ok  ok  ok  ok  PE  NR
-no-config            WM  IT  IT  IT  EX  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM
-unknown-type         WM  IT  IT  IT  EX  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM
-remote-code          WM  IT  IT  IT  EX  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM  WM
robin/private-character        PM  IT  IT  IT  EX  ok  ok  ok  ok  MP  ok  WS  ok  ok  MP  MP  MP  MP
robin/notes                    PM  IT  IT  IT  EX  WM  WM  WM  WM  WM  WM  WS  WM  WM  MP  MP  MP  MP
sam/private-character          PM  IT  IT  IT  EX  MP  MP  MP  MP  MP  MP  MP  MP  MP  ok  ok  MP  MP
guarded-lab/private-character  PM  IT  IT  IT  EX  ok  ok  MP  MP  MP  ok  WS  OP  OP  ok  ok  MP  MP
nobody/nothing                 PM  IT  IT  IT  EX  MP  MP  MP  MP  MP  MP  MP  MP  MP  MP  MP  MP  MP
"""
OVER_HTTPS = (  # every state of an access token once: the paths are the same, the client's exceptions are not
    *("none", "malformed", "unknown", "revoked", "expired", "read", "fine-grained-no-gated", "scoped"),
    *("oauth-narrow", "org-unapproved", "pending-person", "stranger"),
)
EXIT_CODES = {
    "ok": 0,
    **dict.fromkeys(("NR", "PE", "RJ", "RS", "PM", "MP", "WM", "DI", "RG"), 3),
    **dict.fromkeys(("NT", "IT", "EX", "FG", "WS", "OP"), 4),
}


def read_table() -> dict[str, dict[str, str]]:
    """Repository -> access token -> the two letters of the verdict."""
    rows = {}
    for line in TABLE.strip("\n").splitlines()[1:]:
        cells = line.split()
        name = cells.pop(0) if len(cells) == len(TOKENS) + 1 else ""
        assert len(cells) == len(TOKENS), line
        rows[name if "/" in name else LAB + name] = dict(zip(TOKENS, cells, strict=True))
    return rows


EXPECTED = read_table()


async def verdict_of(hub: Hub, repo_id: str, token: str, held: object) -> tuple[str, int]:
    if token == "malformed":
        with pytest.raises(Problem) as caught:
            read_token(f'"{new_token()}"', "HF_TOKEN")
        return caught.value.code, int(caught.value.exit_code)
    report = await check_access(hub, repo_id, None, held(None if token == "none" else token))  # type: ignore[operator]
    data = json.loads(json.dumps(report.to_mapping()))
    assert data["cause"]
    assert "{" not in data["cause"] + data["hint"]
    if report.problem is None:
        return report.verdict.value, 0
    assert data["hint"], data
    assert report.problem.url is None or report.problem.url.startswith(hub.endpoint + "/"), "links follow HF_ENDPOINT"
    return report.verdict.value, int(report.problem.exit_code)


def test_the_table_is_large_enough_and_knows_every_token_of_the_world(stand_in: StandInHub) -> None:
    assert len(EXPECTED) >= 12
    assert set(TOKENS) == {"none", "malformed", "unknown"} | set(stand_in.fixtures.tokens)
    told = {WORDS[cell] for row in EXPECTED.values() for cell in row.values()}
    elsewhere = {
        "endpoint_not_trusted",
        "not_a_text_model",
        "revision_missing",
        "rate_limited",
        "hub_unreachable",
        "blocked_other",
    }
    assert told | elsewhere == {verdict.value for verdict in Verdict}


@pytest.mark.long
@pytest.mark.parametrize("stand_in", ["http", "https"], indirect=True)
async def test_every_token_against_every_repository(stand_in: StandInHub, hub: Hub, held: object) -> None:
    assert hub.endpoint.startswith(stand_in.url.partition(":")[0])
    tokens = TOKENS if stand_in.url.startswith("http://") else OVER_HTTPS
    expected = {repo_id: {token: row[token] for token in tokens} for repo_id, row in EXPECTED.items()}
    found: dict[str, dict[str, tuple[str, int]]] = {}
    for repo_id, row in expected.items():
        verdicts = await asyncio.gather(*(verdict_of(hub, repo_id, token, held) for token in row))
        found[repo_id] = dict(zip(row, verdicts, strict=True))
    wrong = [
        (repo_id, token, found[repo_id][token], WORDS[cell])
        for repo_id, row in expected.items()
        for token, cell in row.items()
        if found[repo_id][token] != (WORDS[cell], EXIT_CODES[cell])
    ]
    assert wrong == []


ROWS_OF_THE_HUB = [  # status, X-Error-Code, X-Error-Message -> verdict for (no token, live token)
    (401, "", "Invalid credentials in Authorization header", "private_or_missing", "wrong_token_scope"),
    (401, "", 'User Access Token "laptop" is expired', "expired_token", "expired_token"),
    (401, "GatedRepo", "Access to model {id} is restricted. You must be authenticated to access it.", "no_token", None),
    (403, "GatedRepo", "Repo model {id} is gated. You must be authenticated to access it.", None, "blocked_other"),
    (403, "", "Members must authenticate through the identity provider.", "blocked_other", "blocked_other"),
    (451, "", "Unavailable for legal reasons", "blocked_other", "blocked_other"),
    (404, "RevisionNotFound", "Invalid rev id: main", "revision_missing", "revision_missing"),
    (404, "", "Sorry, we can't find the page you are looking for.", "private_or_missing", "missing_or_private"),
]


@pytest.mark.parametrize("stand_in", ["http", "https"], indirect=True)
async def test_older_and_rarer_wordings(
    stand_in: StandInHub, hub: Hub, held: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentences that the stand-in does not speak, put on its gate by hand."""
    from wizard.rehearsal.hub import answers
    from wizard.rehearsal.hub.answers import Refused, Row

    for status, code, message, anonymous, known in ROWS_OF_THE_HUB:
        row = Row(status, code or None, message.replace("{id}", LAB))
        monkeypatch.setitem(answers.ROWS, "by_hand", row)

        def refuse(*_: object, **__: object) -> None:
            raise Refused("by_hand")

        with monkeypatch.context() as patch:
            patch.setattr("wizard.rehearsal.hub.access._check_gate", refuse)
            for token, verdict in ((None, anonymous), ("read", known)):
                if verdict is not None:
                    report = await check_access(hub, LAB, None, held(token))  # type: ignore[operator]
                    assert report.verdict.value == verdict, (status, message, token)
                    assert report.raw == row.message


@pytest.mark.parametrize("stand_in", ["https"], indirect=True)
async def test_https_through_the_command_line(stand_in: StandInHub, terminal: Terminal, certificate_file: Path) -> None:
    """As behind a company's own certificate authority: SSL_CERT_FILE names it, and without it the sentence says so."""
    value = stand_in.fixtures.token("read").value
    trusting, doubting = await asyncio.gather(
        terminal.wizard("check", LAB, "--json", HF_TOKEN=value, SSL_CERT_FILE=str(certificate_file)),
        terminal.wizard("check", LAB, "--json", HF_TOKEN=value, SSL_CERT_FILE="", SSL_CERT_DIR=""),
    )
    assert (trusting.code, trusting.data["verdict"]) == (0, "ready"), trusting
    assert (doubting.code, doubting.data["verdict"]) == (6, "hub_unreachable"), doubting
    assert "certificate" in doubting.data["cause"] + doubting.data["hint"], "no proxy and no connection mends this"
