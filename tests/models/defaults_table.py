"""What the installed transformers fills in where a config.json says nothing: `python -m` this writes the table.

For each `model_type`, the defaults of the fields that memory depends on, and the kinds of its layers.
"""

from __future__ import annotations

import inspect
import json
from importlib.resources import files
from typing import Any

from huggingface_hub.errors import StrictDataclassError

from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.layer_kinds import NAMES, expand
from wizard.core.models.model_defaults import FILE, LAYOUT, TYPE_OF_TEXT, size_of

FIELDS = [
    "num_hidden_layers",
    "n_layer",
    "n_layers",
    "num_layers",
    "hidden_size",
    "n_embd",
    "d_model",
    "num_attention_heads",
    "n_head",
    "n_heads",
    "num_heads",
    "num_key_value_heads",
    "num_kv_heads",
    "n_head_kv",
    "head_dim",
    "kv_channels",
    "attention_head_dim",
    "v_head_dim",
    "intermediate_size",
    "n_inner",
    "ffn_dim",
    "d_ff",
    "moe_intermediate_size",
    "expert_intermediate_size",
    "num_experts_per_tok",
    "top_k_experts",
    "max_position_embeddings",
    "n_positions",
    "n_ctx",
    "max_seq_len",
    "vocab_size",
    "kv_lora_rank",
    "qk_rope_head_dim",
    "index_head_dim",
    "multi_query",
    "new_decoder_architecture",
    "sliding_window",
    "sliding_window_size",
    "attention_window_size",
    "local_attention",
    "use_sliding_window",
    "max_window_layers",
    "attention_chunk_size",
    "attn_logit_softcapping",
    "attention_k_eq_v",
    "num_kv_shared_layers",
    "swa_head_dim",
    "swa_num_key_value_heads",
    "swa_v_head_dim",
    "attn_layer_offset",
    "conv_L_cache",
    "conv1d_width",
    "lru_width",
    "conv_kernel",
    "conv_kernel_size",
    "cca_time0",
    "expand",
    "state_size",
    "ssm_state_size",
    "n_groups",
    "mamba_expand",
    "mamba_d_state",
    "mamba_d_conv",
    "mamba_d_head",
    "mamba_headdim",
    "mamba_head_dim",
    "mamba_n_heads",
    "mamba_num_heads",
    "n_mamba_heads",
    "mamba_n_groups",
    "mamba_ngroups",
    "layer_group_size",
    "linear_num_key_heads",
    "linear_num_value_heads",
    "linear_key_head_dim",
    "linear_value_head_dim",
    "linear_conv_kernel_dim",
    "linear_num_heads",
    "linear_head_dim",
    "short_conv_kernel_size",
    "mamba_d_ssm",
    "H_cycles",
    "L_cycles",
]
# What a class takes as an argument and does not keep, so that no attribute tells it.
TAKEN = {
    "gemma4_text": {"global_head_dim": 512},
    "gemma4_unified_text": {"global_head_dim": 512},
    "diffusion_gemma_text": {"global_head_dim": 512},
    "mimo_v2_flash": {"swa_num_key_value_heads": 8},
    # Its index is kept in 32 bits, as twice as many numbers of 16.
    "dots3_note_text": {"swa_kv_lora_rank": 1024, "swa_qk_rope_head_dim": 64, "index_head_dim": 256},
}
COUNTS = (61, 48, 36)
UNFIT = (AttributeError, KeyError, NotImplementedError, TypeError, ValueError, StrictDataclassError)


def table() -> dict[str, dict[str, Any]]:
    """The whole table."""
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    found: dict[str, dict[str, Any]] = {}
    for model_type in sorted(DEFAULT_ENGINE.table.by_type):
        if DEFAULT_ENGINE.table.loads(model_type):
            _add(found, CONFIG_MAPPING[model_type])
            found.setdefault(model_type, {TYPE_OF_TEXT: CONFIG_MAPPING[model_type].model_type})
    return dict(sorted(found.items()))


def _add(found: dict[str, dict[str, Any]], config_class: Any) -> None:
    model_type = config_class.model_type
    if model_type in found:
        return
    try:
        text = config_class().get_text_config(decoder=True)
    except UNFIT:  # of a configuration that says too little by itself, nothing is known
        return
    if text.model_type != model_type:
        found[model_type] = {TYPE_OF_TEXT: text.model_type}
        _add(found, type(text))
        return
    entry = {name: value for name in FIELDS if (value := _default(config_class, name)) is not None}
    if layout := layout_of(config_class, text):
        entry[LAYOUT] = layout
    found[model_type] = entry | TAKEN.get(model_type, {})


def _default(config_class: Any, name: str) -> Any:
    name = config_class.attribute_map.get(name, name) if not hasattr(config_class, name) else name
    value = inspect.getattr_static(config_class, name, None)
    return value if isinstance(value, bool) or size_of(value) or isinstance(value, str) else None


def layout_of(config_class: Any, text: Any) -> str | None:
    """The kinds of the layers as a layout that holds for several counts of layers; None where all attend."""
    seen = {}
    window = {"sliding_window": 64} if getattr(config_class, "sliding_window", 0) is None else {}
    if hasattr(config_class, "use_sliding_window"):
        window = {}
    for count in COUNTS:
        try:
            seen[count] = kinds_of(config_class(num_hidden_layers=count, **window))
        except UNFIT:  # it has lists of its own for each layer
            continue
    seen = seen or {text.num_hidden_layers: kinds_of(text)}
    if all(set(kinds) == {"f"} for kinds in seen.values()):
        return None
    as_it_is = f"{kinds_of(text)}||"
    return next((layout for layout in _layouts(*max(seen.items())) if _holds(layout, seen)), as_it_is)


def kinds_of(config: Any) -> str:
    """One letter for each layer, as the library's own cache has them."""
    from transformers.cache_utils import get_layer_types_and_kwargs

    if getattr(config, "num_kv_shared_layers", 0):
        config.num_kv_shared_layers = 0
    return "".join(NAMES[kind] for kind in get_layer_types_and_kwargs(config)[0])


def _layouts(_count: int, kinds: str) -> list[str]:
    return [
        f"{kinds[:first]}|{kinds[first : first + every]}|{kinds[-1] if last else ''}"
        for last in (False, True)
        for first in range(4)
        for every in range(1, 9)
    ]


def _holds(layout: str, seen: dict[int, str]) -> bool:
    return all(expand(layout, count) == kinds for count, kinds in seen.items())


def text() -> str:
    """The whole file, one line for each type."""
    lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in table().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    path = files("wizard.core.models").joinpath(FILE)
    path.write_text(text(), encoding="utf-8")  # type: ignore[attr-defined]
