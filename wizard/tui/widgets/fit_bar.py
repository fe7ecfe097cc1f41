"""How a model fills the memory of a GPU: weights, cache, overhead, and what is left."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from wizard.core.access_token import clean_line
from wizard.core.sizing.memory_fit import Fit

WORDS = {
    "fits": ("✓", "fits", "$success"),
    "tight": ("!", "tight", "$warning"),
    "does not fit": ("✗", "does not fit", "$error"),
}
NARROWEST, WIDEST = 20, 60  # cells of the bar


class FitBar(Static):
    """One bar and its figures in GiB."""

    def show(self, found: Fit | None, *, is_ours: bool = False) -> None:
        """Draw the bar for a GPU; without a fit nothing is known yet. `is_ours`: the recommended one."""
        if found is None:
            self.update(Content("The size of the model is not known yet."))
            return
        width = max(NARROWEST, min(self.size.width or 40, WIDEST))
        parts = [bar(found, width)]
        if is_ours:
            parts[0] += Content(
                ". The cheapest GPU that does." if found.choice.count == 1 else ". One GPU is not enough."
            )
        parts += [Content.styled(clean_line(note), "$quiet") for note in found.footprint.notes]
        self.update(Content("\n").join(parts))


def bar(found: Fit, width: int) -> Content:
    """The parts of a footprint, drawn over the usable memory in `width` cells, and said in figures."""
    footprint, usable = found.footprint, found.choice.usable
    other = footprint.activations + footprint.overhead
    scale = width / max(usable, footprint.total)
    solid = min(width, max(1, round(footprint.weights * scale)))
    cached = min(width - solid, max(1, round(footprint.cache * scale)))
    rest = min(width - solid - cached, max(1, round(other * scale)))
    glyph, word, colour = WORDS[found.verdict]
    left = f"{found.headroom:.1f} free" if found.headroom >= 0 else f"{-found.headroom:.1f} missing"
    return Content.assemble(
        ("█" * solid, "$primary"),
        ("▓" * cached, "$secondary"),
        ("▒" * rest, "$accent"),
        ("░" * (width - solid - cached - rest), "$quiet"),
        "\n",
        ("█", "$primary"), f" weights {footprint.weights:.1f}  ",
        ("▓", "$secondary"), f" cache {footprint.cache:.1f}  ",
        ("▒", "$accent"), f" overhead {other:.1f}  ",
        ("░", "$quiet"), f" {left}\n",
        (f"{glyph} {word}", f"bold {colour}"), f" ({footprint.total:.1f} of {usable:.0f} GiB)",
    )  # fmt: skip
