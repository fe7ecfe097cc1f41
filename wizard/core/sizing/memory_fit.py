"""Does a model fit into the memory of a GPU: weights, cache, activations and overhead, for every GPU that Modal offers.

The inference engine decides what quantised weights take: its record says how. What was measured elsewhere is compared
with these figures by the tests, over published footprints of well-known models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wizard.core.inference.engine import InferenceEngine
from wizard.core.models.loading import takes_images
from wizard.core.models.model_info import ModelFacts
from wizard.core.models.vision_tower import VisionTower
from wizard.core.problem import Problem, usage
from wizard.core.sizing.failed_gpus import GpuFailure, why_ruled_out
from wizard.core.sizing.gpus import (
    BYTES,
    GIB,
    NO_GPU,
    PACKED,
    Gpu,
    GpuChoice,
    Verdict,
    cheapest,
    choices,
    fit,
)
from wizard.core.sizing.parallel import runs_on

TOKENS_OF_PROMPT = 1024  # what a prompt is planned to take, where nothing else is said
TINY_PARAMETERS = 2_000_000_000  # up to here a CPU answers within a minute or so


@dataclass(frozen=True)
class TokenBudget:
    """What one forward pass has to hold: tokens of a prompt, of its answer, of the reasoning before it, and how many at
    once. Those of images are in the prompt (`with_image`).
    """

    prompt: int = TOKENS_OF_PROMPT
    answer: int = 512
    batch: int = 1
    reasoning: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt + self.reasoning + self.answer


@dataclass(frozen=True)
class Footprint:
    """GiB of GPU memory, by what they are for. `notes` say what was assumed."""

    weights: float
    cache: float
    activations: float
    overhead: float
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        return self.weights + self.cache + self.activations + self.overhead


@dataclass(frozen=True)
class Fit:
    """A footprint on one choice of GPUs. `headroom` is what is left of the usable GiB, negative when they miss."""

    choice: GpuChoice
    footprint: Footprint
    verdict: Verdict

    @property
    def headroom(self) -> float:
        return self.choice.usable - self.footprint.total

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, in GiB with two decimals."""
        parts = self.footprint
        return {
            "gpu": self.choice.spec,
            "verdict": self.verdict,
            "weights": round(parts.weights, 2),
            "cache": round(parts.cache, 2),
            "activations": round(parts.activations, 2),
            "overhead": round(parts.overhead, 2),
            "needed": round(parts.total, 2),
            "usable": round(self.choice.usable, 2),
            "headroom": round(self.headroom, 2),
            "notes": list(parts.notes),
        }


def planned_image(facts: ModelFacts, engine: InferenceEngine) -> VisionTower | None:
    """What the planned image takes of a model that sees; None for one that reads text only."""
    return facts.shape.vision if facts.shape is not None and takes_images(facts, engine) else None


def with_image(budget: TokenBudget, image: VisionTower | None) -> TokenBudget:
    """The budget with the tokens of the planned image."""
    return budget if image is None else replace(budget, prompt=budget.prompt + image.tokens)


def footprint(
    facts: ModelFacts,
    budget: TokenBudget,
    gpus: int = 1,
    *,
    as_stored: bool = False,
    wide: bool = False,
    engine: InferenceEngine,
) -> Footprint:
    """What a model takes on `gpus` GPUs. `as_stored` counts quantised weights as they lie in the file, whatever the
    image makes of them. `wide`: in 32 bits, as a CPU computes.
    """
    loaded, notes = _weights(facts, engine, as_stored)
    times = 2 if wide else 1
    weights, overhead = times * (loaded + adapter_bytes(facts, engine)) / GIB, engine.overhead_gib * gpus
    if (room := times * adapter_bytes(facts, engine) / GIB) >= 0.01:
        notes = (*notes, f"{room:.2f} GiB of its weights are for adapters")
    if facts.shape is None:
        said = "its config.json could not be read: cache and activations are estimated as a twelfth of the weights"
        return Footprint(weights, weights / 24, weights / 24 * gpus, overhead, (*notes, said))
    shape, image = facts.shape, planned_image(facts, engine)
    budget = with_image(budget, image)
    tokens = min(budget.tokens, shape.context or budget.tokens)
    cache = times * shape.cache_bytes(tokens) * budget.batch / GIB
    activations = times * shape.activation_bytes(min(budget.prompt, tokens), budget.batch) / GIB
    if image is not None:  # before its tokens are read with the prompt
        activations += times * image.reading / GIB
        notes = (*notes, f"a prompt is planned with one photo, which becomes {image.tokens:,} tokens")
    if gpus > 1:  # every GPU needs them
        activations *= gpus
        overhead += weights / shape.layers * gpus if engine.whole_layers else 0.0
    return Footprint(weights, cache, activations, overhead, notes)


