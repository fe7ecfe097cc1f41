"""The answers so far, one line each, below how long the last of them took."""

from __future__ import annotations

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from wizard.core.access_token import clean_line
from wizard.core.plan.cost import dollars
from wizard.core.playground.exchange import Exchange
from wizard.core.playground.history import AnswerHistory
from wizard.tui.screens.sample.wording import judged, problem_of, spent, tokens_per_second
from wizard.tui.widgets.latency_bars import latency_bars, latency_words

LINES = 6


class History(Vertical):
    """Shown when there is more than one answer; says `Reopened` when one of them is wanted."""

    DEFAULT_CSS = f"""
    History {{ height: auto; display: none; }}
    History.-shown {{ display: block; }}
    History #latency {{ height: auto; margin-top: 1; color: $text-muted; }}
    History OptionList {{ height: auto; max-height: {LINES}; border: none; padding: 0; background: transparent; }}
    History OptionList {{ text-wrap: nowrap; text-overflow: ellipsis; }}
    """

    class Reopened(Message):
        """An answer was chosen from the list."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def compose(self) -> ComposeResult:
        yield Static(id="latency", markup=False)
        yield OptionList(id="history", compact=True)

    def refill(self, answers: AnswerHistory, rates: Mapping[str, float] | None) -> None:
        """Draw a line for each answer."""
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options([Option(line(each, rates)) for each in answers])
        seconds = [each.sample.seconds for each in answers]
        words = [f"{latency_bars(seconds)}  {latency_words(seconds)}", answers.dropped_words]
        self.query_one("#latency", Static).update(Content(" · ".join(filter(None, words))))
        self.set_class(len(answers) > 1, "-shown")
        if listed.option_count:
            listed.highlighted = listed.option_count - 1  # the newest, which is the one that is shown

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Reopened(event.option_index))


def line(exchange: Exchange, rates: Mapping[str, float] | None) -> Content:
    """One answer: its verdict, seconds, speed and price, and the prompt."""
    sample = exchange.sample
    glyph, _, colour = judged(sample, problem_of(sample))
    rate, price = tokens_per_second(sample), spent(sample, exchange.gpu, rates)
    figures = f"{sample.seconds:6.2f} s  {f'{rate:.0f}' if rate else '-':>4} tok/s  "
    figures += f"{dollars(price)}  " if price is not None else ""
    return Content.assemble((f"{glyph} ", colour), (figures, "$quiet"), clean_line(exchange.question.prompt, 100))
