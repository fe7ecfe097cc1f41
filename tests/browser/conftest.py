"""The browser half: Chromium on the stand-ins' pages, while the wizard waits in a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Browser, find_chromium
from tests.support.tmux_pane import Machine, Pane, need_tmux


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A person's machine."""
    made = Machine()
    yield made
    made.remove()


@pytest.fixture
def open_pane(machine: Machine) -> Iterator[Callable[[], Pane]]:
    """Opens a terminal on the machine; skips where there is no tmux or no rehearsal."""
    need_tmux()
    panes: list[Pane] = []

    def make() -> Pane:
        panes.append(Pane(machine, 120, 40))
        return panes[-1]

    yield make
    for pane in panes:
        pane.close()


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """A fresh Chromium; skips where there is none."""
    program = find_chromium()
    if program is None:
        pytest.skip("chromium is not installed: these tests do the browser half of a sign-in")
    async with Browser(program, tmp_path / "profile") as opened:
        yield opened
