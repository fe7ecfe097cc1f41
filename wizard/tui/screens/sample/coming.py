"""An answer while it is being made: what has come of it, and the field that is being written."""

from __future__ import annotations

from wizard.core.access_token import clean_line
from wizard.core.events import AnswerRestarted, AnswerText, Event, ReasoningText
from wizard.core.output.json_prefix import JsonPrefix
from wizard.tui.screens.sample.wording import language_of


class ComingAnswer:
    """Grows with each event. `written` and `reasoned` are of the container that is answering now."""

    def __init__(self) -> None:
        self.reasoned = self.written = ""
        self._lost = ""  # what came before the container was lost and the answer began again
        self._prefix = JsonPrefix()

    def note(self, event: Event) -> None:
        """Take an event; those that bring no text change nothing."""
        match event:
            case AnswerRestarted():
                self._lost = self.written or self._lost
                self.reasoned, self.written, self._prefix = "", "", JsonPrefix()
            case ReasoningText():
                self.reasoned += event.text
            case AnswerText():
                self.written += event.text
                if language_of(self.written) == "json":
                    self._prefix.feed(event.text)
            case _:
                return

    @property
    def length(self) -> int:
        """How many characters there are to be shown."""
        return len(self.written) + len(self.reasoned)

    @property
    def text(self) -> str:
        """What there is of the answer: also what came of it before it began again."""
        return self.written or self._lost

    @property
    def doing(self) -> str:
        """What the model does, in words."""
        place = clean_line(self._prefix.place, 60)
        return f"Writing {place}" if place else "Writing the answer" if self.written else "Reasoning"
