"""Whether an access token can read a model's weights: every verdict, and the rules that lead to it.

The Hub's answers were collected in October and November 2026 (live recordings, error reports that people
published, and the client's own source); they are matched by status, `X-Error-Code` and a lower-cased part of
`X-Error-Message`, never by an exception's class, since that depends on http or https, the route and the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wizard.core.access.unreachable import WORDS, UnreachableReason
from wizard.core.problem import ExitCode, Problem

PUBLIC_HUB = "https://huggingface.co"


class Verdict(StrEnum):
    """The public verdicts of `check`."""

    READY = "ready"
    NO_TOKEN = "no_token"
    INVALID_TOKEN = "invalid_token"
    EXPIRED_TOKEN = "expired_token"
    NOT_REQUESTED = "not_requested"
    PENDING_REVIEW = "pending_review"
    REJECTED = "rejected"
    RESET = "reset"
    FINE_GRAINED_LACKS_GATED = "fine_grained_lacks_gated"
    PRIVATE_OR_MISSING = "private_or_missing"
    MISSING_OR_PRIVATE = "missing_or_private"
    WRONG_TOKEN_SCOPE = "wrong_token_scope"
    REVISION_MISSING = "revision_missing"
    WEIGHTS_MISSING = "weights_missing"
    REPO_DISABLED = "repo_disabled"
    REGION_BLOCKED = "region_blocked"
    ORG_POLICY = "org_policy"
    RATE_LIMITED = "rate_limited"
    HUB_UNREACHABLE = "hub_unreachable"
    BLOCKED_OTHER = "blocked_other"


@dataclass(frozen=True)
class Meaning:
    """What a verdict says to a person. `{model}`, `{user}`, `{endpoint}`, `{source}`, `{revision}` are filled in."""

    exit_code: ExitCode
    cause: str
    hint: str
    url: str = ""
    retryable: bool = False


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
    """What the Hub said to one request: status 0 means that no answer came, and `silence` why, where that is known."""

    status: int
    error_code: str = ""
    message: str = ""
    retry_after: float | None = None
    silence: UnreachableReason | None = None

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


_GATE, _KEY, _NET = ExitCode.GATE_CLOSED, ExitCode.CREDENTIALS, ExitCode.REMOTE
_MODEL_PAGE = "{endpoint}/{model}"
_NEW_TOKEN = "{endpoint}/settings/tokens/new?canReadGatedRepos=true&tokenType=fineGrained"

MEANINGS: dict[Verdict, Meaning] = {
    Verdict.READY: Meaning(ExitCode.DONE, "{who} can read the weights of {model}.", ""),
    Verdict.NO_TOKEN: Meaning(
        _KEY,
        "{model} is gated, and no access token was sent with the request.",
        "Create an access token that may read gated models, then pass it on: HF_TOKEN=… in the environment, or "
        "`hf auth login`, or --token-from stdin.",
        _NEW_TOKEN,
    ),
    Verdict.INVALID_TOKEN: Meaning(
        _KEY,
        "The Hub does not know the access token from {source}: it was revoked, or mistyped.",
        "Replace it or unset it: an invalid access token closes public models too.",
        "{endpoint}/settings/tokens",
    ),
    Verdict.EXPIRED_TOKEN: Meaning(
        _KEY,
        "The access token from {source} has expired.",
        "Create a new one and put it where the old one was.",
        _NEW_TOKEN,
    ),
    Verdict.NOT_REQUESTED: Meaning(
        _GATE,
        "{model} is gated, and {user} has not asked for access yet.",
        "Open the model page as {user}, read the terms and agree to them; then run this again.",
        _MODEL_PAGE,
    ),
    Verdict.PENDING_REVIEW: Meaning(
        _GATE,
        "{user} has asked for access to {model}, and its authors have not answered yet.",
        "Wait for their answer: another access token cannot speed it up. Or choose an open model meanwhile.",
        "{endpoint}/settings/gated-repos",
        retryable=True,
    ),
    Verdict.REJECTED: Meaning(
        _GATE,
        "The authors of {model} have rejected the access request of {user}.",
        "Choose another model, or use an account that has access: the Hub ignores a second request.",
        _MODEL_PAGE,
    ),
    Verdict.RESET: Meaning(
        _GATE,
        "The authors of {model} have reset the access request of {user}.",
        "Open the model page as {user} and ask again.",
        _MODEL_PAGE,
    ),
    Verdict.FINE_GRAINED_LACKS_GATED: Meaning(
        _KEY,
        "The fine-grained access token from {source} may not read gated models, whatever {user} may.",
        'Tick "Read access to contents of all public gated repos you can access" in its settings, or create an '
        "access token that has it.",
        _NEW_TOKEN,
    ),
    Verdict.PRIVATE_OR_MISSING: Meaning(
        _GATE,
        "{model} does not exist or is private: without an access token the Hub does not say which.",
        "Check the spelling; if the model is private, pass on an access token of somebody who may read it.",
        "{endpoint}/models?search={name}",
    ),
    Verdict.MISSING_OR_PRIVATE: Meaning(
        _GATE,
        "{model} does not exist, or is private and {user} may not see it with this access token.",
        "Check the spelling; if the model is private, ask its owner, or use an access token scoped to it.",
        "{endpoint}/models?search={name}",
    ),
    Verdict.WRONG_TOKEN_SCOPE: Meaning(
        _KEY,
        "The access token from {source} is valid but does not cover {model}.",
        "Use a read access token, or a fine-grained one that covers this model.",
        _NEW_TOKEN,
    ),
    Verdict.REVISION_MISSING: Meaning(
        ExitCode.USAGE,
        "{model} has no revision {revision}.",
        "Pass --revision with a branch, a tag or a commit hash that exists, or leave it out.",
        _MODEL_PAGE + "/tree/main",
    ),
    Verdict.WEIGHTS_MISSING: Meaning(
        _GATE,
        "{model} holds no weights that transformers can load: {detail}.",
        "Choose a model with safetensors weights, often the original that this one was made from.",
        _MODEL_PAGE + "/tree/main",
    ),
    Verdict.REPO_DISABLED: Meaning(
        _GATE,
        "The Hub has disabled {model}.",
        "Choose another model; the page says whom to ask.",
        _MODEL_PAGE,
    ),
    Verdict.REGION_BLOCKED: Meaning(
        _GATE,
        "{model} is not available in the region that this request came from.",
        "Choose another model: an access token does not change this.",
        _MODEL_PAGE,
    ),
    Verdict.ORG_POLICY: Meaning(
        _KEY,
        "The organisation that owns {model} does not accept the access token from {source}.",
        "Ask its administrators to approve the access token, or use another one.",
        "{endpoint}/settings/tokens",
    ),
    Verdict.RATE_LIMITED: Meaning(
        _NET,
        "The Hub asks to slow down.",
        "Wait {wait} and run this again; requests with an access token have a higher limit.",
        retryable=True,
    ),
    Verdict.HUB_UNREACHABLE: Meaning(
        _NET,
        "The Hub at {endpoint} cannot be reached{because}.",
        "{remedy}",
        retryable=True,
    ),
    Verdict.BLOCKED_OTHER: Meaning(
        _GATE,
        "The Hub refuses access to {model} for a reason that is not in our table.",
        "Read the Hub's own line, and open the model page.",
        _MODEL_PAGE,
    ),
}

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
    if answer.status == 0 or answer.status >= 500:
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


def explain(
    verdict: Verdict,
    *,
    model: str,
    endpoint: str,
    user: str | None = None,
    source: str | None = None,
    revision: str | None = None,
    wait: float | None = None,
    detail: str = "",
    raw: str | None = None,
    silence: UnreachableReason | None = None,
) -> Problem:
    """The verdict as a Problem: one cause, one next action, the link, and the Hub's own line."""
    meaning = MEANINGS[verdict]
    why, remedy = WORDS[silence] if silence else ("", WORDS[UnreachableReason.NOBODY][1])
    words = {
        "model": model,
        "name": model.rsplit("/", 1)[-1],
        "endpoint": endpoint,
        "user": user or "your account",
        "who": f"The access token {user if user.startswith('from ') else f'of {user}'}" if user else "Everybody",
        "source": source or "nowhere",
        "revision": revision or "main",
        "wait": f"{wait:.0f} seconds" if wait else "a few minutes",
        "detail": detail or "no safetensors file",
        "because": f": {why}" if why else "",
        "remedy": remedy,
    }
    return Problem(
        code=verdict.value,
        message=meaning.cause.format(**words),
        hint=meaning.hint.format(**words),
        url=meaning.url.format(**words) or None,
        retryable=meaning.retryable,
        exit_code=meaning.exit_code,
        raw=raw,
    )
