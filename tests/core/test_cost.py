"""The estimate of what a first run costs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from wizard.core.cost import estimate
from wizard.core.output_type import CHARACTER
from wizard.core.plan import Plan

PLAN = Plan("acme/m", "c" * 40, "m", CHARACTER, "Hi.", "L4", needs_token=True)
GB14 = 14_000_000_000


def test_the_sum_is_what_a_person_would_add_up() -> None:
    cost = estimate(PLAN, GB14)
    awake = (25 + 28 + 15) / 3600 * 0.80
    download = 150 / 3600 * (0.0473 + 2 * 0.008)
    assert cost.gpu_per_hour == 0.8
    assert cost.idle_tail == pytest.approx(120 / 3600 * 0.80, abs=1e-4)
    assert cost.first_run == pytest.approx(awake + download + 120 / 3600 * 0.80, abs=1e-4)
    assert cost.storage_per_month == pytest.approx(GB14 / 1024**3 * 0.09, abs=1e-4)


@pytest.mark.parametrize("dearer", [{"gpu": "H100"}, {"gpu": "L4:2"}, {"scaledown_window": 600}])
def test_dearer_choices_cost_more(dearer: dict[str, object]) -> None:
    assert estimate(replace(PLAN, **dearer), GB14).first_run > estimate(PLAN, GB14).first_run  # type: ignore[arg-type]


def test_the_workspace_rates_are_used_and_said() -> None:
    cost = estimate(PLAN, GB14, {"gpu_hour_cost_l4": 8.0})
    assert cost.gpu_per_hour == 8.0
    assert "workspace" in cost.as_of
    assert "workspace" not in estimate(PLAN, GB14).as_of


def test_the_mapping_is_plain_json_in_dollars_with_its_assumptions() -> None:
    data = json.loads(json.dumps(estimate(PLAN, GB14).to_mapping()))
    assert data["currency"] == "USD"
    assert any("120 s" in text for text in data["assumptions"])
    assert {"gpu_per_hour", "first_run", "idle_tail", "storage_per_month", "as_of"} <= set(data)
