"""What a deploy, its first sample and the life after it cost: estimated with every assumption named, then measured.

List prices are of the date of the GPU table; a workspace's own rates replace them, under the keys of
`Workspace.billing.rates` (modal 1.6), in dollars per hour, storage per GiB and month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wizard.core.plan.inference_engine.figures import ANSWER_TOKENS, EngineFigures, start_seconds, step_seconds
from wizard.core.plan.plan import Plan
from wizard.core.sizing.gpus import (
    AS_OF,
    CPU_CORES,
    CPU_MEMORY_GIB,
    GIB,
    GpuChoice,
    cpu_dollars_per_hour,
    gpu_of_another,
    read_gpu,
)

Rates = Mapping[str, float]

STORAGE_DOLLARS_PER_GIB_MONTH = 0.09
CORES, MEMORY_GIB = 1.0, 4.0  # what a container is assumed to use beside its GPU: both are paid for
DOWNLOAD_BYTES_PER_SECOND = 100e6
PROOF_SECONDS = 12.0  # a container without a GPU starts, imports huggingface_hub and reads one byte


@dataclass(frozen=True)
class CostEstimate:
    """Dollars; prices as of `as_of`. `first_run` is everything up to and with the idle tail after the first sample.

    `per_hour` is a container that is awake, with the CPU and memory beside its GPU; `gpu_per_hour` the GPU alone.
    `per_thousand_calls` is for one call after the other on a warm container. `seconds` says how long each part takes.
    `engines` has every inference engine side by side.
    """

    gpu_per_hour: float
    first_run: float
    idle_tail: float
    storage_per_month: float
    as_of: str
    assumptions: tuple[str, ...]
    build: float = 0.0
    download: float = 0.0
    cold_start: float = 0.0
    sample: float = 0.0
    per_hour: float = 0.0
    per_thousand_calls: float = 0.0
    seconds: Mapping[str, float] | None = None
    engines: tuple[EngineFigures, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self) | {
            "assumptions": list(self.assumptions),
            "currency": "USD",
            "engines": [each.to_mapping() for each in self.engines],
        }


@dataclass(frozen=True)
class Prices:
    """Dollars per second: of a container that downloads, and of one that answers, with the GPUs of a plan if any."""

    cpu: float
    gpu: float

    @classmethod
    def of(cls, choice: GpuChoice, rates: Rates | None) -> Prices:
        """At the workspace's rates where it has them, else at list prices."""
        beside = cpu_dollars_per_hour(CORES, MEMORY_GIB, rates)
        answering = choice.dollars_per_hour(rates) + (0.0 if choice.is_cpu else beside)
        return cls(beside / 3600, answering / 3600)


def estimate(
    plan: Plan,
    weights_bytes: int,
    rates: Rates | None = None,
    *,
    build: bool = True,
    download: bool = True,
    loaded: float | None = None,
) -> CostEstimate:
    """What the first run of `plan` is expected to cost; `rates` are the workspace's own prices, if known.

    `build` and `download` False: the app, or the weights, are there already. `loaded` is how many bytes of weights are
    on the GPU, where that is not what is downloaded.
    """
    choice = read_gpu(plan.gpu)
    prices = Prices.of(choice, rates)
    engine, tokens = plan.inference_engine, plan.think_tokens + min(plan.max_tokens, ANSWER_TOKENS)
    seconds = {
        "build": engine.speed.build_seconds if build else 0.0,
        "download": 10 + weights_bytes / DOWNLOAD_BYTES_PER_SECOND if download else 0.0,
        "cold_start": start_seconds(weights_bytes, engine, fast=plan.fast_start),
        "sample": tokens * step_seconds(loaded or weights_bytes, choice, engine, fast=plan.fast_start),
        "idle_tail": float(plan.scaledown_window),
    }
    rate = {"build": prices.cpu, "download": prices.cpu}
    parts = {name: long * rate.get(name, prices.gpu) for name, long in seconds.items()}
    return CostEstimate(
        gpu_per_hour=0.0 if choice.is_cpu else round(choice.dollars_per_hour(rates), 4),
        first_run=round(sum(parts.values()), 4),
        idle_tail=round(parts["idle_tail"], 4),
        storage_per_month=round(storage_per_month(weights_bytes, rates), 4),
        as_of="this workspace's rates" if rates else AS_OF,
        assumptions=_assumptions(plan, seconds, tokens),
        build=round(parts["build"], 4),
        download=round(parts["download"], 4),
        cold_start=round(parts["cold_start"], 4),
        sample=round(parts["sample"], 6),
        per_hour=awake_per_hour(plan.gpu, rates),
        per_thousand_calls=round(parts["sample"] * 1000, 4),
        seconds={name: round(value, 2) for name, value in seconds.items()},
    )


