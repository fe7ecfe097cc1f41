"""Which GPUs run a model at all: several share out its attention heads, and some packed weights need newer ones."""

from __future__ import annotations

from wizard.core.inference.engine import InferenceEngine
from wizard.core.models.model_info import ModelFacts
from wizard.core.problem import Problem, usage
from wizard.core.sizing.gpus import GpuChoice

MOST_GPUS = 8  # in one container


def splits(facts: ModelFacts, count: int, engine: InferenceEngine) -> bool:
    """Whether an engine can run the model on so many GPUs; where the heads are not known, the container decides."""
    if count == 1 or engine.whole_layers or facts.shape is None:
        return True
    heads, kv_heads = facts.shape.heads, facts.shape.kv_heads
    return heads % count == 0 and (kv_heads % count == 0 or count % kv_heads == 0)


def counts_that_split(facts: ModelFacts, engine: InferenceEngine) -> tuple[int, ...]:
    """The numbers of GPUs that work."""
    return tuple(count for count in range(1, MOST_GPUS + 1) if splits(facts, count, engine))


def split_obstacle(facts: ModelFacts, choice: GpuChoice, engine: InferenceEngine) -> str:
    """Why the model cannot be split over the GPUs of `choice`, as the rest of a sentence; empty where it can."""
    if splits(facts, choice.count, engine) or facts.shape is None:
        return ""
    shape = facts.shape
    heads = f"{shape.heads} attention heads" if shape.heads % choice.count else f"{shape.kv_heads} key and value heads"
    return f"it cannot split the {heads} of {facts.repo_id} over {choice.count} GPUs"


def runs_on(facts: ModelFacts, choice: GpuChoice, engine: InferenceEngine) -> bool:
    """Whether an engine can run the model on these GPUs, as far as their kind and number go."""
    return not gpu_obstacle(facts, choice, engine)


def gpu_obstacle(facts: ModelFacts, choice: GpuChoice, engine: InferenceEngine) -> str:
    """Why an engine cannot run the model on these GPUs, as the rest of a sentence; empty where it can."""
    method = engine.quantisations.get(facts.quantisation or "")
    if method is not None and method.needs_bf16 and not choice.gpu.has_bf16 and not choice.is_cpu:
        return f"it runs {(facts.quantisation or '').upper()} weights on newer GPUs only, not on a {choice.gpu.name}"
    return split_obstacle(facts, choice, engine)


def gpu_problem(facts: ModelFacts, choice: GpuChoice, engine: InferenceEngine) -> Problem | None:
    """The Problem (exit code 2) for GPUs that cannot run the model; None where they can."""
    obstacle = gpu_obstacle(facts, choice, engine)
    if not obstacle or obstacle == split_obstacle(facts, choice, engine):
        return split_problem(facts, choice, engine)
    hint = "Leave out --gpu: then the cheapest that fits is used; or choose one that is newer, as in --gpu L4."
    return usage("gpu_unsuitable", f"{engine.label} cannot run this on {choice.spec}: {obstacle}.", hint)


def split_problem(facts: ModelFacts, choice: GpuChoice, engine: InferenceEngine) -> Problem | None:
    """The Problem (exit code 2) for a number of GPUs that an engine cannot split the model over; None where it can."""
    if not (obstacle := split_obstacle(facts, choice, engine)):
        return None
    good = [str(count) for count in counts_that_split(facts, engine)]
    words = f"{', '.join(good[:-1])} or {good[-1]}" if len(good) > 1 else good[0]
    example = next((count for count in reversed(good) if int(count) < choice.count), good[0])
    spec = choice.gpu.name if example == "1" else f"{choice.gpu.name}:{example}"
    return usage(
        "gpu_count_unsuitable",
        f"{engine.label} cannot run this on {choice.spec}: {obstacle}.",
        f"It works on {words} GPUs: --gpu {spec}.",
    )