def fit_on(facts: ModelFacts, budget: TokenBudget, choice: GpuChoice, engine: InferenceEngine) -> Fit:
    """Whether a model fits on one choice of GPUs."""
    parts = footprint(facts, budget, choice.count, wide=choice.is_cpu, engine=engine)
    return Fit(choice, parts, fit(choice, parts.total, engine))


def fits(facts: ModelFacts, budget: TokenBudget, engine: InferenceEngine) -> tuple[Fit, ...]:
    """Every GPU that Modal offers, one of each, in the order of the table."""
    return tuple(fit_on(facts, budget, choice, engine) for choice in choices(engine) if choice.count == 1)


def recommend(
    facts: ModelFacts,
    budget: TokenBudget,
    rates: Mapping[str, float] | None = None,
    *,
    engine: InferenceEngine,
    failures: Sequence[GpuFailure] = (),
) -> Fit:
    """The cheapest GPU with room that `failures` do not rule out; several only when one is not enough.

    Raises Problem when nothing is.
    """
    usable = [choice for choice in choices(engine) if runs_on(facts, choice, engine)]
    tried = [fit_on(facts, budget, choice, engine) for choice in usable]
    good = {
        each.choice: each
        for each in tried
        if each.verdict == "fits" and why_ruled_out(each.choice, facts.repo_id, failures) is None
    }
    return good[cheapest(list(good), tried[0].footprint.total, rates)]


def reason(
    found: Fit,
    facts: ModelFacts,
    budget: TokenBudget,
    rates: Mapping[str, float] | None = None,
    *,
    engine: InferenceEngine,
) -> str:
    """Why this choice, in one sentence without its end: for a person who did not choose it."""
    parts = found.footprint
    weights = f"{parts.weights:.1f}" if parts.weights >= 0.05 else "less than 0.1"
    need = f"{weights} GiB of weights and {parts.total - parts.weights:.1f} GiB beside them"
    if found.choice.is_cpu and found.verdict == "fits":
        return f"{need} fit into {found.choice.usable:.0f} GiB: no GPU is needed, and any GPU is faster"
    if found.verdict != "fits":
        lacking = "leaves too little room" if found.verdict == "tight" else f"is {-found.headroom:.1f} GiB short"
        return f"{need}: {found.choice.words} {lacking}"
    if found != recommend(facts, budget, rates, engine=engine):
        return f"{need} fit into the {found.choice.usable:.0f} GiB of {found.choice.spec}"
    if found.choice.count > 1:
        return f"{need} exceed a single GPU: {found.choice.spec} is the cheapest that fits"
    return f"{need}: {found.choice.spec} is the cheapest GPU that fits ({found.choice.usable:.0f} GiB)"


def half_precision(gpu: Gpu, engine: InferenceEngine) -> str:
    """The dtype that plain weights are loaded in on this GPU, or without one."""
    if gpu is NO_GPU:
        return engine.dtypes.cpu
    return engine.dtypes.gpu if gpu.has_bf16 else engine.dtypes.gpu_without_bf16


def cpu_problem(facts: ModelFacts, budget: TokenBudget, engine: InferenceEngine) -> Problem | None:
    """The Problem (exit code 2) when a model cannot do without a GPU; None when it can."""
    if not engine.runs_on_cpu:
        return usage("gpu_needed", f"{engine.label} runs on GPUs only.", "Leave out --gpu none.")
    if facts.quantisation is not None:
        words = f"{facts.repo_id} is quantised with {facts.quantisation}, which is made for GPUs."
        return usage("gpu_needed", words, "Leave out --gpu none, or choose the model that it was made from.")
    found = fit_on(facts, budget, GpuChoice(NO_GPU), engine)
    if found.verdict != "does not fit":
        return None
    words = f"{facts.repo_id} takes {found.footprint.total:.0f} GiB in the 32 bits that a CPU computes with: "
    words += f"more than the {found.choice.usable:.0f} GiB of a function without a GPU."
    return usage("gpu_needed", words, "Leave out --gpu none: then the smallest GPU that fits is used.")


