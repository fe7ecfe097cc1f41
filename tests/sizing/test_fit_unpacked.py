"""Weights in fp8, as the pinned transformers loads them for the app file: what they take is what is planned."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from wizard.codegen.app_file import render_app
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.architecture import read_architecture
from wizard.core.models.configuration import quantisation_of
from wizard.core.models.model_info import ModelFacts, ModelFile
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.plan import Plan
from wizard.core.sizing.gpus import GIB
from wizard.core.sizing.memory_fit import TokenBudget, footprint

pytestmark = pytest.mark.long

torch: Any = pytest.importorskip("torch")
DTYPES = {"torch.bfloat16": "BF16", "torch.float32": "F32", "torch.float8_e4m3fn": "F8_E4M3"}


def packed_model(folder: Path) -> tuple[dict[str, int], dict[str, Any]]:
    """Write a small Llama in blocks of fp8, as Qwen publishes its own; its weights by dtype, and its config."""
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, LlamaConfig

    config = LlamaConfig(
        hidden_size=256, intermediate_size=512, num_hidden_layers=4, num_attention_heads=2, num_key_value_heads=2,
        vocab_size=512,
    )  # fmt: skip
    tensors = {}
    for name, weight in AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).state_dict().items():
        if weight.dim() == 2 and "layers" in name:
            tensors[name] = weight.to(torch.float8_e4m3fn)
            tensors[f"{name}_scale_inv"] = torch.ones(weight.shape[0] // 128, weight.shape[1] // 128)
        else:
            tensors[name] = weight.contiguous()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    method = {"quant_method": "fp8", "activation_scheme": "dynamic", "weight_block_size": [128, 128]}
    described = config.to_dict() | {"architectures": ["LlamaForCausalLM"], "quantization_config": method}
    (folder / "config.json").write_text(json.dumps(described))
    counts: Counter[str] = Counter()
    for tensor in tensors.values():
        counts[DTYPES[str(tensor.dtype)]] += tensor.numel()
    return dict(counts), described


def test_fp8_is_unpacked_to_what_the_plan_counts(tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModelForCausalLM

    parameters, described = packed_model(tmp_path)
    facts = ModelFacts(
        "acme/m", "acme/m", "c" * 40, "open", private=False, disabled=False,
        files=(ModelFile("model.safetensors", (tmp_path / "model.safetensors").stat().st_size),),
        parameters=parameters, quantisation=quantisation_of(described), shape=read_architecture(described),
    )  # fmt: skip
    config = AutoConfig.from_pretrained(tmp_path)
    config.quantization_config["dequantize"] = True
    model = AutoModelForCausalLM.from_pretrained(tmp_path, config=config, dtype=torch.bfloat16)
    taken = sum(weight.numel() * weight.element_size() for weight in model.parameters())
    assert footprint(facts, TokenBudget(), engine=DEFAULT_ENGINE).weights * GIB == pytest.approx(taken, rel=0.03)
    assert footprint(facts, TokenBudget(), as_stored=True, engine=DEFAULT_ENGINE).weights * GIB < 0.75 * taken


def test_the_app_file_asks_for_that() -> None:
    source = render_app(Plan("acme/m", "c" * 40, "m", CHARACTER, "Hi.", "L4", needs_token=False))
    assert 'packed["dequantize"] = True' in source
