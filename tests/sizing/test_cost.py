"""The estimate of what a first run costs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.cost import (
    awake_of_another,
    awake_per_hour,
    call_dollars,
    dollars,
    estimate,
    measure,
)
from wizard.core.plan.inference_engine.figures import step_seconds
from wizard.core.plan.plan import Plan
from wizard.core.sizing.gpus import read_gpu

PLAN = Plan("acme/m", "c" * 40, "m", CHARACTER, "Hi.", "L4", needs_token=True)
GB14 = 14_000_000_000


def test_the_sum_is_what_a_person_would_add_up() -> None:
    cost = estimate(PLAN, GB14)
    beside = 0.0473 + 4 * 0.008  # a core and 4 GiB
    awake = beside + 0.80
    sample = 200 * (0.020 + 14e9 / (300e9 * 0.8))
    assert cost.gpu_per_hour == 0.8
    assert cost.per_hour == pytest.approx(awake)
    assert cost.build == pytest.approx(180 / 3600 * beside, abs=1e-4)
    assert cost.download == pytest.approx(150 / 3600 * beside, abs=1e-4)
    assert cost.cold_start == pytest.approx((25 + 28) / 3600 * awake, abs=1e-4)
    assert cost.sample == pytest.approx(sample / 3600 * awake, abs=1e-5)
    assert cost.per_thousand_calls == pytest.approx(1000 * sample / 3600 * awake, abs=1e-3)
    assert cost.idle_tail == pytest.approx(120 / 3600 * awake, abs=1e-4)
    parts = cost.build + cost.download + cost.cold_start + cost.sample + cost.idle_tail
    assert cost.first_run == pytest.approx(parts, abs=3e-4)
    assert cost.storage_per_month == pytest.approx(GB14 / 1024**3 * 0.09, abs=1e-4)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0.0, "$0.00"),
        (12.345, "$12.35"),
        (1234.5, "$1,234.50"),
        (0.0223, "$0.022"),
        (0.0004, "$0.0004"),
        (0.00001, "under $0.0001"),
    ],
)
def test_an_amount_is_never_rounded_to_nothing(amount: float, shown: str) -> None:
    assert dollars(amount) == shown


def test_what_is_there_already_costs_nothing_again() -> None:
    first, again = estimate(PLAN, GB14), estimate(PLAN, GB14, build=False, download=False)
    assert again.build == again.download == 0
    assert again.first_run == pytest.approx(first.first_run - first.build - first.download, abs=2e-4)
    assert any("already" in text for text in again.assumptions)


def test_the_speed_of_an_answer_is_near_what_was_published() -> None:
    """Tokens a second with transformers on A100s, as Qwen's documentation gives them for Qwen2.5 in 16 bits."""
    for billions, gpu, published in ((0.49, "A100-80GB", 47.4), (14.77, "A100-80GB", 24.7), (72.7, "A100-80GB:2", 8.7)):
        found = 1 / step_seconds(billions * 2e9, read_gpu(gpu), DEFAULT_ENGINE)
        assert found == pytest.approx(published, rel=0.2), (billions, found)


def test_what_was_measured_is_counted_at_the_same_prices() -> None:
    spent = measure(PLAN, 36.0, 72.0)
    beside = 0.0473 + 4 * 0.008
    assert spent.download == pytest.approx(36 / 3600 * beside)
    assert spent.sample == pytest.approx(72 / 3600 * (beside + 0.80), abs=1e-6) == call_dollars("L4", 72.0)
    assert spent.idle_tail == pytest.approx(120 / 3600 * (beside + 0.80), abs=1e-6)
    assert spent.total == pytest.approx(spent.download + spent.sample + spent.idle_tail, abs=1e-5)
    assert measure(PLAN, 0.0, 0.0).total == 0, "no container was started, none stays awake"
    dear = measure(PLAN, 36.0, 72.0, {"gpu_hour_cost_l4": 8.0, "cpu_hour_cost": 1.0})
    assert dear.sample > spent.sample and dear.download > spent.download and "workspace" in dear.as_of


@pytest.mark.parametrize("dearer", [{"gpu": "H100"}, {"gpu": "L4:2"}, {"scaledown_window": 600}])
def test_dearer_choices_cost_more(dearer: dict[str, object]) -> None:
    assert estimate(replace(PLAN, **dearer), GB14).first_run > estimate(PLAN, GB14).first_run  # type: ignore[arg-type]


def test_without_a_gpu_the_cpu_and_its_memory_are_paid_for_and_nothing_beside_them() -> None:
    small = 270_000_000
    cost = estimate(replace(PLAN, gpu="none"), small)
    assert cost.gpu_per_hour == 0
    assert cost.per_hour == pytest.approx(4 * 0.0473 + 12 * 0.008, abs=1e-4)
    assert not any("beside the GPU" in text or "on none" in text for text in cost.assumptions)
    assert any("on CPU" in text for text in cost.assumptions)
    assert any("no GPU" in text for text in cost.assumptions)
    assert step_seconds(small, read_gpu("none"), DEFAULT_ENGINE) > 2 * step_seconds(
        small, read_gpu("T4"), DEFAULT_ENGINE
    )
    assert call_dollars("none", 3600) == pytest.approx(cost.per_hour, abs=1e-4)


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
    assert {"build", "download", "cold_start", "sample", "per_hour", "per_thousand_calls", "seconds"} <= set(data)


def test_a_gpu_of_a_later_version_has_no_price_here() -> None:
    assert awake_of_another("L4") == awake_per_hour("L4")
    assert awake_of_another("Q7000") is awake_of_another(None) is None
