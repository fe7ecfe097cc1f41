"""The frame that stays: header, rail, question, answer, running line, keys. Every screen is one question in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from wizard.tui.messages import EngineSpoke, ServicesFailed, ServicesOpened
from wizard.tui.widgets.card import Card
from wizard.tui.widgets.key_line import KeyLine
from wizard.tui.widgets.rail import NAMES, Rail, RailLine

if TYPE_CHECKING:
    from wizard.core.events import Event
    from wizard.tui.app import WizardApp

DEMO = "Demo · nothing is billed"


class StepScreen(Screen[None]):
    """A screen with the frame around it. Subclasses set `step`, `question`, and compose the answer in `answer`.

    `step` names the stop of the rail; a screen that is none of them has no rail. `advance` is what the key for going on
    does; `on_shown` runs whenever the screen is shown, also when the person comes back to it.
    """

    step: ClassVar[str] = "model"
    question: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-normal"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]
    _running_line = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.back", "Back", id="frame.back", tooltip="Go back one question; your answers are kept"),
        Binding("ctrl+r", "app.reopen", "Try again", id="frame.reopen", tooltip="Try to connect again"),
        Binding("f1,question_mark", "explain", "Help", id="frame.explain", tooltip="Help for this screen"),
    ]

    @property
    def wizard(self) -> WizardApp:
        """The application, with its own type."""
        from wizard.tui.app import WizardApp

        return cast(WizardApp, self.app)

    def compose(self) -> ComposeResult:
        self._fit_to_terminal()
        self.set_class(self.step not in NAMES, "-no-steps")
        with Horizontal(id="header"):
            yield Static(self.app.title, id="product", markup=False)
            yield RailLine(id="rail-line", markup=False)
            yield Static(DEMO, id="banner", markup=False)
        with Container(id="frame"):
            yield Rail(id="rail")
            with Vertical(id="page"):
                yield Static(self.question, id="question", markup=False)
                yield Card(id="services-trouble")
                with Vertical(id="answer"):
                    yield from self.answer()
        yield Static(id="running-line", markup=False)
        yield KeyLine()

    def _fit_to_terminal(self) -> None:
        """Take the classes of this size before the first frame, which is laid out again otherwise."""
        for length, steps in zip(self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True):
            wanted = max(step for step in steps if step[0] <= length)[1]
            for _, name in steps:
                self.set_class(name == wanted, name)

    def answer(self) -> Iterable[Widget]:
        """The widgets of this question."""
        return ()

    def on_screen_resume(self) -> None:
        """Bring the frame up to date whenever the screen is shown."""
        before = self.classes
        self._fit_to_terminal()
        if self.classes != before:  # the terminal has another size than when this screen was left
            self.app.stylesheet.update(self)
        self.redraw_frame()
        self._show_trouble()
        if self.wizard.service_error is None:
            self.on_shown()

    def on_services_opened(self, message: ServicesOpened) -> None:
        self._show_trouble()

    def on_services_failed(self, message: ServicesFailed) -> None:
        self._show_trouble()

    def _show_trouble(self) -> None:
        """Without services there is nothing to answer: the reason stands in place of the question's answer."""
        service_error, card = self.wizard.service_error, self.query_one("#services-trouble", Card)
        card.display = service_error is not None
        self.query_one("#answer").display = service_error is None
        if service_error is not None:
            demo = ", f4 to try the demo" if self.wizard.offers_demo else ""
            action = f"{service_error.hint} Press ctrl+r to try again{demo}, ctrl+q to quit.".strip()
            card.show_problem(service_error, action)
        self.refresh_bindings()

    def on_shown(self) -> None:
        """The person is here, for the first time or again."""

    def on_engine_event(self, event: Event) -> None:
        """An event of the engine arrived for this screen."""
        self.post_message(EngineSpoke(event))

    def every(self, seconds: float, draw: Callable[[], None]) -> None:
        """Draw again and again; not while the application is being taken down, when timers go on a moment longer."""
        self.set_interval(seconds, lambda: draw() if self.app.is_running else None)

    @property
    def is_untouched(self) -> bool:
        """Whether this is the first question and nobody has begun to answer it."""
        return False

    def redraw_frame(self) -> None:
        """Draw rail, header and running line from the journey."""
        if not self.is_mounted or not self.query("#rail-line"):  # quitting while it is being composed
            return
        session = self.wizard.session
        self.query_one(Rail).show(session, self.step)
        self.query_one(RailLine).show(session, self.step)
        self.query_one("#banner").display = self.wizard.rehearsal
        line = self._money_line()
        if line != self._running_line:  # an update lays out the whole screen
            self._running_line = line
            self.query_one("#running-line", Static).update(Content(line))

    def _money_line(self) -> str:
        draft = self.wizard.session.draft
        parts = [draft.model or "no model yet"]
        if draft.gpu:
            from wizard.core.plan.cost import (  # the first question is drawn without a price
                awake_per_hour,
                awake_words,
            )
            from wizard.core.sizing.gpus import device_words

            parts += [device_words(draft.gpu), awake_words(awake_per_hour(draft.gpu, self.wizard.rates))]
        return " · ".join(parts)

    def action_explain(self) -> None:
        """Show the help page of this screen, which begins with what has the focus."""
        from wizard.tui.help.screen import HelpScreen

        around = self.focused.ancestors_with_self if self.focused is not None else ()
        told = (str(widget.tooltip) for widget in around if isinstance(widget, Widget) and widget.tooltip)
        self.app.push_screen(HelpScreen(self, next(told, "")))
