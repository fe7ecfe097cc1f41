"""The rendered app's own class on this machine's GPU: `python -m tests.gpu.run`, ten minutes at the most, one table.

For each inference engine that can be imported here: masks and structure on the device, 1, 32 and 200 calls at once, a
stream, a refusal, reasoning before the answer, 16 bits of both kinds and FP8, the memory that is taken beside what the
plan says, and the first call beside later ones. The weights are random, so what is looked at is structure and speed,
never sense. Without a GPU it runs with a tiny model on the CPU. Ends with 0 when nothing failed.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.codegen.scripted_model import scripted
from tests.gpu.random_model import SIZES, Size, make
from tests.support.app_process import AppProcess
from tests.support.plans import plan
from wizard.core.inference.engine_registry import engines
from wizard.core.output.output_type import parse_output
from wizard.core.sizing.gpus import GIB

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12},
        "age": {"type": "integer", "minimum": 1, "maximum": 120},
        "armor": {"enum": ["leather", "chainmail", "plate", "none"]},
    },
    "required": ["name", "age", "armor"],
    "additionalProperties": False,
}
TOKENS = 96
IMPORTED = {"transformers": ("transformers", "outlines"), "vllm": ("vllm",)}


class Table:
    """Rows as they come, and how many of them failed."""

    def __init__(self) -> None:
        self.failed = 0

    def row(self, what: str, found: str, *, good: bool = True) -> None:
        """Print one row."""
        self.failed += not good
        sys.stdout.write(f"{'ok  ' if good else 'FAIL'} {what:<52} {found}\n")
        sys.stdout.flush()


def used_gib() -> float:
    """GiB of the first GPU's memory that are taken by anybody; 0 without one."""
    command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0.0
    return float(done.stdout.splitlines()[0]) / 1024


def device() -> tuple[str, str]:
    """What computes here, and the GPU of a plan that comes near."""
    import torch

    if not torch.cuda.is_available():
        return "cpu", "L4"
    return torch.cuda.get_device_name(), "L4" if torch.cuda.get_device_capability() >= (8, 0) else "T4"


@contextmanager
def started(engine: str, gpu: str, model: Path, folder: Path) -> Iterator[tuple[AppProcess, float]]:
    """The app of a plan, started; and the seconds that it took."""
    output = parse_output("schema", json.dumps(SCHEMA), "x")
    began = time.monotonic()
    app = AppProcess(plan(engine=engine, gpu=gpu, output=output, max_tokens=TOKENS, fast_start=True), folder, model)
    try:
        if app.started:
            raise RuntimeError(app.started["error"])
        yield app, time.monotonic() - began
    finally:
        app.close()


def structure(answers: list[dict[str, Any]]) -> str:
    """What is wrong with answers; empty where each is valid, or was cut short."""
    judge = Draft202012Validator(SCHEMA)
    for answer in answers:
        if answer.get("error") or answer["refused"]:
            return str(answer.get("error") or answer["refused"])[:200]
        if not answer["truncated"] and not judge.is_valid(json.loads(answer["text"])):
            return f"not valid: {answer['text'][:200]}"
    return ""


def check(table: Table, name: str, app: AppProcess) -> None:
    """Calls alone and together, a stream, and what is refused."""
    for count in (1, 32, 200):
        calls = [{"prompt": f"Describe number {each}.", "temperature": 1.0} for each in range(count)]
        began = time.monotonic()
        answers = app.asks(*calls)
        seconds = time.monotonic() - began
        wrong = structure(answers)
        tokens = sum(answer.get("tokens", 0) for answer in answers)
        found = f"{seconds:.2f} s, {tokens / seconds:.0f} tokens and {count / seconds:.1f} answers a second"
        table.row(f"{name}, {count} at once", wrong or found, good=not wrong)
    streamed = app.asks({"stream": {"prompt": "Once more.", "temperature": 0}})[0]["pieces"]
    *pieces, last = streamed
    same = "".join(piece["text"] for piece in pieces) == last["text"]
    first = last["seconds"]["first_token"]
    table.row(
        f"{name}, a stream", f"{len(pieces)} pieces, the first after {first:.3f} s", good=same and len(pieces) > 2
    )
    refused = app.asks({"prompt": "x", "form": "json_schema", "output": {"type": "array", "uniqueItems": True}})[0]
    table.row(f"{name}, a schema that is not enforced", refused.get("error", "taken")[:80], good="error" in refused)
    longest = app.asks({"prompt": "word " * 40000})[0]
    table.row(f"{name}, a prompt that is too long", longest.get("refused", "")[:60], good=bool(longest.get("refused")))


