"""What an adapter_config.json says of a LoRA adapter; nothing of it is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wizard.core.access_token import clean_line

_LARGEST_RANK = 4096
# Of an adapter_config.json, what goes beyond plain LoRA where it says anything (peft 0.21 and vLLM 0.32, 2026-11).
_BEYOND = {
    "modules_to_save": "it brings whole layers (modules_to_save)",
    "use_dora": "it is a DoRA adapter",
    "lora_bias": "it brings biases",
    "use_qalora": "it is a QALoRA adapter",
    "use_bdlora": "it is a BD-LoRA adapter",
    "trainable_token_indices": "it brings tokens of its own",
    "target_parameters": "it changes single parameters (target_parameters)",
    "layer_replication": "it repeats layers",
}


_PLAIN_STARTS = ("gaussian", "eva", "orthogonal", "mica", "lora_ga")  # others change the base model's own weights


@dataclass(frozen=True)
class LoraConfig:
    """What an adapter_config.json says. `base` is the model as it is named there: a name, a path, or nothing.

    `beyond` says what goes beyond plain LoRA, as rests of sentences; `unusable` what nothing here applies.
    """

    kind: str
    base: str = ""
    revision: str | None = None
    task: str = ""
    rank: int = 0
    beyond: tuple[str, ...] = ()
    unusable: str = ""


def read_lora_config(config: Mapping[str, Any]) -> LoraConfig:
    """What an adapter_config.json says; nothing of it is trusted."""
    patterns = config.get("rank_pattern")
    ranks = [config.get("r"), *(patterns.values() if isinstance(patterns, Mapping) else ())]
    start = config.get("init_lora_weights")
    beyond = [words for key, words in _BEYOND.items() if config.get(key)]
    if config.get("bias") not in (None, "none") and _BEYOND["lora_bias"] not in beyond:
        beyond.append(_BEYOND["lora_bias"])
    if isinstance(start, str) and start.lower() not in _PLAIN_STARTS:
        beyond.append(f"its training changed the base model's own weights (init_lora_weights {_word(start)})")
    return LoraConfig(
        kind=_word(config.get("peft_type")).upper(),
        base=_word(config.get("base_model_name_or_path")),
        revision=_word(config.get("revision")) or None,
        task=_word(config.get("task_type")).upper(),
        rank=max((rank for rank in ranks if isinstance(rank, int) and 0 < rank <= _LARGEST_RANK), default=0),
        beyond=tuple(beyond),
        unusable="it begins to work in the middle of a prompt" if config.get("alora_invocation_tokens") else "",
    )


def _word(value: object) -> str:
    return clean_line(value, 200) if isinstance(value, str) else ""
