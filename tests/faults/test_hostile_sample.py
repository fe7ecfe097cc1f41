"""A sample of hostile inputs through every reader; `make faults` tries ten thousand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.hostile_inputs import FILES, command_of
from tests.faults.hostile_run import KINDS, run_all


@pytest.mark.long
def test_no_input_comes_through(tmp_path: Path) -> None:
    found = run_all(45 * len(KINDS), 3, tmp_path)
    assert found["lost"] == []
    assert found["tried"] == dict.fromkeys(KINDS, 45)


@pytest.mark.parametrize("kind", FILES)
def test_the_same_seed_makes_the_same_inputs(kind: str) -> None:
    first, second = ([FILES[kind][1](random.Random(seed)) for seed in range(20)] for _ in range(2))
    assert first == second and len(set(first)) > 15
    if kind != "lines":  # they are read without a command
        assert command_of(random.Random(1), kind) == command_of(random.Random(1), kind)
