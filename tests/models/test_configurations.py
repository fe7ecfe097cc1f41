"""Published configurations of 2025 and 2026, each with the answer that it must get: what it is, its cache, its size.

A fixture has what the Hub and config.json say as far as loading and memory depend on it. The cache in `expected` is
what transformers 5.23 allocated for such a model (`tests/sizing/true_cache.py`), the parameters are what it counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from wizard.core.inference.engine_registry import DEFAULT_ENGINE, engine_named
from wizard.core.inference.engine_registry import DEFAULT_ENGINE as USUAL
from wizard.core.models.configuration import with_config
from wizard.core.models.known_models import SUGGESTED
from wizard.core.models.loading import why_not_loadable, why_not_quantised
from wizard.core.models.model_defaults import FILE
from wizard.core.models.model_info import ModelFacts
from wizard.core.sizing.gpus import GIB
from wizard.core.sizing.memory_fit import TokenBudget, footprint
from wizard.services.hub.answers import read_facts

FOLDER = Path(__file__).with_name("configurations")
MOST = 1.15  # of what is needed
WINDOW = 0.999  # a layer with a window keeps one token less than its window between two steps


@dataclass(frozen=True)
class Case:
    """One fixture, and the facts that it is read into."""

    data: dict[str, Any]
    facts: ModelFacts

    @property
    def expected(self) -> dict[str, Any]:
        expected: dict[str, Any] = self.data["expected"]
        return expected

    def __str__(self) -> str:
        return str(self.data["model"])


def read(path: Path) -> Case:
    data = json.loads(path.read_text(encoding="utf-8"))
    weights = data.get("weights_bytes") or 2 * sum(data["parameters"].values())
    siblings = [{"rfilename": name, "size": weights if "safetensors" in name else 1000} for name in data["files"]]
    answer = {"id": data["model"], "sha": "c" * 40, "siblings": siblings, **data["hub"]}
    answer["safetensors"] = {"parameters": data["parameters"]}
    answer["config"] = {name: data["config"][name] for name in SHOWN if name in data["config"]}
    return Case(data, with_config(read_facts(answer, data["model"]), data["config"]))


SHOWN = ("architectures", "model_type", "auto_map", "quantization_config")  # what the Hub repeats of a configuration
ALL = [read(path) for path in sorted(FOLDER.glob("*.json"))]
MEASURED = [each for each in ALL if "cache" in each.expected]


def test_there_are_enough_of_every_kind() -> None:
    assert len(ALL) >= 40 and len([each for each in ALL if each.data["as_of"] >= "2026"]) >= 15
    for word in ("fp8", "mxfp4", "gptq", "awq", "compressed-tensors", "mlx"):
        assert any(each.facts.quantisation == word for each in ALL), word
    assert all(each.data["source"] for each in ALL)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_what_becomes_of_it(case: Case) -> None:
    wrong, packed = why_not_loadable(case.facts, USUAL), why_not_quantised(case.facts, USUAL)
    if wrong:
        found, words = ("weights_missing" if wrong.generates_text else "not_a_text_model"), wrong.why
        assert case.expected.get("way_on", "") in wrong.way_on
    else:
        found, words = ("quantisation_unsupported" if packed else "ready"), packed or ""
    assert found == case.expected["verdict"]
    assert case.expected.get("says", "") in words


@pytest.mark.parametrize("case", MEASURED, ids=str)
def test_the_cache_is_what_the_library_allocates(case: Case) -> None:
    assert case.facts.shape is not None
    cache = case.expected["cache"]
    assert WINDOW <= case.facts.shape.cache_bytes(cache["tokens"]) / cache["bytes"] <= MOST


@pytest.mark.parametrize("case", [each for each in MEASURED if each.data["model"].startswith("defaults/")], ids=str)
def test_what_a_configuration_leaves_out_is_filled_in(case: Case) -> None:
    """Hub configurations name an interval, or nothing at all, where the library writes every layer out."""
    config = case.data["config"]
    inner = config.get("text_config", config)
    short = {name: value for name, value in inner.items() if name not in ("layer_types", "per_layer_config")}
    less = with_config(case.facts, {**config, "text_config": short} if "text_config" in config else short)
    assert less.shape is not None and case.facts.shape is not None
    assert less.shape.cache_bytes(20_000) == case.facts.shape.cache_bytes(20_000)


@pytest.mark.parametrize("case", [each for each in MEASURED if each.expected["verdict"] == "ready"], ids=str)
def test_the_weights_are_all_parameters_in_sixteen_bits(case: Case) -> None:
    """Those of the vision tower and of every expert too; packed ones are unpacked by transformers, and not by vLLM."""
    parts = footprint(case.facts, TokenBudget(), engine=USUAL)
    assert parts.weights * GIB == pytest.approx(2 * case.expected["parameters"], rel=0.06)
    if case.facts.quantisation and (size := case.data.get("weights_bytes")):
        assert footprint(case.facts, TokenBudget(), engine=engine_named("vllm")).weights * GIB == pytest.approx(size)


@pytest.mark.long
def test_the_defaults_are_those_of_the_installed_library() -> None:
    if version("transformers") != DEFAULT_ENGINE.version:
        pytest.skip("another transformers is installed than the engine pins")
    from tests.models.defaults_table import text

    written = files("wizard.core.models").joinpath(FILE).read_text(encoding="utf-8")
    assert written == text(), "run python -m tests.models.defaults_table"


@pytest.mark.long
@pytest.mark.parametrize("case", MEASURED, ids=str)
def test_the_library_still_allocates_that(case: Case) -> None:
    """At another length than the fixture's, and at once the parameters."""
    pytest.importorskip("torch")
    if version("transformers") != DEFAULT_ENGINE.version:
        pytest.skip("another transformers is installed than the engine pins")
    from tests.sizing.true_cache import measured

    assert case.facts.shape is not None
    cache, parameters = measured(case.data["config"], 200)
    assert parameters == case.expected["parameters"]
    assert WINDOW <= case.facts.shape.cache_bytes(200) / cache <= 1.25, "what is not summed up yet weighs more here"


def test_the_model_that_the_first_screen_suggests_is_of_a_family_that_the_usual_engine_loads() -> None:
    (family,) = (case for case in ALL if case.data["model"] == "defaults/qwen3_5")
    assert family.data["source"].split("/")[-1].startswith(SUGGESTED.split("/")[1].rsplit("-", 1)[0])
    assert why_not_loadable(family.facts, DEFAULT_ENGINE) is None
