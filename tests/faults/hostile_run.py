"""Hostile inputs through every reader: each is taken, or refused in a sentence and with the right exit code.

`hostile_run.py NUMBER SEED FOLDER [PART PARTS]` is run in a process of its own, in an environment in which nothing can
be reached, and prints a JSON object: for each kind how many were tried and taken, and what was lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import random
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.faults.hostile_inputs import FILES, REQUEST, changed_json, command_of

CHECKOUT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9"
KINDS = ("name", "schema", "plan", "image", "lines", "cases", "table", "log", "request")
CODES = (0, 1, 2, 3, 4, 6)  # what a command may end with where nothing can be reached and nobody is asked


def run_all(number: int, seed: int, folder: Path, part: int = 0, parts: int = 1) -> dict[str, Any]:
    """Start a process that tries so many inputs."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "XDG_STATE_HOME": str(folder),
        "HF_ENDPOINT": NOBODY,
        "MODAL_SERVER_URL": NOBODY,
        "MODAL_CONFIG_PATH": os.devnull,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    words = [str(each) for each in (number, seed, folder, part, parts)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.hostile_run", *words],
        env=env,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _try_command(dice: random.Random, kind: str) -> str:
    """Run a command on an input; empty, or what is wrong with how it ended."""
    from wizard.wiring import run

    if kind in FILES:
        name, make = FILES[kind]
        Path(name).write_bytes(make(dice))
    words = command_of(dice, kind)
    place = 1 if kind != "name" else words.index("--")
    is_json = dice.random() < 0.7
    arguments = [*words[:place], *(["--json"] if is_json else []), *words[place:]]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    before = dict(os.environ)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run(arguments)
        except BaseException:  # noqa: BLE001 - whatever comes through is what is looked for
            return f"{words}: {traceback.format_exc()[-700:]}"
    os.environ.clear()
    os.environ.update(before)
    said = [stream.buffer.getvalue().decode("utf-8", "replace") for stream in (out, err)]  # type: ignore[attr-defined]
    return _judge(words, code, *said, is_json=is_json)


def _judge(words: list[str], code: int, out: str, err: str, *, is_json: bool) -> str:
    whole = out + err
    if code not in CODES:
        return f"{words}: exit code {code}: {whole[-500:]}"
    if "Traceback" in err or "internal_error" in whole or "Internal error" in whole:
        return f"{words}: {whole[-700:]}"
    if "\x1b" in whole or "\x00" in whole:
        return f"{words}: control characters in what is said: {whole[-500:]!r}"
    if code in (2, 4, 6) and is_json and words[0] != "check":
        last = json.loads(out.rstrip("\n").split("\n")[-1])  # a line ends with a newline, and with nothing else
        if last.get("event") != "Failed" or not last["message"].strip() or "\n" in last["message"]:
            return f"{words}: no sentence: {last}"
    return "" if code == 0 or whole.strip() else f"{words}: exit code {code}, and nothing is said"


def _try_lines(dice: random.Random, _: str) -> str:
    """Read lines as a batch does; one that cannot be used has a sentence of its own."""
    from wizard.cli.batch_files import open_input, read_inputs
    from wizard.core.problem import Problem

    name, make = FILES["lines"]
    path = Path(name)
    path.write_bytes(make(dice))
    try:
        with open_input(path) as file:
            rows = list(read_inputs(file))
    except Problem as problem:
        return "" if problem.exit_code == 2 and problem.message else f"{problem!r}"
    except Exception:  # noqa: BLE001 - what is looked for
        return traceback.format_exc()[-700:]
    wrong = [row.error for row in rows if row.error and (not row.error.startswith("line ") or "\n" in row.error)]
    return f"no sentence: {wrong}" if wrong else ""


class _Requests:
    """Bodies of requests to the rendered endpoint; what it takes is not sent on: there is nobody to answer it."""

    def __init__(self) -> None:
        from tests.codegen.test_endpoint_requests import load
        from tests.support.plans import plan

        self.apps: list[ModuleType] = [
            load(Path(f"{name}_app.py"), plan(endpoint=True, **more))
            for name, more in (("plain", {}), ("seeing", {"sees": True}))
        ]

    def __call__(self, dice: random.Random, _: str) -> str:
        app, body = dice.choice(self.apps), changed_json(dice, REQUEST)
        try:
            data = json.loads(body)
            app.read_request(data)
        except Exception:  # noqa: BLE001 - the endpoint itself says below what it is
            status, found = asyncio.run(self._send(app, body))
            error = found.get("error", {})
            if (
                status not in (400, 404, 413)
                or not error.get("message")
                or error.get("type") != "invalid_request_error"
            ):
                return f"{body[:300]!r}: status {status}: {found}"
        return ""

    @staticmethod
    async def _send(app: ModuleType, body: bytes) -> tuple[int, Any]:
        import httpx2

        transport = httpx2.ASGITransport(app=app.endpoint.local())
        async with httpx2.AsyncClient(transport=transport, base_url="http://endpoint") as client:
            response = await client.post("/v1/chat/completions", content=body)
            return response.status_code, response.json()


def main(number: int, seed: int, part: int, parts: int) -> None:
    """Try every kind in turn, and print what came of it."""
    tried, lost = Counter[str](), list[str]()
    how: dict[str, Callable[[random.Random, str], str]] = {"lines": _try_lines, "request": _Requests()}
    for index in range(part, number, parts):
        kind = KINDS[index % len(KINDS)]
        wrong = how.get(kind, _try_command)(random.Random(seed * 1_000_003 + index), kind)
        tried[kind] += 1
        if wrong:
            lost.append(f"{kind} {index}: {wrong}")
    sys.__stdout__.write(json.dumps({"tried": tried, "lost": lost}) + "\n")  # type: ignore[union-attr]


if __name__ == "__main__":
    os.chdir(sys.argv[3])
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[4]), int(sys.argv[5]))
