"""The cache that transformers really allocates: a model without weights reads so many tokens on the meta device.

Nothing is computed and nothing is held, so the published sizes can be used as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def true_cache_bytes(config: Mapping[str, Any], tokens: int) -> int:
    """Bytes that the cache holds after one sequence of `tokens` tokens, in 16 bits."""
    return sum(tensor.numel() * tensor.element_size() for tensor in cached_tensors(config, tokens))


def cached_tensors(config: Mapping[str, Any], tokens: int) -> list[Any]:
    """Every tensor of the cache after that, without weights and on no device."""
    import torch
    from transformers import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING, AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    plain = {name: value for name, value in config.items() if name not in ("quantization_config", "auto_map")}
    read = CONFIG_MAPPING[plain["model_type"]].from_dict(plain)
    sees = type(read) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    auto: Any = AutoModelForImageTextToText if sees else AutoModelForCausalLM
    with torch.device("meta"), torch.inference_mode():
        model = auto.from_config(read, dtype=torch.bfloat16, attn_implementation="sdpa")
        ids = torch.zeros(1, tokens, dtype=torch.long)
        out = model.eval()(input_ids=ids, use_cache=True, logits_to_keep=1)
    cache = out.past_key_values
    return [tensor for layer in cache.layers for tensor in _tensors(vars(layer)) if tensor.dim() > 0]


def _tensors(value: Any) -> Iterator[Any]:
    import torch

    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _tensors(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _tensors(each)
