"""Measures the wizard on screen: first frame, and keys while a log rushes by. Part of `make bench`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

EMPTY = """
from textual.app import App

class Empty(App):
    def on_ready(self):
        SAY(self)
        self.exit()

Empty().run(headless=True)
"""
WIZARD = """
import asyncio
from contextlib import asynccontextmanager
from wizard.tui.app import WizardApp

@asynccontextmanager
async def never():
    await asyncio.Event().wait()
    yield

class Measured(WizardApp):
    def on_ready(self):
        SAY(self)
        self.leave(0)

Measured(never).run(headless=True)
"""


SAY = """
import os, time

def SAY(app):
    os.write(1, f"@{time.time()}@".encode())
"""


def first_frame(code: str) -> float:
    """Seconds from the start of the process until the application is on screen."""
    started = time.time()
    done = subprocess.run([sys.executable, "-c", SAY + code], check=True, capture_output=True, text=True)
    return float(done.stdout.split("@")[1]) - started


def bench_first_frame(row: Callable[..., None], rounds: int = 9) -> None:
    """Process start to first frame, beside an empty Textual app."""
    ours, reference = [], []
    for _ in range(rounds):
        ours.append(first_frame(WIZARD))
        reference.append(first_frame(EMPTY))
    row(
        "first frame of the wizard / of an empty Textual app",
        statistics.median(ours) / statistics.median(reference),
        "x",
        "<= 1.15",
    )


if __name__ == "__main__":

    def show(what: str, value: float, unit: str = "", goal: str = "") -> None:
        sys.stdout.write(f"{what:<74} {value:>8.2f} {unit:<9} {goal}\n")

    bench_first_frame(show)
