"""Which GPU a plan gets: the one that is asked for where it can hold the model, else the cheapest with room."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.core.inference.engine import InferenceEngine
from wizard.core.models.loading import why_not_quantised
from wizard.core.models.model_info import ModelFacts
from wizard.core.problem import usage
from wizard.core.sizing.gpus import GpuChoice, read_gpu
from wizard.core.sizing.memory_fit import TokenBudget, cpu_problem, fit_on, recommend, weights_problem
from wizard.core.sizing.parallel import gpu_problem


def choose_gpu(
    asked: str | None,
    facts: ModelFacts,
    budget: TokenBudget,
    rates: Mapping[str, float] | None,
    engine: InferenceEngine,
) -> GpuChoice:
    """The GPU for a model. Raises Problem (exit code 2) for one that is certainly wrong, and for a model that the
    engine cannot run.
    """
    if packed := why_not_quantised(facts, engine):
        raise usage(
            "quantisation_unsupported",
            f"{facts.repo_id} cannot be loaded: {packed}.",
            "Choose the model that it was made from, or one in fp8 or mxfp4: --model org/name.",
        )
    if asked is None:
        return recommend(facts, budget, rates, engine=engine).choice
    gpu = read_gpu(asked)
    if gpu.is_cpu:
        if problem := cpu_problem(facts, budget, engine):
            raise problem
        return gpu
    if problem := gpu_problem(facts, gpu, engine):
        raise problem
    needed = fit_on(facts, budget, gpu, engine).footprint.total
    if problem := weights_problem(facts, gpu, needed, engine):
        raise problem
    return gpu
