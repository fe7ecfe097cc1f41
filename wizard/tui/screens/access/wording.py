"""What a verdict means on screen: the one key that helps, and the sentence that goes with it.

The hints of the engine speak of flags and of running a command again; where this screen has a key for the same
thing, it says so instead. Every other verdict shows the engine's own hint.
"""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.access.verdicts import Verdict
from wizard.core.problem import ExitCode, Problem
from wizard.flow.access.wait import WAITABLE


@dataclass(frozen=True)
class NextAction:
    """The key that helps, and what it does, as a sentence."""

    key: str
    sentence: str


_BY_CODE: dict[str, NextAction] = {
    Verdict.NO_TOKEN: NextAction(
        "p", "Press p to paste an access token; o opens the page that makes one which may read gated models."
    ),
    Verdict.INVALID_TOKEN: NextAction("p", "Press p to paste another one. An invalid one closes public models too."),
    Verdict.EXPIRED_TOKEN: NextAction("p", "Press p to paste a new one; o opens the page that makes one."),
    Verdict.NOT_REQUESTED: NextAction("o", "Press o, read the terms and agree to them: this screen goes on by itself."),
    Verdict.RESET: NextAction("o", "Press o and ask again: this screen goes on by itself."),
    Verdict.PENDING_REVIEW: NextAction(
        "m", "Nothing to do: this screen goes on by itself when they answer. Or press m for another model."
    ),
    Verdict.REJECTED: NextAction(
        "m", "Press m for another model, or p to paste the access token of an account that has access."
    ),
    Verdict.FINE_GRAINED_LACKS_GATED: NextAction(
        "p", "Press o to make one that may read gated models, then p to paste it; or change its settings and press r."
    ),
    Verdict.WRONG_TOKEN_SCOPE: NextAction("p", "Press p to paste one that covers this model; o opens the page for it."),
    Verdict.ORG_POLICY: NextAction("p", "Ask its administrators to approve it and press r, or p to paste another one."),
    Verdict.PRIVATE_OR_MISSING: NextAction(
        "m", "Press m and check the spelling; if it is private, press p to paste an access token that may read it."
    ),
    Verdict.MISSING_OR_PRIVATE: NextAction(
        "m", "Press m and check the spelling; if it is private, press p to paste an access token that may read it."
    ),
    Verdict.REVISION_MISSING: NextAction("m", "Press m and name a branch, a tag or a commit that exists, or none."),
    Verdict.RATE_LIMITED: NextAction("r", "Wait a moment, then press r."),
    Verdict.HUB_UNREACHABLE: NextAction(
        "r", "Check the connection, HF_ENDPOINT and any proxy, then press r: nothing was changed."
    ),
    "token_short_lived": NextAction(
        "p",
        "Press o to make a lasting one (its box for gated models has to be ticked), then p to paste it. The login "
        "itself stays good for looking at models; only a Modal Secret needs one that lasts.",
    ),
}


def next_action(problem: Problem) -> NextAction | None:
    """What this screen offers against `problem`; None where the engine's own hint says it best."""
    return _BY_CODE.get(problem.code)


def is_waitable(verdict: Verdict) -> bool:
    """Whether time or the person's browser may change this verdict."""
    return verdict in WAITABLE


def keys_for(problem: Problem) -> frozenset[str]:
    """The keys that make sense against `problem`, beside the one to look again."""
    keys = {"r", "m"}
    if problem.url:
        keys |= {"o", "c"}
    if problem.exit_code in (ExitCode.CREDENTIALS, ExitCode.GATE_CLOSED):
        keys.add("p")
    if problem.exit_code is ExitCode.CREDENTIALS and problem.code != "token_short_lived":
        keys.add("b")
    return frozenset(keys)
