"""Ratios in one run, on this machine: the app with vLLM beside the one with transformers, and beside a bare server.

Two hundred prompts of different length arrive at once, each answer has a schema of three fields. What is compared:
prompts per second, and the time to the first token at the median.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.app_process import VLLM_ON_CPU, AppProcess
from tests.support.plans import plan
from wizard.core.output.output_type import parse_output

PROMPTS = int(os.environ.get("WIZARD_VLLM_PROMPTS", "200"))
TOKENS = 64
SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 40},
        "year": {"type": "integer", "minimum": 1900, "maximum": 2100},
        "genre": {"enum": ["fantasy", "history", "romance"]},
    },
    "required": ["title", "year", "genre"],
    "additionalProperties": False,
}
WORDS = (
    "a", "book", "about", "the", "sea", "and", "a", "ship", "that", "sails", "in", "winter", "to", "find", "an",
    "old", "friend", "who", "lives", "alone",
)  # fmt: skip


def prompts(run: int) -> list[str]:
    """Of 5 to 80 words, the same each time; no two runs share one, since what is in a cache costs nothing."""
    draw = random.Random(run)
    return [f"Describe {run}: {' '.join(draw.choices(WORDS, k=draw.randint(5, 80)))}." for _ in range(PROMPTS)]


@contextmanager
def started_app(engine: str, model: Path) -> Iterator[AppProcess]:
    """The app with this engine, warm."""
    output = parse_output("schema", json.dumps(SCHEMA), "x")
    with tempfile.TemporaryDirectory() as folder:
        app = AppProcess(plan(engine=engine, output=output, max_tokens=TOKENS, fast_start=True), Path(folder), model)
        try:
            assert app.started == {}, app.started
            app.ask("Once, to be warm.", temperature=0)
            yield app
        finally:
            app.close()


def ask_app(app: AppProcess, run: int) -> tuple[float, float]:
    """Prompts per second, and the median seconds to a first token."""
    started = time.monotonic()
    answers = app.asks(*({"prompt": each, "temperature": 0} for each in prompts(run)))
    seconds = time.monotonic() - started
    bad = [each for each in answers if each.get("error") or each["refused"]]
    assert not bad, bad[0]
    return PROMPTS / seconds, statistics.median(each["seconds"]["first_token"] for each in answers)


@contextmanager
def bare_server(model: Path) -> Iterator[str]:
    """vLLM's own server with this model; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(model), "--port", str(port)]
    command += ["--host", "127.0.0.1", "--dtype", "float32", "--enforce-eager", "--served-model-name", "model"]
    command += ["--structured-outputs-config", '{"backend": "guidance", "disable_any_whitespace": true}']
    env = os.environ | VLLM_ON_CPU
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(60)


async def ask_server(address: str, run: int, *, few: bool = False) -> float:
    """Prompts per second of the bare server."""
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=address, api_key="none", timeout=600, max_retries=0)
    for _ in range(300):
        try:
            await client.models.list()
            break
        except Exception:  # noqa: BLE001 - it is not there yet
            await asyncio.sleep(1)
    schema = {"type": "json_schema", "json_schema": {"name": "book", "schema": SCHEMA}}

    async def ask(prompt: str) -> None:
        await client.chat.completions.create(
            model="model",
            messages=[{"role": "user", "content": prompt}],
            max_tokens=TOKENS,
            temperature=0,
            response_format=schema,  # type: ignore[arg-type]
        )

    await ask("Once, to be warm.")
    started = time.monotonic()
    await asyncio.gather(*map(ask, prompts(run)[: 2 if few else None]))
    return PROMPTS / (time.monotonic() - started)


def compare(model: Path) -> int:
    """Print the table; 0 when every goal is met. Ours and the bare server take turns, so that noise meets both."""
    with started_app("transformers", model) as app:
        today, today_first = ask_app(app, 1)
    with started_app("vllm", model) as app, bare_server(model) as address:
        asyncio.run(ask_server(address, 0, few=True))  # until it is there
        ours_first = 0.0
        ours, bare = [], []
        for run in (1, 2):
            speed, first = ask_app(app, run)
            ours.append(speed)
            ours_first = ours_first or first
            bare += [asyncio.run(ask_server(address, each)) for each in ((1, 2) if run == 1 else ())]
    faster, sooner = ours[0] / today, ours_first / today_first
    beside = statistics.mean(ours) / statistics.mean(bare)
    rows = [
        ("prompts per second, vLLM beside transformers", faster, "at least 1.6", faster >= 1.6),
        ("time to the first token, vLLM beside transformers", sooner, "at most 0.5", sooner <= 0.5),
        ("prompts per second, ours beside a bare server", beside, "at least 0.95", beside >= 0.95),
    ]
    sys.stdout.write(
        f"{PROMPTS} prompts: transformers {today:.2f}/s, first token {today_first:.1f} s; vLLM {ours[0]:.2f} and "
        f"{ours[1]:.2f}/s, {ours_first:.1f} s; a bare server {bare[0]:.2f} and {bare[1]:.2f}/s\n"
    )
    for name, ratio, goal, met in rows:
        sys.stdout.write(f"  {name}: {ratio:.2f} ({goal}){'' if met else '  MISSED'}\n")
    return 0 if all(row[3] for row in rows) else 1


def main() -> int:
    """The bench alone: `python -m tests.vllm.bench MODEL_FOLDER`."""
    return compare(Path(sys.argv[1]).resolve())


if __name__ == "__main__":
    sys.exit(main())
