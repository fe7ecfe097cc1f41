"""What the application asks of the screen that is shown, without knowing how it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from wizard.core.events import Event


@runtime_checkable
class StepView(Protocol):
    """A screen with one question of the wizard."""

    @property
    def is_untouched(self) -> bool:
        """Whether this is the first question and nobody has begun to answer it."""

    def on_screen_resume(self) -> None:
        """Bring the screen up to date: it is shown, for the first time or again."""

    def redraw_frame(self) -> None:
        """Draw what stands around the question: what has been decided may have changed."""

    def on_engine_event(self, event: Event) -> None:
        """Take an event of the engine."""
