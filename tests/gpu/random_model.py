"""A model with random weights and the tokenizer of the demo's: any size, made on the spot, in 16 bits or as FP8."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.app_process import MODEL

BLOCK = 128  # FP8 weights have one scale for each block of so many rows and columns
COPIED = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json")


@dataclass(frozen=True)
class Size:
    """The shape of a Llama: `large` has about a billion parameters, `tiny` what a CPU answers with in seconds."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    context: int


SIZES = {
    "large": Size(hidden=2048, layers=18, heads=16, inner=7168, vocabulary=32000, context=8192),
    "tiny": Size(hidden=128, layers=2, heads=4, inner=256, vocabulary=1024, context=1024),
}


def config_of(size: Size, *, fp8: bool) -> dict[str, Any]:
    """Its config.json."""
    config = json.loads((MODEL / "config.json").read_text())
    config |= {
        "hidden_size": size.hidden,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "num_key_value_heads": max(1, size.heads // 4),
        "head_dim": size.hidden // size.heads,
        "intermediate_size": size.inner,
        "vocab_size": size.vocabulary,
        "max_position_embeddings": size.context,
        "tie_word_embeddings": False,
    }
    if fp8:
        config["quantization_config"] = {
            "quant_method": "fp8",
            "activation_scheme": "dynamic",
            "weight_block_size": [BLOCK, BLOCK],
        }
    return config


def make(folder: Path, size: Size, *, fp8: bool = False) -> int:
    """Write the model into `folder`; returns how many parameters it has."""
    import torch
    from safetensors.torch import save_file
    from transformers import AutoConfig, AutoModelForCausalLM

    folder.mkdir(parents=True)
    for name in COPIED:
        if (MODEL / name).is_file():
            shutil.copyfile(MODEL / name, folder / name)
    (folder / "config.json").write_text(json.dumps(config_of(size, fp8=fp8)))
    plain = config_of(size, fp8=False)
    torch.manual_seed(7)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**plain), dtype=torch.bfloat16)
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    count = sum(tensor.numel() for tensor in weights.values())
    if fp8:
        weights = _packed(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return count


def _packed(weights: dict[str, Any]) -> dict[str, Any]:
    """The weights of the layers as FP8, each block with its scale."""
    import torch

    packed = {}
    for name, tensor in weights.items():
        if tensor.dim() != 2 or "layers" not in name:
            packed[name] = tensor
            continue
        rows, columns = tensor.shape
        blocks = tensor.float().view(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK)
        scale = blocks.abs().amax(dim=(1, 3), keepdim=True).clamp(min=1e-12) / 448.0
        packed[name] = (blocks / scale).to(torch.float8_e4m3fn).view(rows, columns).contiguous()
        packed[name + "_scale_inv"] = scale.view(rows // BLOCK, columns // BLOCK).contiguous()
    return packed
