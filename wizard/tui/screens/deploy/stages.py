"""The stages of a deploy: what has become of each, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from textual.content import Content

from wizard.core.access_token import clean_line
from wizard.core.events import Event, Failed, StepFinished, StepSkipped, StepStarted
from wizard.tui.widgets.phases import SECONDS_WIDTH, TITLE_WIDTH
from wizard.tui.wizard_session import GLYPHS, StepState

STAGES: Mapping[str, str] = {"secret": "Modal Secret", "function": "App file", "deploy": "Deploy"}
COLOURS: dict[StepState, str] = {
    "done": "$success",
    "skipped": "$quiet",
    "blocked": "$error",
    "waiting": "$warning",
}


@dataclass
class StageTime:
    """When a stage began and how long it took, in seconds of the monotonic clock."""

    state: StepState = "todo"
    began: float = 0.0
    took: float | None = None
    detail: str = ""


class Stages:
    """Keeps up with the engine. `times` has each stage by its step."""

    def __init__(self) -> None:
        self.times = {step: StageTime() for step in STAGES}

    @property
    def title(self) -> str:
        """All of them in a word or three."""
        if any(stage.state == "blocked" for stage in self.times.values()):
            return "The deploy failed"
        return "Deployed" if self.times["deploy"].state in ("done", "skipped") else "Deploying"

    def note(self, event: Event) -> None:
        """Take an event; those that are about no stage change nothing."""
        match event:
            case StepStarted() if event.step in self.times:
                self.times[event.step] = StageTime("waiting", time.monotonic())
            case StepFinished() if event.step in self.times:
                self._finish(event.step, "done", event.detail)
            case StepSkipped() if event.step in self.times:
                self._finish(event.step, "skipped", event.reason)
            case Failed() if event.problem.step in self.times:
                self._finish(event.problem.step, "blocked", event.problem.message)
            case _:
                return

    def _finish(self, step: str, state: StepState, detail: str) -> None:
        stage = self.times[step]
        stage.state, stage.detail = state, detail
        stage.took = time.monotonic() - stage.began if stage.began else None

    def lines(self) -> Content:
        """One line a stage: glyph, word, name, seconds, and what came of it."""
        now, lines = time.monotonic(), []
        for step, title in STAGES.items():
            stage = self.times[step]
            glyph, word = GLYPHS[stage.state]
            if stage.state == "waiting":
                glyph, word = "▶", "running"
            took = stage.took if stage.took is not None else now - stage.began if stage.state == "waiting" else None
            seconds = f"{took:.1f} s" if took is not None else ""
            head = (f"{glyph} {word:<8}", COLOURS.get(stage.state, "$quiet"))
            figures = f"{title:<{TITLE_WIDTH}}{seconds:>{SECONDS_WIDTH}}   "
            lines.append(Content.assemble(head, figures, (clean_line(stage.detail, 160), "$quiet")))
        return Content("\n").join(lines)
