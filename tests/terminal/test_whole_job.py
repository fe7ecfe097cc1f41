"""The whole job with keys only, in a real terminal, from the first frame to the sample."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from rich.cells import cell_len

from tests.support.tmux_pane import Pane, contrast, poll, runs

CHINESE = "给我一个角色描述：阿米里，53岁的女战士，带着剑和皮甲。"
READABLE = 2.5  # contrast; muted words are meant to be quieter than 4.5, and must still be there


@pytest.mark.slow
def test_terminal_80_by_24_from_first_frame_to_sample(open_pane: Callable[..., Pane]) -> None:
    pane = open_pane().start("--rehearse")
    pane.sees("Demo · nothing is billed", "Which model do you want to use?")
    pane.press("C-c")  # does not quit in Textual
    pane.sees("rehearsal-lab/tiny-character-open", "Press Enter to use the highlighted model.")
    assert pane.modes["alternate_on"]
    pane.press("Enter")
    pane.sees("✓ Access token", "robin's read access token", "Press Enter to continue.", "✓ Model")
    pane.press("n")
    pane.sees("Where on Modal should it run?", "workspace rehearsal, environment main", "Press Enter to continue.")
    pane.press("C-c")
    pane.press("Enter")
    pane.sees("What should the output look like", "$0.67/h while running")
    pane.press("C-n")
    screen = pane.sees("Nothing has been created yet", "+ create secret", "+ create app", "on T4, from this plan")
    assert screen.index("secret") < screen.index("file") < screen.index("app")
    pane.press("Enter")  # one key goes, and it is not this one
    pane.press("C-n")
    pane.sees("Press g to deploy.")
    assert list(pane.machine.work.iterdir()) == []
    pane.press("g")
    screen = pane.sees("Valid (checked", '"name": "Amiri"', '"age": 53', "cold start")
    assert "(cold start)" in screen and "7/7 Sample" in screen
    assert [path.name for path in pane.machine.work.glob("*.*")] == ["outlines_tiny_character.py"]
    pane.press("C-c")
    pane.press("6")  # the command that undoes it
    assert pane.clipboard() == "outlines-wizard teardown outlines-tiny-character --rehearse"
    screen = pane.quit()
    assert "outlines-wizard rehearse" in screen, "what people want to copy is printed again"
    assert list(pane.machine.home.rglob("*")) == [], "a rehearsal leaves the person's home alone"


@pytest.mark.long
@pytest.mark.slow
def test_terminal_60_by_20_without_colour(open_pane: Callable[..., Pane]) -> None:
    pane = open_pane(60, 20, NO_COLOR="1").start("--rehearse")

    def check(place: str, *texts: str) -> None:
        screen = pane.sees(place, *texts)
        lines = screen.splitlines()
        assert place in lines[0] and "Demo · nothing is billed" in lines[0], f"the rail is one line\n{screen}"
        grey_and_readable(pane.styled())

    check("1/7 Model", "Which model do you want to use?", "Press Enter to use the highlighted model.", "⏎ Choose")
    pane.press("Enter")
    check("2/7 Access", "✓ The access token of robin can read the weights", "Press Enter to continue.", "⏎ Continue")
    pane.press("n")
    check("3/7 Modal", "✓ Modal is ready.", "Press Enter to continue.")
    pane.press("n")
    check("4/7 Function", "strength", "compiles with llguidance", "^n Review")
    pane.press("C-n")
    check("5/7 Review", "+ create secret outlines-wizard-hf", "g Deploy")
    pane.press("g")
    check("7/7 Sample", "✓ Valid (checked", '"name": "Amiri"', "(cold start)")
    pane.quit()


def grey_and_readable(styled: str) -> None:
    """No colour anywhere (Textual answers NO_COLOR with shades of grey), and every word stands out from its ground."""
    for text, front, back in runs(styled):
        for colour in (front, back):
            assert colour is None or max(colour) - min(colour) <= 1, f"{text!r} is coloured: {colour}"
        if front and back and any(character.isalnum() for character in text):
            assert contrast(front, back) >= READABLE, f"{text!r} cannot be read: {front} on {back}"


@pytest.mark.long
@pytest.mark.slow
def test_terminal_chinese_prompt_lines_up(open_pane: Callable[..., Pane]) -> None:
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.lower().split()
    locale = next((name for name in ("zh_CN.UTF-8", "zh_CN.utf8") if name.lower() in known), "C.UTF-8")
    pane = open_pane(100, 30, LANG=locale).start("--rehearse")
    pane.sees("Press Enter to use the highlighted model.")
    pane.press("Enter")
    pane.sees("Press Enter to continue.", "Access token")
    pane.press("n")
    pane.sees("Modal is ready.", "Press Enter to continue.")
    pane.press("n")
    pane.sees("Test prompt", "Amiri, 53 year old", "compiles with llguidance")
    pane.press(*["Tab"] * 6)  # kind, fields or JSON, the table, examples, file, prompt
    pane.press("F1")
    pane.sees("Selected now", "The prompt for the first test call")
    pane.press("F1")
    assert poll(lambda: "Selected now" not in pane.screen(), 5)
    pane.press("C-a", "BSpace")
    pane.type(CHINESE)
    screen = pane.sees("给我一个角色描述", "带着剑和皮甲。")
    columns = {
        cell_len(line.split(part)[0]) for line in screen.splitlines() for part in ("给我", "Prompt of") if part in line
    }
    assert max(columns) - min(columns) <= 1, f"the prompt does not line up with its title: {columns}\n{screen}"
    assert all(cell_len(line) <= pane.columns for line in screen.splitlines()), screen
    pane.press("C-n")
    pane.sees("+ create app")
    poll(lambda: pane.press("End") or "给我一个角色" in pane.screen(), 10)  # the command that repeats this is below
    pane.press("g")
    screen = pane.sees("Valid (checked", "> 给我一个角色描述", '"name": "')
    assert all(cell_len(line) <= pane.columns for line in screen.splitlines()), screen
    pane.quit()
