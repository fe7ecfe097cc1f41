"""Two answers beside each other, or one below the other where there is no room: what differs is marked and named."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content, Span
from textual.screen import ModalScreen
from textual.widgets import Static

from wizard.core.access_token import clean_line
from wizard.core.output.answer_comparison import Comparison, MarkedText, compare_answers
from wizard.core.playground.differing_settings import differing_settings
from wizard.core.playground.exchange import Exchange
from wizard.tui.background import run_exclusive
from wizard.tui.screens.sample.answer import SHOWN_CHARACTERS, coloured
from wizard.tui.screens.sample.wording import brief_figures, judged, language_of, problem_of

DIFFERENT = "bold underline $warning"
KEYS_LINE = "← →: another answer · ↑ ↓: scroll · s: swap · Esc: close"


class CompareScreen(ModalScreen[None]):
    """The answer that was shown at the right, and any other one of the session at the left."""

    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (80, "-beside")]
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,c", "dismiss", "Close", id="compare.close", tooltip="Close the comparison"),
        Binding("left", "step(-1)", "Earlier answer", id="compare.older", tooltip="Compare with an earlier answer"),
        Binding("right", "step(1)", "Later answer", id="compare.newer", tooltip="Compare with a later answer"),
        Binding("s", "swap", "Swap", id="compare.swap", tooltip="Change sides"),
        *(
            Binding(key, f"scroll('{key}')", f"Scroll {key}", id=f"compare.{key}", show=False)
            for key in ("up", "down", "pageup", "pagedown", "home", "end")
        ),
    ]
    DEFAULT_CSS = """
    CompareScreen { align: center middle; background: $background 60%; }
    CompareScreen > Vertical { width: 98%; height: 96%; border: round $primary; padding: 0 1; background: $surface; }
    CompareScreen #settings { height: auto; max-height: 3; color: $text-muted; }
    CompareScreen #summary { height: auto; max-height: 2; text-style: bold; }
    CompareScreen #sides { height: 1fr; layout: horizontal; }
    CompareScreen #sides > VerticalScroll { width: 1fr; height: 1fr; border: round $foreground 25%; padding: 0 1; }
    CompareScreen #sides > VerticalScroll { border-title-color: $text; border-subtitle-color: $text-muted; }
    CompareScreen #sides Static { height: auto; }
    CompareScreen .keys { height: 1; color: $primary; text-style: bold; }
    CompareScreen.-stacked #sides { layout: vertical; }
    """

    def __init__(
        self, answers: Sequence[Exchange], other: int, shown: int, rates: Mapping[str, float] | None = None
    ) -> None:
        super().__init__()
        self._answers = tuple(answers)
        self._places = [other, shown]
        self._rates = rates

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Two answers compared"
            yield Static(id="settings", markup=False)
            yield Static(id="summary", markup=False)
            with Container(id="sides"):
                for side in ("one", "other"):
                    with VerticalScroll(id=side, can_focus=False):
                        yield Static(id=f"{side}-text", markup=False)
            yield Static(KEYS_LINE, classes="keys", markup=False)

    def on_mount(self) -> None:
        self._draw()

    def _draw(self) -> None:
        one, other = (self._answers[place] for place in self._places)
        settings = differing_settings(one, other)
        self.query_one("#settings", Static).update(Content("  ·  ".join(settings) or "Asked with the same settings"))
        self.query_one("#summary", Static).update("Comparing…")
        for side, place in zip(("#one", "#other"), self._places, strict=True):
            pane = self.query_one(side, VerticalScroll)
            pane.border_title = f"Answer {place + 1} of {len(self._answers)}"
            pane.border_subtitle = brief_figures(self._answers[place], self._rates)
            pane.scroll_home(animate=False)
        run_exclusive(self, "compare", self._compare, one, other)

    async def _compare(self, one: Exchange, other: Exchange) -> None:
        found = await asyncio.to_thread(compare_answers, one.sample.text, other.sample.text)
        self.query_one("#summary", Static).update(Content(summary(found)))
        same_prompt = one.question.prompt == other.question.prompt
        for side, exchange, text in (("#one-text", one, found.one), ("#other-text", other, found.other)):
            self.query_one(side, Static).update(answer_content(exchange, text, with_prompt=not same_prompt))

    def action_step(self, by: int) -> None:
        """Another answer at the left; the one at the right is passed over."""
        count = len(self._answers)
        place = (self._places[0] + by) % count
        if place == self._places[1]:
            place = (place + by) % count
        self._places[0] = place
        self._draw()

    def action_swap(self) -> None:
        """Left to right."""
        self._places.reverse()
        self._draw()

    def action_scroll(self, key: str) -> None:
        """Scroll both, so that what belongs together stays side by side."""
        moves = {"pageup": "page_up", "pagedown": "page_down"}
        for pane in self.query(VerticalScroll):
            getattr(pane, f"scroll_{moves.get(key, key)}")(animate=False)


def summary(found: Comparison) -> str:
    """What differs in words, and that some of it is not shown."""
    hidden = sum(start >= SHOWN_CHARACTERS for text in (found.one, found.other) for start, _ in text.marks)
    return found.summary + (f" ({hidden:,} of the places are behind what is shown)" if hidden else "")


def answer_content(exchange: Exchange, marked: MarkedText, *, with_prompt: bool) -> Content:
    """One answer with what only it has, below its verdict."""
    glyph, verdict, colour = judged(exchange.sample, problem_of(exchange.sample))
    head = Content.assemble((f"{glyph} ", f"bold {colour}"), clean_line(verdict, 120), "\n")
    if with_prompt:
        head += Content.styled(f"> {clean_line(exchange.question.prompt, 200)}\n", "$quiet")
    text = marked.text[:SHOWN_CHARACTERS]
    spans = [Span(start, min(end, len(text)), DIFFERENT) for start, end in marked.marks if start < len(text)]
    base = coloured(text, language_of(text))
    shown = Content(text, spans=[*base.spans, *spans]) if text else Content.styled("(empty)", "$quiet")
    more = len(marked.text) - len(text)
    return head + "\n" + shown + (f"\n… {more:,} more characters" if more > 0 else "")