def proof_dollars(rates: Rates | None = None) -> float:
    """What it costs to have the download function read one byte, where nothing else comes of it."""
    return round(PROOF_SECONDS * cpu_dollars_per_hour(CORES, MEMORY_GIB, rates) / 3600, 6)


def _assumptions(plan: Plan, seconds: Mapping[str, float], tokens: int) -> tuple[str, ...]:
    choice = read_gpu(plan.gpu)
    device = choice.words
    reasoning = f", {plan.think_tokens} of them reasoning," if plan.think_tokens else ""
    said = [
        f"build {seconds['build']:.0f} s on a CPU, once" if seconds["build"] else "the image is already built",
        f"download {seconds['download']:.0f} s on a CPU, once"
        if seconds["download"]
        else "the weights are already in the Volume",
        f"start {seconds['cold_start']:.0f} s on {device}",
        f"an answer of {tokens} tokens{reasoning} in {seconds['sample']:.0f} s on {device}",
        f"idle tail {plan.scaledown_window} s on {device}",
        f"{CPU_CORES} cores and {CPU_MEMORY_GIB} GiB of memory, no GPU"
        if choice.is_cpu
        else f"{CORES:g} core and {MEMORY_GIB:g} GiB of memory beside the GPU",
        "1,000 calls one after the other on a warm container",
        "storage at its price, though Modal's price page gives the first TiB free",
    ]
    return tuple(said)


@dataclass(frozen=True)
class CostMeasured:
    """Dollars, from the seconds that were measured, at the same prices as the estimate.

    `total` leaves out the image build, whose seconds Modal does not tell apart, and includes the idle tail, which
    begins now.
    """

    download: float
    sample: float
    idle_tail: float
    total: float
    as_of: str

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self) | {"currency": "USD"}


def measure(plan: Plan, download_seconds: float, call_seconds: float, rates: Rates | None = None) -> CostMeasured:
    """What was spent: seconds of the download, and of the call with the start of its container."""
    prices = Prices.of(read_gpu(plan.gpu), rates)
    download, sample = download_seconds * prices.cpu, call_seconds * prices.gpu
    tail = plan.scaledown_window * prices.gpu if call_seconds else 0.0
    as_of = "this workspace's rates" if rates else AS_OF
    return CostMeasured(round(download, 6), round(sample, 6), round(tail, 6), round(download + sample + tail, 6), as_of)


def dollars(amount: float) -> str:
    """An amount as a person reads it: cents, or as many digits as a smaller one needs to be seen."""
    if amount == 0 or amount >= 0.095:
        return f"${amount:,.2f}"
    if amount < 0.00005:
        return "under $0.0001"
    return f"${amount:.4f}" if amount < 0.00095 else f"${amount:.3f}"


def awake_per_hour(gpu: str, rates: Rates | None = None) -> float:
    """Dollars an hour of a container that is awake, with the CPU and memory beside its GPU: the plan's `per_hour`.

    Raises Problem for a GPU that Modal does not have.
    """
    return round(Prices.of(read_gpu(gpu), rates).gpu * 3600, 4)


def awake_of_another(gpu: str | None, rates: Rates | None = None) -> float | None:
    """The same for an app that is deployed; None where it names no GPU, or one that this version does not know."""
    return awake_per_hour(gpu, rates) if gpu and gpu_of_another(gpu) else None


def storage_per_month(size: float, rates: Rates | None = None) -> float:
    """Dollars a month of so many bytes in a Volume."""
    return size / GIB * (rates or {}).get("volume_storage_gib_month_cost", STORAGE_DOLLARS_PER_GIB_MONTH)


def awake_words(price: float) -> str:
    """A price of `awake_per_hour` as every screen and command says it."""
    return f"${price:.2f}/h while running"


def call_dollars(gpu: str, seconds: float, rates: Rates | None = None) -> float:
    """What a call cost that kept its container busy for so many seconds."""
    return round(Prices.of(read_gpu(gpu), rates).gpu * seconds, 6)
