"""What somebody who agrees to a plan should know of the model's reasoning, one sentence each."""

from __future__ import annotations

from wizard.core.models.model_info import ModelFacts
from wizard.core.plan.plan import Plan


def thinking_notes(facts: ModelFacts, plan: Plan) -> tuple[str, ...]:
    """What the plan lets the model reason, or what it keeps it from; nothing for a model that does not think."""
    if plan.think_tokens:
        tokens = f"{plan.think_tokens:,} tokens" if plan.think_tokens > 1 else "one token"
        return (f"The model may reason up to {tokens} before its answer begins (--think).",)
    if facts.thinking is None or not facts.thinking.is_sure:
        return ()
    longer = f"--think auto lets it reason up to {plan.auto_think:,} tokens"
    if facts.thinking.is_always_on:
        return (f"This model is made to reason first and has no switch for it: it is cut off here. {longer}.",)
    return (f"This model can reason before it answers: {longer}; answers take longer and can be better.",)
