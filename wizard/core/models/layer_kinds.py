"""What each layer of a model keeps of a text: all of it, a window, a state of one size, or nothing.

A kind is one letter. `f` attends to everything, `w` to a window, `c` to a chunk, `i` to everything by way of an index;
`l` keeps a state in place of a cache, `h` and `H` a state beside a cache (of everything, of a window); `s` and `d` keep
a window and, beside it, one entry for many tokens; `n` keeps nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from wizard.core.models.model_defaults import Fields, size_of

# By the names that configurations have for them.
NAMES: Mapping[str, str] = {
    "full_attention": "f", "attention": "f", "global_attention": "f", "*": "f", "G": "f",
    "reference_sliding_attention": "f",  # the whole prompt, and a window of the answer
    "sliding_attention": "w", "local_attention": "w", "L": "w",
    "chunked_attention": "c", "indexed_attention": "i", "minimax_m3_sparse": "i",
    "linear_attention": "l", "mamba": "l", "mamba2": "l", "recurrent": "l", "conv": "l", "M": "l",
    "hybrid": "h", "hybrid_sliding": "H",
    "compressed_sparse_attention": "s", "heavily_compressed_attention": "d",
    "moe": "n", "mlp": "n", "dummy": "n", "-": "n", "E": "n",
}  # fmt: skip
# Fields that say "every so many layers, one that attends to everything", and what the others are.
_INTERVALS: Mapping[str, str] = {
    "full_attention_interval": "l",
    "layer_group_size": "l",
    "sliding_window_pattern": "w",
    "_sliding_window_pattern": "w",
    "global_attn_every_n_layers": "w",
}


def layer_kinds(fields: Fields, layers: int) -> str:
    """One letter for each layer. Where nothing is said or known, every layer attends to everything."""
    kinds = _listed(fields, layers) or _at_intervals(fields, layers) or _by_type(fields, layers)
    if "i" in (fields.layout or "") and size_of(fields.get("index_head_dim")):
        kinds = kinds.replace("f", "i")  # what such a model calls full attention goes by an index too
    shared = size_of(fields.get("num_kv_shared_layers")) or 0
    if 0 < shared < len(kinds):
        kinds = kinds[:-shared] + "n" * shared  # the last layers read what earlier ones keep
    sources = fields.get("kv_source_layers")
    if isinstance(sources, list) and len(sources) == len(kinds):
        kinds = "".join(kind if sources[at] == at else "n" for at, kind in enumerate(kinds))
    return kinds


def expand(layout: str, layers: int) -> str:
    """The kinds of so many layers from a layout of the table: ``first|repeated|last``, each of which may be empty."""
    first, repeated, last = layout.split("|")
    kinds = (first + repeated * layers)[:layers] if repeated else (first + first[-1:] * layers)[:layers]
    return kinds[: layers - len(last)] + last if last else kinds


def _listed(fields: Fields, layers: int) -> str | None:
    """From a list with an entry for each layer, under any of its names."""
    given: Mapping[str, Any] = fields.given
    for name in ("layer_types", "layers_block_type", "hybrid_override_pattern"):
        listed = given.get(name)
        if isinstance(listed, (list, str)) and len(listed) >= layers:
            return "".join(NAMES.get(str(each), "f") for each in listed)[: None if name[0] == "h" else layers]
    pattern = given.get("sliding_window_pattern")
    if isinstance(pattern, str) and pattern and set(pattern) <= {"L", "G"}:
        return _cycle([NAMES[each] for each in pattern], layers)
    if isinstance(blocks := given.get("block_types"), list) and blocks:
        return _cycle(["l" if each == "recurrent" else "w" for each in blocks], layers)
    if isinstance(ratios := given.get("compress_ratios"), list) and len(ratios) >= layers:
        return "".join("w" if each == 0 else "s" if each == 4 else "d" for each in ratios[:layers])
    if isinstance(rope := given.get("no_rope_layers"), list) and len(rope) == layers and "c" in (fields.layout or ""):
        return "".join("c" if each else "f" for each in rope)
    if isinstance(kinds := given.get("attn_type_list"), list) and len(kinds) == layers:
        return "".join("f" if each else "l" for each in kinds)
    return _attending(given, layers)


def _attending(given: Mapping[str, Any], layers: int) -> str | None:
    """From a list of the layers that attend; all others keep a state."""
    for name in ("full_attn_idxs", "attn_layer_indices"):
        if isinstance(listed := given.get(name), list):
            return "".join("f" if at in listed else "l" for at in range(layers))
    linear = given.get("linear_attn_config")
    if isinstance(linear, Mapping) and isinstance(listed := linear.get("full_attn_layers"), list):
        return "".join("f" if at + 1 in listed else "l" for at in range(layers))  # counted from one
    return None


def _at_intervals(fields: Fields, layers: int) -> str | None:
    given = fields.given
    for name, other in _INTERVALS.items():
        if every := size_of(given.get(name)):
            return "".join("f" if (at + 1) % every == 0 else other for at in range(layers))
    if every := size_of(given.get("attn_layer_period")):
        offset = given.get("attn_layer_offset", fields.defaults.get("attn_layer_offset"))
        attends = "h" if "h" in (fields.layout or "") else "f"
        return "".join(attends if at % every == offset else "l" for at in range(layers))
    return None


def _by_type(fields: Fields, layers: int) -> str:
    if fields.get("use_sliding_window") is True:  # Qwen's: the layers from a certain one on have a window
        first = fields.number("max_window_layers") or 0
        return "f" * min(first, layers) + "w" * max(0, layers - first)
    if fields.layout:
        return expand(fields.layout, layers)
    return "f" * layers


def _cycle(kinds: list[str], layers: int) -> str:
    return "".join(itertools.islice(itertools.cycle(kinds), layers))
