"""Child processes of lint that are kept: asked again, replaced after a limit, and gone with the program."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.core.output.output_type import OutputType, parse_output
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.linter import lint
from wizard.services.lint.worker_pool import WorkerPool

HARD = OutputType("schema", '{"type": "string", "maxLength": 30}')  # for outlines_core


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool()
    yield pool
    pool.close()


async def asked(pool: WorkerPool, output: OutputType, backend: str, seconds: float = 60.0) -> bool:
    request = LintRequest(output, backend, thorough=False, seconds=seconds)
    return (await lint(request, workers=pool)).is_enforced


def kept(pool: WorkerPool, backend: str) -> list[int]:
    return [worker._process.pid for worker in pool._idle.get(backend, [])]


def lives(pid: int) -> bool:
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_a_child_answers_again_and_one_that_hit_a_limit_is_replaced(pool: WorkerPool) -> None:
    assert await asked(pool, parse_output("choices", "yes,no"), "outlines_core")
    first = kept(pool, "outlines_core")
    assert await asked(pool, parse_output("choices", "yes,no,maybe"), "outlines_core")
    assert kept(pool, "outlines_core") == first
    assert not await asked(pool, HARD, "outlines_core", seconds=1.0)
    assert kept(pool, "outlines_core") == []
    assert not lives(first[0])
    assert await asked(pool, parse_output("choices", "yes,or"), "outlines_core")


async def test_one_that_was_killed_while_it_waited_is_replaced(pool: WorkerPool) -> None:
    assert await asked(pool, parse_output("choices", "yes,no"), "llguidance")
    (pid,) = kept(pool, "llguidance")
    os.kill(pid, signal.SIGKILL)
    assert await asked(pool, parse_output("choices", "yes,no"), "llguidance")


async def test_two_questions_at_once_have_a_child_each(pool: WorkerPool) -> None:
    types = [parse_output("choices", text) for text in ("a,b", "c,d")]
    assert all(await asyncio.gather(*(asked(pool, each, "llguidance") for each in types)))
    assert len(kept(pool, "llguidance")) == 2


PROGRAM = """
import asyncio, json
from wizard.core.output.output_type import OutputType
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.linter import lint
from wizard.services.lint.worker_pool import WorkerPool
pool = WorkerPool()
async def main():
    await lint(LintRequest(OutputType("regex", "a"), "outlines_core", thorough=False, seconds=60), workers=pool)
    print(pool._idle["outlines_core"][0]._process.pid, flush=True)
    await lint(LintRequest(OutputType(*OUTPUT), "outlines_core", thorough=False, seconds=60), workers=pool)
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_outlives_a_program_that_is_killed_in_the_middle_of_a_question() -> None:
    program = PROGRAM.replace("OUTPUT", repr((HARD.kind, HARD.spec)))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        children = Path("/proc", str(worker), "task", str(worker), "children")
        while not (answering := children.read_text().split()):
            time.sleep(0.02)
        parent.kill()
    until = time.monotonic() + 10
    while any(map(lives, (worker, *map(int, answering)))):
        assert time.monotonic() < until
        time.sleep(0.05)
