"""Everything about one deployed function: what it is, what it was used for today, how fast it is, what it said last."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Static

from wizard.core.access_token import clean_line
from wizard.core.plan.cost import awake_words, dollars
from wizard.core.playground.exchange import Exchange
from wizard.core.sizing.gpus import device_words
from wizard.flow.operate.deployed_apps import DeployedFunction
from wizard.flow.ports.modal import Usage
from wizard.tui.screens.home.wording import state, when
from wizard.tui.screens.sample.wording import output_text
from wizard.tui.widgets.latency_bars import latency_bars, latency_words

LABEL = 9  # cells
ANSWER_CHARACTERS = 2000
NOT_KNOWN = "not known: Modal does not tell"


@dataclass(frozen=True)
class Known:
    """What is known of a function beside its deploy. `usage` None: Modal has not answered yet."""

    usage: Usage | None = None
    calls: Sequence[Exchange] = ()  # the last ones of this session

    @property
    def last(self) -> Exchange | None:
        """The last of them."""
        return self.calls[-1] if self.calls else None


class FunctionDetails(VerticalScroll, can_focus=False):
    """Labelled lines, and the last answer where there is room for it."""

    DEFAULT_CSS = """
    FunctionDetails { height: auto; }
    FunctionDetails Static { height: auto; }
    FunctionDetails #last-answer { margin-top: 1; padding: 0 1; background: $surface; border-left: outer $success; }
    FunctionDetails #last-answer.-wrong { border-left: outer $error; }
    FunctionDetails #last-answer { display: none; max-height: 50%; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="details", markup=False)
        yield Static(id="last-answer", markup=False)

    def show(self, function: DeployedFunction | None, known: Known, *, with_answer: bool) -> None:
        """Draw what is known of a function; `with_answer`: there is room for the text of its last answer."""
        self.display = function is not None
        if function is None:
            return
        self.query_one("#details", Static).update(details(function, known))
        shown = self.query_one("#last-answer", Static)
        shown.display = with_answer and known.last is not None
        if known.last is not None and with_answer:
            sample = known.last.sample
            text, language = output_text(sample)
            if not self.screen.has_class("-wide"):
                text = clean_line(sample.text, ANSWER_CHARACTERS)
            shown.update(highlight(text[:ANSWER_CHARACTERS], language=language))
            shown.set_class(not sample.valid, "-wrong")


def details(function: DeployedFunction, known: Known) -> Content:
    """The labelled lines of a function."""
    draft, app = function.draft, function.app
    version = f"version {app.version} of " if app.version else ""
    prices = [f"${function.idle_per_hour:.2f}/h while idle"]
    prices += [awake_words(function.awake_per_hour)] if function.awake_per_hour is not None else []
    lines = [
        ("Model", draft.model or "not known: its settings were not saved with it"),
        ("Adapter", ", ".join(draft.adapter or ())),
        ("Output", draft.output.summary if draft.output else ""),
        ("Engine", draft.engine_label if function.record else ""),
        ("GPU", device_words(draft.gpu) if draft.gpu else "not known"),
        ("Price", " · ".join(prices)),
        ("Today", today_line(known.usage, time.time())),
        ("Latency", latency_line([call.sample.seconds for call in known.calls])),
        ("Answer", answer_line(known.last)),
        ("Deployed", version + when(app.deployed_at) if app.deployed_at else ""),
        ("Endpoint", app.endpoint),
    ]
    head = Content.assemble((clean_line(function.name, 63), "bold"), "  ", (state(function), "$quiet"))
    rest = [Content.assemble((f"{label:<{LABEL}}", "$quiet"), clean_line(text, 300)) for label, text in lines if text]
    return Content("\n").join([head, *rest])


def today_line(usage: Usage | None, now: float) -> str:
    """Calls and cost since midnight, as far as Modal tells them."""
    if usage is None:
        return "…"
    if usage.calls is None and usage.dollars is None:
        return NOT_KNOWN
    failed = f", {usage.failed} failed" if usage.failed else ""
    calls = "calls not known" if usage.calls is None else f"{usage.calls} call{'s' * (usage.calls != 1)}{failed}"
    hour = time.strftime("%H:00", time.localtime(now))
    return calls + (" · cost not known" if usage.dollars is None else f" · {dollars(usage.dollars)} up to {hour}")


def latency_line(seconds: Sequence[float]) -> str:
    """The last calls as bars, and in words."""
    if not seconds:
        return "no call from this computer yet"
    return f"{latency_bars(seconds)} {latency_words(seconds) or f'one call: {seconds[-1]:.2f} s'}"


def answer_line(last: Exchange | None) -> str:
    """Whether the last answer of this session was valid, and when it came."""
    if last is None:
        return ""
    at = time.strftime("%H:%M", time.localtime(last.at))
    return f"{'✓ valid' if last.sample.valid else '✗ not valid'} at {at}"


def midnight(now: float) -> float:
    """When this day began, in seconds since 1970."""
    day = time.localtime(now)
    return time.mktime((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0, 0, 0, -1))
