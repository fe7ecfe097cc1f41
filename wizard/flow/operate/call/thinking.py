"""How far the model reasons in one call: refused here, before it is paid for, where the app was deployed without."""

from __future__ import annotations

from typing import Any

from wizard.core.models.thinking import AUTO, AUTO_TOKENS, OFF, REASONING_SECONDS, check_think
from wizard.core.problem import Problem, usage
from wizard.flow.deploy.plan_record import PlanRecord


def read_think(title: str, value: str) -> int | str:
    """Off, auto or a number of tokens, as a call takes it. Raises Problem (exit code 2)."""
    check_think(title, value)
    return int(value) if value.isdecimal() and int(value) else OFF if value != AUTO else AUTO


def think_argument(app: str, record: PlanRecord | None, think: int | str | None) -> dict[str, Any]:
    """What a call of this app is given; nothing where it does the same without. Raises Problem (exit code 2)."""
    if think is None:
        return {}
    if record is None or record.has_thinking:  # of an app that somebody else has deployed, the container says it
        return {"think": think}
    if think == OFF:
        return {}
    raise no_thinking(app)


def no_thinking(app: str) -> Problem:
    """The Problem (exit code 2) of an app that was deployed without reasoning."""
    return usage(
        "thinking_not_deployed",
        f"{app} was deployed without reasoning.",
        "Deploy it again with --think auto, if its model thinks; then each call may choose.",
    )


def call_seconds(least: float, record: PlanRecord | None, think: int | str | None) -> float:
    """How long a caller waits for an answer before which the model may reason."""
    asked = think if think is not None else (record.draft.think_tokens(None) if record is not None else 0)
    tokens = AUTO_TOKENS if asked == AUTO else asked
    return least + (REASONING_SECONDS * tokens if isinstance(tokens, int) else 0.0)
