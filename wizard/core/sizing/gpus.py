"""The GPUs that Modal offers, what they cost, and which of them so many GiB fit.

One dated table. List prices and names: Modal's price page and `modal billing rates`, as quoted by four independent
public repositories between August and October 2026; memory, bandwidth, bfloat16 and its speed (dense): NVIDIA's data
sheets. What a program can use is less than the data sheet says: the `total capacity` in torch's own out-of-memory
messages, the smallest figure that public bug reports of 2024 to 2026 quote for each GPU.
Live prices of the workspace replace these where they can be had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wizard.core.inference.engine import InferenceEngine
from wizard.core.next_command import ours
from wizard.core.problem import Problem, usage

AS_OF = "2026-10"
CPU_DOLLARS_PER_HOUR = 0.0473  # one physical core
MEMORY_DOLLARS_PER_GIB_HOUR = 0.008
CPU_CORES, CPU_MEMORY_GIB = 4, 12  # what a function without a GPU asks Modal for, and pays for while it is awake
GIB = 1024**3


@dataclass(frozen=True)
class Gpu:
    """One GPU type: memory in GiB as sold and as torch sees it, bandwidth of that memory in GB per second, what it
    computes in 16 bits in 10^12 operations per second, dollars per hour, and the key of its price in the workspace's
    rates.
    """

    name: str
    memory: int
    usable: float
    bandwidth: int
    teraflops: float
    dollars_per_hour: float
    rate_key: str
    has_bf16: bool = True


GPUS: tuple[Gpu, ...] = (  # from the cheapest to the dearest
    Gpu("T4", 16, 14.56, 320, 65, 0.59, "gpu_hour_cost_t4", has_bf16=False),
    Gpu("L4", 24, 22.03, 300, 121, 0.80, "gpu_hour_cost_l4"),
    Gpu("A10", 24, 22.05, 600, 125, 1.10, "gpu_hour_cost_a10g"),
    Gpu("L40S", 48, 44.34, 864, 362, 1.95, "gpu_hour_cost_l40s"),
    Gpu("A100-40GB", 40, 39.25, 1555, 312, 2.10, "gpu_hour_cost_a100_40gb"),
    Gpu("A100-80GB", 80, 79.14, 2039, 312, 2.50, "gpu_hour_cost_a100_80gb"),
    Gpu("RTX-PRO-6000", 96, 94.97, 1792, 503, 3.03, "gpu_hour_cost_rtx6000"),
    Gpu("H100", 80, 79.10, 3350, 989, 3.95, "gpu_hour_cost_h100"),
    Gpu("H200", 141, 139.72, 4800, 989, 4.54, "gpu_hour_cost_h200"),
    Gpu("B200", 180, 178.35, 8000, 2250, 6.25, "gpu_hour_cost_b200"),
    Gpu("B300", 270, 267.69, 8000, 2250, 7.10, "gpu_hour_cost_b300"),
)
# No GPU at all. A CPU computes in 32 bits; its bandwidth is what four cores of a server have of it, as a rule of
# thumb, like what they compute.
NO_GPU = Gpu("none", CPU_MEMORY_GIB, float(CPU_MEMORY_GIB), 25, 0.5, 0.0, "", has_bf16=False)
ALIASES: Mapping[str, str] = {"A10G": "A10", "A100": "A100-40GB", "H100!": "H100", "B200+": "B200", "CPU": "NONE"}
BYTES: Mapping[str, float] = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2,
    "I8": 1, "U8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "F4": 0.5, "BOOL": 1,
}  # fmt: skip
PACKED = frozenset({"I32", "I16", "I8", "U8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F4"})  # dtypes of quantised weights

Verdict = Literal["fits", "tight", "does not fit"]


@dataclass(frozen=True)
class GpuChoice:
    """A GPU as it is asked for, or none: type, count, and what an hour of it costs in dollars."""

    gpu: Gpu
    count: int = 1

    @property
    def spec(self) -> str:
        """The text that Modal takes, as in ``H100:2``; ``none`` for no GPU."""
        return self.gpu.name if self.count == 1 else f"{self.gpu.name}:{self.count}"

    @property
    def is_cpu(self) -> bool:
        """Whether there is no GPU."""
        return self.gpu is NO_GPU

    @property
    def words(self) -> str:
        """What a sentence calls it."""
        return "CPU" if self.is_cpu else self.spec

    @property
    def usable(self) -> float:
        """GiB that a program can use, over all of them."""
        return self.gpu.usable * self.count

    def dollars_per_hour(self, rates: Mapping[str, float] | None = None) -> float:
        """At the workspace's own rates where it has them, else at list price; of no GPU, the CPU and its memory."""
        if self.is_cpu:
            return cpu_dollars_per_hour(CPU_CORES, CPU_MEMORY_GIB, rates)
        price = (rates or {}).get(self.gpu.rate_key, self.gpu.dollars_per_hour)
        return price * self.count


