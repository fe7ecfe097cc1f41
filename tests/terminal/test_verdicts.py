"""What stands in the way, each as its card at 80x24: the cause, the next action, and its key in the footer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.support.tmux_pane import Pane, flat

CARDS = {
    "not-requested": ("robin has not asked for access yet.", "Press o and accept the terms", "o Open"),
    "pending": ("its authors have not answered yet.", "Nothing to do: this screen continues by itself", "m Model"),
    "no-token": ("no access token was sent with the request.", "Press o to create an access token", "p Paste"),
    "hub-down": ("cannot be reached.", "Check your connection, HF_ENDPOINT and any proxy", "r Check again"),
}


@pytest.mark.parametrize(
    "scenario", [pytest.param(each, marks=[] if each == "not-requested" else [pytest.mark.long]) for each in CARDS]
)
def test_terminal_access_verdict_card(open_pane: Callable[..., Pane], scenario: str) -> None:
    cause, action, key = CARDS[scenario]
    pane = open_pane().start("--rehearse", "--scenario", scenario)
    pane.sees(
        "You can still type a full org/model name"
        if scenario == "hub-down"
        else "Press Enter to use the highlighted model."
    )
    pane.press("Enter")
    screen = pane.sees(cause, f"→ {action}", key, "Hub response:")
    assert "⏎ Continue" not in screen, "one cannot go on from here"
    if scenario in ("not-requested", "pending"):
        assert re.search(r"since \d\d:\d\d \(\d:\d\d\)", flat(pane.sees("(0:01)"))), "it waits, and says since when"
    pane.press("Enter")
    pane.press("n")
    pane.sees("Can your access token read the model's weights?", cause)
    pane.quit()


def test_terminal_without_a_modal_token(open_pane: Callable[..., Pane]) -> None:
    pane = open_pane().start("--rehearse", "--scenario", "no-modal-token")
    pane.sees("Press Enter to use the highlighted model.")
    pane.press("Enter")
    pane.sees("Press Enter to continue.", "Access token")
    pane.press("n")
    screen = pane.sees("✗ Modal", "There is no Modal token on this computer.", "→", "r Check again")
    assert "⏎ Continue" not in screen
    pane.quit()
