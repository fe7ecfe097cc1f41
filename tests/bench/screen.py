"""Measures the wizard's start on a real terminal, until its first question takes a key. Part of `make bench`.

The program is started as a person starts it, with their services or with a served rehearsal, in turns with an empty
Textual app. Only the real question counts, and only once a typed key is drawn in its search field.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.served import serve
from tests.bench.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(sys.executable).with_name("outlines-wizard")
QUESTION = "Which model do you want to use?"
TYPED = "zqx"  # nothing else on the screen reads like this
EMPTY = """
from textual.app import App
from textual.widgets import Footer, Header, Static


class Empty(App):
    def compose(self):
        yield Header()
        yield Static("a text")
        yield Footer()


if __name__ == "__main__":
    Empty().run()
"""
PATIENCE = 30.0

Row = Callable[..., None]


@contextmanager
def started(command: Sequence[str], env: Mapping[str, str]) -> Iterator[Terminal]:
    """A program on a terminal while the context is open."""
    opened = Terminal(list(command), dict(env))
    try:
        yield opened
    finally:
        opened.end()


def to_question(command: Sequence[str], env: Mapping[str, str]) -> tuple[float, float]:
    """Seconds from the start until the first question is drawn, and until it has drawn what is typed."""
    with started(command, env) as opened:
        opened.wait_for(QUESTION, PATIENCE)
        drawn = time.perf_counter() - opened.began
        opened.press(TYPED.encode())
        opened.wait_for(TYPED, PATIENCE)
        return drawn, time.perf_counter() - opened.began


def to_empty(file: Path, env: Mapping[str, str]) -> float:
    """Seconds from the start of an empty Textual app until it is drawn, its footer last."""
    with started([sys.executable, str(file)], env) as opened:
        opened.wait_for("palette", PATIENCE)
        return time.perf_counter() - opened.began


def own_environment(home: Path) -> dict[str, str]:
    """A person without account, configuration and network, who has seen the first screen."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING", "MODAL_"))}
    nowhere = "http://127.0.0.1:9"
    state = home / "state" / "outlines-wizard"
    state.mkdir(parents=True, exist_ok=True)
    (state / "welcomed").touch()  # what is measured is the first question, not the screen that comes once before it
    return ours | {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TERM": "xterm-256color",
        "PYTHONDONTWRITEBYTECODE": "",  # an installed program is compiled once
        "HTTPS_PROXY": nowhere,
        "HTTP_PROXY": nowhere,
        "ALL_PROXY": nowhere,
    }


def compare(row: Row, name: str, command: Sequence[str], env: Mapping[str, str], rounds: int, goal: str = "") -> None:
    """Pairs of a start of the wizard and one of an empty Textual app, one after the other."""
    with tempfile.TemporaryDirectory(prefix="bench-start-") as folder:
        empty = Path(folder, "empty.py")
        empty.write_text(EMPTY, encoding="utf-8")
        drawn, usable, reference = [], [], []
        for number in range(rounds + 1):
            question, typed = to_question(command, env)
            other = to_empty(empty, env)
            if number:  # the first pair only fills caches
                drawn.append(question)
                usable.append(typed)
                reference.append(other)
    ratios = sorted(one / other for one, other in zip(usable, reference, strict=True))
    row(f"{name}: first question takes a key / empty Textual app", statistics.median(ratios), "x", goal)
    row("  smallest of the pairs", ratios[0], "x")
    row("  largest of the pairs", ratios[-1], "x")
    row("  the question drawn", statistics.median(drawn), "s")
    row("  the question takes a key", statistics.median(usable), "s")
    row("  the empty Textual app drawn", statistics.median(reference), "s")


def bench_first_question(row: Row, rounds: int = 15) -> None:
    """From the start of the program to the first question: with a person's own services, then rehearsed."""
    with tempfile.TemporaryDirectory(prefix="bench-home-") as folder:
        env = own_environment(Path(folder))
        compare(row, "wizard", [str(PROGRAM)], env, rounds, "<= 1.6")
        with serve(Path(folder)) as served:
            command = [str(PROGRAM), "--rehearse"]
            compare(row, "wizard --rehearse, served", command, env | served.env | {"HOME": folder}, rounds)


if __name__ == "__main__":
    from tests.bench.run import row as show

    bench_first_question(show)
