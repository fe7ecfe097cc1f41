"""What is known of one inference engine: the record that image, memory, speed and generated app derive from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wizard.core.inference.architecture_table import ArchitectureTable, read_classes, read_table
from wizard.core.lint.backend import StructuredOutputBackend


@dataclass(frozen=True)
class Quantisation:
    """How an engine runs weights that are packed in one way: as they are stored, or unpacked to 16 bits.

    `bits` is what a weight takes in the file, scales included; `missing` names the package without which the engine
    refuses, where its image does not have it. `needs_bf16`: it runs them only on GPUs that have bfloat16 (of compute
    capability 8.0).
    """

    runs: Literal["stored", "unpacked"]
    bits: float = 16.0
    missing: str = ""
    needs_bf16: bool = False


@dataclass(frozen=True)
class NumberFormats:
    """The dtype that plain weights are loaded in, by what computes."""

    cpu: str = "float32"
    gpu: str = "bfloat16"
    gpu_without_bf16: str = "float16"


@dataclass(frozen=True)
class Speed:
    """What estimates of time go by. A token takes as long as reading the weights once, and `token_seconds` beside.

    With `--fast-start` the two that begin with `fast` take their places, where the engine has such a mode.
    """

    build_seconds: float  # of the image, once; later deploys reuse it
    start_seconds: float  # of a container, beside reading the weights
    token_seconds: float
    bandwidth_used: float  # the share of the memory's bandwidth that reading the weights gets
    fast_start_seconds: float | None = None
    fast_token_seconds: float | None = None

    def start(self, *, fast: bool = False) -> float:
        """Seconds that a container takes to start, beside reading the weights."""
        return self.fast_start_seconds if fast and self.fast_start_seconds is not None else self.start_seconds

    def token(self, *, fast: bool = False) -> float:
        """Seconds that each token takes beside reading the weights."""
        return self.fast_token_seconds if fast and self.fast_token_seconds is not None else self.token_seconds


@dataclass(frozen=True)
class InferenceEngine:
    """One inference engine. A record is the constant ENGINE of its module; `wizard.codegen` has a folder of its name.

    `packages` are the pins of its image, tried together on the day `tried`; `version` is its own among them.
    `architectures` names the file beside the record that lists what it loads (`ArchitectureTable`). Of several engines,
    the one with the lowest `preference` is the default.

    Memory: `overhead_gib` goes on every GPU, `memory_share` of the usable memory may be planned for. `whole_layers`: of
    several GPUs, each holds whole layers, so that up to one layer's room is lost on each.

    `backends` maps the structured-output backends that it brings along to its own names for them; None: it runs each
    that has an `app_part`, and the image holds the backend's own packages.
    """

    name: str
    label: str
    suits: str  # the calls that it is for, in the words of a question: what they are, and what comes of it
    preference: int
    version: str
    python: str
    uv: str
    packages: Mapping[str, str]
    tried: str
    architectures: str
    weight_formats: tuple[str, ...]  # a format that is not Hugging Face's brings its own tokenizer files: "mistral"
    quantisations: Mapping[str, Quantisation]
    speed: Speed
    overhead_gib: float
    memory_share: float
    max_batch: int  # answers that are made together; more wait
    vision_packages: Mapping[str, str] = field(default_factory=dict)  # what its image has besides, for models that see
    missing_packages: Mapping[str, str] = field(default_factory=dict)  # by model_type, what its image lacks for it
    dtypes: NumberFormats = NumberFormats()
    runs_on_cpu: bool = False
    gpu_counts: tuple[int, ...] = (1, 2, 4, 8)
    whole_layers: bool = False
    continuous: bool = False  # an answer that ends makes room for the next at once, not when its whole batch has ended
    backends: Mapping[str, str] | None = None
    lora_packages: Mapping[str, str] = field(default_factory=dict)  # what its image needs for adapters beside the rest
    without_lora: str = ""  # the file beside the record that lists the classes that it serves no adapters for
    lora_ranks: tuple[int, ...] = ()  # that it makes room for; none: any, and what goes beyond plain LoRA as well

    @property
    def table(self) -> ArchitectureTable:
        """What it loads by itself, without code from the Hub."""
        return read_table(self.architectures)

    def has_backend(self, backend: StructuredOutputBackend) -> bool:
        """Whether answers can be held to an output type by this backend."""
        return bool(backend.app_part) if self.backends is None else backend.name in self.backends

    def serves_adapters_of(self, model_type: str | None, architectures: tuple[str, ...]) -> bool:
        """Whether it serves adapters of such a model, which it loads."""
        without = read_classes(self.without_lora) if self.without_lora else frozenset[str]()
        return not without & {*(architectures[:1] or self.table.by_type.get(model_type or "", ()))}

    @property
    def largest_lora_rank(self) -> int:
        """The largest rank of an adapter that it serves; 0: any."""
        return max(self.lora_ranks, default=0)

    def lora_rank(self, rank: int) -> int:
        """The rank that it makes room for, so that an adapter of `rank` can be served."""
        return min((each for each in self.lora_ranks if each >= rank), default=rank)

    def image_packages(self, backend: StructuredOutputBackend, *, adapters: bool = False) -> dict[str, str]:
        """All pins of the image, by name."""
        own = backend.image_packages if self.backends is None else {}
        return dict(sorted({**self.packages, **own, **(self.lora_packages if adapters else {})}.items()))
