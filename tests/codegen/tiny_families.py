"""Tiny models of today's families with random weights, as the library saves them, with the rehearsal's tokenizer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.support.app_process import MODEL

TEXT: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 1024, "max_position_embeddings": 512, "pad_token_id": 1,
}  # fmt: skip
VISION: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 28,
    "patch_size": 14,
}  # fmt: skip
EXPERTS: dict[str, Any] = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
PARTS_ONLY = (  # as many models that see have it: a plain text is gone through letter by letter, and nothing is written
    "{% for message in messages %}<|user|>{% for part in message['content'] %}{% if part['type'] == 'text' %}"
    "{{ part['text'] }}{% endif %}{% endfor %}{% endfor %}<|assistant|>"
)
FAMILIES: dict[str, dict[str, Any]] = {
    "mistral3": {
        "text_config": {**TEXT, "model_type": "mistral"}, "vision_config": {**VISION, "model_type": "pixtral"},
        "image_token_id": 10,
    },
    "qwen3_vl": {
        "text_config": {**TEXT, "rope_parameters": {"rope_type": "default", "mrope_section": [2, 1, 1]}},
        "vision_config": {
            "hidden_size": 32, "depth": 1, "num_heads": 2, "intermediate_size": 64, "out_hidden_size": 32,
            "deepstack_visual_indexes": [0],
        },
    },
    "gemma4": {
        "text_config": {
            **TEXT, "num_hidden_layers": 6, "global_head_dim": 16, "hidden_size_per_layer_input": 8,
            "vocab_size_per_layer_input": 1024, "sliding_window": 32, "num_kv_shared_layers": 0,
        },
        "vision_config": None, "audio_config": None,
    },
    "llama4": {
        "text_config": {**TEXT, "intermediate_size_mlp": 64, "num_local_experts": 2, "num_experts_per_tok": 1},
        "vision_config": {**VISION, "vision_output_dim": 32, "projector_input_dim": 32, "projector_output_dim": 32},
    },
    "smolvlm": {
        "text_config": {**TEXT, "model_type": "llama"}, "vision_config": {**VISION, "model_type": "smolvlm_vision"},
    },
    "qwen3_next": {
        **TEXT, **EXPERTS, "num_hidden_layers": 4, "full_attention_interval": 4, "shared_expert_intermediate_size": 16,
        "linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 8, "linear_value_head_dim": 8,
    },
    "qwen3_moe": {**TEXT, **EXPERTS},
    "gpt_oss": {**TEXT, "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 32},
}  # fmt: skip


def tiny(model_type: str, folder: Path) -> Path:
    """A model of that type in a folder that is made for it."""
    import torch
    from transformers import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING, AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    shutil.copytree(MODEL, folder, ignore=shutil.ignore_patterns("model.safetensors", "config.json"))
    config = CONFIG_MAPPING[model_type](**FAMILIES[model_type])
    sees = type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    auto: Any = AutoModelForImageTextToText if sees else AutoModelForCausalLM
    torch.manual_seed(0)
    generation = (folder / "generation_config.json").read_text()
    auto.from_config(config).save_pretrained(folder)
    (folder / "generation_config.json").write_text(generation)
    if model_type == "smolvlm":  # where older models that see keep it
        (folder / "chat_template.jinja").unlink()
        (folder / "chat_template.json").write_text(json.dumps({"chat_template": PARTS_ONLY}))
    return folder
