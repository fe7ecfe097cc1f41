"""Which GPU, or none: all that Modal offers, the price, whether the model fits, and which one is recommended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Select

from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.model_info import ModelFacts
from wizard.core.plan.cost import awake_per_hour
from wizard.core.plan.draft import Draft
from wizard.core.problem import Problem
from wizard.core.sizing.failed_gpus import WORDS as FAILED
from wizard.core.sizing.failed_gpus import GpuFailure, why_ruled_out
from wizard.core.sizing.gpus import GPUS, NO_GPU, GpuChoice, read_gpu
from wizard.core.sizing.memory_fit import Fit, fit_on, recommend
from wizard.tui.widgets.fit_bar import WORDS, FitBar


class GpuPanel(Vertical):
    """Says `Chosen` for every choice, also for the one that it makes itself where nobody has made one."""

    class Chosen(Message):
        """A GPU was chosen, as Modal takes it."""

        def __init__(self, spec: str) -> None:
            super().__init__()
            self.spec = spec

    def __init__(self) -> None:
        super().__init__(id="gpus")
        self.problem: Problem | None = None  # why no GPU is recommended
        self._ours = ""  # what was preselected; anything else is the person's own choice
        self._facts: ModelFacts | None = None
        self._draft = Draft()
        self._engine = DEFAULT_ENGINE
        self._failures: Sequence[GpuFailure] = ()

    def compose(self) -> ComposeResult:
        yield Select[str](
            [],
            id="gpu",
            prompt="the cheapest that fits",
            tooltip="The GPU: its memory, price while running, and whether the model fits. none means a CPU.",
        )
        yield FitBar(id="fit", markup=False)

    def offer(
        self,
        draft: Draft,
        facts: ModelFacts | None,
        rates: Mapping[str, float] | None,
        engine: InferenceEngine,
        failures: Sequence[GpuFailure] = (),
    ) -> None:
        """List the GPUs for a model, a token budget and what runs it; `failures` are marked, and not recommended."""
        self._facts, self._draft, self._engine, self._failures = facts, draft, engine, failures
        self.problem, best = None, None
        if facts is not None and facts.weights is not None:
            try:
                best = recommend(facts, draft.budget_for(facts), rates, engine=engine, failures=failures).choice
            except Problem as problem:
                self.problem = problem
        choices = [GpuChoice(gpu) for gpu in (*GPUS, NO_GPU)]
        chosen = read_gpu(draft.gpu) if draft.gpu and draft.gpu != self._ours else best
        choices += [more for more in dict.fromkeys((best, chosen)) if more is not None and more not in choices]
        select = self.query_one(Select)
        select.set_options([(self._words(choice, rates), choice.spec) for choice in choices])
        if chosen is None:
            return
        self._ours = chosen.spec if chosen is best else self._ours
        select.value = chosen.spec
        self.post_message(self.Chosen(chosen.spec))
        self.draw(chosen.spec)

    def _words(self, choice: GpuChoice, rates: Mapping[str, float] | None) -> str:
        found = self._fit(choice.spec)
        glyph, word, _ = WORDS[found.verdict] if found is not None else (" ", "", "")
        if (failure := why_ruled_out(choice, self._draft.model or "", self._failures)) is not None:
            same = failure.spec == choice.spec
            glyph, word = "✗", FAILED[failure.code] if same else f"no more memory than {failure.spec}"
        price = awake_per_hour(choice.spec, rates)
        memory = choice.gpu.memory * choice.count
        name = "none (CPU)" if choice.is_cpu else choice.spec
        return f"{glyph} {name:<12} {memory:>4} GiB  ${price:>5.2f}/h  {word}".rstrip()

    def _fit(self, spec: str) -> Fit | None:
        if self._facts is None or self._facts.weights is None:
            return None
        return fit_on(self._facts, self._draft.budget_for(self._facts), read_gpu(spec), self._engine)

    def draw(self, spec: str | None = None) -> None:
        """Draw the bar again, as wide as it is now."""
        spec = spec or str(self.query_one(Select).value)
        known = self.query_one(Select).value is not Select.NULL
        self.query_one(FitBar).show(self._fit(spec) if known else None, is_ours=spec == self._ours)

    @on(Select.Changed, "#gpu")
    def _gpu_chosen(self, event: Select.Changed) -> None:
        event.stop()
        if event.value is not Select.NULL:
            self.post_message(self.Chosen(str(event.value)))
            self.draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)
