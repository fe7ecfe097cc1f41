"""A LoRA adapter: its name, which model it belongs to, and what an engine can serve of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wizard.core.models.lora_config import read_lora_config
from wizard.core.models.model_info import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    ModelFacts,
    ModelName,
    is_folder_name,
    is_model_name,
    read_model_name,
    stored_name,
)
from wizard.core.problem import Problem, usage

if TYPE_CHECKING:
    from wizard.core.inference.engine import InferenceEngine

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
MOST_ADAPTERS = 8  # on one function


@dataclass(frozen=True)
class AdapterName:
    """An adapter as a plan names it: what calls name it by, its repository, and the revision where one is named."""

    name: str
    repo_id: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.name}={self.repo_id}" + (f"@{self.revision}" if self.revision else "")


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


def read_adapter(title: str, text: str) -> AdapterName:
    """Understand ``org/name``, ``NAME=org/name`` or either with ``@REVISION``. Raises Problem (exit code 2)."""
    name, equals, rest = text.partition("=")
    if not equals:
        name, rest = "", text
    if is_folder_name(rest):
        folder, at, commit = rest.rpartition("@")
        pinned = bool(at) and bool(_COMMIT.fullmatch(commit))
        found = ModelName(folder, commit) if pinned else ModelName(rest)
    else:
        found = read_model_name(rest)
    name = name or adapter_name(stored_name(found.repo_id))
    if not _NAME.fullmatch(name):
        raise usage(
            "adapter_name",
            f"{title} {text!r}: an adapter cannot be called {name!r}.",
            "Use letters, digits, dash, period and underscore: --adapter NAME=organisation/name.",
        )
    return AdapterName(name, found.repo_id, found.revision)


def read_adapters(title: str, texts: tuple[str, ...]) -> tuple[AdapterName, ...]:
    """Several of them, each with a name of its own. Raises Problem (exit code 2)."""
    found = tuple(read_adapter(title, text) for text in texts)
    if len(found) > MOST_ADAPTERS:
        raise usage("too_many_adapters", f"{len(found)} adapters are more than {MOST_ADAPTERS} on one function.")
    names = [each.name for each in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise usage(
            "adapter_name",
            f"Two adapters are called {twice!r}.",
            "Give each a name of its own: --adapter NAME=organisation/name.",
        )
    return found


def adapter_problem(name: str, app: str, texts: tuple[str, ...]) -> Problem | None:
    """The Problem (exit code 2) where a call of `app` cannot name an adapter so; `texts` are those of its plan."""
    names = [each.name for each in read_adapters("adapter", texts)]
    if len(names) > 1 and name in names:
        return None
    if len(names) == 1:
        words, hint = f"{app} has one adapter, {names[0]}, which always answers.", "Leave the adapter out."
    elif names:
        words, hint = f"{app} has no adapter {name!r}.", f"It has {', '.join(names)}."
    else:
        words, hint = f"{app} has no adapters.", "Deploy it with --adapter organisation/name, twice or more."
    return usage("adapter_unknown", words, hint)


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


def why_not_served(facts: ModelFacts, engine: InferenceEngine) -> str | None:
    """Why an engine does not serve one of a model's adapters, as the rest of a sentence; None when it serves all."""
    if facts.adapters and not engine.serves_adapters_of(facts.model_type, facts.architectures):
        named = facts.architectures[0] if facts.architectures else facts.model_type
        return f"{engine.label} {engine.version} serves no adapters for models of its kind ({named})"
    for adapter in facts.adapters:
        lora = adapter.facts.lora
        if lora is None:
            continue
        if lora.beyond and engine.largest_lora_rank:
            return f"{engine.label} does not serve its adapter {adapter.name}: {lora.beyond[0]}"
        if engine.largest_lora_rank and lora.rank > engine.largest_lora_rank:
            limit = f"rank {lora.rank} is more than {engine.largest_lora_rank}"
            return f"{engine.label} does not serve its adapter {adapter.name}: its {limit}"
    return None
