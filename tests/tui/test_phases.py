"""The phases of the wait: their clocks, what they usually take, and what a person sees of them."""

from __future__ import annotations

import pytest

from wizard.core.events import Failed, PhaseFinished, PhaseSkipped, PhaseStarted
from wizard.core.phases import CALLING, DEPLOYING, UsualTime, seconds_words
from wizard.core.problem import Problem
from wizard.tui.widgets.phases import PhaseClocks

ALL = (*DEPLOYING, *CALLING)


class Clock:
    """Stands still until it is told the time."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.031, "0.03 s"), (0.36, "0.4 s"), (9.9, "9.9 s"), (31.4, "31 s"), (184.0, "3 min 04 s")]
)
def test_seconds_are_as_exact_as_one_wants_to_know(seconds: float, words: str) -> None:
    assert seconds_words(seconds) == words


def test_each_phase_is_done_running_or_to_come() -> None:
    clock = Clock()
    clocks = PhaseClocks(ALL, {"build": UsualTime(180, estimated=True), "download": UsualTime(40)}, clock)
    assert clocks.paragraph(200).plain.startswith("○ Build · ○ Download · ○ Start")
    clocks.note(PhaseStarted("build", 180, "estimate"))
    clock.now = 31.2
    clocks.note(PhaseFinished("build", 31.2))
    clocks.note(PhaseStarted("download", 38, "earlier runs"))
    clock.now = 35.0
    done, running, coming, *_ = clocks.lines().plain.split("\n")
    assert done.split() == ["✓", "done", "Build", "image", "31", "s", "estimate", "3", "min", "00", "s"]
    assert running.split() == ["▶", "running", "Download", "weights", "4", "s", "usually", "38", "s"]
    assert coming.split() == ["○", "to", "do", "Start", "container"]
    assert clocks.paragraph(200).plain.startswith("✓ Build 31 s · ▶ Download 4 s (usually 38 s) · ○ Start · ○ Compile")


def test_on_a_small_terminal_no_phase_is_broken_over_two_lines() -> None:
    clocks = PhaseClocks(ALL)
    clocks.note(PhaseFinished("build", 28.4))
    clocks.note(PhaseFinished("download", 3.1))
    assert clocks.paragraph(56).plain.split("\n") == [
        "✓ Build 28 s · ✓ Download 3.1 s · ○ Start · ○ Compile",
        "○ Load · ○ First token",
    ]


def test_what_was_not_needed_and_where_it_failed_are_told_apart() -> None:
    clock = Clock()
    clocks = PhaseClocks(ALL, None, clock)
    clocks.note(PhaseStarted("boot"))  # everything was deployed already
    clock.now = 12.0
    clocks.note(PhaseFinished("boot", 12.0))
    clocks.note(PhaseStarted("load"))
    clock.now = 20.0
    clocks.note(Failed(Problem("out_of_gpu_memory", "too little memory", step="sample")))
    states = [line[0] for line in clocks.lines().plain.split("\n")]
    assert states == ["–", "–", "✓", "–", "✗", "○"]
    assert "8.0 s" in clocks.lines().plain and "skipped" in clocks.lines().plain


def test_a_warm_container_has_no_phases() -> None:
    clocks = PhaseClocks(CALLING)
    clocks.note(PhaseStarted("boot"))
    clocks.note(PhaseSkipped("boot"))
    assert not clocks.running
    clocks.stop()
    assert {line[0] for line in clocks.lines().plain.split("\n")} == {"–"} and clocks.paragraph(60).plain == ""
