"""A model whose logits are scripted: what it wants to write next depends on its last token alone. It is a real Llama,
loaded and run by the real engines, whose only layer adds nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.codegen.thinking_families import FAMILIES, tokenizer_of

FAMILY = FAMILIES["qwen3"]
SIZE, HEAD = 320, 64  # tokens and width; of each attention head
# After the opening tag it writes Hm, as many m as the draw says, a dot, and the closing tag.
SCRIPT: Mapping[str, str] = {"\n": "H", "H": "m", "m": ".m", ".": "</think>"}


def scripted(folder: Path, script: Mapping[str, str] = SCRIPT) -> Path:
    """The model in a folder that is made for it. Several letters for a token are equally likely."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer: Any = tokenizer_of(FAMILY.template, FAMILY.tokens, FAMILY.special)
    config = LlamaConfig(
        vocab_size=SIZE,
        hidden_size=SIZE,
        intermediate_size=HEAD,
        num_hidden_layers=1,
        num_attention_heads=SIZE // HEAD,
        num_key_value_heads=SIZE // HEAD,
        head_dim=HEAD,
        max_position_embeddings=512,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.fill_(1.0 if "norm" in name else 0.0)
        model.model.embed_tokens.weight.copy_(torch.eye(SIZE))
        for last, wanted in script.items():
            row = tokenizer(last)["input_ids"][0]
            for number in tokenizer(wanted)["input_ids"]:
                model.lm_head.weight[number, row] = 1.0
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    settings = json.loads((folder / "generation_config.json").read_text())
    ends = [tokenizer.eos_token_id, tokenizer.get_vocab()["</think>"]]  # some configurations have the tag there too
    (folder / "generation_config.json").write_text(json.dumps(settings | {"do_sample": True, "eos_token_id": ends}))
    return folder
