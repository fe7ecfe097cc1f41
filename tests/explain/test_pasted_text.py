"""What is taken out of a text before it is read, and what is never shown of it."""

from __future__ import annotations

import os
import secrets
import string
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explain.corpus.hub_errors import NO_TOKEN, Case, M, gated
from tests.explain.corpus.layouts import LAYOUTS
from wizard.core.explain.classification import NOT_RECOGNISED
from wizard.core.explain.explain import explain_text
from wizard.core.explain.pasted_text import decode, parse_pasted_text
from wizard.core.explain.patterns.error_pattern import CONTEXTS, pattern_of
from wizard.core.explain.patterns.table import ERROR_PATTERNS, HARMLESS

LIMIT_SECONDS = 2.0


def letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters) for _ in range(count))


SECRETS = {
    "personal": lambda: "hf_" + letters(34),
    "oauth": lambda: "hf_oauth_" + letters(60),
    "organisation": lambda: "api_org_" + letters(34),
    "modal id": lambda: "ak-" + letters(22),
    "modal secret": lambda: "as-" + letters(22),
    "openai": lambda: "sk-proj-" + letters(40),
    "anthropic": lambda: "sk-ant-api03-" + letters(40),
    "github": lambda: "ghp_" + letters(36),
}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_secret_is_masked_and_its_owner_told_where_to_revoke_it(kind: str, layout: str) -> None:
    value = SECRETS[kind]()
    text = f"$ curl -H 'Authorization: Bearer {value}' https://huggingface.co/{M}\n{NO_TOKEN}"
    explanation = explain_text(LAYOUTS[layout](text))
    shown = str(explanation.to_mapping()) + "\n".join(explanation.warnings)
    assert value not in shown
    assert not any(value[i : i + 12] in shown for i in range(len(value) - 12) if value[i : i + 3] not in ("hf_", "sk-"))
    if layout != "hard_wrapped" or kind == "personal":
        assert explanation.secrets
        assert explanation.secrets[0].url.startswith("https://")
        assert explanation.secrets[0].url in explanation.to_mapping()["hint"]


def test_functions_of_the_library_are_no_secrets() -> None:
    text = f'{gated(401, NO_TOKEN)}\nFile "x.py", line 1, in hf_raise_for_status\nhf_hub_download as-built ak-47'
    explanation = explain_text(text)
    assert explanation.secrets == ()
    assert "hf_raise_for_status" in parse_pasted_text(text).normalized


def test_a_token_that_a_terminal_has_wrapped_is_masked_whole() -> None:
    value = "hf_" + letters(34)
    shown = "\n".join(parse_pasted_text(f"export HF_TOKEN={value[:20]}\n{value[20:]}\nrest").lines)
    assert value[3:20] not in shown
    assert value[20:] not in shown
    assert "rest" in shown


def test_escape_sequences_inside_each_other_leave_the_words() -> None:
    text = "".join(f"\x1b[\x1b[3{i % 8}m1m{word} " for i, word in enumerate(NO_TOKEN.split()))
    lines = explain_text(text.replace("1m", "")).evidence
    assert explain_text("\x1b[1m\x1b[31m" + NO_TOKEN + "\x1b[0m\x1b[0m").verdict == "no_token"
    assert not any("\x1b" in line for line in lines)


def test_powershell_writes_utf16() -> None:
    for encoding in ("utf-16", "utf-8-sig", "utf-8"):
        assert explain_text(decode(NO_TOKEN.encode(encoding))).verdict == "no_token"


HOSTILE = {
    "random bytes": lambda: os.urandom(10_000_000),
    "one line": lambda: b"x" * 5_000_000,
    "half a sentence": lambda: b"401 client error " * 300_000,
    "open escapes": lambda: b"\x1b[" * 2_500_000,
    "escapes": lambda: b"\x1b[31m\x1b[1m" * 500_000 + NO_TOKEN.encode(),
    "empty lines": lambda: b"\n" * 5_000_000,
    "addresses": lambda: b"https://huggingface.co/" * 200_000 + b"http 401",
    "prefixes": lambda: b"[a] (b pid=1) 2026-10-18 08:39:59 x-1 | " * 100_000,
    "half a quote": lambda: b"secret '" * 600_000,
    "boxes": lambda: ("│ ❱ 12 │ \n" * 300_000).encode(),
    "half tokens": lambda: b"hf_abcdefgh\n" * 400_000,
    "half a name": lambda: b"could not download '" * 200_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_input_is_answered_in_time(kind: str) -> None:
    text = decode(HOSTILE[kind]())
    before = time.process_time()  # of this process: the machine may be busy with something else
    explanation = explain_text(text)
    took = time.process_time() - before
    assert took < LIMIT_SECONDS
    assert explanation.verdict in {NOT_RECOGNISED, "no_token", "private_or_missing"}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_are_answered(data: bytes) -> None:
    explanation = explain_text(decode(data))
    assert explanation.verdict
    assert all("\x1b" not in line for line in explanation.evidence)


@settings(max_examples=150, deadline=None)
@given(
    before=st.text(max_size=300),
    after=st.text(max_size=300),
    case=st.sampled_from([Case("", NO_TOKEN, "no_token"), Case("", gated(401, NO_TOKEN), "no_token")]),
)
def test_what_stands_around_an_error_does_not_hide_it(before: str, after: str, case: Case) -> None:
    assert explain_text(f"{before}\n\n{case.text}\n\n{after}").verdict == case.verdict


def test_the_table_is_well_formed() -> None:
    for sentence in ERROR_PATTERNS:
        assert sentence.source, sentence
        assert not sentence.near or sentence.near in CONTEXTS
        assert bool(sentence.others) <= (not sentence.sure), "what is certain has no other reading"
        for fragment in sentence.fragments:
            assert fragment.count("*") <= 2, f"each gap costs time: {fragment}"
            assert len(fragment.replace("*", "").replace("{hub}", "")) >= 8, f"too short to mean something: {fragment}"
    for fragment in HARMLESS:
        assert pattern_of(fragment)


def test_nothing_is_kept_between_two_texts() -> None:
    value = "hf_" + letters(34)
    explain_text(f"token {value}")
    kept = [name for name, module in sys.modules.items() if name.startswith("wizard.") and value in str(vars(module))]
    assert kept == []


def test_a_text_that_tells_two_stories_quotes_both() -> None:
    expired, pending = (
        'User Access Token "ci" is expired',
        f"Your request to access model {M} is awaiting a review from the repo authors.",
    )
    explanation = explain_text(f"$ python a.py\n{expired}\n$ python b.py\n{pending}\n")
    assert (explanation.verdict, explanation.others, explanation.sure) == ("pending_review", ("expired_token",), False)
    assert explanation.evidence == (expired, pending)
    assert explanation.cause[0].isupper() and "fits another cause" in explanation.cause
    assert f"outlines-wizard check {M}" in explanation.hint
