"""A model in a folder of this machine: how it is named, which of its files count, and what they say of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import Any

from wizard.core.models.adapter import with_adapter_config
from wizard.core.models.configuration import with_config
from wizard.core.models.model_info import ADAPTER_CONFIG, ADAPTER_WEIGHTS, WEIGHT_FILES, ModelFacts, ModelFile

# What the app file of a model on the Hub downloads of it, and what an adapter consists of.
_SMALL = ("*.json", "*.jinja", "*.txt", "*.model")
_WEIGHTS = tuple(name.replace(".", "*.") for name in WEIGHT_FILES.values())
LONGEST_HEADER = 100_000_000  # bytes; what safetensors allows


@dataclass(frozen=True)
class FolderFile:
    """A file of such a folder: its name, its size in bytes, and what it holds, as a SHA-256."""

    name: str
    size: int
    digest: str = ""


def counts(name: str) -> bool:
    """Whether a file of the folder belongs to the model."""
    return name == ADAPTER_WEIGHTS or any(fnmatch(name, pattern) for pattern in (*_SMALL, *_WEIGHTS))


def content_hash(files: tuple[FolderFile, ...]) -> str:
    """Forty digits that change whenever a file does: in place of a commit."""
    lines = [f"{file.digest}  {file.name}\n" for file in sorted(files, key=lambda file: file.name)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:40]


def read_header(header: bytes) -> dict[str, int]:
    """How many weights of each dtype a safetensors file has, from its header. Raises ValueError."""
    counted: dict[str, int] = {}
    table = json.loads(header)
    for name, tensor in table.items() if isinstance(table, dict) else ():
        if name != "__metadata__" and isinstance(tensor, dict):
            number = 1
            for size in tensor.get("shape") or ():
                number *= int(size)
            dtype = str(tensor.get("dtype"))
            counted[dtype] = counted.get(dtype, 0) + number
    return counted


def folder_facts(
    path: str, files: tuple[FolderFile, ...], parameters: Mapping[str, int], texts: Mapping[str, Mapping[str, Any]]
) -> ModelFacts:
    """What is known of the model in a folder; `texts` are its JSON files, by name."""
    names = {file.name for file in files}
    template = texts.get("tokenizer_config.json", {}).get("chat_template")
    facts = ModelFacts(
        repo_id=path,
        asked_for=path,
        commit=content_hash(files),
        gate="open",
        private=False,
        disabled=False,
        files=tuple(ModelFile(file.name, file.size) for file in files),
        parameters=dict(parameters),
        has_chat_template=bool(template) or bool({"chat_template.jinja", "chat_template.json"} & names),
        is_folder=True,
    )
    if facts.is_adapter:
        return with_adapter_config(replace(facts, parameters={}), texts.get(ADAPTER_CONFIG, {}))
    return with_config(facts, texts.get("config.json", {}))
