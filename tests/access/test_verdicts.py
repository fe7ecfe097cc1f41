"""The Hub's answers, row by row as they were collected, and what a verdict says to a person."""

from __future__ import annotations

import re

import pytest

from wizard.core.access.verdicts import VERDICTS, Verdict, verdict_problem
from wizard.core.access.wire_rules import WireAnswer, read_answer
from wizard.core.problem import ExitCode

M = "acme/model"
GATE_NO_TOKEN = (
    f"Access to model {M} is restricted. You must have access to it and be authenticated to access it. Please log in."
)
GATE_NOT_ASKED = (
    f"Access to model {M} is restricted and you are not in the authorized list. "
    f"Visit https://huggingface.co/{M} to ask for access."
)
PENDING = f"Your request to access model {M} is awaiting a review from the repo authors."
REJECTED = f"Your request to access model {M} has been rejected by the repo's authors."
RESET = (
    f"Your request to access model {M} has been reset by the repo's authors. "
    f"Visit https://huggingface.co/{M} to submit a new request."
)
FINE = "Please enable access to public gated repositories in your fine-grained token settings to view this repository."
INVALID = "Invalid username or password."
INVALID_2025 = "Invalid credentials in Authorization header"
UNAPPROVED = (
    "Due to the organization token policy, your token needs to be approved by the organization before you can access "
    "this resource."
)
REVOKED = (
    "Your token has been revoked by the organization administrator, you can no longer access organization resources. "
    "Please contact them for more information."
)
IP = (
    "We had to rate limit your IP (10.0.0.1). To continue using our service, create a HF account or login to your "
    "existing account, and make sure you pass a HF_TOKEN if you're using the API."
)
NONE, GOOD, UNKNOWN = (False, False), (True, True), (True, False)  # token sent, token known to be good


@pytest.mark.parametrize(
    ("row", "status", "code", "message", "token", "verdict"),
    [
        ("1", 401, "GatedRepo", GATE_NO_TOKEN, NONE, "no_token"),
        ("1, stripped on the way", 401, "GatedRepo", GATE_NO_TOKEN, GOOD, "no_token"),
        ("2", 403, "GatedRepo", GATE_NOT_ASKED, GOOD, "not_requested"),
        ("3", 403, "GatedRepo", PENDING, GOOD, "pending_review"),
        ("4", 403, "GatedRepo", REJECTED, GOOD, "rejected"),
        ("5", 403, "GatedRepo", RESET, GOOD, "reset"),
        ("3, whoami not asked", 403, "GatedRepo", PENDING, UNKNOWN, "pending_review"),
        ("gated, words unknown", 403, "GatedRepo", "Something new about the gate.", GOOD, "blocked_other"),
        ("6", 200, "", "", GOOD, "ready"),
        ("6, one byte", 206, "", "", NONE, "ready"),
        ("7", 403, "", FINE, GOOD, "fine_grained_lacks_gated"),
        ("8", 401, "", INVALID, UNKNOWN, "invalid_token"),
        ("8, 2025", 401, "", INVALID_2025, UNKNOWN, "invalid_token"),
        ("9", 401, "", 'User Access Token "ci" is expired', UNKNOWN, "expired_token"),
        ("10 and 11", 401, "", INVALID, NONE, "private_or_missing"),
        ("12", 404, "RepoNotFound", "Repository not found", GOOD, "missing_or_private"),
        ("12, asked by nobody", 404, "RepoNotFound", "Repository not found", NONE, "private_or_missing"),
        ("13", 404, "RevisionNotFound", "Invalid rev id: v9", GOOD, "revision_missing"),
        ("13, open model", 404, "RevisionNotFound", "Invalid rev id: v9", NONE, "revision_missing"),
        ("14", 404, "EntryNotFound", "Entry not found", GOOD, "weights_missing"),
        ("15", 403, "", "Access to this resource is disabled.", GOOD, "repo_disabled"),
        ("16", 403, "", "This model is not available in your region.", NONE, "region_blocked"),
        ("16, signed in", 403, "", "This model is not available in your region.", GOOD, "region_blocked"),
        ("17", 403, "", UNAPPROVED, GOOD, "org_policy"),
        ("18", 403, "", REVOKED, GOOD, "org_policy"),
        ("19", 403, "", "You have read access but not the required permissions", GOOD, "blocked_other"),
        ("20", 401, "", INVALID, GOOD, "wrong_token_scope"),
        ("21", 429, "", IP, NONE, "rate_limited"),
        ("21, signed in", 429, "", "", GOOD, "rate_limited"),
        ("22", 500, "", "", GOOD, "hub_unreachable"),
        ("22", 502, "", "", NONE, "hub_unreachable"),
        ("22", 503, "", "Service Unavailable", GOOD, "hub_unreachable"),
        ("22", 504, "", "", NONE, "hub_unreachable"),
        ("no answer", 0, "", "", NONE, "hub_unreachable"),
        ("law", 451, "", "Unavailable For Legal Reasons", GOOD, "blocked_other"),
        ("a portal's redirect", 302, "", "", NONE, "blocked_other"),
        ("words in another case", 403, "GatedRepo", PENDING.upper(), GOOD, "pending_review"),
    ],
)
def test_every_row_of_the_wire(
    row: str, status: int, code: str, message: str, token: tuple[bool, bool], verdict: str
) -> None:
    answer = WireAnswer(status, code, message)
    assert read_answer(answer, token_sent=token[0], token_known_good=token[1]) == verdict, row


