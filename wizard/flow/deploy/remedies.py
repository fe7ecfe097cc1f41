"""What the program can change by itself after a failure: which answer has to be another one, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wizard.core.inference.engine import InferenceEngine
from wizard.core.models.model_info import ModelFacts
from wizard.core.plan.cost import awake_per_hour, awake_words
from wizard.core.plan.draft import Draft
from wizard.core.problem import ExitCode, Problem
from wizard.core.sizing.failed_gpus import WORDS, GpuFailure, why_ruled_out
from wizard.core.sizing.gpus import GpuChoice, device_words, gpu_of_another, next_larger
from wizard.core.sizing.memory_fit import recommend
from wizard.flow.deploy.job_state import Planned

FEWEST_TOKENS = 32


@dataclass(frozen=True)
class Remedy:
    """`label` is what the key does, `why` what is said above the new plan. `answers` go into the Draft."""

    label: str
    why: str
    answers: Mapping[str, str | int] = field(default_factory=dict)
    replaces_secret: bool = False


@dataclass(frozen=True)
class Situation:
    """What a remedy is chosen from, beside the problem: what was planned, what has failed before, and the prices."""

    planned: Planned
    draft: Draft
    facts: ModelFacts | None
    engine: InferenceEngine
    failures: Sequence[GpuFailure]
    rates: Mapping[str, float] | None


def find_remedy(problem: Problem, situation: Situation) -> Remedy | None:
    """The change that is known to help against a problem; None where there is none, or where a person has to act."""
    plan = situation.planned.plan
    if problem.code in WORDS:
        failed = GpuFailure(plan.gpu, plan.model, problem.code)
        return other_gpu(
            situation.draft, situation.facts, situation.engine, (*situation.failures, failed), situation.rates, plan.gpu
        )
    if problem.code == "function_timeout" and plan.max_tokens // 2 >= FEWEST_TOKENS:
        fewer = plan.max_tokens // 2
        why = f"The call took too long. The longest answer is {fewer} tokens now, instead of {plan.max_tokens}."
        return Remedy(f"Allow {fewer} tokens instead of {plan.max_tokens}", why, {"max_tokens": fewer})
    if problem.code == "output_truncated":
        more = plan.max_tokens * 2
        why = f"The answer was cut off. The longest answer is {more} tokens now, instead of {plan.max_tokens}."
        return Remedy(f"Allow {more} tokens instead of {plan.max_tokens}", why, {"max_tokens": more})
    if situation.planned.existing.secret == "foreign" and problem.exit_code is ExitCode.CREDENTIALS:
        why = f"The access token in the Modal Secret {plan.secret} did not work. It will be replaced with yours."
        return Remedy("Replace the access token in the Modal Secret", why, replaces_secret=True)
    return None


def other_gpu(
    draft: Draft,
    facts: ModelFacts | None,
    engine: InferenceEngine,
    failures: Sequence[GpuFailure],
    rates: Mapping[str, float] | None,
    planned: str | None = None,
) -> Remedy | None:
    """The GPU to use in place of the Draft's, where failures rule that one out.

    `planned` is what was chosen for a Draft that leaves the GPU open.
    """
    model, chosen = draft.model or "", gpu_of_another(draft.gpu or planned)
    failure = why_ruled_out(chosen, model, failures) if chosen is not None else None
    if chosen is None or failure is None:
        return None
    other = _recommended(draft, facts, engine, failures, rates) or _next(chosen, model, failures, rates)
    if other is None:
        return None
    price = awake_words(awake_per_hour(other.spec, rates))
    words = device_words(other.spec)
    return Remedy(
        f"Use {words} ({other.gpu.memory * other.count} GiB, {price})",
        f"{failure.sentence} {words} is selected instead: {other.gpu.memory * other.count} GiB, {price}.",
        {"gpu": other.spec},
    )


def _recommended(
    draft: Draft,
    facts: ModelFacts | None,
    engine: InferenceEngine,
    failures: Sequence[GpuFailure],
    rates: Mapping[str, float] | None,
) -> GpuChoice | None:
    if facts is None or facts.weights is None:
        return None
    try:
        return recommend(facts, draft.budget_for(facts), rates, engine=engine, failures=failures).choice
    except Problem:
        return None


def _next(
    chosen: GpuChoice, model: str, failures: Sequence[GpuFailure], rates: Mapping[str, float] | None
) -> GpuChoice | None:
    """The next larger one that nothing rules out."""
    while (larger := next_larger(chosen, rates)) is not None and why_ruled_out(larger, model, failures) is not None:
        chosen = larger
    return larger
