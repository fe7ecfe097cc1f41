"""Where the person is: the rail with every step, and the line of marks that stands in for it on a smaller terminal."""

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
NAMES = tuple(name for name, _ in STOPS)
COLOURS = {"now": "bold $primary", "done": "$success", "blocked": "$error", "waiting": "$warning"}


class RailStop(Static):
    """One stop; a click goes there."""

    def __init__(self, step: str, title: str) -> None:
        super().__init__(id=f"stop-{step}", markup=False)
        self.step, self.title = step, title
        self._drawn = ""

    def show(self, session: WizardSession, current: str) -> None:
        """Draw the step's state."""
        state = "now" if self.step == current else session.states[self.step]
        if state == self._drawn:  # each update lays out the whole screen anew
            return
        self._drawn = state
        glyph, word = GLYPHS[state]
        self.set_classes(f"-{state}")
        self.update(Content(f"{glyph} {self.title}\n  {word}" if state != "todo" else f"{glyph} {self.title}\n"))

    def on_click(self, event: Click) -> None:
        event.stop()
        self.post_message(StepChosen(self.step))


class Rail(Container):
    """All stops, one below the other."""

    def compose(self) -> ComposeResult:
        for step, title in STOPS:
            yield RailStop(step, title)

    def show(self, session: WizardSession, current: str) -> None:
        """Draw every step's state; `current` is the step of the screen that is shown."""
        for stop in self.query(RailStop):
            stop.show(session, current)


class RailLine(Static):
    """A mark for each stop, and the place of the current one; a click on a mark goes there."""

    _drawn: tuple[str, ...] = ()

    def show(self, session: WizardSession, current: str) -> None:
        """Draw every mark."""
        states = ["now" if name == current else session.states[name] for name in NAMES]
        if tuple(states) == self._drawn:
            return
        self._drawn = tuple(states)
        parts = [(GLYPHS[state][0], COLOURS.get(state, "")) for state in states]
        place = NAMES.index(current) + 1 if current in NAMES else 0
        self.update(Content.assemble(*parts, (f" {place}/{len(NAMES)} {dict(STOPS).get(current, '')}", "bold")))

    def on_click(self, event: Click) -> None:
        event.stop()
        if 0 <= event.x < len(NAMES):
            self.post_message(StepChosen(NAMES[event.x]))
