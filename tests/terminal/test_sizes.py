"""A window that is dragged to another size: what was typed and chosen stays, and the frame follows."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from tests.support.tmux_pane import Pane, poll


def fits(pane: Pane, *texts: str, without: str = "") -> None:
    """Wait until the screen is drawn for the window's size, says this and not that."""

    def drawn() -> bool:
        screen = pane.screen()
        lines = screen.splitlines()
        whole = len(lines) == pane.lines and all(cell_len(line) <= pane.columns for line in lines)
        said = all(text in screen for text in texts) and not (without and without in screen)
        return whole and said and bool(lines[0].strip() and lines[-1].strip())

    assert poll(drawn), f"{texts}\n{pane.screen()}"


def test_terminal_dragged_to_other_sizes_keeps_everything(open_pane: Callable[..., Pane]) -> None:
    typed = "tiny-character-o"
    pane = open_pane(80, 24).start("--rehearse")
    pane.sees("Press Enter to use the highlighted model.")
    pane.type(typed)
    pane.sees(typed, "rehearsal-lab/tiny-character-open")
    pane.press("Down")
    pane.resize(60, 20)
    fits(pane, typed, "1/7 Model", "Demo")
    pane.resize(120, 40)
    fits(pane, typed, "○ Access", "Weight files", without="1/7")  # details are beside the list
    pane.resize(30, 10)
    pane.resize(80, 24)
    fits(pane, typed, "1/7 Model", "Demo")
    pane.press("Enter")
    pane.sees("Access token", "Press Enter to continue.")
    pane.resize(60, 20)
    fits(pane, "2/7 Access", "Press Enter to continue.")
    pane.resize(120, 40)
    fits(pane, "▶ Access", "Press Enter to continue.", without="2/7")
    pane.quit()
