"""Terminals for tests: each with a machine of its own, and gone afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.tmux_pane import Machine, Pane, need_tmux


@pytest.fixture
def open_pane() -> Iterator[Callable[..., Pane]]:
    """Opens a terminal of a size, with variables; skips where a rehearsal in tmux is not possible."""
    need_tmux()
    panes: list[Pane] = []

    def make(columns: int = 80, lines: int = 24, **env: str) -> Pane:
        panes.append(Pane(Machine(env), columns, lines))
        return panes[-1]

    yield make
    for pane in panes:
        pane.close()
        pane.machine.remove()
