"""The steps of the main job, as one list of data; no face and no step knows its neighbour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step: its public name, its title on screen, and whether it only looks or also changes something."""

    name: str
    title: str
    changes_things: bool


STEPS: tuple[Step, ...] = (
    Step("model", "Model", changes_things=False),
    Step("access", "Access", changes_things=False),
    Step("token", "Access token", changes_things=False),
    Step("modal", "Modal", changes_things=False),
    Step("secret", "Modal Secret", changes_things=True),
    Step("function", "Function", changes_things=True),
    Step("deploy", "Deploy", changes_things=True),
    Step("sample", "Sample", changes_things=True),
)
TITLES: dict[str, str] = {step.name: step.title for step in STEPS}
