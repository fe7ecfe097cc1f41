"""How a model fits the GPU of a plan: why that one, what the others would do, and what might serve better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wizard.core.inference.engine import InferenceEngine
from wizard.core.models.model_info import ModelFacts
from wizard.core.sizing.answers_at_once import AnswersAtOnce, answers_at_once
from wizard.core.sizing.gpus import GpuChoice, Verdict
from wizard.core.sizing.memory_fit import Fit, TokenBudget, alternatives, fit_on, fits, half_precision, reason


@dataclass(frozen=True)
class FitReport:
    """The fit on the chosen GPU with its reason, the verdict for each GPU, and what might serve better with its why."""

    fit: Fit
    dtype: str
    reason: str
    verdicts: Mapping[str, Verdict]
    alternatives: tuple[tuple[str, str], ...] = ()  # why, and the command
    at_once: AnswersAtOnce | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, in GiB with two decimals."""
        return self.fit.to_mapping() | {
            "dtype": self.dtype,
            "reason": self.reason,
            "gpus": dict(self.verdicts),
            "alternatives": [{"why": why, "command": command} for why, command in self.alternatives],
            "answers_at_once": self.at_once.answers if self.at_once else None,
            "room_for_answers": round(self.at_once.room, 2) if self.at_once else None,
        }


def fit_report(
    facts: ModelFacts,
    budget: TokenBudget,
    choice: GpuChoice,
    rates: Mapping[str, float] | None,
    *,
    structured: bool,
    rehearsal: bool,
    engine: InferenceEngine,
) -> FitReport:
    """The report for a model on a choice of GPUs; in a rehearsal nothing else is proposed."""
    found = fit_on(facts, budget, choice, engine)
    others = alternatives(facts, structured=structured, budget=budget, choice=choice, rates=rates, engine=engine)
    return FitReport(
        fit=found,
        dtype=half_precision(found.choice.gpu, engine),
        reason=reason(found, facts, budget, rates, engine=engine),
        verdicts={each.choice.spec: each.verdict for each in fits(facts, budget, engine)},
        alternatives=() if rehearsal else others,
        at_once=answers_at_once(facts, budget, choice, engine),
    )
