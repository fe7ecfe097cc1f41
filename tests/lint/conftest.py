"""One pace for the generated examples of this folder: the same ones every time, and no files left behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "codegen"))  # the app of a plan, run by itself

settings.register_profile(
    "lint",
    max_examples=int(os.environ.get("WIZARD_EXAMPLES", "12")),
    deadline=None,
    database=None,
    derandomize="WIZARD_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("lint")
