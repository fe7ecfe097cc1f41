"""The Draft that a face fills, and how it becomes a Plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from wizard.core.problem import Problem, usage

if TYPE_CHECKING:  # the first question holds an empty Draft, and is drawn before any of these is imported
    from wizard.core.inference.engine import InferenceEngine
    from wizard.core.models.model_info import ModelFacts
    from wizard.core.output.output_type import OutputType
    from wizard.core.plan.inference_engine.choice import EngineChoice
    from wizard.core.plan.plan import Plan
    from wizard.core.plan.setting import Setting
    from wizard.core.sizing.memory_fit import TokenBudget


@dataclass(frozen=True)
class Draft:
    """What has been decided so far; None means undecided. Its fields are those settings of the Plan."""

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
    engine: str | None = None
    snapshot: str | None = None
    fast_start: bool | None = None
    think: str | None = None
    adapter: tuple[str, ...] | None = None

    @classmethod
    def plan_type(cls) -> type[Plan]:
        """What it becomes."""
        from wizard.core.plan.plan import Plan

        return Plan

    @classmethod
    def settings(cls) -> tuple[Setting, ...]:
        """The settings of the Plan, in the order of the fields."""
        from wizard.core.plan.setting import settings_of

        return settings_of(cls.plan_type())

    @property
    def decided(self) -> dict[str, Any]:
        """The fields that are decided, by name."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}

    def over(self, below: Draft) -> Draft:
        """This Draft, with what it leaves open taken from `below`."""
        merged = below.decided | self.decided
        if self.model not in (None, below.model) and self.revision is None:
            merged.pop("revision", None)  # a revision belongs to the model that it was named for
        if self.model not in (None, below.model) and self.adapter is None:
            merged.pop("adapter", None)  # and so do adapters
        return type(self)(**merged)

    @property
    def named_engine(self) -> InferenceEngine | None:
        """The engine that was named; None where it is to be chosen, or where only a later version knows it."""
        from wizard.core.inference.engine_registry import engines

        return next((each for each in engines() if each.name == self.engine), None)

    @property
    def names_engine(self) -> bool:
        """Whether somebody has named an inference engine, so that this program does not choose one."""
        return self.engine not in (None, "auto")

    @property
    def deployed_engine(self) -> InferenceEngine:
        """What runs an app that was deployed from this. Apps from before there was a choice run the usual one; of an
        engine that only a later version knows, its name is all that can be told.
        """
        from wizard.core.inference.engine_registry import DEFAULT_ENGINE

        return self.named_engine or DEFAULT_ENGINE

    @property
    def engine_label(self) -> str:
        """What a person calls it."""
        return self.deployed_engine.label if self.engine in (None, self.deployed_engine.name) else str(self.engine)

    def engine_for(self, facts: ModelFacts | None, missing: Collection[str] = ()) -> EngineChoice:
        """What runs a model, and why; `missing` names engines that cannot be run here.

        Raises Problem (exit code 2) where the one that was named is among them.
        """
        from wizard.core.plan.inference_engine.choice import EngineWishes, choose_engine

        wishes = EngineWishes(self.engine, self.gpu, self.backend, self.max_containers, self.budget_for(facts), missing)
        return choose_engine(wishes, facts)

    def backend_for(self, engine: InferenceEngine) -> str:
        """The structured-output backend that is used: the one that was asked for, else the one that enforces most."""
        from wizard.core.inference.engine_registry import backends_of

        if self.backend and self.backend != "auto":
            return self.backend
        return backends_of(engine)[0].name

    def check(self) -> None:
        """Raise Problem (exit code 2) for the first thing that is missing or malformed; nothing is asked outside."""
        from wizard.core.inference.engine_registry import DEFAULT_ENGINE, backends_of
        from wizard.core.output.output_type import list_flags

        if self.model is None:
            raise usage("missing_model", "No model is named.", "Pass --model org/name.")
        if self.output is None:
            raise usage(
                "missing_output",
                "No output type is named.",
                f"Pass one of {list_flags()}.",
            )
        decided = self.decided
        for setting in self.settings():
            if setting.name in decided:
                setting.check_value(decided[setting.name])
        engine = self.named_engine or DEFAULT_ENGINE
        known = ("auto", *(each.name for each in backends_of(engine)))
        if self.backend is not None and self.backend not in known:
            raise usage(
                "backend_unknown",
                f"{engine.label} has no backend {self.backend!r}.",
                f"Choose one of {', '.join(known)}.",
            )

    def budget_for(self, facts: ModelFacts | None) -> TokenBudget:
        """The tokens that the GPU has to hold."""
        from wizard.core.plan.plan import MAX_TOKENS
        from wizard.core.sizing.memory_fit import TokenBudget

        return TokenBudget(answer=self.max_tokens or MAX_TOKENS, reasoning=self.think_tokens(facts))

    def think_tokens(self, facts: ModelFacts | None) -> int:
        """How many tokens the model may reason before an answer."""
        from wizard.core.models.thinking import think_tokens

        if facts is None:
            return think_tokens(self.think, None, None)
        return think_tokens(self.think, facts.thinking, facts.shape.context if facts.shape else None)

    def _check_thinking(self, facts: ModelFacts) -> None:
        """Raise Problem (exit code 2) for a model that certainly cannot think. One whose chat template the Hub does not
        show is left to the container to judge.
        """
        from wizard.core.models.thinking import no_thinking_problem

        certain = facts.template_known or facts.has_chat_template is False
        if certain and facts.thinking is None and self.think_tokens(facts):
            raise no_thinking_problem(facts.repo_id, has_template=facts.template_known)

    def finish(
        self, facts: ModelFacts, rates: Mapping[str, float] | None = None, missing: Collection[str] = ()
    ) -> Plan:
        """The valid Plan for a model that has been looked at; `rates` are the workspace's own prices, if known, and
        `missing` the engines that cannot be run here.

        Raises Problem when something is missing.
        """
        from wizard.core.models.loading import takes_images
        from wizard.core.models.thinking import OFF, auto_tokens
        from wizard.core.plan.gpu_choice import choose_gpu

        self.check()
        weights, engine = facts.weights, self.engine_for(facts, missing).engine
        if self.output is None or weights is None:
            raise Problem("weights_missing", f"{facts.repo_id} holds no weights that {engine.label} can load.")
        self._check_thinking(facts)
        tokens = self.think_tokens(facts)
        by_model = {each.name: each.from_model(facts.named_after) for each in self.settings() if each.from_model}
        resolved = {
            "model": facts.repo_id,
            "revision": facts.commit,
            "gpu": choose_gpu(self.gpu, facts, self.budget_for(facts), rates, engine).spec,
            "needs_token": facts.needs_token,
            "weights": weights.kind,
            "weights_bytes": weights.size,
            "sees": takes_images(facts, engine),
            "backend": self.backend_for(engine),
            "engine": engine.name,
            "think": str(tokens) if tokens else OFF,
            "auto_think": auto_tokens(facts.shape.context if facts.shape else None),
            "closes_thinking": facts.thinking is not None and facts.thinking.needs_closing,
            "adapter": tuple(str(each) for each in facts.adapters),
        }
        return self.plan_type()(**(by_model | {"prompt": self.output.example_prompt} | self.decided | resolved))
