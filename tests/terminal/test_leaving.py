"""How it begins and ends: quitting anywhere leaves everything as it was, and without a terminal it says what to do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest

from tests.support.tmux_pane import PROGRAM, Machine, Pane


def walk_to(pane: Pane, place: str) -> None:
    """Go from the first frame to a screen, with keys."""
    stops = {
        "model": (("Press Enter to use the highlighted model.",), "Enter"),
        "access": (("Press Enter to continue.", "Access token"), "n"),
        "modal": (("Modal is ready.",), "n"),
        "function": (("while running", "What should the output look like"), "C-n"),
        "review": (("+ create app",), "g"),
        "deploy": (("running", "Deploying"), ""),
    }
    for name, (texts, key) in stops.items():
        pane.sees(*texts)
        if name == place:
            return
        pane.press(key)


def test_terminal_quit_at_the_first_frame(open_pane: Callable[..., Pane]) -> None:
    pane = open_pane().start("--rehearse")
    pane.sees("outlines-wizard" if "outlines-wizard" in pane.screen() else "Which model do you want to use?")
    pane.quit()


# The screens of access and Modal are quit by the tests of verdicts, the one of the sample by those of the whole job.
@pytest.mark.parametrize("place", ["model", "function", "review"])
def test_terminal_quit_at(open_pane: Callable[..., Pane], place: str) -> None:
    pane = open_pane().start("--rehearse")
    walk_to(pane, place)
    pane.quit()
    assert list(pane.machine.work.iterdir()) == [], "nothing was agreed to, so nothing is written"


@pytest.mark.long
@pytest.mark.slow
def test_terminal_quitting_in_the_middle_of_a_deploy_asks(open_pane: Callable[..., Pane]) -> None:
    pane = open_pane().start("--rehearse", "--scenario", "slow-build")
    walk_to(pane, "deploy")
    pane.press("C-c")
    pane.press("C-q")
    pane.sees("A deploy is running.", "nothing is billed", "Quit anyway?")
    pane.press("Escape")
    pane.sees("Deploying", "running")
    pane.press("C-q")
    pane.sees("Quit anyway?")
    pane.press("y")
    assert pane.exit_code() == 130
    pane.left_clean()


def test_terminal_ctrl_c_says_how_to_quit(open_pane: Callable[..., Pane]) -> None:
    pane = open_pane().start("--rehearse")
    pane.sees("Press Enter to use the highlighted model.")
    pane.press("C-c")
    pane.sees("ctrl+q", seconds=3)


@pytest.mark.parametrize("arguments", [(), ("--rehearse",)], ids=["plain", "rehearse"])
@pytest.mark.parametrize("lost", ["stdin", "stdout"])
def test_terminal_missing(arguments: tuple[str, ...], lost: str) -> None:
    machine = Machine()
    master, slave = os.openpty()
    try:
        ends: dict[str, int] = {"stdin": slave, "stdout": slave, "stderr": subprocess.PIPE}
        ends[lost] = subprocess.DEVNULL if lost == "stdin" else subprocess.PIPE
        done = subprocess.run(
            [*PROGRAM, *arguments], env=machine.env, cwd=machine.work, timeout=30, text=True, check=False, **ends
        )
        assert done.returncode == 2
        assert not done.stdout
        assert done.stderr.count("\n") == 1 and "needs a terminal" in done.stderr
        assert "outlines-wizard deploy" in done.stderr, "and says what works without one"
    finally:
        os.close(master)
        os.close(slave)
        machine.remove()


def test_terminal_that_is_dumb(open_pane: Callable[..., Pane]) -> None:
    """A terminal that cannot move its cursor gets the same questions as lines, without escape sequences."""
    pane = open_pane(TERM="dumb").start("--rehearse")
    screen = pane.sees("Which model do you want to use?", "Number or text [2]:")
    assert "│" not in screen and "╭" not in screen
    pane.press("q", "Enter")
    assert pane.exit_code() == 0
