"""Modal's list prices and GPU names: the one table to edit when they change.

Seen in October 2026: the keys and figures of ``modal billing rates --json`` as four public repositories quote
them, and the GPU names of the ``gpu=`` argument in Modal's reference. Prices are USD per hour, except storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SEEN_ON = "2026-10-15"

RATES: Mapping[str, str] = MappingProxyType(
    {
        "cpu_hour_cost": "0.04730",
        "cpu_hour_cost_sandbox": "0.141900",
        "gpu_hour_cost_a100_40gb": "2.10000",
        "gpu_hour_cost_a100_80gb": "2.50000",
        "gpu_hour_cost_a10g": "1.10000",
        "gpu_hour_cost_b200": "6.25000",
        "gpu_hour_cost_b300": "7.10000",
        "gpu_hour_cost_h100": "3.95000",
        "gpu_hour_cost_h200": "4.54000",
        "gpu_hour_cost_l4": "0.80000",
        "gpu_hour_cost_l40s": "1.95000",
        "gpu_hour_cost_rtx6000": "3.03000",
        "gpu_hour_cost_t4": "0.59000",
        "mem_gib_hour_cost": "0.00800",
        "mem_gib_hour_cost_sandbox": "0.024000",
        "volume_storage_gib_month_cost": "0.09000",
    }
)

GPUS = frozenset(
    {
        "T4",
        "L4",
        "A10",
        "A10G",
        "L40S",
        "A100",
        "A100-40GB",
        "A100-80GB",
        "RTX-PRO-6000",
        "H100",
        "H100!",
        "H200",
        "B200",
        "B200+",
        "B300",
    }
)
