"""What a live check does, how long each part may take, and what that costs at the most."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wizard.core.plan.cost import Prices, Rates
from wizard.core.sizing.gpus import GpuChoice, read_gpu

NAME_PREFIX = "outlines-live-check"
"""Everything that a live check makes on Modal has a name that begins so."""

SMALL_MODEL, SMALL_GATED_MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct", "meta-llama/Llama-3.2-1B-Instruct"

SMALL_APP_SECONDS, SMALL_APP_CONTAINERS = 420.0, 8  # the app without a GPU: one container for each of its functions
SETUP_SECONDS = 900.0  # an image is built and weights are downloaded, without a GPU
STOP_SECONDS = 60.0  # until a container with a GPU is gone
JOBS = {"open": ("transformers", 420.0), "gated": ("transformers", 420.0), "vllm": ("vllm", 600.0)}
"""The jobs by name: the inference engine, and for how long a container with a GPU may be awake."""


@dataclass(frozen=True)
class LiveScope:
    """What is checked. `gpu` is the type that both models run on, `engines` those that are asked for."""

    model: str
    gated_model: str
    gpu: str = "T4"
    engines: tuple[str, ...] = ("transformers", "vllm")

    @property
    def jobs(self) -> tuple[str, ...]:
        """The jobs of these engines."""
        return tuple(name for name, (engine, _) in JOBS.items() if engine in self.engines)


@dataclass(frozen=True)
class CostPart:
    """One part of what a check may cost: so many seconds of so many containers, in dollars."""

    words: str
    seconds: float
    containers: int
    dollars: float

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)


def cost_parts(scope: LiveScope, rates: Rates | None = None) -> tuple[CostPart, ...]:
    """The most that each part can cost, since it is ended when its time is over. Raises Problem for an unknown GPU."""
    choice = read_gpu(scope.gpu)
    prices = Prices.of(choice, rates)

    def part(words: str, seconds: float, price: float, containers: int = 1) -> CostPart:
        return CostPart(words, seconds, containers, round(seconds * containers * price, 4))

    parts = [part("a small app without a GPU", SMALL_APP_SECONDS, prices.cpu, SMALL_APP_CONTAINERS)]
    for name in scope.jobs:
        engine, awake = JOBS[name]
        model = scope.gated_model if name == "gated" else scope.model
        parts.append(part(f"{model} with {engine}: image and weights, without a GPU", SETUP_SECONDS, prices.cpu))
        both = prices.gpu + prices.cpu  # beside it the endpoint has a container
        parts.append(part(f"{model} with {engine}: {_device(choice)}", awake + STOP_SECONDS, both))
    return tuple(parts)


def most_dollars(parts: tuple[CostPart, ...]) -> float:
    """What a check costs at the most."""
    return round(sum(part.dollars for part in parts), 4)


def _device(choice: GpuChoice) -> str:
    return "awake, without a GPU" if choice.is_cpu else f"awake on {choice.words}"
