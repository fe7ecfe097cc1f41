"""A LoRA adapter: its name, which model it belongs to, and what an engine can serve of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.core.models.lora_config import read_lora_config
from wizard.core.models.model_info import ADAPTER_CONFIG, ADAPTER_WEIGHTS, Adapter, ModelFacts, is_model_name

if TYPE_CHECKING:
    from wizard.core.inference.engine import InferenceEngine

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
MOST_ADAPTERS = 8  # on one function


@dataclass(frozen=True)
class BaseModel:
    """The model on the Hub that an adapter was trained on; `revision` None: not said."""

    repo_id: str
    revision: str | None = None


@dataclass(frozen=True)
class NoBase:
    """Why the model that an adapter was trained on is not known, as the rest of a sentence."""

    why: str


def adapter_name(repo_id: str) -> str:
    """What calls name an adapter by when nobody says it: the last part of its repository's name."""
    return repo_id.rsplit("/", 1)[-1]


def is_adapter_name(name: str) -> bool:
    """Whether calls can name an adapter so."""
    return bool(_NAME.fullmatch(name))


def with_adapter_config(facts: ModelFacts, config: Mapping[str, Any]) -> ModelFacts:
    """The facts of an adapter's repository with what its adapter_config.json says."""
    return replace(facts, lora=read_lora_config(config))


def base_of(facts: ModelFacts) -> BaseModel | NoBase:
    """The model that an adapter was trained on: as its configuration says, else as the Hub does."""
    lora = facts.lora
    if lora is not None and lora.base and is_model_name(lora.base):
        return BaseModel(lora.base, lora.revision)
    if facts.base_model:
        return BaseModel(facts.base_model)
    if lora is not None and lora.base:
        return NoBase(f"its {ADAPTER_CONFIG} names its base model by a folder of another machine, {lora.base}")
    if lora is not None:
        return NoBase(f"its {ADAPTER_CONFIG} does not name its base model")
    return NoBase("its base model is not known: neither its card nor a file that can be read names it")


def why_not_usable(facts: ModelFacts) -> str | None:
    """Why no engine applies an adapter, as the rest of a sentence; None when one may."""
    lora, names = facts.lora, {file.path for file in facts.files}
    if ADAPTER_CONFIG not in names:
        return "it keeps adapters in folders of their own, and one at its top is what is read here"
    if ADAPTER_WEIGHTS not in names:
        pickled = "adapter_model.bin" in names
        return f"it has no {ADAPTER_WEIGHTS}" + (", only a pickle file, which can hold any code" if pickled else "")
    if lora is None:
        return None
    if lora.kind != "LORA":
        return f"it is an adapter of the kind {lora.kind or 'unknown'}, and LoRA is what is applied here"
    if lora.task not in ("", "CAUSAL_LM", "IMAGE_TEXT_TO_TEXT"):
        return f"it is a LoRA adapter for another task ({lora.task}), not for text generation"
    return lora.unusable or None


def why_not_served(adapters: tuple[Adapter, ...], engine: InferenceEngine) -> str | None:
    """Why an engine does not serve one of these adapters, as the rest of a sentence; None when it serves all."""
    for adapter in adapters:
        lora = adapter.facts.lora
        if lora is None:
            continue
        if lora.beyond and engine.largest_lora_rank:
            return f"{engine.label} does not serve its adapter {adapter.name}: {lora.beyond[0]}"
        if engine.largest_lora_rank and lora.rank > engine.largest_lora_rank:
            limit = f"rank {lora.rank} is more than {engine.largest_lora_rank}"
            return f"{engine.label} does not serve its adapter {adapter.name}: its {limit}"
    return None
