"""What each answer of the Hub means: rules that lead from an answer to a verdict.

The answers were collected in October and November 2026 (live recordings, error reports that people published, and the
client's own source); they are matched by status, `X-Error-Code` and a lower-cased part of `X-Error-Message`, never by
an exception's class, since that depends on http or https, the route and the cache.
"""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.access.unreachable import UnreachableReason
from wizard.core.access.verdicts import Verdict


@dataclass(frozen=True)
class WireRule:
    """One recognised answer of the Hub. Empty fields match everything; `contains` is lower case."""

    status: int
    code: str
    contains: str
    verdict: Verdict
    source: str


@dataclass(frozen=True)
class WireAnswer:
    """What the Hub said to one request: status 0 means that no answer came, and `unreachable` why, if that is known.

    `unreachable` beside a status means that somebody else gave it: it says nothing about the model.
    """

    status: int
    error_code: str = ""
    message: str = ""
    retry_after: float | None = None
    unreachable: UnreachableReason | None = None

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


WIRE_RULES: tuple[WireRule, ...] = (
    WireRule(401, "", "is expired", Verdict.EXPIRED_TOKEN, "error reports 2025-2026"),
    WireRule(401, "GatedRepo", "", Verdict.NO_TOKEN, "live 2026-10, 20 error reports"),
    WireRule(403, "GatedRepo", "not in the authorized list", Verdict.NOT_REQUESTED, "live 2026-10"),
    WireRule(403, "GatedRepo", "awaiting a review", Verdict.PENDING_REVIEW, "live 2026-10"),
    WireRule(403, "GatedRepo", "has been rejected", Verdict.REJECTED, "live 2026-10"),
    WireRule(403, "GatedRepo", "has been reset", Verdict.RESET, "live 2026-10"),
    WireRule(403, "", "fine-grained token settings", Verdict.FINE_GRAINED_LACKS_GATED, "reports 2024-26"),
    WireRule(403, "", "this resource is disabled", Verdict.REPO_DISABLED, "client source 2.4.0"),
    WireRule(403, "", "in your region", Verdict.REGION_BLOCKED, "error report 2026"),
    WireRule(403, "", "organization token policy", Verdict.ORG_POLICY, "error reports"),
    WireRule(403, "", "revoked by the organization", Verdict.ORG_POLICY, "error reports"),
    WireRule(404, "RevisionNotFound", "", Verdict.REVISION_MISSING, "live 2026-10"),
    WireRule(404, "EntryNotFound", "", Verdict.WEIGHTS_MISSING, "live 2026-10"),
    WireRule(404, "", "", Verdict.MISSING_OR_PRIVATE, "live 2026-10: RepoNotFound"),
    WireRule(429, "", "", Verdict.RATE_LIMITED, "documentation, error reports"),
    WireRule(403, "", "", Verdict.BLOCKED_OTHER, "anything else that is forbidden"),
)


def read_answer(answer: WireAnswer, *, token_sent: bool, token_known_good: bool) -> Verdict:
    """The verdict of one answer of the Hub about one model.

    A 401 without a code means three things; only what is known of the access token tells them apart: none was
    sent (`token_sent` is False), whoami accepted it (`token_known_good`), or it is dead.
    """
    if answer.is_good:
        return Verdict.READY
    if answer.status == 0 or answer.status >= 500 or answer.unreachable is not None:
        return Verdict.HUB_UNREACHABLE
    text = answer.message.lower()
    for rule in WIRE_RULES:
        if rule.status != answer.status or rule.contains not in text:
            continue
        if rule.code and rule.code != answer.error_code:
            continue
        if rule.verdict is Verdict.MISSING_OR_PRIVATE and not token_sent:
            return Verdict.PRIVATE_OR_MISSING  # other Hubs say 404 to everybody
        return rule.verdict
    if answer.status == 401:
        if not token_sent:
            return Verdict.PRIVATE_OR_MISSING
        return Verdict.WRONG_TOKEN_SCOPE if token_known_good else Verdict.INVALID_TOKEN
    return Verdict.BLOCKED_OTHER