EXIT_CODES = {  # as the contract says: 3 the gate, 4 credentials, 6 the network, 2 a flag
    "ready": 0,
    "no_token": 4,
    "invalid_token": 4,
    "expired_token": 4,
    "not_requested": 3,
    "pending_review": 3,
    "rejected": 3,
    "reset": 3,
    "fine_grained_lacks_gated": 4,
    "private_or_missing": 3,
    "missing_or_private": 3,
    "wrong_token_scope": 4,
    "revision_missing": 2,
    "weights_missing": 3,
    "not_a_text_model": 3,
    "repo_disabled": 3,
    "region_blocked": 3,
    "org_policy": 4,
    "endpoint_not_trusted": 4,
    "rate_limited": 6,
    "hub_unreachable": 6,
    "blocked_other": 3,
}


def test_the_verdicts_are_the_public_ones_with_their_exit_codes() -> None:
    assert {verdict.value: int(VERDICTS[verdict].exit_code) for verdict in Verdict} == EXIT_CODES


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("filled", [True, False])
def test_every_verdict_says_a_cause_and_a_next_action(verdict: Verdict, filled: bool) -> None:
    more = (
        {"user": "robin", "source": "HF_TOKEN", "revision": "v1", "wait": 55.0, "detail": "it holds GGUF files only"}
        if filled
        else {}
    )
    problem = verdict_problem(verdict, model=M, endpoint="https://hub.invalid", raw="what the Hub said", **more)  # type: ignore[arg-type]
    for text in (problem.message, problem.hint, problem.url or ""):
        assert not re.search(r"[{}]", text)
        assert "None" not in text
    assert problem.code == verdict.value
    assert problem.message.endswith(".")
    assert problem.raw == "what the Hub said"
    if verdict is not Verdict.READY:
        assert problem.hint
        assert problem.url is None or problem.url.startswith("https://hub.invalid/")


def test_braces_in_what_the_hub_says_are_just_text() -> None:
    problem = verdict_problem(
        Verdict.BLOCKED_OTHER, model="a/b", endpoint="https://hub.invalid", user="{x}", raw="{boom} {0}"
    )
    assert problem.raw == "{boom} {0}"


def test_what_a_person_needs_is_in_the_sentence() -> None:
    expired = verdict_problem(Verdict.EXPIRED_TOKEN, model=M, endpoint="https://hub.invalid", source="HF_TOKEN")
    assert "HF_TOKEN" in expired.message
    missing = verdict_problem(Verdict.REVISION_MISSING, model=M, endpoint="https://hub.invalid", revision="v9")
    assert "v9" in missing.message
    assert "--revision" in missing.hint
    slow = verdict_problem(Verdict.RATE_LIMITED, model=M, endpoint="https://hub.invalid", wait=55.4)
    assert "55 seconds" in slow.hint
    asked = verdict_problem(Verdict.NOT_REQUESTED, model=M, endpoint="https://hub.invalid", user="robin")
    assert "robin" in asked.message
    assert asked.url == f"https://hub.invalid/{M}"
    search = verdict_problem(Verdict.PRIVATE_OR_MISSING, model=M, endpoint="https://hub.invalid")
    assert search.url == "https://hub.invalid/models?search=model"


def test_what_is_worth_a_second_try() -> None:
    again = {verdict for verdict in Verdict if VERDICTS[verdict].retryable}
    assert again == {Verdict.PENDING_REVIEW, Verdict.RATE_LIMITED, Verdict.HUB_UNREACHABLE}
    assert all(VERDICTS[v].exit_code is ExitCode.REMOTE for v in again - {Verdict.PENDING_REVIEW})


def test_every_verdict_has_a_few_words_for_a_line_that_are_no_slug() -> None:
    for verdict, row in VERDICTS.items():
        assert 3 < len(row.in_brief) <= 45, verdict
        assert "_" not in row.in_brief and row.in_brief != verdict.value.replace("_", " "), verdict
