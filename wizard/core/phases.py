"""What a person waits for between the plan and the first token: the phases of a deploy and of a call, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wizard.core.plan.cost import estimate
from wizard.core.plan.plan import Plan


@dataclass(frozen=True)
class Phase:
    """One phase: its public name, its title on screen, and a short one where there is little room."""

    name: str
    title: str
    short: str


PHASES: tuple[Phase, ...] = (
    Phase("build", "Build image", "Build"),
    Phase("download", "Download weights", "Download"),
    Phase("boot", "Start container", "Start"),
    Phase("compile", "Compile output type", "Compile"),
    Phase("load", "Load weights", "Load"),
    Phase("first_token", "First token", "First token"),
)
DEPLOYING = ("build", "download")
CALLING = ("boot", "compile", "load", "first_token")
PHASE_TITLES = {phase.name: phase.title for phase in PHASES}

# What the generated app prints when a phase begins in its container; both inference engines print the same.
COMPILING = "Compiling the output type"
LOADING = "Loading the weights"
_READY = re.compile(r" is ready on .+: [\d.]+ s to load$")


@dataclass(frozen=True)
class UsualTime:
    """How long a phase takes as a rule, in seconds. `estimated`: by the plan's assumptions, else by earlier runs."""

    seconds: float
    estimated: bool = False

    @property
    def words(self) -> str:
        """As it is said beside a phase."""
        return f"{'estimate' if self.estimated else 'usually'} {seconds_words(self.seconds)}"


def seconds_words(seconds: float) -> str:
    """Seconds as exact as a person wants to know them: tenths of few, minutes of many."""
    if seconds < 0.095:
        return f"{max(seconds, 0.0):.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def phase_of_line(text: str) -> str | None:
    """The phase that begins with this line of a container's log."""
    line = text.strip()
    if line == COMPILING:
        return "compile"
    if line == LOADING:
        return "load"
    return "first_token" if _READY.search(line) else None


def estimated_times(plan: Plan) -> dict[str, UsualTime]:
    """What the estimate of the plan's cost assumes of each phase."""
    seconds = estimate(plan, plan.weights_bytes).seconds or {}
    start = plan.inference_engine.speed.start(fast=plan.fast_start)
    found = {
        "build": seconds.get("build", 0.0),
        "download": seconds.get("download", 0.0) if plan.weights_bytes else 0.0,
        "boot": start,
        "load": seconds.get("cold_start", 0.0) - start if plan.weights_bytes else 0.0,
    }
    return {name: UsualTime(value, estimated=True) for name, value in found.items() if value > 0}
