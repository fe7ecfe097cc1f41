"""What the access screen offers against a problem: the next action by its keys, and which keys make sense."""

from __future__ import annotations

from wizard.core.explain.explanations import ROWS
from wizard.core.problem import ExitCode, Problem

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