def cpu_dollars_per_hour(cores: float, memory_gib: float, rates: Mapping[str, float] | None = None) -> float:
    """What cores and GiB of memory cost, at the workspace's own rates where it has them."""
    known = rates or {}
    memory = memory_gib * known.get("mem_gib_hour_cost", MEMORY_DOLLARS_PER_GIB_HOUR)
    return cores * known.get("cpu_hour_cost", CPU_DOLLARS_PER_HOUR) + memory


CHOICES: tuple[GpuChoice, ...] = tuple(GpuChoice(gpu, count) for count in (1, 2, 4, 8) for gpu in GPUS)


def read_gpu(text: str) -> GpuChoice:
    """Read ``L4``, ``a100-80gb``, ``H100:2`` or ``none``. Raises Problem (exit code 2) for what Modal does not have."""
    name, _, count = text.strip().partition(":")
    wanted = ALIASES.get(name.upper(), name.upper())
    if wanted == "NONE":
        if count:
            raise usage(
                "gpu_unknown", "“none” takes no number.", "Write --gpu none, or a GPU and its number, as in H100:2."
            )
        return GpuChoice(NO_GPU)
    gpu = next((gpu for gpu in GPUS if gpu.name == wanted), None)
    if gpu is None:
        known = ", ".join(gpu.name for gpu in GPUS)
        raise usage("gpu_unknown", f"Modal has no GPU called {name or text!r}.", f"Choose one of {known}, or none.")
    if count and not (count.isdecimal() and 1 <= int(count) <= 8):
        raise usage("gpu_unknown", f"{count!r} is not a number of GPUs.", "Ask for 1 to 8, as in H100:2.")
    return GpuChoice(gpu, int(count or 1))


def gpu_of_another(spec: str | None) -> GpuChoice | None:
    """The GPU of an app that is deployed; None where its plan names none, or one of a later version of this program,
    which is no reason to say nothing else of the app."""
    try:
        return read_gpu(spec) if spec else None
    except Problem:
        return None


def device_words(spec: str) -> str:
    """What a sentence calls a GPU of a plan, also one that this version does not know."""
    return "CPU" if spec == NO_GPU.name else spec


def one_device(spec: str) -> str:
    """The same with its article, which goes by the sound of the first letter's name: an A10, an L4, an H100, a T4."""
    words = device_words(spec)
    return f"{'an' if words.startswith(tuple('AEFHILMNORSX')) else 'a'} {words}"


def memory_needed(parameters: Mapping[str, int], weights_bytes: int, engine: InferenceEngine) -> float:
    """GiB that loading and running a model takes, where no more is known than its size.

    Plain weights are loaded in 16 bits, whatever they are stored in; packed ones as they are in the file. A twelfth
    for the cache and the activations of short texts comes on top, and the overhead.
    """
    weights = weights_bytes
    if parameters and not set(parameters) & PACKED:
        weights = 2 * sum(parameters.values())
    elif not weights:
        weights = int(sum(BYTES.get(dtype, 2) * count for dtype, count in parameters.items()))
    return weights / GIB * 13 / 12 + engine.overhead_gib


def fit(choice: GpuChoice, needed: float, engine: InferenceEngine) -> Verdict:
    """Whether `needed` GiB fit into the usable memory of `choice`."""
    if needed <= choice.usable * engine.memory_share:
        return "fits"
    return "tight" if needed <= choice.usable else "does not fit"


def choices(engine: InferenceEngine) -> tuple[GpuChoice, ...]:
    """What Modal offers in the numbers that an engine can use."""
    return tuple(choice for choice in CHOICES if choice.count in engine.gpu_counts)


def smallest_that_fits(
    needed: float, rates: Mapping[str, float] | None = None, *, engine: InferenceEngine
) -> GpuChoice:
    """The cheapest choice with room for `needed` GiB; several GPUs only when no single one is enough.

    Raises Problem when nothing that Modal offers is enough.
    """
    return cheapest([each for each in choices(engine) if fit(each, needed, engine) == "fits"], needed, rates)


def cheapest(fitting: Sequence[GpuChoice], needed: float, rates: Mapping[str, float] | None = None) -> GpuChoice:
    """The cheapest of those with the fewest GPUs. Raises Problem when there are none."""
    if not fitting:
        raise Problem(
            "model_too_large",
            f"The model needs about {needed:.0f} GiB of GPU memory, more than Modal offers in one container.",
            "Choose a smaller or a quantised model.",
            next=(ours("check {model}", "to see what it holds"),),
        )
    fewest = min(choice.count for choice in fitting)
    return min((c for c in fitting if c.count == fewest), key=lambda c: c.dollars_per_hour(rates))


def next_larger(choice: GpuChoice, rates: Mapping[str, float] | None = None) -> GpuChoice | None:
    """The cheapest choice with at least a quarter more memory, one GPU where one is enough; None when there is none."""
    larger = [each for each in CHOICES if each.usable >= 1.25 * choice.usable]
    return cheapest(larger, 0, rates) if larger else None
