"""How the function will be called, and so what runs the model: each inference engine with its start and its prices."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Select, Static

from wizard.core.access_token import clean_line
from wizard.core.inference.engine_registry import engines
from wizard.core.models.model_info import ModelFacts
from wizard.core.plan.cost import Prices
from wizard.core.plan.draft import Draft
from wizard.core.plan.inference_engine.advice import figures_words
from wizard.core.plan.inference_engine.choice import EngineChoice
from wizard.core.plan.inference_engine.figures import Load, compare_engines
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import read_gpu

AUTO = "auto"
CHOICES = [("automatic", AUTO), *((f"{each.suits} ({each.label})", each.name) for each in engines())]


class EnginePanel(Vertical):
    """Says `Chosen` when somebody chooses; the figures below are for the GPU of the Draft."""

    class Chosen(Message):
        """An inference engine was chosen by name; None: what the plan needs."""

        def __init__(self, name: str | None) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__(id="engines")
        self._is_shown = False  # what a new widget says of itself before that is nobody's choice

    def compose(self) -> ComposeResult:
        yield Select[str](
            CHOICES,
            value=AUTO,
            allow_blank=False,
            id="engine",
            tooltip="How you will call the function decides what runs the model; automatic picks one and says why",
        )
        yield Static(id="figures", markup=False)

    def show(
        self,
        draft: Draft,
        facts: ModelFacts | None,
        rates: Mapping[str, float] | None,
        choice: EngineChoice | Problem,
        max_tokens: int,
    ) -> None:
        """Show what is decided, what is chosen and why, and every engine's figures for answers of `max_tokens`."""
        if not self.query("#figures"):  # the screen is shown for the first time, and this is not composed yet
            self.call_after_refresh(self.show, draft, facts, rates, choice, max_tokens)
            return
        self._is_shown = True
        self.query_one(Select).value = draft.engine if draft.engine in dict(CHOICES).values() else AUTO
        lines: list[Content] = []
        if isinstance(choice, Problem):
            lines.append(Content.styled(clean_line(f"✗ {choice.message} {choice.hint}"), "$error"))
        elif draft.engine in (None, AUTO):
            lines.append(Content.styled(clean_line(choice.sentence), "$quiet"))
        if facts is not None and facts.weights is not None and draft.gpu:
            load = _load(draft, facts, max_tokens)
            for each in compare_engines(facts, load, Prices.of(read_gpu(draft.gpu), rates).gpu):
                words = clean_line(figures_words(each), 200)
                lines.append(Content.assemble((f"{each.label} ", "bold"), (words, "$quiet")))
        self.query_one("#figures", Static).update(Content("\n").join(lines))

    @on(Select.Changed, "#engine")
    def _engine_chosen(self, event: Select.Changed) -> None:
        event.stop()
        if not self._is_shown or event.value != self.query_one(Select).value:  # of a value that is not shown any more
            return
        self.post_message(self.Chosen(None if event.value == AUTO else str(event.value)))


def _load(draft: Draft, facts: ModelFacts, max_tokens: int) -> Load:
    """What is asked of the function, as far as that is decided."""
    window = draft.scaledown_window or next(
        each.default for each in Draft.settings() if each.name == "scaledown_window"
    )
    assert isinstance(window, int)
    gpu, reasoning = read_gpu(draft.gpu or ""), draft.think_tokens(facts)
    return Load(gpu, max_tokens, window, bool(draft.fast_start), reasoning)
