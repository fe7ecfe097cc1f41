"""The deployed function: beside itself when warm, beside an app written as Outlines' documentation shows, and through
Modal's map."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from typing import Any

from tests.bench.served import MODAL, Served

Row = Callable[..., None]

APP = "outlines-tiny-character"
PROMPT = "Give me a character description: Amiri, 53 year old warrior woman with a sword and leather armor."

# Written after https://dottxt-ai.github.io/outlines/latest/examples/deploy-using-modal/ (2026-11), and changed only so
# far that it runs: the model gets a name, the weights come from the Volume, there is no GPU, and the answer is given
# the tokens that it needs. The cache folder is the container's own, as on a machine where nothing was compiled before.
DOCUMENTED = """
import modal

app = modal.App("bench-documented")
image = modal.Image.debian_slim(python_version="3.12").pip_install("outlines", "transformers", "accelerate")
image = image.env({{"MODEL": "/models/{model}"}})
volume = modal.Volume.from_name("outlines-wizard-models")
schema = {schema!r}


@app.function(image=image, volumes={{"/models": volume}})
def generate(prompt: str):
    import os

    os.environ["TORCHINDUCTOR_CACHE_DIR"] = os.environ["HOME"] + "/inductor"
    import outlines
    import transformers
    from outlines.types import JsonSchema

    model = outlines.from_transformers(
        transformers.AutoModelForCausalLM.from_pretrained(os.environ["MODEL"], device_map="cpu"),
        transformers.AutoTokenizer.from_pretrained(os.environ["MODEL"]),
    )
    generator = outlines.Generator(model, JsonSchema(schema))
    return generator(prompt, max_new_tokens=128)
"""
CALLER = """
import json, sys, time, modal

app, function, calls, prompt = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
place, _, method = function.partition(".")
target = getattr(modal.Cls.from_name(app, place)(), method) if method else modal.Function.from_name(app, place)
seconds, answers = [], []
for _ in range(calls):
    started = time.perf_counter()
    answers.append(target.remote(prompt))
    seconds.append(time.perf_counter() - started)
print(json.dumps([seconds, answers]))
"""
MANY = """
import json, sys, time, modal

app, prompt, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
generate = modal.Cls.from_name(app, "Generator")().generate
prompts = [f"{prompt} {i}" for i in range(number)]
generate.remote(prompt)
started = time.perf_counter()
alone = [generate.remote(each) for each in prompts]
single = time.perf_counter() - started
started = time.perf_counter()
together = list(generate.map(prompts))
mapped = time.perf_counter() - started
same = sum(a["text"] == b["text"] for a, b in zip(alone, together, strict=True))
schema = alone[0]["output"]
own, again = [], []
for i in range(20):  # in turn, since the machine has other things to do
    own.append(generate.remote(prompt, output=schema | {"title": f"Other {i}"})["seconds"]["generate"])
    again.append(generate.remote(prompt)["seconds"]["generate"])
print(json.dumps([single, mapped, max(a["batch"] for a in together), same, sorted(own)[10] / sorted(again)[10]]))
"""
MAP_APP = """
import modal

app = modal.App("bench-map")


@app.function(max_containers=2)
@modal.concurrent(max_inputs=100)
def one(x: int) -> int:
    return x


@app.function(max_containers=2)
@modal.batched(max_batch_size=50, wait_ms=5)
def many(x: list[int]) -> list[int]:
    return x
"""
MAP_DRIVER = """
import sys, time, modal

echo = modal.Function.from_name("bench-map", sys.argv[1])
echo.remote(0)
started = time.perf_counter()
assert sum(echo.map(range(1000))) == 499500
print(time.perf_counter() - started)
"""


def call(served: Served, app: str, function: str, calls: int) -> tuple[list[float], list[Any]]:
    """Seconds of each call, and what each returned."""
    done = served.run(sys.executable, "-c", CALLER, app, function, str(calls), PROMPT)[1]
    seconds, answers = json.loads(done.splitlines()[-1])
    return seconds, answers


def bench_function(served: Served, row: Row, rounds: int = 3) -> None:
    """Cold starts and warm calls: ours, and the documented app's, in turn."""
    _, events = served.events("deploy", "--rehearse", "--yes", "--no-sample")
    plan = next(e for _, e in events if e["event"] == "PlanReady")["plan"]
    folder = f"{plan['model']['model'].replace('/', '--')}/{plan['model']['revision']}"
    (served.home / "documented.py").write_text(DOCUMENTED.format(model=folder, schema=plan["output"]["spec"]))
    served.run(*MODAL, "deploy", "documented.py")
    cold: dict[str, list[float]] = {"ours": [], "documented": []}
    warm: dict[str, list[float]] = {"ours": [], "documented": []}
    firsts = []
    for _ in range(rounds):
        for name, app, function in (
            ("ours", APP, "Generator.generate"),
            ("documented", "bench-documented", "generate"),
        ):
            served.run(*MODAL, "app", "rollover", app)  # fresh containers
            seconds, answers = call(served, app, function, 5)
            cold[name].append(seconds[0])
            warm[name] += seconds[1:]
            if name == "ours":
                took = [answer["seconds"]["generate"] for answer in answers]
                firsts.append(took[0] / statistics.median(took[1:]))
    ours, documented = (statistics.median(cold[name]) for name in ("ours", "documented"))
    row("first call after start-up / later calls, in the function", statistics.median(firsts), "x", "<= 1.2")
    row("cold start to first sample: ours / as Outlines' documentation shows", ours / documented, "x")
    row("  ours", ours, "s")
    row("  as documented", documented, "s")
    ours, documented = (statistics.median(warm[name]) for name in ("ours", "documented"))
    row("warm call: ours / as Outlines' documentation shows", ours / documented, "x")
    row("  ours", ours, "s")
    row("  as documented", documented, "s")


def bench_together(served: Served, row: Row, number: int = 64) -> None:
    """Calls that arrive together beside as many one by one; and calls that bring an output type of their own."""
    done = served.run(sys.executable, "-c", MANY, APP, PROMPT, str(number))[1]
    single, mapped, batch, same, own = json.loads(done.splitlines()[-1])
    row(f"{number} prompts by map / one by one (largest batch: {batch}, same answers: {same})", mapped / single, "x")
    row("  by map", number / mapped, "prompts/s")
    row("  one by one", number / single, "prompts/s")
    row("a call that brings a new output type / one that does not, in the function", own, "x")


def bench_map(served: Served, row: Row) -> None:
    """Inputs per second through Modal's own map, where the function does nothing."""
    (served.home / "map_app.py").write_text(MAP_APP)
    served.run(*MODAL, "deploy", "map_app.py")
    for name, what in (("many", "in batches of 50"), ("one", "one call for each")):
        seconds = min(float(served.run(sys.executable, "-c", MAP_DRIVER, name)[1]) for _ in range(3))
        goal = ">= 1000" if name == "many" else ""
        row(f"map of 1,000 inputs on the stand-in, {what}", 1000 / seconds, "inputs/s", goal)
