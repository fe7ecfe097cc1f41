"""Which inference engine a plan gets: the one that is named, else the usual one, or another that the plan needs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import DEFAULT_ENGINE, engine_named, engines
from wizard.core.models.loading import why_not_loadable, why_not_quantised
from wizard.core.models.model_info import ModelFacts
from wizard.core.problem import Problem, usage
from wizard.core.sizing.gpus import GpuChoice, read_gpu
from wizard.core.sizing.memory_fit import TokenBudget, recommend
from wizard.core.sizing.parallel import gpu_obstacle


@dataclass(frozen=True)
class EngineWishes:
    """What a Draft says that an engine is chosen by. `missing` names the engines that cannot be run here."""

    named: str | None = None
    gpu: str | None = None
    backend: str | None = None
    max_containers: int | None = None
    budget: TokenBudget = field(default_factory=TokenBudget)
    missing: Collection[str] = ()

    @property
    def is_auto(self) -> bool:
        """Whether nobody has named one."""
        return self.named in (None, "auto")

    @property
    def choice(self) -> GpuChoice | None:
        """The GPU that was asked for."""
        return read_gpu(self.gpu) if self.gpu else None


@dataclass(frozen=True)
class EngineChoice:
    """An engine, and why it was chosen, as the rest of a sentence."""

    engine: InferenceEngine
    why: str

    @property
    def sentence(self) -> str:
        """Both, for a person."""
        return f"{self.engine.label}: {self.why}."


def choose_engine(wishes: EngineWishes, facts: ModelFacts | None) -> EngineChoice:
    """The engine for a model; without `facts`, as far as it is known already.

    Raises Problem (exit code 2) where the engine that was named cannot be run here.
    """
    if not wishes.is_auto:
        return EngineChoice(_named(wishes), "as you asked for")
    usual, gpu = DEFAULT_ENGINE, wishes.choice
    others = [each for each in engines() if each is not usual]
    if gpu is not None and gpu.is_cpu:
        beside = " and ".join(each.label for each in others if not each.runs_on_cpu)
        return EngineChoice(usual, f"it runs without a GPU, {beside} does not" if beside else "it runs without a GPU")
    refused = ""
    for other in others:
        reason = _reason(other, usual, wishes, facts)
        if reason and not (obstacle := why_not_here(other, wishes, facts)):
            return EngineChoice(other, reason)
        if reason and facts is not None and _cannot_load(facts, usual) and not _cannot_load(facts, other):
            raise _nothing_else(other, reason, obstacle, wishes)
        if reason and not refused:
            refused = f"{other.label} would suit this plan better ({reason}), but {obstacle}"
    return EngineChoice(usual, refused or "ready sooner, for calls now and then")


def _named(wishes: EngineWishes) -> InferenceEngine:
    engine = engine_named(wishes.named or "")
    if engine.name not in wishes.missing:
        return engine
    raise usage(
        "engine_missing",
        f"{engine.label} is not installed on this computer, and the demo runs the function here.",
        f"`make {engine.name}` installs it; or choose another engine. On Modal nothing has to be installed.",
    )


def _cannot_load(facts: ModelFacts, engine: InferenceEngine) -> bool:
    return why_not_loadable(facts, engine) is not None or why_not_quantised(facts, engine) is not None


def _nothing_else(other: InferenceEngine, reason: str, obstacle: str, wishes: EngineWishes) -> Problem:
    """The Problem where only one engine loads the model, and that one cannot be taken."""
    missing = other.name in wishes.missing
    return usage(
        "engine_missing" if missing else "engine_unsuitable",
        f"The model needs {other.label} ({reason}), but {obstacle}.",
        "On Modal nothing has to be installed." if missing else "Change that, or choose another model.",
    )


def why_not_here(engine: InferenceEngine, wishes: EngineWishes, facts: ModelFacts | None) -> str:
    """Why an engine cannot be taken for a plan, as the rest of a sentence; empty where it can."""
    if engine.name in wishes.missing:
        return f"it is not installed on this computer, where the demo runs (`make {engine.name}` installs it)"
    if wishes.backend not in (None, "auto", *(engine.backends or ())) and engine.backends is not None:
        return f"it has no structured-output backend {wishes.backend}"
    if facts is None:
        return ""
    if wrong := why_not_loadable(facts, engine):
        return wrong.why
    if packed := why_not_quantised(facts, engine):
        return packed
    return gpu_obstacle(facts, wishes.choice, engine) if wishes.choice else ""


def _reason(other: InferenceEngine, usual: InferenceEngine, wishes: EngineWishes, facts: ModelFacts | None) -> str:
    """What makes a plan need another engine than the usual one; empty where nothing does."""
    if facts is not None and (reason := _model_reason(other, usual, facts)):
        return reason
    gpu = wishes.choice
    if gpu is not None and gpu.count > 1:
        return f"it uses {'both' if gpu.count == 2 else f'all {gpu.count}'} GPUs at the same time"
    if facts is not None and gpu is None and facts.weights is not None and _needs_several(facts, wishes, usual):
        return "the model fits on no single GPU, and it uses several at the same time"
    if (wishes.max_containers or 1) > 1:
        return f"up to {wishes.max_containers} containers are for many calls at once, which it answers faster"
    return ""


def _model_reason(other: InferenceEngine, usual: InferenceEngine, facts: ModelFacts) -> str:
    """What the model itself makes necessary."""
    if (wrong := why_not_loadable(facts, usual)) is not None:
        loads = why_not_loadable(facts, other) is None
        return f"{usual.label} does not load this model ({wrong.why})" if loads else ""
    packed, method = other.quantisations.get(facts.quantisation or ""), (facts.quantisation or "").upper()
    if packed is None or packed.missing or packed.runs != "stored":
        return ""
    if why_not_quantised(facts, usual):
        return f"it loads {method} weights, which {usual.label} does not"
    unpacked = usual.quantisations[facts.quantisation or ""].runs == "unpacked"
    return f"it keeps {method} weights as small as they are stored, which {usual.label} unpacks" if unpacked else ""


def _needs_several(facts: ModelFacts, wishes: EngineWishes, usual: InferenceEngine) -> bool:
    try:
        return recommend(facts, wishes.budget, engine=usual).choice.count > 1
    except Problem:
        return True
