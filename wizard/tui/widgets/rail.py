"""The step rail: every step with glyph and word, the current one marked; one line where the terminal is narrow."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.events import Click
from textual.widgets import Static

from wizard.core.steps import STEPS
from wizard.tui.messages import StepChosen
from wizard.tui.wizard_session import GLYPHS, WizardSession

# Seven stops for a person; the Modal Secret is decided on Modal's screen and shown in the plan.
STOPS: tuple[tuple[str, str], ...] = tuple((step.name, step.title) for step in STEPS if step.name not in ("secret",))


class RailStop(Static):
    """One stop; a click goes there."""

    def __init__(self, step: str, title: str) -> None:
        super().__init__(id=f"stop-{step}", markup=False)
        self.step, self.title = step, title
        self._drawn = ""  # the state that is on screen

    def show(self, session: WizardSession, current: str) -> None:
        """Draw the step's state."""
        state = "now" if self.step == current else session.states[self.step]
        if state == self._drawn:  # an update lays out the whole screen
            return
        self._drawn = state
        glyph, word = GLYPHS[state]
        self.set_classes(f"-{state}")
        self.update(Content(f"{glyph} {self.title}\n  {word}" if state != "todo" else f"{glyph} {self.title}\n"))

    def on_click(self, event: Click) -> None:
        event.stop()
        self.post_message(StepChosen(self.step))


class Rail(Container):
    """All stops, and a single line that stands in for them where the terminal is narrow."""

    _line = ""

    def compose(self) -> ComposeResult:
        yield Static(id="rail-line", markup=False)
        for step, title in STOPS:
            yield RailStop(step, title)

    def show(self, session: WizardSession, current: str) -> None:
        """Draw every step's state; `current` is the step of the screen that is shown."""
        for stop in self.query(RailStop):
            stop.show(session, current)
        names = [step for step, _ in STOPS]
        titles = dict(STOPS)
        place = names.index(current) + 1 if current in names else 0
        marks = "".join("▶" if n == current else GLYPHS[session.states[n]][0] for n in names)
        line = f"{marks}  {place}/{len(names)} {titles.get(current, '')}"
        if line != self._line:
            self._line = line
            self.query_one("#rail-line", Static).update(Content(line))
