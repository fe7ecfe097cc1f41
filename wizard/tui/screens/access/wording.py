"""What the access screen offers against a problem: the next action by its keys, and which keys make sense."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.core.access.verdicts import Verdict
from wizard.core.explain.explanations import ROWS
from wizard.core.problem import ExitCode, Problem

VERDICT_WORDS: Mapping[Verdict, str] = {  # what a line of the checks says
    Verdict.READY: "granted",
    Verdict.NO_TOKEN: "no access token found",
    Verdict.INVALID_TOKEN: "the access token is not valid",
    Verdict.EXPIRED_TOKEN: "the access token has expired",
    Verdict.NOT_REQUESTED: "not requested yet",
    Verdict.PENDING_REVIEW: "requested, not answered yet",
    Verdict.REJECTED: "request rejected",
    Verdict.RESET: "request reset by the authors",
    Verdict.FINE_GRAINED_LACKS_GATED: "the access token can't read gated models",
    Verdict.PRIVATE_OR_MISSING: "not found, or private",
    Verdict.MISSING_OR_PRIVATE: "not found, or private",
    Verdict.WRONG_TOKEN_SCOPE: "the access token does not cover this model",
    Verdict.REVISION_MISSING: "no such revision",
    Verdict.WEIGHTS_MISSING: "no weights that can be loaded",
    Verdict.NOT_A_TEXT_MODEL: "not a text generation model",
    Verdict.REPO_DISABLED: "disabled by Hugging Face",
    Verdict.REGION_BLOCKED: "not available in your region",
    Verdict.ORG_POLICY: "blocked by the organisation's policy",
    Verdict.ENDPOINT_NOT_TRUSTED: "this Hub is not trusted yet",
    Verdict.RATE_LIMITED: "too many requests",
    Verdict.HUB_UNREACHABLE: "the Hub cannot be reached",
    Verdict.BLOCKED_OTHER: "refused",
}
_SHORT_LIVED = "token_short_lived"
_SHORT_LIVED_HINT = (
    "Press o to create a lasting one (tick the box for gated models), then p to paste it. Your login still works for "
    "browsing models; only the Modal Secret needs a token that lasts."
)


def key_hint(problem: Problem) -> str:
    """The next action by this screen's keys; the engine's own hint, which speaks of flags, where no key helps."""
    if problem.code == _SHORT_LIVED:
        return _SHORT_LIVED_HINT
    row = ROWS.get(problem.code)
    return (row.key_hint if row else "") or problem.hint


def keys_for(problem: Problem) -> frozenset[str]:
    """The keys that make sense against `problem`, beside the one to look again."""
    keys = {"r", "m"}
    if problem.url:
        keys |= {"o", "c"}
    if problem.exit_code in (ExitCode.CREDENTIALS, ExitCode.GATE_CLOSED):
        keys.add("p")
    if problem.exit_code is ExitCode.CREDENTIALS and problem.code != _SHORT_LIVED:
        keys.add("b")
    return frozenset(keys)
