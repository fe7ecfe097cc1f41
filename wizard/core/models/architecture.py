"""What a model's config.json says of the memory that it takes while it runs.

Field names are those of transformers 5.23, under all the aliases that its configurations have, with the defaults of its
classes; how much is cached of a token is what its `DynamicCache` keeps (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wizard.core.models.layer_kinds import layer_kinds
from wizard.core.models.layer_state import state_bytes
from wizard.core.models.model_defaults import Fields, size_of, text_fields
from wizard.core.models.vision_tower import VisionTower, read_vision_tower

ELEMENT = 2  # bytes of a cached number: bf16 and fp16 alike
MOST_LAYERS = 10_000

_LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
_HIDDEN = ("hidden_size", "n_embd", "d_model", "dim")
_HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads")
_KV_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv", "multi_query_group_num", "kv_n_heads")
_HEAD_SIZE = ("head_dim", "kv_channels", "attention_head_dim")
_INNER = ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim", "d_ff", "block_ff_dim")
_EXPERT_INNER = ("moe_intermediate_size", "expert_intermediate_size")
_EXPERTS_AT_ONCE = ("num_experts_per_tok", "experts_per_token", "num_experts_per_token", "top_k_experts", "moe_topk")
_CONTEXT = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length", "max_sequence_length")
_VOCABULARY = ("vocab_size", "padded_vocab_size")
_COMPRESSED = {"s": 4, "d": 128}  # tokens for each compressed entry, as DeepSeek V4 has them


@dataclass(frozen=True)
class LayerCache:
    """What one layer keeps: `numbers` of each token, of the last `window` tokens where it has one, `state` bytes of the
    whole text, and `entry` numbers for every `tokens_per_entry` tokens where it also keeps a summary.
    """

    numbers: int = 0
    window: int | None = None
    state: int = 0
    entry: int = 0
    tokens_per_entry: int = 1

    def size(self, tokens: int) -> int:
        """Bytes for one sequence of `tokens` tokens."""
        kept = tokens if self.window is None else min(tokens, self.window)
        return (kept * self.numbers + tokens // self.tokens_per_entry * self.entry) * ELEMENT + self.state


@dataclass(frozen=True)
class ModelArchitecture:
    """The sizes that memory depends on; `caches` has an entry for each layer, `context` is in tokens."""

    layers: int
    hidden: int
    heads: int
    inner: int
    vocabulary: int
    caches: tuple[LayerCache, ...]
    context: int | None = None
    kv_heads: int = 1  # that several GPUs can share out; a latent is one
    vision: VisionTower | None = None  # of a model that sees
    writes_scores_out: bool = False  # attention without a fused kernel: a matrix of prompt by prompt for every head

    def cache_bytes(self, tokens: int) -> int:
        """Bytes of the cache for one sequence of `tokens` tokens."""
        return sum(layer.size(tokens) for layer in self.caches)

    def activation_bytes(self, tokens: int, rows: int) -> int:
        """Bytes that reading `rows` prompts of `tokens` tokens each needs beside weights and cache.

        The widest moment of one layer (three projections of the feed-forward part, and the residual stream), and the
        logits of the last token, which sampling and the structured-output backend copy in 32 bits.
        """
        layer = tokens * rows * (3 * self.inner + 4 * self.hidden) * ELEMENT
        scores = tokens * tokens * rows * self.heads * (ELEMENT + 4) if self.writes_scores_out else 0
        return layer + scores + rows * self.vocabulary * 4 * 4


def inner_config(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part about text, where a model of several kinds of input nests it."""
    return text_fields(config).given


def read_architecture(config: Mapping[str, Any]) -> ModelArchitecture | None:
    """The shape that a config.json describes; None when what is needed is not said. Never raises."""
    fields = text_fields(config)
    layers, hidden, heads = _layers(fields), fields.number(*_HIDDEN), fields.number(*_HEADS)
    if not layers or not hidden or layers > MOST_LAYERS:
        return None
    if not heads and layer_kinds(fields, layers).strip("ln"):
        return None
    return ModelArchitecture(
        layers=layers,
        hidden=hidden,
        heads=heads or 1,
        inner=_inner_width(fields, hidden),
        vocabulary=fields.number(*_VOCABULARY) or size_of(config.get("vocab_size")) or 0,
        caches=_caches(fields, layers, hidden, heads or 1),
        context=fields.number(*_CONTEXT),
        kv_heads=1 if fields.number("kv_lora_rank") else _kv_heads(fields) or heads or 1,
        vision=read_vision_tower(config),
        writes_scores_out=bool(fields.get("attn_logit_softcapping")) or fields.get("model_type") == "gpt_oss",
    )


def _layers(fields: Fields) -> int | None:
    """How many layers there are, each as often as it is gone through."""
    layers, high, low = fields.number(*_LAYERS), fields.number("H_cycles"), fields.number("L_cycles")
    if layers and high and low and fields.is_default("num_layers_per_stack"):
        return layers * high * (low + 1)
    return layers


