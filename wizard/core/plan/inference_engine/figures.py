"""What each inference engine would do for a plan: its start, its answers per hour and their price, idle and under load.

The model is simple. A step makes one token of every answer that is being made: it reads the weights and what is cached
of those answers, or computes, whichever takes longer. Reading a prompt computes two operations per weight and token.
Under load, as many answers are made at once as the engine and the memory take. Static batches last as long as their
longest answer, which is taken to be twice the mean; where an answer that ends makes room at once, the mean counts.
Measured on a CPU, vLLM answered 1.6 to 4 times as many; the figures for GPUs are estimates, and the assumptions are
beside them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import engines
from wizard.core.models.loading import why_not_loadable, why_not_quantised
from wizard.core.models.model_info import ModelFacts
from wizard.core.sizing.answers_at_once import answers_at_once
from wizard.core.sizing.gpus import GpuChoice
from wizard.core.sizing.memory_fit import TokenBudget, fit_on, loaded_bytes
from wizard.core.sizing.parallel import gpu_obstacle

LOAD_BYTES_PER_SECOND = 500e6
ANSWER_TOKENS = 200  # an answer of a structured output, where it is not cut short before
PROMPT_TOKENS = 300  # a prompt with its chat template
LONGEST = 2  # the longest answer of a batch, in mean ones
ROW_SECONDS = 50e-6  # of each step, for each answer: its mask, its draw, its text
COMPUTE_USED = 0.4  # of what the data sheet says a GPU computes


@dataclass(frozen=True)
class Load:
    """What is asked of a function: on which GPUs, answers of how many tokens at most, how long it stays awake."""

    choice: GpuChoice
    max_tokens: int
    scaledown_window: int
    fast_start: bool = False
    reasoning: int = 0  # tokens before the answer; all of them are taken to be used

    @property
    def tokens(self) -> int:
        """How many tokens an answer is taken to have, with the reasoning before it."""
        return self.reasoning + min(self.max_tokens, ANSWER_TOKENS)

    @property
    def longest(self) -> int:
        """How many the longest of a batch has."""
        return self.reasoning + min(self.max_tokens, LONGEST * ANSWER_TOKENS)


@dataclass(frozen=True)
class EngineFigures:
    """One engine on the GPUs of a plan; dollars are for 1,000 answers. `why_not` says why it cannot run there: then all
    figures are 0.

    `now_and_then`: each call wakes a container, waits for its answer, and pays for the idle time after it.
    `one_at_a_time`: one call after the other on a warm container. `at_once` answers are made together under load.
    """

    engine: str
    label: str
    why_not: str = ""
    start_seconds: float = 0.0
    answer_seconds: float = 0.0
    dollars_now_and_then: float = 0.0
    per_hour_one_at_a_time: float = 0.0
    dollars_one_at_a_time: float = 0.0
    at_once: int = 0
    per_hour_at_once: float = 0.0
    dollars_at_once: float = 0.0

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def compare_engines(facts: ModelFacts, load: Load, dollars_per_second: float) -> tuple[EngineFigures, ...]:
    """Every engine on the same GPUs; a container costs `dollars_per_second` while it is awake."""
    return tuple(_figures(facts, load, dollars_per_second, engine) for engine in engines())


def _figures(facts: ModelFacts, load: Load, price: float, engine: InferenceEngine) -> EngineFigures:
    if why_not := _why_not(facts, load, engine):
        return EngineFigures(engine.name, engine.label, why_not)
    size = float(facts.weights.size if facts.weights else 0)
    start = start_seconds(size, engine, fast=load.fast_start)
    answer = load.tokens * step_seconds(loaded_bytes(facts, engine), load.choice, engine, fast=load.fast_start)
    at_once, rate = _under_load(facts, load, engine)
    rate = max(rate, 1 / answer)
    return EngineFigures(
        engine=engine.name,
        label=engine.label,
        start_seconds=round(start, 1),
        answer_seconds=round(answer, 2),
        dollars_now_and_then=_dollars((start + answer + load.scaledown_window) * price),
        per_hour_one_at_a_time=_two_digits(3600 / answer),
        dollars_one_at_a_time=_dollars(answer * price),
        at_once=at_once,
        per_hour_at_once=_two_digits(3600 * rate),
        dollars_at_once=_dollars(price / rate),
    )


def _why_not(facts: ModelFacts, load: Load, engine: InferenceEngine) -> str:
    choice = load.choice
    if choice.is_cpu and not engine.runs_on_cpu:
        return "it runs on GPUs only"
    if wrong := why_not_loadable(facts, engine):
        return wrong.why
    if why_not := why_not_quantised(facts, engine) or gpu_obstacle(facts, choice, engine):
        return why_not
    found = fit_on(facts, TokenBudget(answer=load.max_tokens, reasoning=load.reasoning), choice, engine)
    if found.verdict == "does not fit":
        return f"{choice.words} is {-found.headroom:.1f} GiB short"
    return ""


def start_seconds(size: float, engine: InferenceEngine, *, fast: bool = False) -> float:
    """How long a container takes to start with `size` bytes of weights, which it reads from a Volume."""
    return engine.speed.start(fast=fast) + size / LOAD_BYTES_PER_SECOND


def step_seconds(read: float, choice: GpuChoice, engine: InferenceEngine, *, fast: bool = False) -> float:
    """How long one token takes where `read` bytes are read for it. Several GPUs read their parts side by side, or in
    turns where each holds whole layers; a CPU reads weights that are twice as wide.
    """
    side_by_side = 1 if engine.whole_layers else choice.count
    wide = 2 if choice.is_cpu else 1
    reading = wide * read / (choice.gpu.bandwidth * 1e9 * engine.speed.bandwidth_used * side_by_side)
    return engine.speed.token(fast=fast) + reading


def _under_load(facts: ModelFacts, load: Load, engine: InferenceEngine) -> tuple[int, float]:
    """How many answers are made at once, and how many are done in a second."""
    budget = TokenBudget(PROMPT_TOKENS, load.tokens if engine.continuous else load.longest)
    many = max(1, answers_at_once(facts, budget, load.choice, engine).answers)
    weights = loaded_bytes(facts, engine)
    halfway = PROMPT_TOKENS + load.tokens // 2
    cached = facts.shape.cache_bytes(halfway) if facts.shape else weights / 24
    side_by_side = 1 if engine.whole_layers else load.choice.count
    computed = load.choice.gpu.teraflops * 1e12 * COMPUTE_USED * side_by_side
    operations = 2 * _parameters(facts, weights)
    reading = step_seconds(weights + many * cached, load.choice, engine, fast=load.fast_start)
    step = max(reading, engine.speed.token(fast=load.fast_start) + many * operations / computed)
    prompt = PROMPT_TOKENS * operations / computed
    step += many * ROW_SECONDS
    tokens = load.tokens if engine.continuous else load.longest
    return many, 1 / (prompt + tokens * step / many)


def _parameters(facts: ModelFacts, weights: float) -> float:
    """How many weights there are; of packed ones the Hub counts no single ones."""
    return float(sum(facts.parameters.values())) if facts.quantisation is None and facts.parameters else weights / 2


def _two_digits(number: float) -> float:
    """As exact as an estimate is: two digits."""
    return float(f"{number:.2g}")


def _dollars(each: float) -> float:
    return float(f"{1000 * each:.3g}")