def check_thinking(table: Table, engine: str, gpu: str) -> None:
    """Reasoning before the answer, with a model whose logits are scripted: its own end, the budget, and none at all."""
    output = parse_output("regex", "(yes|no)!!!")
    with tempfile.TemporaryDirectory() as folder:
        asked = plan(engine=engine, gpu=gpu, output=output, think="40", auto_think=64, fast_start=True)
        app = AppProcess(asked, Path(folder), scripted(Path(folder) / "model"))
        try:
            calls = [{"prompt": "Is it?", "temperature": 0, "think": each} for each in (None, 2, "off") * 10]
            answers = app.asks(*calls) if not app.started else [app.started]
        finally:
            app.close()
    wanted = [("Hm.", 3), ("Hm", 2), ("", 0)] * 10
    found = [(each.get("reasoning"), each.get("reasoning_tokens")) for each in answers]
    good = found == wanted and all(each["text"] in ("yes!!!", "no!!!") for each in answers)
    table.row(f"{engine}, reasoning first", "30 at once, mixed" if good else f"{answers[0]}"[:200], good=good)


def run(table: Table, size: Size, formats: list[str]) -> None:
    """All engines that are here, in each number format."""
    on, gpu = device()
    sys.stdout.write(f"{on}; {size.layers} layers of {size.hidden}\n")
    for engine in engines():
        if not all(importlib.util.find_spec(each) for each in IMPORTED.get(engine.name, (engine.name,))):
            sys.stdout.write(f"     {engine.label} is not installed here\n")
            continue
        check_thinking(table, engine.name, gpu)
        for number_format in formats:
            if number_format == "fp16" and engine.name == "transformers":
                continue  # it takes what the device is fast with
            name = f"{engine.label}, {number_format}"
            with tempfile.TemporaryDirectory() as folder:
                model = Path(folder) / "random"
                count = make(model, size, fp8=number_format == "fp8")
                weights = (model / "model.safetensors").stat().st_size / GIB
                before = used_gib()
                try:
                    with started(engine.name, "T4" if number_format == "fp16" else gpu, model, Path(folder)) as (
                        app,
                        seconds,
                    ):
                        taken = used_gib() - before
                        table.row(f"{name}, start", f"{seconds:.1f} s, {count / 1e6:.0f} M parameters")
                        planned = weights * (2 if number_format == "fp8" and engine.name == "transformers" else 1)
                        words = (
                            f"{taken:.2f} GiB taken; planned: {planned:.2f} of weights, {engine.overhead_gib} beside"
                        )
                        table.row(f"{name}, memory", words)
                        check(table, name, app)
                except Exception as error:  # noqa: BLE001 - a row of the table, and the next one is tried
                    table.row(f"{name}", f"{type(error).__name__}: {error}"[:300], good=False)


def main() -> int:
    """Print the table; `tiny` as an argument takes the tiny model on any device."""
    import torch

    large = torch.cuda.is_available() and "tiny" not in sys.argv[1:]
    eighth = torch.cuda.is_available() and torch.cuda.get_device_capability() >= (8, 9)
    table = Table()
    run(table, SIZES["large" if large else "tiny"], ["bf16", "fp16", "fp8"] if eighth else ["bf16"])
    sys.stdout.write(f"{table.failed} failed\n")
    return min(table.failed, 1)


if __name__ == "__main__":
    sys.exit(main())
