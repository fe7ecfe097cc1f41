"""Measures what this project promises about time, each against a reference in the same run: `make bench`.

Seconds mean little on a shared machine; ratios of neighbouring runs mean more. Every figure is a median.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.answers_speed import bench_answers
from tests.bench.app_speed import bench_function, bench_map, bench_together
from tests.bench.batch import bench_batch
from tests.bench.linting import bench_lint
from tests.bench.log_speed import bench_keys, bench_million
from tests.bench.screen import bench_first_question
from tests.bench.served import MODAL, PROGRAM, Served, serve


def row(what: str, value: float, unit: str = "", goal: str = "") -> None:
    """One line of the table."""
    sys.stdout.write(f"{what:<74} {value:>8.2f} {unit:<9} {goal}\n")
    sys.stdout.flush()


def wall(command: list[str]) -> float:
    """Wall seconds of a command."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def bench_help(rounds: int = 15) -> None:
    """`--help` beside the import of the library that any such command line needs."""
    ours, reference = [], []
    for _ in range(rounds):
        ours.append(wall([*PROGRAM, "--help"]))
        reference.append(wall([sys.executable, "-c", "import click"]))
    row(
        "outlines-wizard --help / python -c 'import click'", statistics.median(ours) / statistics.median(reference), "x"
    )
    row("  outlines-wizard --help", statistics.median(ours), "s")


def bench_check(served: Served, rounds: int = 5) -> None:
    """`check` beside the three commands that ask the same by hand."""
    hf = str(Path(sys.executable).with_name("hf"))
    model = "rehearsal-lab/tiny-character"
    ours, reference = [], []
    for _ in range(rounds):
        ours.append(served.run(*PROGRAM, "check", model, "--rehearse")[0])
        asked = (("auth", "whoami"), ("models", "info", model), ("download", model, "--dry-run"))
        reference.append(sum(served.run(hf, *words)[0] for words in asked))
    row(
        "check / hf auth whoami + models info + download --dry-run",
        statistics.median(ours) / statistics.median(reference),
        "x",
    )


def bench_overhead(served: Served) -> None:
    """The job's own time beside making the Secret, deploying and running by hand."""
    total, events = served.events("deploy", "--rehearse", "--yes")
    at = {(e["event"], e.get("step"), e.get("done")): second for second, e in events}
    downloading = next(second for second, e in events if e["event"] == "Progress")
    deploy = downloading - at["StepStarted", "deploy", None]
    download = at["StepFinished", "deploy", None] - downloading
    function = at["SampleReady", None, None] - at["StepStarted", "sample", None]
    overhead = total - deploy - download - function
    file = str(served.home / "outlines_tiny_character.py")
    served.run(*PROGRAM, "teardown", "outlines-tiny-character", "--rehearse", "--yes", "--volume")
    secret = served.run(*MODAL, "secret", "create", "outlines-wizard-hf", f"HF_TOKEN={served.env['HF_TOKEN']}")[0]
    by_hand = secret + served.run(*MODAL, "deploy", file)[0] + served.run(*MODAL, "run", file)[0]
    row("own overhead of the headless job / secret create + deploy + run by hand", overhead / by_hand, "x", "<= 1.0")
    row("whole headless job / the same by hand", total / by_hand, "x")
    row("  own overhead", overhead, "s")
    row("  whole job, by hand", by_hand, "s")


def bench_rehearsal(home: Path) -> None:
    """The whole rehearsal, stand-ins included, as `make rehearse` runs it."""
    seconds = wall([*PROGRAM, "deploy", "--rehearse", "--yes", "--output-dir", str(home / "rehearsed")])
    row("whole rehearsal after installation", seconds, "s", "<= 25")


def main() -> None:
    """Run every benchmark."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        bench_help()
        bench_first_question(row)
        bench_keys(row)
        bench_million(row)
        bench_answers(row)
        bench_lint(row)
        bench_rehearsal(home)
        with serve(home) as served:
            bench_check(served)
            bench_overhead(served)
            bench_function(served, row)
            bench_together(served, row)
            bench_map(served, row)
            bench_batch(served, row)


if __name__ == "__main__":
    main()
