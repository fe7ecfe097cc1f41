"""`--max-cost`: the most that a run may cost."""

from __future__ import annotations

import math

from wizard.core.next_command import again
from wizard.core.problem import ExitCode, Problem, usage


def check_max_cost(limit: float | None) -> None:
    """Raise Problem (exit code 2) for what is no amount: nothing would be above it."""
    if limit is not None and math.isnan(limit):
        raise usage("number_invalid", "--max-cost nan is not an amount.")


def refuse_too_dear(words: str, dollars: float, limit: float | None, hint: str) -> None:
    """Raise Problem (exit code 5) for a run that costs more. `words` is the sentence up to the price."""
    if limit is None or dollars <= limit:
        return
    raise Problem(
        "too_dear",
        f"{words} ${dollars:.2f}, more than --max-cost {limit:g}.",
        hint,
        exit_code=ExitCode.NOT_AGREED,
        next=(again("to accept this cost", f"--max-cost {math.ceil(dollars * 100) / 100:.2f}"),),
    )
