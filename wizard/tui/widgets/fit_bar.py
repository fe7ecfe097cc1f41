"""How a model fills the memory of a GPU: weights, cache and overhead, headroom."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from wizard.core.gpus import GIB, GpuChoice, fit, memory_needed
from wizard.core.model import ModelFacts

WORDS = {
    "fits": ("✓", "fits", "$success"),
    "tight": ("!", "tight", "$warning"),
    "does not fit": ("✗", "does not fit", "$error"),
}


def needed_by(facts: ModelFacts) -> float:
    """GiB of GPU memory that a model takes; 0 when its weights are not known."""
    return memory_needed(facts.parameters, facts.weights.size) if facts.weights else 0.0


class FitBar(Static):
    """One bar and one line of figures, in GiB."""

    def show(self, choice: GpuChoice, facts: ModelFacts | None) -> None:
        """Draw the bar for a GPU; without facts nothing is known yet."""
        if facts is None or facts.weights is None:
            self.update(Content("The size of the model is not known yet."))
            return
        needed = needed_by(facts)
        self.update(bar(facts.weights.size / GIB, needed, choice, max(20, min(self.size.width or 40, 60))))


def bar(weights: float, needed: float, choice: GpuChoice, width: int) -> Content:
    """`weights` and `needed` in GiB, drawn over the usable memory of `choice` in `width` cells."""
    memory = choice.usable
    scale = width / max(memory, needed)
    solid = min(width, max(1, round(weights * scale)))
    extra = min(width - solid, max(1, round((needed - weights) * scale)))
    rest = max(0, width - solid - extra)
    glyph, word, colour = WORDS[fit(choice, needed)]
    free = memory - needed
    left = f"{free:.1f} free" if free >= 0 else f"{-free:.1f} missing"
    return Content.assemble(
        ("█" * solid, "$primary"),
        ("▓" * extra, "$secondary"),
        ("░" * rest, "$quiet"),
        "\n",
        ("█", "$primary"), f" weights {weights:.1f}  ",
        ("▓", "$secondary"), f" cache, overhead {needed - weights:.1f}  ",
        ("░", "$quiet"), f" {left}\n",
        (f"{glyph} {word}", f"bold {colour}"), f": {needed:.1f} of {memory:.0f} GiB",
    )  # fmt: skip
