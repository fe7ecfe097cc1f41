"""How large the state is that a layer keeps in place of a cache, whatever the length of the text.

The formulas are those of transformers 5.23, by the fields that a family has: recurrent states are kept in 32 bits, what
a short convolution looks back at in 16.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.core.models.model_defaults import Fields, size_of

UNKNOWN_STATE = 128  # numbers for each channel, where no field says anything


def state_bytes(fields: Fields, hidden: int, heads: int) -> int:
    """Bytes of the state of one layer, for one sequence."""
    for formula in (_kimi, _delta, _mamba2, _mamba, _convolution, _recurrent):
        if found := formula(fields, hidden):
            return found
    head = fields.number("head_dim")
    if head:  # lightning attention: a matrix for each head
        return heads * head * head * 4
    return hidden * 2 * UNKNOWN_STATE * 2


def _delta(fields: Fields, hidden: int) -> int | None:
    """Gated delta networks, as in Qwen3-Next; Olmo Hybrid has the sizes of its heads from the hidden size."""
    kernel = fields.number("linear_conv_kernel_dim")
    if not kernel:
        return None
    heads = fields.number("num_attention_heads") or 1
    keys, values = fields.number("linear_num_key_heads") or heads, fields.number("linear_num_value_heads") or heads
    key_size = fields.number("linear_key_head_dim") or int(0.75 * hidden / keys)
    value_size = fields.number("linear_value_head_dim") or 2 * key_size
    return (2 * keys * key_size + values * value_size) * kernel * 2 + values * key_size * value_size * 4


def _kimi(fields: Fields, hidden: int) -> int | None:
    """Kimi's delta attention, and Ling's."""
    nested = fields.given.get("linear_attn_config")
    inner: Mapping[str, object] = nested if isinstance(nested, Mapping) else {}
    heads = size_of(inner.get("num_heads")) or fields.number("linear_num_heads")
    size = size_of(inner.get("head_dim")) or fields.number("linear_head_dim")
    if heads is None and fields.number("layer_group_size"):  # Ling's
        heads, size = fields.number("num_attention_heads"), fields.number("head_dim")
    if not heads or not size:
        return None
    kernel = size_of(inner.get("short_conv_kernel_size")) or fields.number("linear_conv_kernel_dim") or 4
    return 3 * heads * size * kernel * 2 + heads * size * size * 4


def _mamba2(fields: Fields, hidden: int) -> int | None:
    heads = fields.number("mamba_n_heads", "mamba_num_heads", "n_mamba_heads", "num_heads")
    size = fields.number("mamba_d_head", "mamba_headdim", "mamba_head_dim")
    state = fields.number("mamba_d_state", "ssm_state_size", "state_size")
    expand = fields.number("mamba_expand", "expand")
    if heads and size is None and fields.get("mamba_d_head") == "auto":
        size = (expand or 2) * hidden // heads
    if size is None and fields.number("num_heads") and fields.number("state_size"):
        size = fields.number("head_dim")  # Mamba 2 by itself
    if not heads or not size or not state:
        return None
    inner = fields.number("mamba_d_ssm") or heads * size
    groups = fields.number("mamba_n_groups", "mamba_ngroups", "n_groups") or 1
    kernel = fields.number("mamba_d_conv", "conv_kernel") or 4
    return (inner + 2 * groups * state) * kernel * 2 + inner * state * 4


def _mamba(fields: Fields, hidden: int) -> int | None:
    state = fields.number("mamba_d_state", "state_size")
    if not state:
        return None
    inner = hidden * (fields.number("mamba_expand", "expand") or 2)
    return inner * (fields.number("mamba_d_conv", "conv_kernel") or 4) * 2 + inner * state * 4


def _convolution(fields: Fields, hidden: int) -> int | None:
    kernel = fields.number("conv_L_cache")
    return hidden * kernel * 2 if kernel else None


def _recurrent(fields: Fields, hidden: int) -> int | None:
    """RecurrentGemma's."""
    kernel = fields.number("conv1d_width")
    width = fields.number("lru_width") or hidden
    return width * 4 + width * kernel * 2 if kernel else None
