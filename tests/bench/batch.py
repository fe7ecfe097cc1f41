"""`batch` beside a plain Python loop over Modal's map, and beside asking one by one."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable

from tests.bench.served import PROGRAM, Served

APP = "bench-batch"
DRIVER = """
import json, sys, time, modal

generate = modal.Cls.from_name("bench-batch", "Generator")().generate
prompts = [json.loads(line) for line in open(sys.argv[1])]
generate.remote(prompts[0])
started = time.perf_counter()
if sys.argv[2] == "map":
    answers = list(generate.map(prompts))
else:
    answers = [generate.remote(prompt) for prompt in prompts]
with open("plain.out", "w") as file:
    for answer in answers:
        file.write(json.dumps(answer["text"]) + "\\n")
print(time.perf_counter() - started)
"""


def bench_batch(served: Served, row: Callable[..., None], lines: int = 1000, rounds: int = 3) -> None:
    """Lines a second, with start-up apart: each round runs the ways one after the other."""
    served.run(*PROGRAM, "deploy", "--rehearse", "--yes", "--app", APP, "--choices", "yes,no,maybe")
    (served.home / "batch_driver.py").write_text(DRIVER)
    for name, number in (("many.jsonl", lines), ("few.jsonl", lines // 10)):
        (served.home / name).write_text("".join(json.dumps(f"Is {n} even?") + "\n" for n in range(number)))
    ours, plain, single = [], [], []
    for _ in range(rounds):
        (served.home / "ours.out").unlink(missing_ok=True)
        _, events = served.events("batch", APP, "many.jsonl", "-o", "ours.out", "--rehearse")
        first = next(at for at, event in events if event["event"] == "Progress")
        begun = next(event["done"] for _, event in events if event["event"] == "Progress")
        last = next(at for at, event in events if event["event"] == "BatchWritten")
        ours.append((lines - begun) / (last - first))
        plain.append(lines / float(served.run(sys.executable, "batch_driver.py", "many.jsonl", "map")[1]))
        single.append(lines / 10 / float(served.run(sys.executable, "batch_driver.py", "few.jsonl", "single")[1]))
    speed = statistics.median(ours)
    row("batch / a plain loop over Cls.generate.map", speed / statistics.median(plain), "x", ">= 0.95")
    row("batch / calls one by one", speed / statistics.median(single), "x")
    row("  batch", speed, "lines/s")
