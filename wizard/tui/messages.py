"""What widgets and workers tell screens: typed, past tense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from wizard.core.events import Event
    from wizard.core.problem import Problem


class EngineSpoke(Message):
    """An event of the engine arrived."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class ServicesOpened(Message):
    """The Hub, Modal and the keyring can be asked from now on."""


class ServicesFailed(Message):
    """Services could not be opened."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem


class LogRequested(Message):
    """The log of the function that is chosen is to be shown."""


class StepChosen(Message):
    """The person wants to go to a step, from the rail or a key."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step
