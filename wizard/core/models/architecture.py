"""What a model's config.json says of the memory that it takes while it runs.

Field names are those of transformers 5.23, under all the aliases that its configurations have; how much is cached per
token is what its `DynamicCache` keeps: a latent for MLA, a window for layers with sliding attention (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ELEMENT = 2  # bytes of a cached number: bf16 and fp16 alike
STATE_SIZE = 128  # of a linear attention or a state space, per channel, where the configuration does not say it

_NESTED = ("text_config", "llm_config", "language_config", "decoder", "thinker_config")
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    "hidden": ("hidden_size", "n_embd", "d_model", "dim"),
    "heads": ("num_attention_heads", "n_head", "n_heads", "num_heads"),
    "kv_heads": ("num_key_value_heads", "num_kv_heads", "n_head_kv", "multi_query_group_num"),
    "head_size": ("head_dim", "kv_channels", "attention_head_dim"),
    "inner": ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim", "d_ff"),
    "expert_inner": ("moe_intermediate_size", "expert_intermediate_size"),
    "experts_at_once": ("num_experts_per_tok", "experts_per_token", "num_experts_per_token", "top_k_experts"),
    "context": ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length", "max_sequence_length"),
    "vocabulary": ("vocab_size", "padded_vocab_size"),
}
# Where `layer_types` is not written out: every layer has a window, but for each n-th, which attends to everything.
_WINDOWED: Mapping[str, int | None] = {
    "gemma2": 2, "gemma3_text": 6, "gemma3": 6, "cohere2": 4,
    "mistral": None, "mixtral": None, "phi3": None, "starcoder2": None,
}  # fmt: skip
_WINDOWS = ("sliding_attention", "chunked_attention", "hybrid_sliding", "reference_sliding_attention")
_STATES = ("linear_attention", "conv", "mamba", "mamba2", "recurrent", "hybrid", "hybrid_sliding")
_NO_CACHE = ("moe", "mlp", "linear_attention", "conv", "mamba", "mamba2", "recurrent")


@dataclass(frozen=True)
class ModelArchitecture:
    """The sizes that memory depends on. `windows` has one entry per layer with a cache: how many tokens it keeps at
    most, None for all of them. `numbers_per_token` is what one layer caches of a token; `context` is in tokens.
    """

    layers: int
    hidden: int
    heads: int
    inner: int
    vocabulary: int
    numbers_per_token: int
    windows: tuple[int | None, ...]
    state_numbers: int = 0
    context: int | None = None
    writes_scores_out: bool = False  # attention without a fused kernel: a matrix of prompt by prompt for every head

    def cache_bytes(self, tokens: int) -> int:
        """Bytes of the cache for one sequence of `tokens` tokens."""
        kept = sum(tokens if window is None else min(tokens, window) for window in self.windows)
        return (kept * self.numbers_per_token + self.state_numbers) * ELEMENT

    def activation_bytes(self, tokens: int, rows: int) -> int:
        """Bytes that reading `rows` prompts of `tokens` tokens each needs beside weights and cache.

        The widest moment of one layer (three projections of the feed-forward part, and the residual stream), and the
        logits of the last token, which sampling and the structured-output backend copy in 32 bits.
        """
        layer = tokens * rows * (3 * self.inner + 4 * self.hidden) * ELEMENT
        scores = tokens * tokens * rows * self.heads * (ELEMENT + 4) if self.writes_scores_out else 0
        return layer + scores + rows * self.vocabulary * 4 * 4


def read_architecture(config: Mapping[str, Any]) -> ModelArchitecture | None:
    """The shape that a config.json describes; None when what is needed is not said. Never raises."""
    text = inner_config(config)
    layers, hidden, heads = (_size(text, name) for name in ("layers", "hidden", "heads"))
    if not layers or not hidden or not heads or layers > 10_000:
        return None
    windows, states = _layers(text, layers)
    return ModelArchitecture(
        layers=layers,
        hidden=hidden,
        heads=heads,
        inner=_inner_width(text, hidden),
        vocabulary=_size(text, "vocabulary") or _size(config, "vocabulary") or 0,
        numbers_per_token=_numbers_per_token(text, hidden, heads),
        windows=windows,
        state_numbers=states * hidden * 2 * STATE_SIZE,
        context=_size(text, "context"),
        writes_scores_out=bool(text.get("attn_logit_softcapping")) or text.get("model_type") == "gpt_oss",
    )


def inner_config(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part about text, where a model of several kinds of input nests it."""
    found = config
    for _ in range(3):
        if any(name in found for name in _ALIASES["layers"]):
            return found
        found = next((found[name] for name in _NESTED if isinstance(found.get(name), Mapping)), {})
    return config


def _size(config: Mapping[str, Any], name: str) -> int | None:
    for alias in _ALIASES[name]:
        value = config.get(alias)
        if isinstance(value, list):  # one for each layer
            value = max((size for item in value if (size := _number(item))), default=None)
        if size := _number(value):
            return size
    return None


def _number(value: object) -> int | None:
    """The value where it can be a size."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**40 else None


def _numbers_per_token(config: Mapping[str, Any], hidden: int, heads: int) -> int:
    latent, rotary = _number(config.get("kv_lora_rank")), _number(config.get("qk_rope_head_dim"))
    if latent and rotary:
        return latent + rotary  # MLA: one latent for keys and values
    kv_heads = _size(config, "kv_heads")
    if kv_heads is None:
        nested = config.get("attn_config")
        kv_heads = _size(nested, "kv_heads") if isinstance(nested, Mapping) else None
    if config.get("multi_query") is True and not config.get("new_decoder_architecture"):
        kv_heads = 1
    head_size = max(_size(config, "head_size") or -(-hidden // heads), _number(config.get("global_head_dim")) or 0)
    return 2 * (kv_heads or heads) * head_size


def _inner_width(config: Mapping[str, Any], hidden: int) -> int:
    dense = _size(config, "inner") or 4 * hidden
    at_once = _size(config, "experts_at_once")
    return max(dense, at_once * (_size(config, "expert_inner") or dense)) if at_once else dense


def _layers(config: Mapping[str, Any], layers: int) -> tuple[tuple[int | None, ...], int]:
    """For each layer with a cache, its window; and how many layers keep a state of one size instead."""
    window = None if config.get("use_sliding_window") is False else _number(config.get("sliding_window"))
    types = config.get("layer_types")
    if isinstance(types, list) and len(types) == layers:
        sizes = dict.fromkeys(_WINDOWS, window) | {"chunked_attention": _number(config.get("attention_chunk_size"))}
        names = [str(kind) for kind in types]
        kept = tuple(sizes.get(name) for name in names if name not in _NO_CACHE)
        return kept, sum(name in _STATES for name in names)
    kind = str(config.get("model_type"))
    if window is None or kind not in _WINDOWED:
        return (None,) * layers, 0  # errs towards more where an architecture is not known
    every = _number(config.get("sliding_window_pattern")) or _WINDOWED[kind]
    return tuple(None if every and (layer + 1) % every == 0 else window for layer in range(layers)), 0
