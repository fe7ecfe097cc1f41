"""The fault run: `make faults`. Every fault at every place, every kill at every step; prints what came of them.

`run.py [--only deploy|capabilities|inputs] [--sample N] [--seed S] [--workers W]`; exit code 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.faults import hostile_run
from tests.faults.capability_cases import CONTAINER_FAULTS, LEAVES, CapabilityRun
from tests.faults.fault_cases import KILLS, KINDS, FaultRun, Tally, sample_of

INPUTS = 10_000
PARTS = ("deploy", "capabilities", "inputs")


def play_part(part: int, parts: int, sample: int, seed: int) -> list[tuple[str, str, str]]:
    """One worker's share on a rehearsal of its own: kind, case and what came of it."""
    run = FaultRun()
    try:
        cases = run.cases()
        chosen = sample_of(cases, sample, seed) if sample else cases
        random.Random(seed).shuffle(chosen)
        results = []
        for case in chosen[part::parts]:
            began = time.monotonic()
            results.append((case.kind, str(case), run.play(case)))
            tell(f"{time.monotonic() - began:5.1f} s  {results[-1][1]}: {results[-1][2]}")
        return results + [("left over", "the end", each) for each in run.left_over()]
    finally:
        run.close()


def play_capabilities(part: int, parts: int, sample: int, seed: int) -> list[tuple[str, str, str]]:
    """One worker's share of the cases at what people do with a deployed function."""
    run = CapabilityRun()
    try:
        cases = run.cases()
        dice = random.Random(seed)
        dice.shuffle(cases)
        results = []
        for case in cases[: sample or None][part::parts]:
            began = time.monotonic()
            results.append((case.fault.kind, str(case), run.play(case)))
            tell(f"{time.monotonic() - began:5.1f} s  {results[-1][1]}: {results[-1][2]}")
        return results + [("left over", "the end", each) for each in run.left_over()]
    finally:
        run.close()


def try_inputs(part: int, parts: int, sample: int, seed: int) -> list[tuple[str, str, str]]:
    """One worker's share of the hostile inputs."""
    with tempfile.TemporaryDirectory() as folder:
        found = hostile_run.run_all(sample or INPUTS, seed, Path(folder), part, parts)
    lost = [tuple(each.split(": ", 1)) for each in found["lost"]]
    results = [("hostile input", where, outcome) for where, outcome in lost]
    return results + [("hostile input", "", "went on")] * (sum(found["tried"].values()) - len(lost))


def tell(text: str) -> None:
    """One line of progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def tallies(results: list[tuple[str, str, str]]) -> dict[str, Tally]:
    """Counts by kind."""
    table = {kind: Tally() for kind in (*KINDS, *KILLS, *CONTAINER_FAULTS, LEAVES, "hostile input", "left over")}
    for kind, case, outcome in results:
        tally = table[kind]
        tally.tried += 1
        if outcome == "went on":
            tally.went_on += 1
        elif outcome == "failed cleanly":
            tally.failed_cleanly += 1
        else:
            tally.lost.append(f"{case}: {outcome}")
    return table


def lines_of(table: dict[str, Tally]) -> Iterator[str]:
    """The table, and what was lost."""
    yield f"{'fault':<30} {'tried':>6} {'went on':>8} {'failed cleanly':>15} {'lost':>5}"
    for kind, tally in table.items():
        if tally.tried:
            row = f"{kind:<30} {tally.tried:>6} {tally.went_on:>8} {tally.failed_cleanly:>15} {len(tally.lost):>5}"
            yield row
    whole = list(table.values())
    sums = [sum(t.tried for t in whole), sum(t.went_on for t in whole), sum(t.failed_cleanly for t in whole)]
    yield f"{'all':<30} {sums[0]:>6} {sums[1]:>8} {sums[2]:>15} {sum(len(t.lost) for t in whole):>5}"
    for tally in whole:
        yield from (f"LOST  {each}" for each in tally.lost)


def main() -> int:
    """Play every case, or a sample."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    players = dict(zip(PARTS, (play_part, play_capabilities, try_inputs), strict=True))
    chosen = [players[wanted.only]] if wanted.only else list(players.values())
    with ProcessPoolExecutor(wanted.workers, mp_context=get_context("spawn")) as pool:
        share = (wanted.workers, wanted.sample, wanted.seed)
        parts = [pool.submit(play, n, *share) for play in chosen for n in range(wanted.workers)]
        results = [result for part in parts for result in part.result()]
    table = tallies(results)
    for line in lines_of(table):
        sys.stdout.write(line + "\n")
    return 1 if any(tally.lost for tally in table.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