def _caches(fields: Fields, layers: int, hidden: int, heads: int) -> tuple[LayerCache, ...]:
    """What each layer keeps."""
    kinds = layer_kinds(fields, layers)
    state = state_bytes(fields, hidden, heads) if set(kinds) & {"l"} else 0
    by_kind = {kind: _one(fields, kind, hidden, heads, state) for kind in set(kinds)}
    overrides = fields.get("per_layer_config")
    if not isinstance(overrides, Mapping):
        return tuple(by_kind[kind] for kind in kinds)
    found = []
    for at, kind in enumerate(kinds):
        own = overrides.get(str(at), overrides.get(at))
        if not isinstance(own, Mapping):
            found.append(by_kind[kind])
            continue
        without = {name: value for name, value in fields.defaults.items() if name != "global_head_dim"}
        found.append(_one(Fields({**fields.given, **own}, without), kind, hidden, heads, state))
    return tuple(found)


def _one(fields: Fields, kind: str, hidden: int, heads: int, state: int) -> LayerCache:
    """What a layer of this kind keeps."""
    if kind == "n":
        return LayerCache()
    if kind == "l":
        return LayerCache(state=state)
    numbers = _numbers_per_token(fields, kind, hidden, heads)
    window = None
    if kind in "wHsd":
        window = _window(fields)
    elif kind == "c":
        window = size_of(fields.get("attention_chunk_size"))
    if kind == "i":
        numbers += fields.number("index_head_dim") or 0
    if kind in _COMPRESSED:
        entry = numbers // 2 + (fields.number("index_head_dim") or 0 if kind == "s" else 0)
        every = _COMPRESSED[kind]  # what is not summed up yet is kept as it is
        return LayerCache(numbers, window, max(every, 16) * numbers * ELEMENT, entry, every)
    if kind in "hH":
        return LayerCache(numbers, window, _state_beside(fields, numbers, hidden, heads))
    return LayerCache(numbers, window)


def _state_beside(fields: Fields, numbers: int, hidden: int, heads: int) -> int:
    """The state that a layer keeps beside a cache: of a state space, else of short convolutions over what it reads."""
    if fields.number("mamba_d_state", "ssm_state_size"):
        return state_bytes(fields, hidden, heads)
    return (numbers + 2 * hidden) * (fields.number("conv_kernel_size", "cca_time0") or 4) * 4


def _window(fields: Fields) -> int | None:
    """How many tokens a layer with a window keeps."""
    for name in ("sliding_window", "sliding_window_size", "attention_window_size"):
        if not fields.is_default(name):
            return size_of(fields.get(name))
    if local := fields.number("local_attention"):
        return local // 2  # to both sides
    return fields.number("sliding_window", "sliding_window_size", "attention_window_size")


def _kv_heads(fields: Fields) -> int | None:
    """How many heads keys and values have; None where the configuration does not say it."""
    kv_heads = fields.number(*_KV_HEADS) if fields.get("num_key_value_heads") is not None else None
    kv_heads = kv_heads or fields.number(*_KV_HEADS[1:])
    nested = fields.get("attn_config")
    if kv_heads is None and isinstance(nested, Mapping):
        kv_heads = size_of(nested.get("kv_n_heads"))
    if fields.get("multi_query") is True and not fields.get("new_decoder_architecture"):
        kv_heads = 1
    return kv_heads


def _numbers_per_token(fields: Fields, kind: str, hidden: int, heads: int) -> int:
    """How many numbers a layer caches of a token."""
    latent, rotary = fields.number("kv_lora_rank"), fields.number("qk_rope_head_dim") or 0
    if latent and kind in "wH":
        latent = fields.number("swa_kv_lora_rank") or latent
        rotary = fields.number("swa_qk_rope_head_dim") or rotary
    if latent:
        return latent + rotary  # MLA: one latent for keys and values
    kv_heads = _kv_heads(fields)
    size = fields.number(*_HEAD_SIZE) or -(-hidden // heads)
    if fields.number("n_mamba_heads") and not fields.number("attention_head_dim"):
        size = 2 * hidden // heads  # Zamba: attention reads the embeddings beside the hidden states
    value_size = fields.number("v_head_dim")
    if kind in "wH":
        kv_heads = fields.number("swa_num_key_value_heads", "sliding_num_key_value_heads") or kv_heads
        size = fields.number("swa_head_dim") or size
        value_size = fields.number("swa_v_head_dim") or value_size
    elif larger := fields.number("global_head_dim"):
        size = larger
        if fields.get("attention_k_eq_v"):
            kv_heads = fields.number("num_global_key_value_heads") or kv_heads
    return (kv_heads or heads) * (size + (value_size or size))


def _inner_width(fields: Fields, hidden: int) -> int:
    """How wide the feed-forward part of a layer is for one token: all experts that work on it."""
    dense = fields.number(*_INNER) or 4 * hidden
    at_once = fields.number(*_EXPERTS_AT_ONCE)
    return max(dense, at_once * (fields.number(*_EXPERT_INNER) or dense)) if at_once else dense
