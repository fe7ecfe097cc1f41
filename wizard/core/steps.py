"""The steps of the main job, as one list of data; no face and no step knows its neighbour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step: its public name, its title on screen, and the steps whose answers it rests on."""

    name: str
    title: str
    rests_on: tuple[str, ...] = ()


STEPS: tuple[Step, ...] = (
    Step("model", "Model"),
    Step("access", "Access", rests_on=("model",)),
    Step("token", "Access token", rests_on=("access",)),
    Step("modal", "Modal"),
    Step("secret", "Modal Secret", rests_on=("token", "modal")),
    Step("function", "Function", rests_on=("model",)),
    Step("deploy", "Deploy", rests_on=("secret", "function", "modal")),
    Step("sample", "Sample", rests_on=("deploy",)),
)

LOOKING = ("model", "access", "token", "modal")  # the steps that a plan rests on, and that change nothing


def resting_on(step: str) -> tuple[str, ...]:
    """Every step that has to be looked at again when the answer of `step` changes, in order."""
    touched = {step}
    for each in STEPS:
        if touched & set(each.rests_on):
            touched.add(each.name)
    return tuple(each.name for each in STEPS if each.name in touched and each.name != step)


TITLES: dict[str, str] = {step.name: step.title for step in STEPS}
