"""The fault run: `make faults`. Every fault at every place, every kill at every step; prints what came of them.

`run.py [--sample N] [--seed S] [--workers W]`; exit code 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.faults.fault_cases import KILLS, KINDS, FaultRun, Tally, sample_of


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


def tell(text: str) -> None:
    """One line of progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def tallies(results: list[tuple[str, str, str]]) -> dict[str, Tally]:
    """Counts by kind."""
    table = {kind: Tally() for kind in (*KINDS, *KILLS, "left over")}
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
    yield f"{'fault':<18} {'tried':>6} {'went on':>8} {'failed cleanly':>15} {'lost':>5}"
    for kind, tally in table.items():
        if tally.tried:
            row = f"{kind:<18} {tally.tried:>6} {tally.went_on:>8} {tally.failed_cleanly:>15} {len(tally.lost):>5}"
            yield row
    whole = list(table.values())
    sums = [sum(t.tried for t in whole), sum(t.went_on for t in whole), sum(t.failed_cleanly for t in whole)]
    yield f"{'all':<18} {sums[0]:>6} {sums[1]:>8} {sums[2]:>15} {sum(len(t.lost) for t in whole):>5}"
    for tally in whole:
        yield from (f"LOST  {each}" for each in tally.lost)


def main() -> int:
    """Play every case, or a sample."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    with ProcessPoolExecutor(wanted.workers, mp_context=get_context("spawn")) as pool:
        parts = [pool.submit(play_part, n, wanted.workers, wanted.sample, wanted.seed) for n in range(wanted.workers)]
        results = [result for part in parts for result in part.result()]
    table = tallies(results)
    for line in lines_of(table):
        sys.stdout.write(line + "\n")
    return 1 if any(tally.lost for tally in table.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
