"""The estimate against published footprints of well-known models: how far it is off, and never in the wrong direction.

Each fixture holds a model's config.json as far as memory depends on it, its weights by dtype (counted from that
configuration, packed as the format packs them) and figures that somebody has measured, with their source. Publishers
measure what torch has allocated, which leaves out the CUDA context: so their figures are compared with weights, cache
and activations, and the overhead is what this program adds on top.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wizard.core.inference.engine_registry import DEFAULT_ENGINE as USUAL
from wizard.core.models.architecture import read_architecture
from wizard.core.models.configuration import quantisation_of
from wizard.core.models.model_info import ModelFacts, ModelFile
from wizard.core.sizing.gpus import GIB, GpuChoice, fit, read_gpu
from wizard.core.sizing.memory_fit import Footprint, TokenBudget, fit_on, footprint

FIXTURES = sorted(Path(__file__).with_name("fixtures").glob("*.json"))
LOW = 0.97  # below, it might say "fits" where it does not
HIGH, HIGH_LONG = 1.15, 1.25  # far above, it wastes money. Qwen3's figures leave out what reading a long prompt takes


@dataclass(frozen=True)
class Published:
    """One published figure, and the model that it is of."""

    facts: ModelFacts
    figure: dict[str, Any]

    @property
    def budget(self) -> TokenBudget:
        return TokenBudget(self.figure["prompt"], self.figure["answer"])

    def __str__(self) -> str:
        return f"{self.facts.repo_id.split('/')[1]}-{self.figure.get('prompt', 'weights')}"


def read(path: Path) -> tuple[ModelFacts, list[dict[str, Any]]]:
    """A fixture as the facts that the Hub's answer and config.json would have been read into."""
    data = json.loads(path.read_text(encoding="utf-8"))
    facts = ModelFacts(
        data["model"], data["model"], "c" * 40, "open", private=False, disabled=False,
        files=(ModelFile("model.safetensors", data["file_bytes"]), ModelFile("config.json", 1000)),
        parameters=data["parameters"],
        quantisation=quantisation_of(data["config"]),
        shape=read_architecture(data["config"]),
    )  # fmt: skip
    return facts, data["published"]


def estimate(published: Published) -> Footprint:
    """Our own figure, for weights as they lie in the file: publishers have the packages that run them packed."""
    return footprint(published.facts, published.budget, published.figure.get("gpus", 1), as_stored=True, engine=USUAL)


ALL = [Published(facts, figure) for facts, figures in map(read, FIXTURES) for figure in figures]
MEASURED = [each for each in ALL if "gib" in each.figure]


def test_there_are_enough_models_to_mean_something() -> None:
    families = {each.facts.repo_id.split("/")[1].split("-")[0] for each in ALL}
    assert len(FIXTURES) >= 20 and len(families) >= 6
    assert all(each.figure["source"] for each in ALL)


@pytest.mark.parametrize("published", MEASURED, ids=str)
def test_what_torch_was_seen_to_allocate(published: Published, record_property: Any) -> None:
    parts = estimate(published)
    estimated, measured = parts.total - parts.overhead, published.figure["gib"]
    off = estimated / measured
    record_property("error", f"{off - 1:+.1%}")
    assert LOW <= off <= (HIGH_LONG if published.figure["prompt"] > 30_000 else HIGH)
    assert parts.total >= measured, "with its overhead the estimate is never below what was measured"


@pytest.mark.parametrize("published", [each for each in ALL if "weights_gib" in each.figure], ids=str)
def test_what_weights_were_seen_to_take(published: Published, record_property: Any) -> None:
    parts = footprint(published.facts, TokenBudget(), as_stored=True, engine=USUAL)
    off = parts.weights / published.figure["weights_gib"]
    record_property("error", f"{off - 1:+.1%}")
    assert 0.97 <= off <= 1.05


@pytest.mark.parametrize("published", [each for each in ALL if "cache_gib" in each.figure], ids=str)
def test_what_the_cache_was_said_to_take(published: Published) -> None:
    assert published.facts.shape is not None
    cache = published.facts.shape.cache_bytes(published.figure["tokens"]) / GIB
    assert cache == pytest.approx(published.figure["cache_gib"], rel=0.01)


@pytest.mark.parametrize("published", [each for each in MEASURED if "gpus" in each.figure], ids=str)
def test_the_number_of_gpus_that_it_was_run_on(published: Published) -> None:
    """The publisher used the fewest that worked: fewer must not be said to fit, and as many must not be ruled out."""
    gpu, count = read_gpu(published.figure["gpu"]).gpu, published.figure["gpus"]
    for fewer in range(1, count):
        assert fit_on(published.facts, published.budget, GpuChoice(gpu, fewer), engine=USUAL).verdict != "fits"
    needed = footprint(published.facts, published.budget, count, as_stored=True, engine=USUAL).total
    assert fit(GpuChoice(gpu, count), needed, engine=USUAL) != "does not fit"


def test_the_error_is_small_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    by_model: dict[str, list[float]] = {}
    for published in MEASURED:
        parts = estimate(published)
        off = (parts.total - parts.overhead) / published.figure["gib"] - 1
        by_model.setdefault(published.facts.repo_id.split("/")[1], []).append(off)
    everything = [abs(off) for errors in by_model.values() for off in errors]
    mean = sum(everything) / len(everything)
    lines = [f"  {name:<34} {min(errors):+6.1%} to {max(errors):+6.1%}" for name, errors in by_model.items()]
    head = f"fit: {len(everything)} published footprints of {len(by_model)} checkpoints, mean error {mean:.1%}"
    with capsys.disabled():
        sys.stdout.write("\n".join(["", head, *lines, ""]))
    assert mean < 0.05
