"""Measures the live log on a real terminal: how long a key waits, and how long a million lines take. `make bench`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

from tests.bench.terminal import terminal

CHILD = Path(__file__).with_name("log_child.py")
TOOLONG = Path(__file__).resolve().parents[2] / ".bench" / "toolong"
F9 = b"\x1b[20~"
KNOCKS = 150
PAUSE = 0.05  # seconds between two keys
LINES = 1_000_000
LAST = "the very last line of this log"

Row = Callable[..., None]


def waits(work: str) -> list[float]:
    """Milliseconds from each key to what it changes on the terminal, sorted."""
    found = []
    with terminal(sys.executable, str(CHILD), work) as opened:
        opened.wait_for("measuring", 60)
        time.sleep(1.0)
        for number in range(1, KNOCKS + 1):
            opened.press(F9)
            found.append(opened.wait_for(f"knock{number:05d}", 20) * 1000)
            time.sleep(PAUSE)
    return sorted(found)


def bench_keys(row: Row) -> None:
    """A key beside 10,000 log lines per second, and the same key of the same screen at rest."""
    idle, busy = waits("idle"), waits("pour")
    row(
        "key while 10,000 log lines/s arrive / same app idle, median",
        statistics.median(busy) / statistics.median(idle),
        "x",
    )
    row("  key while they arrive, median", statistics.median(busy), "ms")
    row("  key while they arrive, 99th of 100", busy[int(len(busy) * 0.99)], "ms", "<= 50")
    row("  key while they arrive, longest", busy[-1], "ms", "<= 100")
    row("  key of the idle app, median", statistics.median(idle), "ms")
    row("  key of the idle app, longest", idle[-1], "ms")


def find_toolong() -> Path | None:
    """Toolong in an environment of its own; None where it does not install."""
    program = TOOLONG / "bin" / "tl"
    if not program.exists():
        try:
            venv.create(TOOLONG, with_pip=True)
            install = [str(TOOLONG / "bin" / "python"), "-m", "pip", "install", "--quiet", "toolong==1.5.0"]
            subprocess.run(install, check=True, capture_output=True, timeout=180)
        except (OSError, subprocess.SubprocessError):
            return None
    return program if program.exists() else None


def to_the_end(*command: str) -> tuple[float, float]:
    """Seconds from the start of a program until the last line is drawn, and its peak memory in megabytes."""
    with terminal(*command) as opened:
        opened.wait_for(LAST)
        return time.perf_counter() - opened.began, opened.peak_megabytes


def bench_million(row: Row) -> None:
    """To the end of a log of a million lines."""
    with tempfile.TemporaryDirectory(prefix="bench-million-") as folder:
        file = Path(folder, "million.log")
        with file.open("w", encoding="utf-8") as lines:
            lines.writelines(
                f"2026-01-01 12:00:00 INFO step {n} of a long build, as they are\n" for n in range(LINES - 1)
            )
            lines.write(f"{LAST}\n")
        ours, memory = to_the_end(sys.executable, str(CHILD), "read", str(file))
        program = find_toolong()
        theirs = to_the_end(str(program), str(file)) if program else None
    row("to the end of a log of 1,000,000 lines, which the wizard also keeps on disk", LINES / ours, "lines/s")
    row("  most memory of the wizard meanwhile", memory, "MB")
    if theirs is None:
        row("  Toolong does not install here: not compared", float("nan"))
        return
    row("  the same in Toolong, which reads the file where it is", LINES / theirs[0], "lines/s")
    row("  seconds of the wizard / of Toolong", ours / theirs[0], "x")
    row("  memory of the wizard / of Toolong", memory / theirs[1], "x", "<= 1.0")


if __name__ == "__main__":
    from tests.bench.run import row as show

    bench_keys(show)
    bench_million(show)
