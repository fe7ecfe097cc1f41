"""The order of the screens, and where Back leads. Knows names only, and nothing of what is drawn."""

from __future__ import annotations

STOPS: tuple[str, ...] = ("model", "access", "modal", "function", "review", "deploy", "sample")
SCREEN_OF_STEP = {"token": "access", "secret": "modal"}  # steps that share another one's screen
HOME = "home"
WELCOME = "welcome"  # shown once, before the first question


class Navigator:
    """Where the person has been, as far as Back has to know it. `here` is empty on a screen that is no stop."""

    def __init__(self) -> None:
        self._knows_home = False  # whether the list of functions has been shown
        self._returns: dict[str, str] = {}  # the later stop that opened an earlier one

    def go(self, here: str, name: str) -> None:
        """Remember that `name` is opened from `here`."""
        self._knows_home = self._knows_home or name == HOME
        if here and name in STOPS and STOPS.index(name) < STOPS.index(here):
            self._returns[name] = here
        elif name != here:  # whoever goes on has done what they came back for
            self._returns.pop(here, None)
            self._returns.pop(name, None)

    def after(self, here: str) -> str:
        """The stop after `here`; empty where there is none."""
        following = STOPS.index(here) + 1 if here else len(STOPS)
        return STOPS[following] if following < len(STOPS) else ""

    def before(self, here: str) -> str:
        """Where Back leads: to the later stop that opened this one, else to the stop before, and from the first one to
        the list of functions where there is one. Empty where it leads nowhere."""
        if here not in STOPS:
            return ""
        before = STOPS[STOPS.index(here) - 1] if here != STOPS[0] else HOME if self._knows_home else ""
        return self._returns.get(here, before)

    def back(self, here: str) -> str:
        """Go there: to the stop that opened this one only once."""
        leads = self.before(here)
        self._returns.pop(here, None)
        return leads
