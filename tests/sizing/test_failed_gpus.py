"""A GPU that failed is not recommended again, and neither is one that can do no more."""

from __future__ import annotations

import pytest

from tests.sizing.test_fit_rules import LLAMA, facts_of
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.plan.draft import Draft
from wizard.core.sizing.failed_gpus import OUT_OF_MEMORY, REFUSED, GpuFailure, why_ruled_out
from wizard.core.sizing.gpus import read_gpu
from wizard.core.sizing.memory_fit import TokenBudget, recommend
from wizard.flow.deploy.remedies import other_gpu

MODEL = "acme/m"


@pytest.mark.parametrize(
    ("failed", "code", "other", "is_out"),
    [
        ("T4", OUT_OF_MEMORY, "T4", True),
        ("L4", OUT_OF_MEMORY, "T4", True),
        ("T4", OUT_OF_MEMORY, "L4", False),
        ("T4", OUT_OF_MEMORY, "T4:2", False),
        ("T4", REFUSED, "T4:2", True),
        ("T4", REFUSED, "L4", False),
        ("T4", OUT_OF_MEMORY, "none", False),
    ],
)
def test_what_a_failure_rules_out(failed: str, code: str, other: str, is_out: bool) -> None:
    failure = GpuFailure(failed, MODEL, code)
    assert (why_ruled_out(read_gpu(other), MODEL, [failure]) is not None) is is_out


def test_too_little_memory_for_one_model_says_nothing_of_another() -> None:
    failure = GpuFailure("T4", "acme/large", OUT_OF_MEMORY)
    assert why_ruled_out(read_gpu("T4"), MODEL, [failure]) is None


def test_the_recommendation_leaves_out_what_failed() -> None:
    facts = facts_of(LLAMA)
    usual = recommend(facts, TokenBudget(), engine=DEFAULT_ENGINE).choice.spec
    failures = [GpuFailure(usual, MODEL, OUT_OF_MEMORY)]
    better = recommend(facts, TokenBudget(), engine=DEFAULT_ENGINE, failures=failures).choice
    assert better.usable > read_gpu(usual).usable
    found = other_gpu(Draft(model=MODEL, gpu=usual), facts, DEFAULT_ENGINE, failures, None)
    assert found is not None and found.answers == {"gpu": better.spec}
    assert found.why.startswith(f"{usual} ran out of memory. {better.spec} is selected instead")


def test_nothing_is_changed_where_the_chosen_gpu_has_not_failed() -> None:
    failures = [GpuFailure("T4", MODEL, OUT_OF_MEMORY)]
    assert other_gpu(Draft(model=MODEL, gpu="L4"), None, DEFAULT_ENGINE, failures, None) is None
    assert other_gpu(Draft(model=MODEL, gpu="T4"), None, DEFAULT_ENGINE, failures, None) is not None
