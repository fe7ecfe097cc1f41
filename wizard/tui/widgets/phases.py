"""The phases of a deploy and its first call, each with its clock, and what it usually takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from textual.content import Content
from textual.widgets import Static

from wizard.core.events import Event, Failed, PhaseFinished, PhaseSkipped, PhaseStarted
from wizard.core.phases import PHASES, UsualTime, seconds_words

Clock = Callable[[], float]
PhaseState = Literal["to come", "running", "done", "failed", "skipped"]
SIGNS: Mapping[PhaseState, tuple[str, str, str]] = {
    "to come": ("○", "to do", "$quiet"),
    "running": ("▶", "running", "$warning"),
    "done": ("✓", "done", "$success"),
    "failed": ("✗", "failed", "$error"),
    "skipped": ("–", "skipped", "$quiet"),
}
ORDER = [phase.name for phase in PHASES]
TITLE_WIDTH = max(len(phase.title) for phase in PHASES)
WORD_WIDTH, SECONDS_WIDTH = 8, 11
BETWEEN = " · "


@dataclass
class _Lap:
    """One phase: since when it runs, by the clock, and how long it took."""

    state: PhaseState = "to come"
    began: float = 0.0
    took: float = 0.0
    usual: UsualTime | None = None


class PhaseClocks:
    """What has become of each phase. Screens may share one: it is drawn by a PhaseList."""

    def __init__(
        self, phases: Sequence[str], usual: Mapping[str, UsualTime] | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._clock = clock
        self._laps = {name: _Lap(usual=(usual or {}).get(name)) for name in phases}

    @property
    def running(self) -> str:
        """The phase that runs; empty between two of them."""
        return next((name for name, lap in self._laps.items() if lap.state == "running"), "")

    def note(self, event: Event) -> None:
        """Keep up with the engine."""
        match event:
            case PhaseStarted():
                self._skip_before(event.phase)
                lap = self._laps.setdefault(event.phase, _Lap())
                lap.state, lap.began = "running", self._clock()
                if event.usual is not None:
                    lap.usual = UsualTime(event.usual, event.basis == "estimate")
            case PhaseFinished():
                self._skip_before(event.phase)
                lap = self._laps.setdefault(event.phase, _Lap())
                lap.state, lap.took = "done", event.seconds
                if event.usual is not None:
                    lap.usual = UsualTime(event.usual, event.basis == "estimate")
            case PhaseSkipped() | Failed():
                self._end("failed" if isinstance(event, Failed) else "skipped")
            case _:
                return

    def stop(self) -> None:
        """The wait is over: what still runs was no phase of its own, as where a container was warm."""
        self._end("skipped")
        for lap in self._laps.values():
            lap.state = "skipped" if lap.state == "to come" else lap.state

    def skip(self, phases: Sequence[str]) -> None:
        """These were not needed."""
        for name in phases:
            if (lap := self._laps.get(name)) is not None and lap.state == "to come":
                lap.state = "skipped"

    def _skip_before(self, phase: str) -> None:
        if phase in ORDER:
            self.skip(ORDER[: ORDER.index(phase)])

    def _end(self, state: PhaseState) -> None:
        for lap in self._laps.values():
            if lap.state == "running":
                lap.state, lap.took = state, self._clock() - lap.began

    def lines(self) -> Content:
        """One line for each phase."""
        rows = []
        for phase in PHASES:
            if (lap := self._laps.get(phase.name)) is None:
                continue
            sign, word, colour = SIGNS[lap.state]
            usual = lap.usual.words if lap.usual is not None and lap.state != "skipped" else ""
            title = (f"{phase.title:<{TITLE_WIDTH}}", "bold" if lap.state == "running" else "")
            said = f"{self._took(lap):>{SECONDS_WIDTH}}"
            rows.append(
                Content.assemble((f"{sign} {word:<{WORD_WIDTH}}", colour), title, said, (f"   {usual}", "$quiet"))
            )
        return Content("\n").join(rows)

    def paragraph(self, width: int) -> Content:
        """All of them in as few lines as have room, for a small terminal; only of the one that runs what it usually
        takes."""
        lines: list[list[Content]] = []
        room = 0
        for phase in PHASES:
            lap = self._laps.get(phase.name)
            if lap is None or lap.state == "skipped":
                continue
            sign, _, colour = SIGNS[lap.state]
            usual = f" ({lap.usual.words})" if lap.usual is not None and lap.state == "running" else ""
            part = Content.assemble(
                (f"{sign} ", colour), " ".join(filter(None, (phase.short, self._took(lap)))) + usual
            )
            if not lines or part.cell_length + len(BETWEEN) > room:
                lines.append([])
                room = width
            lines[-1].append(part)
            room -= part.cell_length + len(BETWEEN)
        return Content("\n").join(Content(BETWEEN).join(each) for each in lines)

    def _took(self, lap: _Lap) -> str:
        if lap.state == "running":
            return f"{self._clock() - lap.began:.0f} s"
        return seconds_words(lap.took) if lap.state in ("done", "failed") else ""


class PhaseList(Static):
    """Draws clocks: a line for each phase, or a paragraph where the terminal is small."""

    DEFAULT_CSS = "PhaseList { height: auto; }"

    def __init__(self, clocks: PhaseClocks, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.clocks = clocks
        self._drawn = ""

    def on_resize(self) -> None:
        """Another size may want the other form at once, not with the next tick of a clock."""
        self.draw()

    def draw(self) -> None:
        """Bring it up to date; nothing is laid out anew where nothing has changed."""
        content = (
            self.clocks.paragraph(self.screen.size.width - 4)
            if self.screen.has_class("-short")
            else self.clocks.lines()
        )
        if content.plain != self._drawn:
            grows = content.plain.count("\n") != self._drawn.count("\n") or not self._drawn
            self._drawn = content.plain
            self.update(content, layout=grows)  # a layout takes time that a key may be waiting for
