"""The frozen Plan: everything that is deployed, and no secret."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import DEFAULT_ENGINE, backends_of, engine_choices, engine_named
from wizard.core.lint.registry import backend_choices
from wizard.core.models.adapter import AdapterName, read_adapters
from wizard.core.models.model_info import WeightFormat, is_folder_name
from wizard.core.models.thinking import MOST_TOKENS, OFF, check_think
from wizard.core.output.output_type import OutputType
from wizard.core.plan.names import MODAL_NAME, SECRET_NAME, VOLUME_NAME, app_name, check_name
from wizard.core.plan.setting import Setting, settings_of
from wizard.core.sizing.gpus import CHOICES, read_gpu

DEFAULT_BACKEND = backends_of(DEFAULT_ENGINE)[0].name
MAX_TOKENS = 512


def check_gpu(_title: str, name: str) -> None:
    """Raise Problem (exit code 2) for a GPU that Modal does not have."""
    read_gpu(name)


def check_adapters(title: str, texts: tuple[str, ...]) -> None:
    """Raise Problem (exit code 2) for what cannot be adapters of one model."""
    read_adapters(title, texts)


def gpu_names() -> tuple[str, ...]:
    """What an editor offers for the GPU."""
    return ("none", *(choice.spec for choice in CHOICES))


def think_words() -> tuple[str, ...]:
    """What an editor offers for reasoning, beside a number."""
    return OFF, "auto"


def check_hub(title: str, address: str) -> None:
    """Raise Problem (exit code 2) for what cannot be the address of a Hub; empty is the public one."""
    from wizard.core.access.endpoint_trust import check_endpoint  # not before the first question is on screen

    check_endpoint(title, address)


@dataclass(frozen=True)
class Plan:
    """Everything that is deployed, valid as a whole. The same Plan renders the same bytes.

    A field with a `Setting` is a person's to set: the record gives it its flag, widget, TOML key and dry-run row, and
    its field in `Draft` what has been decided. The order of the fields is that of the public JSON object.
    `revision` is a commit hash. `scaledown_window` is in seconds, `max_tokens` in tokens. `hub_endpoint` is empty
    for the public Hub. `weights` says which weight format is downloaded, `weights_bytes` how much (0: not known).
    `endpoint` adds an HTTP endpoint, which asks for a proxy token. `sees`: the model takes images beside text.
    `think` is off or a number of tokens, `auto_think` what auto stands for with this model; `closes_thinking`: to turn
    it off takes more than the switch that every app uses.
    """

    model: Annotated[
        str,
        Setting(
            table="model",
            metavar="ORG/NAME",
            help="Model on the Hub, as org/name or the URL of its page; or a folder on this machine, as ./my-model.",
            origin="",
        ),
    ]
    revision: Annotated[
        str,
        Setting(
            table="model",
            metavar="REV",
            help="Branch, tag or commit; it is pinned to the commit.",
            origin="the model's main branch",
        ),
    ]
    app: Annotated[
        str,
        Setting(
            metavar="NAME",
            help="Name of the Modal app.",
            check=check_name,
            pattern=MODAL_NAME,
            origin="the model's name",
            from_model=app_name,
            label="App name",
            tip="Letters, digits, dash, period and underscore",
        ),
    ]
    output: Annotated[OutputType, Setting(table="output")]
    prompt: Annotated[
        str,
        Setting(
            table="output",
            metavar="TEXT",
            help="Test prompt.",
            origin="the output type's example",
        ),
    ]
    gpu: Annotated[
        str,
        Setting(
            metavar="GPU",
            help="GPU type, as in L4 or H100:2, or none for a CPU (default: the smallest that fits).",
            check=check_gpu,
            suggestions=gpu_names,
            origin="the smallest that fits",
        ),
    ]
    needs_token: bool
    secret: Annotated[
        str, Setting(metavar="NAME", help="Name of the Modal Secret.", check=check_name, pattern=MODAL_NAME)
    ] = SECRET_NAME
    volume: Annotated[str, Setting(check=check_name, pattern=MODAL_NAME)] = VOLUME_NAME
    weights: WeightFormat = "safetensors"
    weights_bytes: int = 0
    backend: Annotated[
        str,
        Setting(
            help="Structured-output backend (default: auto).",
            choices=backend_choices,
            unset="auto",
            origin="what enforces the output type",
            label="Structured-output backend",
            tip="What enforces the output type; auto picks the one that enforces all of it",
        ),
    ] = DEFAULT_BACKEND
    max_tokens: Annotated[
        int,
        Setting(
            table="output",
            metavar="N",
            help="Longest answer, in tokens.",
            limits=(1, MOST_TOKENS),
            origin="the longest sensible answer",
            label="Longest answer (tokens)",
            tip="An answer that reaches this is cut short",
        ),
    ] = MAX_TOKENS
    max_containers: Annotated[
        int,
        Setting(
            metavar="N",
            help="Most containers at once; limits the bill (default: 1).",
            limits=(1, 1000),
            label="Max containers",
            tip="Limits the bill",
        ),
    ] = 1
    scaledown_window: Annotated[
        int,
        Setting(
            metavar="SECONDS",
            help="Idle time before a container stops (default: 120).",
            limits=(2, 3600),
            label="Idle timeout (seconds)",
            tip="Idle time is billed, but avoids a cold start",
        ),
    ] = 120
    hub_endpoint: Annotated[
        str,
        Setting(
            table="model",
            metavar="URL",
            help="Hub that the deployed function downloads from (default: the public one).",
            check=check_hub,
            origin="the public Hub",
        ),
    ] = ""
    endpoint: Annotated[
        bool,
        Setting(
            help="Add an HTTP endpoint (OpenAI-compatible) that requires a proxy token.",
            label="HTTP endpoint",
            caption="for callers with a proxy token",
            tip="Adds a web function; Modal rejects callers without a proxy token",
        ),
    ] = False
    engine: Annotated[
        str,
        Setting(
            help="What runs the model: transformers, vllm, or what the plan needs (default: auto).",
            choices=engine_choices,
            unset="auto",
            origin="what the plan needs",
            label="Inference engine",
            asked=True,
            tip="transformers starts faster, for occasional calls; vllm is faster with many calls at once",
        ),
    ] = DEFAULT_ENGINE.name
    snapshot: Annotated[
        str,
        Setting(
            help="What Modal snapshots of a started container: none, cpu, or gpu (experimental); default: cpu.",
            choices=("none", "cpu", "gpu"),
            label="Memory snapshot",
            tip="Containers start faster from a snapshot; including GPU memory is experimental on Modal",
        ),
    ] = "cpu"
    fast_start: Annotated[
        bool,
        Setting(
            help="Start faster, answer more slowly (vllm only).",
            label="Fast start",
            caption="vllm skips compilation",
            tip="vllm starts faster, and each answer takes longer",
        ),
    ] = False
    think: Annotated[
        str,
        Setting(
            table="output",
            metavar="off|N|auto",
            help="Tokens that the model may reason before the answer: off, a number, or auto (default: off).",
            check=check_think,
            suggestions=think_words,
            label="Reasoning before the answer",
            tip="off, a number of tokens, or auto: as many as suit the model; answers take longer and can be better",
            takes_numbers=True,
        ),
    ] = OFF
    auto_think: int = 0
    closes_thinking: bool = False
    sees: bool = False

    adapter: Annotated[
        tuple[str, ...],
        Setting(
            table="model",
            metavar="[NAME=]ORG/NAME",
            help="LoRA adapter for the model; several are chosen from per call, by NAME.",
            check=check_adapters,
            origin="none",
        ),
    ] = ()

    @property
    def is_folder(self) -> bool:
        """Whether the model is in a folder on this machine, and not on a Hub."""
        return is_folder_name(self.model)

    @property
    def adapters(self) -> tuple[AdapterName, ...]:
        """The adapters that are applied to the model."""
        return read_adapters("adapter", self.adapter)

    @property
    def inference_engine(self) -> InferenceEngine:
        """What runs the model."""
        return engine_named(self.engine)

    @property
    def think_tokens(self) -> int:
        """How many tokens the model may reason before an answer."""
        return 0 if self.think == OFF else int(self.think)

    @property
    def has_thinking(self) -> bool:
        """Whether the app knows how the model thinks: to let it, or to keep it from it."""
        return self.think_tokens > 0 or self.closes_thinking

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, in tables as the TOML file has them; what the Hub says of the model is in the model's table."""
        table_of = {setting.name: setting.table for setting in settings_of(type(self))}
        tables: dict[str, dict[str, Any]] = {"model": {}, "output": {}, "function": {}}
        for name, value in asdict(self).items():
            plain = list(value) if isinstance(value, tuple) else value
            tables[table_of.get(name, "model")] |= plain if name == "output" else {name: plain}
        return tables
