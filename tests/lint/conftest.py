"""One pace for the generated examples of this folder: the same ones every time, and no files left behind."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "lint",
    max_examples=int(os.environ.get("WIZARD_EXAMPLES", "12")),
    deadline=None,
    database=None,
    derandomize="WIZARD_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("lint")
