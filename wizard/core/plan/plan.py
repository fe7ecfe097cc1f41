"""The Draft that a face fills, and the frozen Plan that it becomes: everything that is deployed, and no secret."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from wizard.core.models.model_info import ModelFacts
from wizard.core.output.output_type import OutputType, list_flags, parse_plan_output
from wizard.core.problem import Problem, usage
from wizard.core.sizing.gpus import GpuChoice, read_gpu
from wizard.core.sizing.memory_fit import (
    TokenBudget,
    cpu_problem,
    fit_on,
    recommend,
    weights_problem,
    why_not_quantised,
)

BACKENDS = ("auto", "llguidance", "outlines_core", "xgrammar")
DEFAULT_BACKEND = "llguidance"  # enforces most keywords, and never ignores one in silence (measured 2026-11-22)
SECRET_NAME = "outlines-wizard-hf"
VOLUME_NAME = "outlines-wizard-models"
_DERIVED = ("needs_token", "weights", "weights_bytes")  # of the model, as the Hub describes it
MAX_TOKENS = 512
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # control characters that a TOML literal cannot hold
_MODAL_NAME = re.compile(r"[A-Za-z0-9._-]{1,63}")


@dataclass(frozen=True)
class Plan:
    """Everything that is deployed, valid as a whole. The same Plan renders the same bytes.

    `revision` is a commit hash. `scaledown_window` is in seconds, `max_tokens` in tokens. `hub_endpoint` is empty
    for the public Hub. `weights` says which weight format is downloaded, `weights_bytes` how much (0: not known).
    `endpoint` adds an HTTP endpoint, which asks for a proxy token.
    """

    model: str
    revision: str
    app: str
    output: OutputType
    prompt: str
    gpu: str
    needs_token: bool
    secret: str = SECRET_NAME
    volume: str = VOLUME_NAME
    weights: str = "safetensors"
    weights_bytes: int = 0
    backend: str = DEFAULT_BACKEND
    max_tokens: int = MAX_TOKENS
    max_containers: int = 1
    scaledown_window: int = 120
    hub_endpoint: str = ""
    endpoint: bool = False

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, in tables as the TOML file has them."""
        flat = asdict(self)
        output = flat.pop("output")
        return {
            "model": {k: flat.pop(k) for k in ("model", "revision", *_DERIVED, "hub_endpoint")},
            "output": output | {"prompt": flat.pop("prompt"), "max_tokens": flat.pop("max_tokens")},
            "function": flat,
        }

    def to_toml(self) -> str:
        """The Plan as a TOML file that `--plan` reads back to an equal Plan."""
        import tomlkit  # only needed here, and not light

        tables = self.to_mapping()
        tables["output"]["spec"] = self.output.record.format_plan(self.output.spec)
        for key in ("spec", "prompt"):
            text = tables["output"][key]
            if "\n" in text and "'''" not in text and not text.endswith("'") and not _ODD.search(text):
                tables["output"][key] = tomlkit.value(f"'''\n{text}'''")  # else escaped, on one line
        return tomlkit.dumps(tables)

    def to_draft(self) -> Draft:
        """A Draft with every field of this Plan filled in."""
        known = {field.name for field in fields(Draft)}
        return Draft(**{f.name: getattr(self, f.name) for f in fields(self) if f.name in known})


