"""Ends what a run of the tests has started and left behind, also when the run itself was killed.

Run as ``python -m tests.support.leftovers PID``: notes every descendant of PID while its standard input stays open.
Once that closes, because the run is over or was killed, those that are still there are killed. Linux only (``/proc``).
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from pathlib import Path

LOOK_SECONDS = 0.5
GRACE_SECONDS = 2.0  # programs that end by themselves when whoever started them is gone may do so

Process = tuple[int, str]
"""A process id, and when it started: a number is given out again."""


def processes() -> dict[Process, int]:
    """Every process of this machine, with its parent's id."""
    found: dict[Process, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if fields[0] != "Z":
                found[int(folder.name), fields[19]] = int(fields[1])
    return found


def descendants(root: int, known: set[Process]) -> set[Process]:
    """What `root` and the processes in `known` have started, directly or not."""
    alive = processes()
    family = {root} | {pid for pid, started in known if (pid, started) in alive}
    while more := {process for process, parent in alive.items() if parent in family and process[0] not in family}:
        family |= {pid for pid, _ in more}
    mine = os.getpid()
    return {process for process in alive if process[0] in family - {root, mine}}


def main(root: int) -> None:
    """Watch until standard input closes, then kill what is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    known: set[Process] = set()
    while not select.select([sys.stdin], [], [], LOOK_SECONDS)[0]:
        known |= descendants(root, known)
    end = time.monotonic() + GRACE_SECONDS
    while (left := descendants(root, known)) and time.monotonic() < end:
        known |= left
        time.sleep(0.1)
    for pid, _ in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            continue


if __name__ == "__main__":
    main(int(sys.argv[1]))