def alternatives(
    facts: ModelFacts,
    *,
    structured: bool,
    budget: TokenBudget | None = None,
    choice: GpuChoice | None = None,
    rates: Mapping[str, float] | None = None,
    engine: InferenceEngine,
) -> tuple[tuple[str, str], ...]:
    """What might serve the person better than the GPU of `choice`: why, and the command.

    Commands of modal 1.6 as its own help documents them (2026-11).
    """
    found = []
    without = GpuChoice(NO_GPU)
    if choice is not None and not choice.is_cpu and _does_without(facts, budget or TokenBudget(), engine):
        prices = (
            f"${without.dollars_per_hour(rates):.2f} an hour, and the GPU alone ${choice.dollars_per_hour(rates):.2f}"
        )
        why = f"so small a model also answers without a GPU, only more slowly: {prices}"
        found.append((why, f"outlines-wizard deploy --gpu none --model {facts.repo_id}"))
    if 0 < sum(facts.parameters.values()) <= TINY_PARAMETERS and facts.quantisation is None:
        why = "so small a model also answers on a CPU: this runs it on this machine, and costs nothing"
        found.append((why, f"outlines-wizard deploy --rehearse=modal --model {facts.repo_id}"))
    if not structured:
        why = "free text needs no app of one's own if Modal serves the model itself: this lists those that it serves"
        found.append((why, "modal endpoint library"))
    return tuple(found)


def _does_without(facts: ModelFacts, budget: TokenBudget, engine: InferenceEngine) -> bool:
    small = 0 < sum(facts.parameters.values()) <= TINY_PARAMETERS
    return small and cpu_problem(facts, budget, engine) is None


def loaded_bytes(facts: ModelFacts, engine: InferenceEngine) -> float:
    """Bytes that the weights take on a GPU, and that are read for each token."""
    return _weights(facts, engine, as_stored=False)[0]


def adapter_bytes(facts: ModelFacts, engine: InferenceEngine) -> float:
    """Bytes that adapters take beside the model.

    An engine that serves them makes room beforehand, of the largest rank in every layer whether it is used or not: in
    each, two matrices for every projection of the attention, and for the three of the feed-forward part.
    """
    stored = float(sum(adapter.size for adapter in facts.adapters))
    ranks = [adapter.facts.lora.rank for adapter in facts.adapters if adapter.facts.lora is not None]
    shape = facts.shape
    if not engine.largest_lora_rank or not ranks or shape is None:
        return stored
    widths = 4 * 2 * shape.hidden + 3 * (shape.hidden + shape.inner)
    return max(stored, 2.0 * len(facts.adapters) * engine.lora_rank(max(ranks)) * widths * shape.layers)


def _weights(facts: ModelFacts, engine: InferenceEngine, as_stored: bool) -> tuple[float, tuple[str, ...]]:
    """Bytes that the weights take in memory, and what is to be said of it."""
    size = float(facts.weights.size) if facts.weights else 0.0
    plain = {dtype: count for dtype, count in facts.parameters.items() if dtype not in PACKED}
    packed = facts.quantisation is not None or len(plain) < len(facts.parameters)
    if not packed:
        return (2.0 * sum(plain.values()) or size), ()
    # The Hub counts packed weights one by one, not as they are stored: the size of the file is the truth.
    counted = sum(BYTES.get(dtype, 2) * count for dtype, count in facts.parameters.items())
    stored = size or counted
    method = engine.quantisations.get(facts.quantisation or "")
    if as_stored or method is None or method.runs == "stored":
        return stored, ()
    around = sum(BYTES.get(dtype, 2) * count for dtype, count in plain.items())
    inside = max(0.0, stored - around)
    unpacked = 2.0 * sum(plain.values()) + inside * 16 / method.bits
    said = f"its {facts.quantisation} weights are unpacked to 16 bits: {stored / GIB:.1f} GiB become"
    return unpacked, (f"{said} {unpacked / GIB:.1f} GiB",)


def weights_problem(facts: ModelFacts, choice: GpuChoice, needed: float, engine: InferenceEngine) -> Problem | None:
    """The Problem (exit code 2) when a GPU that was asked for is certainly too small."""
    found, _ = _weights(facts, engine, as_stored=False)
    if found <= choice.usable * GIB:
        return None
    enough = [each for each in choices(engine) if fit(each, needed, engine) == "fits" and runs_on(facts, each, engine)]
    hint = f"Choose a larger GPU, for instance --gpu {cheapest(enough, needed).spec}." if enough else ""
    return usage(
        "gpu_too_small", f"The weights alone take {found / GIB:.0f} GiB, more than {choice.spec} can hold.", hint
    )
