"""Child processes of lint: one for each structured-output backend, under limits of time and memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.core.access_token import clean, clean_line
from wizard.core.lint.report import PREFERENCE, BackendReport, Proposal
from wizard.core.output.answer_length import MAX_WRITTEN_CHARACTERS
from wizard.core.output.output_type import OutputType
from wizard.core.problem import Problem, usage
from wizard.core.schema.finding import Finding
from wizard.flow.ports.lint import LintRequest, TokenizerFile
from wizard.services.lint.backends.registry import engine_version
from wizard.services.local.child_process import environment_without_tokens

PATIENCE = 4.0  # how much longer than its processor seconds a child may take by the clock, on a busy machine
LOADING = 8.0  # seconds by the clock that are left for loading an engine (xgrammar loads torch), which is not its work
MEMORY = 640 * 1024 * 1024  # bytes that a child may take for itself; one that needs more is cut off
TOTAL_MEMORY = 850 * 1024 * 1024  # bytes that all children together may hold
WATCH_SECONDS = 0.05
FEW_SAMPLES, MANY_SAMPLES = 12, 32
_QUIET = {
    "TORCHDYNAMO_DISABLE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "RAYON_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
}


@dataclass
class Told:
    """What one child has told until it ended. `end` says how: "done", "time", "memory", "too_long" or "crash"."""

    backend: str
    version: str = ""
    findings: list[Finding] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: Problem | None = None
    has_findings: bool = False
    compiles: bool = False
    error: str = ""
    dominates: str = ""
    seconds: float | None = None
    memory: int | None = None
    processor: float = 0.0  # seconds that it has used, or was given
    at_least: float = 0.0  # seconds that it would have taken, where it has not begun for that reason
    longest: int | None = None
    prompt: int | None = None
    end: str = "crash"

    def hear(self, line: Mapping[str, Any]) -> None:
        """One line of the child."""
        match line["stage"]:
            case "start":
                self.version = line["version"]
            case "findings":
                self.has_findings = True
                self.findings = [_read_finding(each) for each in line["findings"]]
            case "refused":
                self.error = clean_line(line["error"], 400)
            case "counted":
                self.longest, self.prompt = line["longest"], line["prompt"]
            case "compiled":
                self.compiles, self.seconds = True, line["seconds"]
            case "dominates":
                self.dominates = clean_line(line["text"], 200)
            case "proposal":
                output = OutputType(line["kind"], line["spec"])
                self.proposals.append(
                    Proposal(line["title"], line["why"], self.backend, output, line["diff"], line["exact"])
                )
            case "note":
                self.notes.append(line["text"])
            case "problem":
                self.problem = usage(line["code"], clean(line["message"]), line["hint"])
            case "cut_off":
                self.end, self.at_least = line["end"], line["seconds"]
            case "done":
                self.memory, self.processor = line.get("memory") or self.memory, line.get("seconds", self.processor)
                self.end = "done" if self.end == "crash" else self.end

    def report(self) -> BackendReport:
        """What that makes of the backend."""
        broken = any(each.kind in ("ignored", "refused", "cut_off") for each in self.findings)
        return BackendReport(
            self.backend,
            self.version,
            compiles=self.compiles,
            enforced=self.compiles and self.has_findings and not broken,
            seconds=self.seconds,
            memory=self.memory,
            dominates=self.dominates,
            error=self.error,
        )


def _read_finding(data: Mapping[str, Any]) -> Finding:
    texts: dict[str, Any] = {key: clean(value) if isinstance(value, str) else value for key, value in data.items()}
    return Finding(**texts)


async def ask(
    name: str, request: LintRequest, longest: str, seconds: float, watch: Watch, *, brief: bool = False
) -> Told:
    """One backend, in a child that gets so many seconds of the processor for its work.

    `longest` is a text whose tokens are counted, empty for none. `brief`: what does not hold is not measured, and no
    way around it is looked for.
    """
    seconds = max(1.0, seconds)
    told = Told(name, engine_version(name) or "", processor=seconds)
    tokenizer = request.tokenizer or TokenizerFile()
    question = {
        "backend": name,
        "kind": request.output.kind,
        "spec": request.output.spec,
        "tokenizer": str(tokenizer.path or ""),
        "end": tokenizer.end,
        "samples": MANY_SAMPLES if request.thorough else FEW_SAMPLES,
        "longest": longest[:MAX_WRITTEN_CHARACTERS],
        "prompt": request.prompt[:MAX_WRITTEN_CHARACTERS] if longest or name == PREFERENCE[0] else "",
        "propose": request.propose and not brief,
        "brief": brief,
        "seconds": seconds,
    }
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "wizard.services.lint.backend_worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment_without_tokens(modal=False) | _QUIET,
        start_new_session=True,
        limit=1 << 24,
    )
    asked = json.dumps({"question": question, "memory": MEMORY, "seconds": seconds}).encode()
    try:
        async with asyncio.timeout(LOADING + seconds * PATIENCE), watch.over(child.pid):
            await _listen(child, asked, told)
    except TimeoutError:
        told.end = "time"
    finally:
        watch.forget(child.pid, told)
        if child.returncode is None:
            child.kill()
        await child.wait()
    return _with_the_end(told, request)


async def _listen(child: asyncio.subprocess.Process, asked: bytes, told: Told) -> None:
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(asked)
        await child.stdin.drain()
        child.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has ended already; what it said first still counts
    while line := await child.stdout.readline():
        told.hear(json.loads(line))
    code = await child.wait()
    if told.end == "crash":  # an allocation failed, or somebody took it down
        told.end = {-signal.SIGABRT: "memory", -signal.SIGKILL: "memory", -signal.SIGXCPU: "time"}.get(code, "crash")


class Watch:
    """Looks at the memory of all children together, and ends the largest when they hold too much."""

    def __init__(self) -> None:
        self.peaks: dict[int, int] = {}

    def over(self, pid: int) -> _Over:
        self.peaks[pid] = 0
        return _Over(self, pid)

    def forget(self, pid: int, told: Told) -> None:
        told.memory = told.memory or self.peaks.get(pid) or None
        self.peaks.pop(pid, None)

    async def look(self, pid: int) -> None:
        """Until cancelled."""
        page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
        while True:
            held = {each: _resident(each, page) for each in self.peaks}
            self.peaks[pid] = max(self.peaks.get(pid, 0), held.get(pid, 0))
            if sum(held.values()) > TOTAL_MEMORY and max(held, key=lambda each: held[each]) == pid:
                os.kill(pid, signal.SIGKILL)
                return
            await asyncio.sleep(WATCH_SECONDS)


class _Over:
    """The watch, while a child runs."""

    def __init__(self, watch: Watch, pid: int) -> None:
        self.watch, self.pid = watch, pid

    async def __aenter__(self) -> None:
        self.task = asyncio.create_task(self.watch.look(self.pid))

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def _resident(pid: int, page: int) -> int:
    """Bytes that a process holds; 0 where the system does not say (outside of Linux)."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * page
    except (OSError, ValueError, IndexError):
        return 0


def _with_the_end(told: Told, request: LintRequest) -> Told:
    """Say so where a child did not get to its end before it had compiled."""
    if told.problem is not None or told.compiles or told.end == "done":
        return told
    why = {
        "time": "took longer than lint gives it",
        "memory": f"took more memory than lint has for it ({MEMORY >> 20} MiB at most)",
        "too_long": f"would take at least {told.at_least:.0f} s with this model's tokens, longer than lint gives it,",
        "crash": "crashed",
    }[told.end]
    likely = _largest_part(request.output)
    words = f"{told.backend} {told.version} {why} over this output type and was cut off"
    words += f"; its largest part is {likely}." if likely else "."
    told.findings = [*told.findings, Finding("cut_off", "error", words, "", "", told.backend, told.version)]
    told.error = told.error or words
    return told


def _largest_part(output: OutputType) -> str:
    from wizard.services.lint.compile_hotspot import likely_compile_hotspot

    try:
        return likely_compile_hotspot(schema) if (schema := output.json_schema) is not None else ""
    except (ValueError, RecursionError, TypeError):
        return ""
