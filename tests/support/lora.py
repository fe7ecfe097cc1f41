"""A LoRA adapter of the rehearsal model with random weights, as peft writes it; it changes what is answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.app_process import MODEL


def write_lora(folder: Path, seed: int, base: str | None, rank: int = 8, **config: Any) -> Path:
    """Write the adapter of `seed` into a folder; its configuration names `base`."""
    import numpy
    from safetensors.numpy import save_file

    random, sizes = numpy.random.default_rng(seed), json.loads((MODEL / "config.json").read_text(encoding="utf-8"))
    hidden, heads = sizes["hidden_size"], sizes["num_attention_heads"]
    of_head = sizes.get("head_dim") or hidden // heads
    shapes = {
        "self_attn.q_proj": (hidden, heads * of_head),
        "self_attn.v_proj": (hidden, sizes["num_key_value_heads"] * of_head),
        "mlp.down_proj": (sizes["intermediate_size"], hidden),
    }
    tensors = {}
    for layer in range(sizes["num_hidden_layers"]):
        for module, (into, out) in shapes.items():
            name = f"base_model.model.model.layers.{layer}.{module}"
            for part, shape in (("lora_A", (rank, into)), ("lora_B", (out, rank))):
                tensors[f"{name}.{part}.weight"] = (random.standard_normal(shape) / 8).astype(numpy.float32)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    modules = sorted(module.rpartition(".")[2] for module in shapes)
    named = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": base, "r": rank}
    more = {"lora_alpha": 2 * rank, "target_modules": modules, "bias": "none", "inference_mode": True}
    (folder / "adapter_config.json").write_text(json.dumps(named | more | config), encoding="utf-8")
    return folder