@dataclass(frozen=True)
class Draft:
    """What has been decided so far; None means undecided."""

    model: str | None = None
    revision: str | None = None
    app: str | None = None
    output: OutputType | None = None
    prompt: str | None = None
    gpu: str | None = None
    secret: str | None = None
    volume: str | None = None
    backend: str | None = None
    max_tokens: int | None = None
    max_containers: int | None = None
    scaledown_window: int | None = None
    hub_endpoint: str | None = None
    endpoint: bool | None = None

    def over(self, below: Draft) -> Draft:
        """This Draft, with what it leaves open taken from `below`."""
        merged = {
            f.name: getattr(below, f.name) if getattr(self, f.name) is None else getattr(self, f.name)
            for f in fields(self)
        }
        if self.model not in (None, below.model) and self.revision is None:
            merged["revision"] = None  # a revision belongs to the model that it was said of
        return Draft(**merged)

    @property
    def engine_backend(self) -> str:
        """The structured-output backend that is used: the one that was asked for, else the one that enforces most."""
        return self.backend if self.backend and self.backend != "auto" else DEFAULT_BACKEND

    def check(self) -> None:
        """Raise Problem (exit code 2) for the first thing that is missing or malformed; nothing is asked outside."""
        if self.model is None:
            raise usage("missing_model", "No model is named.", "Pass --model organisation/name.")
        if self.output is None:
            raise usage(
                "missing_output",
                "No output type is named.",
                f"Pass one of {list_flags()}.",
            )
        for flag, name in (("--app", self.app), ("--secret", self.secret), ("volume", self.volume)):
            if name is not None:
                check_name(flag, name)
        self._check_numbers()
        if self.gpu is not None:
            read_gpu(self.gpu)
        if self.backend is not None and self.backend not in BACKENDS:
            raise usage("backend_unknown", f"There is no structured-output backend {self.backend!r}.")

    def _check_numbers(self) -> None:
        for flag, value, low, high in (
            ("--max-tokens", self.max_tokens, 1, 131072),
            ("--max-containers", self.max_containers, 1, 1000),
            ("--scaledown-window", self.scaledown_window, 2, 3600),
        ):
            if value is not None and not low <= value <= high:
                raise usage("number_out_of_range", f"{flag} {value} is outside of {low} to {high}.")

    def _choose_gpu(self, facts: ModelFacts, rates: Mapping[str, float] | None) -> GpuChoice:
        """The GPU that was asked for, else the cheapest with room. Raises Problem for one that is certainly wrong."""
        if packed := why_not_quantised(facts):
            raise usage(
                "quantisation_unsupported",
                f"{facts.repo_id} cannot be loaded: {packed}.",
                "Choose the model that it was made from, or one in fp8 or mxfp4: --model organisation/name.",
            )
        if self.gpu is None:
            return recommend(facts, self.budget, rates).choice
        gpu = read_gpu(self.gpu)
        if gpu.is_cpu:
            if problem := cpu_problem(facts, self.budget):
                raise problem
            return gpu
        if problem := weights_problem(facts, gpu, fit_on(facts, self.budget, gpu).footprint.total):
            raise problem
        return gpu

    @property
    def budget(self) -> TokenBudget:
        """The tokens that the GPU has to hold."""
        return TokenBudget(answer=self.max_tokens or MAX_TOKENS)

    def finish(self, facts: ModelFacts, rates: Mapping[str, float] | None = None) -> Plan:
        """The valid Plan for a model that has been looked at; `rates` are the workspace's own prices, if known.

        Raises Problem when something is missing.
        """
        self.check()
        weights = facts.weights
        if self.output is None or weights is None:
            raise Problem("weights_missing", f"{facts.repo_id} holds no weights that transformers can load.")
        gpu = self._choose_gpu(facts, rates)
        return Plan(
            model=facts.repo_id,
            revision=facts.commit,
            app=self.app or app_name(facts.repo_id),
            output=self.output,
            prompt=self.prompt if self.prompt is not None else self.output.example_prompt,
            gpu=gpu.spec,
            needs_token=facts.needs_token,
            secret=self.secret or SECRET_NAME,
            volume=self.volume or VOLUME_NAME,
            weights=weights.kind,
            weights_bytes=weights.size,
            backend=self.engine_backend,
            max_tokens=self.max_tokens or MAX_TOKENS,
            max_containers=self.max_containers or 1,
            scaledown_window=self.scaledown_window or 120,
            hub_endpoint=self.hub_endpoint or "",
            endpoint=bool(self.endpoint),
        )


def check_name(what: str, name: str) -> None:
    """Raise Problem (exit code 2) for a name that Modal does not take, of an app, a Secret or an environment."""
    if not _MODAL_NAME.fullmatch(name):
        raise usage(
            "name_invalid",
            f"{what} {name!r} is not a name that Modal takes.",
            "Use letters, digits, dash, period and underscore, 63 at most.",
        )


def app_name(repo_id: str) -> str:
    """A name for the Modal app, from the model's: at most 63 characters, letters, digits and dashes."""
    slug = re.sub(r"[^a-z0-9]+", "-", repo_id.rsplit("/", 1)[-1].lower()).strip("-")
    return f"outlines-{slug}"[:63].rstrip("-")


def read_plan(text: str, where: str) -> Draft:
    """Read a Plan from TOML into a Draft, so that flags can still win. Raises Problem (exit code 2)."""
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise usage("plan_not_toml", f"{where} is not TOML: {error}.") from error
    flat: dict[str, Any] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise usage("plan_invalid", f"{where}: {name!r} stands outside of [model], [output] and [function].")
        if name == "output":
            table = dict(table)
            kind, spec = table.pop("kind", None), table.pop("spec", "")
            if kind is not None:
                flat["output"] = parse_plan_output(kind, spec, where)
        flat |= table
    for derived in _DERIVED:
        flat.pop(derived, None)
    return draft_of(flat, where)


def draft_of(flat: Mapping[str, Any], where: str) -> Draft:
    """A Draft of what `where` says, by the names of its fields. Raises Problem (exit code 2)."""
    types = {f.name: f.type for f in fields(Draft)}
    for key, value in flat.items():
        if key not in types:
            raise usage("plan_invalid", f"{where} has an unknown key {key!r}.", f"Known: {', '.join(types)}.")
        kind = str(types[key]).partition(" ")[0]
        wanted = {"OutputType": OutputType, "int": int, "bool": bool}.get(kind, str)
        if not isinstance(value, wanted) or isinstance(value, bool) != (wanted is bool):
            raise usage("plan_invalid", f"{where}: {key} has to be {wanted.__name__}, not {value!r}.")
    return replace(Draft(), **flat)
