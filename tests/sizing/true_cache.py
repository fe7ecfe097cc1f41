"""The cache that transformers really allocates: a model without weights reads so many tokens on the meta device.

Nothing is computed and nothing is held, so the published sizes can be used as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SMALL = {"hidden_size": 64, "intermediate_size": 64, "vocab_size": 512, "vocab_size_per_layer_input": 512}


def measured(config: Mapping[str, Any], tokens: int) -> tuple[int, int]:
    """Bytes of the cache after one sequence of `tokens` tokens in 16 bits, and how many parameters the model has."""
    count = _model(config, "meta").num_parameters()
    try:
        return _cached(_model(config, "meta"), "meta", tokens), count
    except RuntimeError:  # it looks at numbers, and on the meta device there are none: a narrow model keeps as much
        narrow = {**config, **SMALL} if "text_config" not in config else config
        if "text_config" in config:
            narrow = {**config, "text_config": {**config["text_config"], **SMALL}}
        return _cached(_model(narrow, "cpu"), "cpu", tokens), count


def _model(config: Mapping[str, Any], device: str) -> Any:
    import torch
    from transformers import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING, AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    plain = {name: value for name, value in config.items() if name not in ("quantization_config", "auto_map")}
    read = CONFIG_MAPPING[plain["model_type"]].from_dict(plain)
    sees = type(read) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    auto: Any = AutoModelForImageTextToText if sees else AutoModelForCausalLM
    with torch.device(device):
        return auto.from_config(read, dtype=torch.bfloat16).eval()


def _cached(model: Any, device: str, tokens: int) -> int:
    import torch

    with torch.inference_mode():
        ids = torch.zeros(1, tokens, dtype=torch.long, device=device)
        cache = model(input_ids=ids, use_cache=True, logits_to_keep=1).past_key_values
    held = (tensor for layer in cache.layers for tensor in _tensors(vars(layer)) if tensor.dim() > 0)
    return sum(tensor.numel() * tensor.element_size() for tensor in held)


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
