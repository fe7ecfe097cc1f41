"""What is known of a model before it is downloaded: its name, its gate, its files, its size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from wizard.core.problem import usage

if TYPE_CHECKING:
    from wizard.core.models.architecture import ModelArchitecture
    from wizard.core.models.lora_config import LoraConfig
    from wizard.core.models.thinking import Thinking

Gate = Literal["open", "auto", "manual"]
WeightFormat = Literal["safetensors", "bin", "mistral"]

# The file that holds all weights of a format, or in whose name each part of them begins; the best format first.
WEIGHT_FILES: Mapping[WeightFormat, str] = {
    "safetensors": "model.safetensors",
    "bin": "pytorch_model.bin",
    "mistral": "consolidated.safetensors",
}
ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"  # as peft writes them
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
_SMALL = (".json", ".txt", ".jinja", ".model")
_PAGES = ("tree", "blob", "resolve", "raw", "commit")
_QUOTES = "\"'`“”‘’«»<>()[]"


@dataclass(frozen=True)
class ModelName:
    """`organisation/name` on a Hub, and the revision when the pasted text names one."""

    repo_id: str
    revision: str | None = None


def read_model_name(text: str) -> ModelName:
    """Understand a model as people paste it: a name, a page's address, an `hf://` address.

    Raises Problem (exit code 2) with one sentence that says what is wrong.
    """
    if is_folder_name(path := text.strip().strip("\"'`")):
        return ModelName(path)
    typed = text.strip().strip(_QUOTES).strip().rstrip("/")
    if not typed:
        raise usage("model_name", "No model is named.", "Name one as organisation/name.")
    try:
        parts = [unquote(part) for part in _path_of(typed).split("/") if part]
    except ValueError:  # an address with half a bracket
        parts = []
    if parts and parts[0] in ("datasets", "spaces"):
        raise usage("model_name", f"{typed} is a {parts[0][:-1]}, not a model.", "Pass the name of a model.")
    if parts and parts[0] == "models":
        parts = parts[1:]
    revision: str | None = None
    at = next((i for i in (1, 2) if len(parts) > i + 1 and parts[i] in _PAGES), None)
    if at is not None:
        parts, revision = parts[:at], parts[at + 1]
    elif parts and len(parts) <= 2 and "@" in parts[-1]:
        parts[-1], revision = parts[-1].split("@", 1)
    name = [*parts[:-1], parts[-1].removesuffix(".git")] if parts else []
    if not 1 <= len(name) <= 2 or not all(_is_name(part) for part in name):
        raise usage(
            "model_name",
            f"“{typed[:80]}” is not the name of a model.",
            "A model is named organisation/name, as in mistralai/Mistral-7B-Instruct-v0.2.",
        )
    return ModelName("/".join(name), revision or None)


def _path_of(typed: str) -> str:
    if "://" in typed or re.match(r"(www\.)?(huggingface\.co|hf\.co)/", typed):
        split = urlsplit(typed if "://" in typed else f"https://{typed}")
        return f"{split.netloc}{split.path}" if split.scheme == "hf" else split.path
    return typed


def is_folder_name(name: str) -> bool:
    """Whether this names a folder on this machine, and no model of a Hub."""
    return name in (".", "..", "~") or bool(re.match(r"\.{1,2}[/\\]|[/\\]|~[/\\]|[A-Za-z]:[/\\]", name))


def stored_name(name: str) -> str:
    """What a model is called on Modal: its name, and of a folder only the last part of its path."""
    if not is_folder_name(name):
        return name
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    return "./" + (re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-.") or "model")


def is_model_name(repo_id: str) -> bool:
    """Whether this can be the name of a model, with or without its owner."""
    parts = repo_id.split("/")
    return len(parts) <= 2 and all(_is_name(part) for part in parts)


def _is_name(part: str) -> bool:
    return bool(_NAME.fullmatch(part)) and ".." not in part and "--" not in part


@dataclass(frozen=True)
class ModelFile:
    """One file of a repository: its path, and its size in bytes where the Hub says so."""

    path: str
    size: int | None = None


@dataclass(frozen=True)
class Weights:
    """The weights that an inference engine would load: the format, and the files in the order of loading."""

    kind: WeightFormat
    files: tuple[ModelFile, ...]

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size or 0 for file in self.files)


@dataclass(frozen=True)
class ModelFacts:
    """What the Hub says about a model at one commit."""

    repo_id: str
    asked_for: str
    commit: str
    gate: Gate
    private: bool
    disabled: bool
    files: tuple[ModelFile, ...] = ()
    parameters: Mapping[str, int] = field(default_factory=dict)  # by dtype, as in safetensors headers
    licence: str | None = None
    model_type: str | None = None
    architectures: tuple[str, ...] = ()  # the classes that config.json names; the first is the model's own
    remote_code: str | None = None  # the class of its own code, where it brings any
    library_name: str | None = None
    base_model: str | None = None  # what it was made from, where the Hub says so
    is_mlx: bool = False  # weights packed for Apple's MLX
    pipeline_tag: str | None = None
    has_chat_template: bool | None = None
    template_known: bool = False  # whether the chat template itself has been read
    thinking: Thinking | None = None  # how it reasons before it answers, as its chat template says
    gate_text: str | None = None
    gate_fields: Mapping[str, Any] = field(default_factory=dict)
    downloads: int | None = None
    quantisation: str | None = None  # how the weights are packed, as in gptq or fp8
    shape: ModelArchitecture | None = None  # from config.json, which is read once the gate is known to be open
    is_folder: bool = False  # on this machine, and not on a Hub; `commit` is then a hash of what it holds
    lora: LoraConfig | None = None  # of an adapter: from adapter_config.json, read likewise
    adapters: tuple[Adapter, ...] = ()  # of a model: those that are applied to it

    @property
    def needs_token(self) -> bool:
        """True when a container has to present an access token to read the weights."""
        return self.gate != "open" or self.private or any(each.facts.needs_token for each in self.adapters)

    @property
    def needs_remote_code(self) -> bool:
        """Whether it brings code of its own, which is never run."""
        return self.remote_code is not None

    @property
    def is_adapter(self) -> bool:
        """Whether it holds only what is added to another model's weights."""
        return self.weights is None and any(file.path.endswith(ADAPTER_CONFIG) for file in self.files)

    @property
    def uses_hub(self) -> bool:
        """Whether anything of it is on a Hub."""
        return not self.is_folder or any(not each.facts.is_folder for each in self.adapters)

    @property
    def named_after(self) -> str:
        """The repository that a person thinks of: that of the adapter, where there is one."""
        return self.adapters[0].facts.repo_id if len(self.adapters) == 1 else self.repo_id

    @property
    def needed_files(self) -> tuple[ModelFile, ...]:
        """The files without which nothing can be loaded."""
        wanted: tuple[str, ...] = (ADAPTER_CONFIG, ADAPTER_WEIGHTS) if self.is_adapter else ("config.json",)
        if self.is_folder and not self.is_adapter:  # they are uploaded, and nothing else is
            wanted = tuple(file.path for file in self.files if file.path.endswith(_SMALL))
        return (*(self.weights.files if self.weights else ()), *(file for file in self.files if file.path in wanted))

    @property
    def probe(self) -> str:
        """The file whose first byte proves that the weights can be read."""
        if self.weights:
            return self.weights.files[0].path
        names = {file.path for file in self.files}
        return next((name for name in (ADAPTER_WEIGHTS, ADAPTER_CONFIG) if name in names), "config.json")

    @property
    def is_renamed(self) -> bool:
        return self.repo_id.lower() != self.asked_for.lower()

    @property
    def weights(self) -> Weights | None:
        """The weights that an inference engine would load from these files; None when there are none."""
        by_path = {file.path: file for file in self.files}
        for kind, single in WEIGHT_FILES.items():
            if kind == "mistral" and "params.json" not in by_path:
                continue
            if single in by_path:
                return Weights(kind, (by_path[single],))
            if f"{single}.index.json" in by_path:
                stem, ending = single.rsplit(".", 1)
                shard = re.compile(rf"{re.escape(stem)}-\d+-of-\d+\.{ending}")
                shards = tuple(file for file in self.files if shard.fullmatch(file.path))
                if shards:
                    return Weights(kind, tuple(sorted(shards, key=lambda file: file.path)))
        return None

    @property
    def why_no_weights(self) -> str:
        """What the repository holds instead of weights that can be loaded, in words."""
        paths = [file.path.lower() for file in self.files]
        for ending, words in ((".gguf", "GGUF"), (".onnx", "ONNX"), (".mlx", "MLX")):
            if any(path.endswith(ending) for path in paths):
                return f"it holds {words} files only"
        return "neither model.safetensors nor pytorch_model.bin is there"

    @property
    def download_size(self) -> int:
        """Bytes that the container downloads: the weights, and every small file."""
        weights = self.weights
        small = sum(f.size or 0 for f in self.files if f.path.endswith(_SMALL))
        return small + (weights.size if weights else 0)


@dataclass(frozen=True)
class Adapter:
    """An adapter of a model: what calls name it by, and its own repository at a commit."""

    name: str
    facts: ModelFacts

    def __str__(self) -> str:
        return f"{self.name}={self.facts.repo_id}@{self.facts.commit}"

    @property
    def size(self) -> int:
        """Bytes of its weights."""
        return sum(file.size or 0 for file in self.facts.files if file.path == ADAPTER_WEIGHTS)
