"""Where the person is: the rail with every step, and the line of marks that stands in for it on a smaller terminal."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.events import Click
from textual.widgets import Static

from wizard.core.steps import TITLES
from wizard.tui.messages import StepChosen
from wizard.tui.navigator import STOPS as SCREENS
from wizard.tui.wizard_session import GLYPHS, StepState, WizardSession

# One stop for each screen, so that the count goes up by one: access token and Modal Secret are part of another one's.
STOPS: tuple[tuple[str, str], ...] = tuple((name, TITLES.get(name, "Review")) for name in SCREENS)
NAMES = SCREENS
COLOURS = {"now": "bold $primary", "done": "$success", "blocked": "$error", "waiting": "$warning"}


def state_of(stop: str, session: WizardSession) -> StepState:
    """How the steps of a stop stand: that of the access token with the access, that of the plan by what came of it."""
    states = session.states
    if stop == "review":
        return "todo" if session.agreed_job is None or states["deploy"] == "todo" else "done"
    if stop == "access" and states["token"] != "todo" and states["access"] in ("done", "skipped"):
        return "done" if states["token"] == "skipped" else states["token"]
    return states[stop]


class RailStop(Static):
    """One stop; a click goes there."""

    def __init__(self, step: str, title: str) -> None:
        super().__init__(id=f"stop-{step}", markup=False)
        self.step, self.title = step, title
        self._drawn = ""

    def show(self, session: WizardSession, current: str) -> None:
        """Draw the step's state."""
        state = "now" if self.step == current else state_of(self.step, session)
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
        states = ["now" if name == current else state_of(name, session) for name in NAMES]
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
