"""A model as a row of the list: what each column says of it."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.core.access_token import clean_line
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.known_models import what_was_tried
from wizard.core.models.model_info import ModelFacts
from wizard.core.plan.inference_engine.choice import EngineWishes, choose_engine
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import memory_needed, smallest_that_fits
from wizard.core.sizing.memory_fit import TokenBudget, recommend
from wizard.flow.deploy.discovery import count_words, size_words
from wizard.flow.ports.hub import ModelSummary
from wizard.tui.screens.model.columns import Row

BYTES_EACH = 2  # bf16 and f16, which nearly every published model is in
UNKNOWN = "—"


def count_or_dash(number: int | None) -> str:
    """A count as a person says it, or the sign for what is not known."""
    return UNKNOWN if number is None else count_words(number)


def row_of(summary: ModelSummary, facts: ModelFacts | None = None) -> Row:
    """What the columns say of a model; `facts` say it better where the Hub has been asked about this one."""
    parameters = dict(facts.parameters) if facts and facts.parameters else {}
    if not parameters and summary.parameters:
        parameters = {"BF16": summary.parameters}
    count = sum(parameters.values()) or None
    weights = facts.weights.size if facts and facts.weights else 0
    size = weights or (count or 0) * BYTES_EACH
    access = access_words(facts.gate if facts else summary.gate, facts.private if facts else summary.private)
    return {
        "model": summary.repo_id,
        "access": access,
        "gate": access.split()[-1],
        "mark": "✓" if what_was_tried(summary.repo_id, facts) else "",
        "known": "✓ works" if what_was_tried(summary.repo_id, facts) else "",
        "parameters": count_or_dash(count),
        "size": UNKNOWN if not size else size_words(size) if weights else f"~{size_words(size)}",
        "gpu": smallest_gpu(facts) if facts and facts.weights else gpu_words(parameters, weights),
        "licence": clean_line((facts.licence if facts else None) or summary.licence or UNKNOWN, 18),
        "downloads": count_or_dash(facts.downloads if facts and facts.downloads is not None else summary.downloads),
    }


def access_words(gate: str, private: bool) -> str:
    """Who may read it."""
    if private:
        return "private"
    return {"open": "open", "auto": "gated auto", "manual": "gated manual"}.get(gate, UNKNOWN)


def gpu_words(parameters: Mapping[str, int], weights: int) -> str:
    """The smallest GPU that it fits on."""
    if not parameters and not weights:
        return UNKNOWN
    try:
        return smallest_that_fits(memory_needed(parameters, weights, engine=DEFAULT_ENGINE), engine=DEFAULT_ENGINE).spec
    except Problem:
        return "too large"


def smallest_gpu(facts: ModelFacts) -> str:
    """The same, from everything that is known of a model."""
    try:
        return recommend(facts, TokenBudget(), engine=choose_engine(EngineWishes(), facts).engine).choice.spec
    except Problem:
        return "too large"
