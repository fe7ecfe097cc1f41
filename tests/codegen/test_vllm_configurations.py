"""Apps for published configurations with vLLM: the GPU, the rendered file, and the plan's memory beside vLLM's formula.

vLLM's formula is that of `vllm/v1/kv_cache_interface.py` and `vllm/v1/core/kv_cache_utils.py` of 0.32: a page of 16
tokens takes, on each GPU and for each layer, heads x 16 x (size of a key + size of a value) numbers of 16 bits, with
the heads of `ModelConfig.get_num_kv_heads`; a layer with a window holds the pages of the window and one more.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.models.test_configurations import FOLDER, read
from wizard.codegen.app_file import app_file_name, render_app
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan import Plan
from wizard.core.sizing.answers_at_once import answers_at_once
from wizard.core.sizing.gpus import GIB, read_gpu
from wizard.core.sizing.memory_fit import TokenBudget, footprint

PAGE = 16  # tokens
BUDGET = TokenBudget(1024, 512)


@dataclass(frozen=True)
class Setup:
    """A configuration on GPUs; `windows` are the windows of the layers that have one."""

    model: str
    gpu: str
    auto: str  # what runs it where nobody says
    windows: tuple[int, ...] = ()
    asked: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.model} on {self.gpu}"


SETUPS = [
    Setup("SmolLM3-3B", "L4", "transformers"),
    Setup("SmolLM3-3B", "T4", "transformers", asked={"fast_start": True, "snapshot": "none"}),
    Setup("SmolLM3-3B", "H100", "transformers", asked={"snapshot": "gpu"}),
    Setup("Qwen3-8B-FP8", "L4", "vllm"),
    Setup("Qwen3-8B-FP8", "H100", "vllm", asked={"endpoint": True}),
    Setup("Qwen3-4B-AWQ", "L4", "vllm"),
    Setup("Qwen3-8B-GPTQ-Int4", "A10", "vllm"),
    Setup("gpt-oss-20b", "H100", "vllm", windows=(128,) * 12),  # MXFP4, experts, every second layer with a window
    Setup("Qwen3-VL-30B-A3B-Instruct", "H100", "transformers"),  # experts and images
    Setup("Qwen3-VL-30B-A3B-Instruct", "H100:8", "vllm"),  # more GPUs than heads of keys and values
    Setup("GLM-4.5-Air", "H100:4", "vllm"),
    Setup("DeepSeek-V3.1", "B200:8", "vllm"),  # a latent in place of heads
]


def plan_of(setup: Setup, **asked: Any) -> Plan:
    case = read(FOLDER / f"{setup.model}.json")
    draft = Draft(model=case.facts.repo_id, output=CHARACTER, gpu=setup.gpu, max_tokens=BUDGET.answer)
    return replace(draft, **(setup.asked | asked)).finish(case.facts)


def pages_of_vllm(config: dict[str, Any], setup: Setup, gpus: int) -> int:
    """Bytes on one GPU for one text of the budget's length, after its prompt has been read."""
    text = config.get("text_config", config)
    layers = text["num_hidden_layers"]
    if "kv_lora_rank" in text:
        heads, numbers = 1, text["kv_lora_rank"] + text["qk_rope_head_dim"]
    else:
        heads = max(1, text["num_key_value_heads"] // gpus)
        numbers = 2 * text.get("head_dim", text["hidden_size"] // text["num_attention_heads"])
    page = heads * PAGE * numbers * 2
    whole = -(-BUDGET.tokens // PAGE)
    pages = whole * (layers - len(setup.windows)) + sum(-(-window // PAGE) + 1 for window in setup.windows)
    return pages * page


@pytest.mark.parametrize("setup", SETUPS, ids=str)
def test_the_plan_counts_memory_as_vllm_does(setup: Setup) -> None:
    case, plan = read(FOLDER / f"{setup.model}.json"), plan_of(setup, engine="vllm")
    engine, choice = plan.inference_engine, read_gpu(plan.gpu)
    assert plan_of(setup).engine == setup.auto
    theirs = pages_of_vllm(case.data["config"], setup, choice.count) * choice.count
    found = answers_at_once(case.facts, BUDGET, choice, engine)
    ours = found.room * GIB / found.fit
    assert found.fit > 0 and ours == pytest.approx(theirs, rel=0.02 if not setup.windows else 0.06)
    parts = footprint(case.facts, BUDGET, choice.count, engine=engine)
    stored = case.data.get("weights_bytes") or 2 * sum(case.data["parameters"].values())
    assert parts.weights * GIB == pytest.approx(stored, rel=0.01), "packed weights stay packed"
    # requested_memory = gpu_memory_utilization x what the GPU has; the cache gets what weights and the peak leave
    left = choice.usable * engine.memory_share - parts.weights - parts.overhead
    assert 0 <= left - found.room < 0.15 * left
    assert found.fit == int(found.room * GIB / ours + 1e-9)


def test_the_apps_say_what_vllm_needs_and_are_imported_by_the_sdk(tmp_path: Path) -> None:
    for number, setup in enumerate(SETUPS):
        plan = plan_of(setup, engine="vllm", app=f"app-{number}")
        source = render_app(plan)
        names = {
            target.id: node.value
            for node in ast.parse(source).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        said = {name: ast.literal_eval(names[name]) for name in ("GPU", "GPUS", "DTYPE", "MAX_CALLS", "FAST_START")}
        choice = read_gpu(setup.gpu)
        dtype = "float16" if setup.gpu == "T4" else "auto"
        assert said == {
            "GPU": setup.gpu,
            "GPUS": choice.count,
            "DTYPE": dtype,
            "MAX_CALLS": 256,
            "FAST_START": plan.fast_start,
        }
        assert ("enable_gpu_snapshot" in source) == (plan.snapshot == "gpu") == ("enable_sleep_mode" in source)
        (tmp_path / app_file_name(plan)).write_text(source)
    program = (
        "import importlib.util, json, pathlib, sys\n"
        "found = []\n"
        "for path in sorted(pathlib.Path(sys.argv[1]).glob('app_*.py')):\n"
        "    spec = importlib.util.spec_from_file_location(path.stem, path)\n"
        "    module = importlib.util.module_from_spec(spec)\n"
        "    spec.loader.exec_module(module)\n"
        "    found.append([module.app.name, sorted(module.app.registered_functions)])\n"
        "print(json.dumps(found))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=120, check=True
    )
    found = dict(json.loads(done.stdout))
    assert len(found) == len(SETUPS)
    assert all("download" in functions and "Generator.*" in functions for functions in found.values())
