"""GPUs: reading what people type, and what fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.core.inference.engine_registry import DEFAULT_ENGINE as USUAL
from wizard.core.problem import ExitCode, Problem
from wizard.core.sizing.gpus import (
    CHOICES,
    GPUS,
    GpuChoice,
    fit,
    memory_needed,
    next_larger,
    one_device,
    read_gpu,
    smallest_that_fits,
)


@pytest.mark.parametrize(
    ("typed", "spec"),
    [
        ("L4", "L4"),
        ("l4", "L4"),
        (" H100 ", "H100"),
        ("H100:2", "H100:2"),
        ("h100:1", "H100"),
        ("A100", "A100-40GB"),
        ("a100-80gb", "A100-80GB"),
        ("A10G", "A10"),
        ("H100!", "H100"),
        ("rtx-pro-6000", "RTX-PRO-6000"),
        ("T4:8", "T4:8"),
        ("none", "none"),
        ("None", "none"),
        ("cpu", "none"),
    ],
)
def test_a_gpu_as_people_write_it(typed: str, spec: str) -> None:
    assert read_gpu(typed).spec == spec
    assert read_gpu(spec).spec == spec


@pytest.mark.parametrize(
    "typed", ["", "L5", "V100", "H100:0", "H100:9", "H100:x", "H100:-1", "H100:2:2", ":2", "H1000", "none:1", "none:2"]
)
def test_a_gpu_that_modal_does_not_have(typed: str) -> None:
    with pytest.raises(Problem) as caught:
        read_gpu(typed)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint


def test_the_table_is_in_order_and_plausible() -> None:
    prices = [gpu.dollars_per_hour for gpu in GPUS]
    assert prices == sorted(prices)
    assert len({gpu.name for gpu in GPUS}) == len({gpu.rate_key for gpu in GPUS}) == len(GPUS)
    assert all(read_gpu(gpu.name).gpu is gpu for gpu in GPUS)


def test_the_workspace_rate_beats_the_list() -> None:
    two = read_gpu("H100:2")
    assert two.dollars_per_hour() == pytest.approx(2 * 3.95)
    assert two.dollars_per_hour({"gpu_hour_cost_h100": 1.5}) == pytest.approx(3.0)
    assert two.dollars_per_hour({"gpu_hour_cost_l4": 1.5}) == pytest.approx(2 * 3.95)


def test_no_gpu_costs_the_cpu_and_its_memory_and_is_chosen_for_nobody() -> None:
    none = read_gpu("none")
    assert none.is_cpu and none.words == "CPU"
    assert none.dollars_per_hour() == pytest.approx(4 * 0.0473 + 12 * 0.008)
    assert none.dollars_per_hour({"cpu_hour_cost": 1.0, "mem_gib_hour_cost": 0.5}) == pytest.approx(4 + 6)
    assert not any(choice.is_cpu for choice in CHOICES)
    larger = next_larger(none)
    assert larger is not None
    assert not larger.is_cpu


@pytest.mark.parametrize(
    ("billions", "gpu"),
    [(0.1, "T4"), (3, "T4"), (7, "L4"), (8, "L4"), (13, "L40S"), (32, "A100-80GB"), (70, "B200"), (100, "B300")],
)
def test_the_cheapest_gpu_with_room(billions: float, gpu: str) -> None:
    """Two bytes for a parameter, a twelfth for the cache and the activations, overhead, and some of it left free."""
    needed = memory_needed({"BF16": int(billions * 1e9)}, 0, USUAL)
    assert smallest_that_fits(needed, engine=USUAL).spec == gpu


def test_several_gpus_only_when_one_is_not_enough() -> None:
    assert smallest_that_fits(400, engine=USUAL).count == 2
    with pytest.raises(Problem) as caught:
        smallest_that_fits(10_000, engine=USUAL)
    assert caught.value.code == "model_too_large"


def test_memory_counts_dtypes_and_falls_back_to_the_files() -> None:
    assert memory_needed({"F32": 10**9}, 4 * 10**9, USUAL) == memory_needed({"BF16": 10**9}, 0, USUAL), (
        "loaded in 16 bits"
    )
    assert memory_needed({"F8_E4M3": 10**9}, 0, USUAL) < memory_needed({"BF16": 10**9}, 0, USUAL)
    assert memory_needed({"I32": 7 * 10**9, "F16": 10**9}, 4 * 10**9, USUAL) < memory_needed(
        {"F16": 3 * 10**9}, 0, engine=USUAL
    )
    assert memory_needed({}, 2 * 10**9, USUAL) == pytest.approx(memory_needed({"BF16": 10**9}, 0, USUAL))


@given(needed=st.floats(min_value=0.1, max_value=1900))
def test_what_is_proposed_fits_and_nothing_cheaper_of_its_count_does(needed: float) -> None:
    choice = smallest_that_fits(needed, engine=USUAL)
    assert fit(choice, needed, USUAL) == "fits"
    rivals = [GpuChoice(gpu, choice.count) for gpu in GPUS]
    assert all(
        rival.dollars_per_hour() >= choice.dollars_per_hour() for rival in rivals if fit(rival, needed, USUAL) == "fits"
    )


def test_tight_is_said() -> None:
    assert fit(read_gpu("L4"), 20.5, USUAL) == "fits"
    assert fit(read_gpu("L4"), 21.9, USUAL) == "tight"
    assert fit(read_gpu("L4"), 22.1, USUAL) == "does not fit", "of the 24 GiB on the box, a program can use 22"
    assert fit(read_gpu("L4:2"), 41, USUAL) == "fits"


def test_the_next_larger_gpu_is_the_cheapest_with_a_quarter_more() -> None:
    expected = {"T4": "L4", "L4": "L40S", "A10": "L40S", "L40S": "A100-80GB", "H100": "H200", "B200": "B300"}
    for name, larger in expected.items():
        found = next_larger(read_gpu(name))
        assert found is not None and found.spec == larger
    assert next_larger(read_gpu("B300:8")) is None
    cheap = next_larger(read_gpu("T4"), {"gpu_hour_cost_h100": 0.10})
    assert cheap is not None and cheap.spec == "H100", "at the workspace's own prices"


def test_a_gpu_has_the_article_that_is_spoken() -> None:
    said = [one_device(gpu.name) for gpu in GPUS]
    assert [words for words in said if words.startswith("a ")] == ["a T4", "a B200", "a B300"]
    assert {"an L4", "an A10", "an H100", "an A100-80GB", "an RTX-PRO-6000"} <= set(said)
    assert one_device("none") == "a CPU"
