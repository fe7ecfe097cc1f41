"""The playground in a real terminal: from the list of functions to a second answer with another schema."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.support.tmux_pane import Pane

LONGEST = 20.0  # seconds on a busy machine; alone it takes two


@pytest.mark.long
@pytest.mark.slow
def test_terminal_another_schema_from_home_in_under_ten_keys(open_pane: Callable[..., Pane]) -> None:
    pane = open_pane(120, 40).start("--rehearse")
    pane.sees("Press Enter to use the highlighted model.")
    pane.press("Enter")
    pane.sees("Press Enter to continue.", "✓ Access token")
    pane.press("n")
    pane.sees("Modal is ready.", "Press Enter to continue.")
    pane.press("Enter")
    pane.sees("What should the output look like", '"title": "Character"', "$0.67/h while running")
    pane.press("C-n")
    pane.sees("+ create app")
    pane.press("g")
    pane.sees("Valid (checked", '"name": "Amiri"')
    pane.press("h")
    pane.sees("Your functions on Modal", "outlines-tiny-character")

    pane.press("Enter")
    pane.sees("type a prompt and press Enter")
    pane.press("Enter")
    pane.sees("Valid (checked", '"weapon"', "(warm)")
    began = time.monotonic()
    pane.press("F2")
    pane.sees("System text", '"title": "Character"', "^n Ask now")
    pane.press("Down", "Down", "Down")
    pane.press("d")
    pane.sees("Character (4 fields): every rule is")
    pane.press("C-n")  # with the three before the settings: nine keys
    screen = pane.sees("Valid (checked", "last 2 calls")
    assert time.monotonic() - began < LONGEST
    answer = screen[screen.rindex('"name": "Amiri"') :]
    assert '"strength"' in answer and '"weapon"' not in answer.partition("}")[0], screen
    pane.quit()
