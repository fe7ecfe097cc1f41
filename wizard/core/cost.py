"""What a deploy and its first sample cost, estimated before with every assumption named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wizard.core.gpus import AS_OF, GIB, read_gpu
from wizard.core.plan import Plan

CPU_DOLLARS_PER_HOUR = 0.0473  # one physical core; list price, same date as the GPU table
MEMORY_DOLLARS_PER_GIB_HOUR = 0.008
STORAGE_DOLLARS_PER_GIB_MONTH = 0.09
DOWNLOAD_BYTES_PER_SECOND = 100e6
LOAD_BYTES_PER_SECOND = 500e6
START_SECONDS = 25.0  # scheduling, imports, tokenizer, structured-output backend
SAMPLE_SECONDS = 15.0


@dataclass(frozen=True)
class CostEstimate:
    """Dollars. `first_run` is download, cold start, one sample and the idle tail; prices as of `as_of`."""

    gpu_per_hour: float
    first_run: float
    idle_tail: float
    storage_per_month: float
    as_of: str
    assumptions: tuple[str, ...]

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self) | {"assumptions": list(self.assumptions), "currency": "USD"}


def estimate(plan: Plan, weights_bytes: int, rates: Mapping[str, float] | None = None) -> CostEstimate:
    """What the first run of `plan` is expected to cost; `rates` are the workspace's own prices, if known."""
    gpu = read_gpu(plan.gpu).dollars_per_hour(rates)
    cpu = CPU_DOLLARS_PER_HOUR + 2 * MEMORY_DOLLARS_PER_GIB_HOUR
    download_seconds = 10 + weights_bytes / DOWNLOAD_BYTES_PER_SECOND
    awake_seconds = START_SECONDS + weights_bytes / LOAD_BYTES_PER_SECOND + SAMPLE_SECONDS
    idle_tail = plan.scaledown_window / 3600 * gpu
    first_run = download_seconds / 3600 * cpu + awake_seconds / 3600 * gpu + idle_tail
    return CostEstimate(
        gpu_per_hour=round(gpu, 4),
        first_run=round(first_run, 4),
        idle_tail=round(idle_tail, 4),
        storage_per_month=round(weights_bytes / GIB * STORAGE_DOLLARS_PER_GIB_MONTH, 4),
        as_of="this workspace's rates" if rates else AS_OF,
        assumptions=(
            f"download {download_seconds:.0f} s on a CPU",
            f"start and sample {awake_seconds:.0f} s on {plan.gpu}",
            f"idle tail {plan.scaledown_window} s on {plan.gpu}",
        ),
    )
