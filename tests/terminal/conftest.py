"""Terminals for tests: each with a machine of its own, and gone afterwards."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator

import pytest
from tmux_pane import Machine, Pane


@pytest.fixture
def open_pane() -> Iterator[Callable[..., Pane]]:
    """Opens a terminal of a size, with variables; skips where a rehearsal in tmux is not possible."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: these tests drive the program in a real terminal")
    missing = [name for name in ("torch", "transformers", "outlines") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"a rehearsal needs {', '.join(missing)}")
    panes: list[Pane] = []

    def make(columns: int = 80, lines: int = 24, **env: str) -> Pane:
        panes.append(Pane(Machine(env), columns, lines))
        return panes[-1]

    yield make
    for pane in panes:
        pane.close()
        pane.machine.remove()
