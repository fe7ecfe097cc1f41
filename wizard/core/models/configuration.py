"""What a config.json says of a model beside its sizes: its type, its classes, its own code, how its weights are packed.

The Hub repeats a part of it beside the model; both are read here, and neither is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wizard.core.access_token import clean_line
from wizard.core.models.architecture import inner_config, read_architecture
from wizard.core.models.model_info import ModelFacts

_OWN_CLASSES = ("AutoModelForCausalLM", "AutoModelForImageTextToText", "AutoModel", "AutoConfig")


def with_config(facts: ModelFacts, config: Mapping[str, Any]) -> ModelFacts:
    """The facts with what the configuration says, where it says anything."""
    return replace(
        facts,
        model_type=_word(config.get("model_type")) or facts.model_type,
        architectures=architectures_of(config) or facts.architectures,
        remote_code=remote_code_of(config) or facts.remote_code,
        quantisation=quantisation_of(config) or facts.quantisation,
        is_mlx=facts.is_mlx or is_mlx(config),
        shape=read_architecture(config) or facts.shape,
    )


def architectures_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The classes that the configuration names."""
    named = config.get("architectures")
    return tuple(word for each in named if (word := _word(each))) if isinstance(named, list) else ()


def remote_code_of(config: Mapping[str, Any]) -> str | None:
    """The class of the code that the repository brings along; None when it brings none."""
    if "auto_map" not in config:
        return None
    named = config["auto_map"]
    if isinstance(named, Mapping):
        for key in (*_OWN_CLASSES, *(str(each) for each in named)):
            if word := _word(named.get(key)):
                return word
    return "auto_map"


def quantisation_of(config: Mapping[str, Any]) -> str | None:
    """How the weights are packed, as in ``gptq``, ``awq``, ``bitsandbytes``, ``fp8`` or ``mxfp4``; None when plain."""
    for table in (config, inner_config(config)):
        found = table.get("quantization_config") or table.get("compression_config")
        if isinstance(found, Mapping):
            method = found.get("quant_method")
            if isinstance(method, str) and method:
                return method.lower()
            if is_mlx(config):
                return "mlx"
            return "bitsandbytes" if found.get("load_in_4bit") or found.get("load_in_8bit") else "unknown"
    return "mlx" if is_mlx(config) else None


def is_mlx(config: Mapping[str, Any]) -> bool:
    """Whether MLX has packed the weights: it names no method, only the size of a group and the bits of a weight."""
    for name in ("quantization", "quantization_config"):
        found = config.get(name)
        if isinstance(found, Mapping) and "quant_method" not in found and {"group_size", "bits"} <= set(found):
            return True
    return False


def _word(value: object) -> str | None:
    if isinstance(value, list):  # of an auto_map: the slow and the fast class
        value = next((each for each in value if isinstance(each, str)), None)
    return (clean_line(value, 100) or None) if isinstance(value, str) else None
