"""One structured-output backend, asked in a child process under limits of time and memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.core.access_token import clean, clean_line
from wizard.core.lint.backend import StructuredOutputBackend
from wizard.core.lint.registry import backends
from wizard.core.lint.report import BackendReport, Proposal
from wizard.core.output.answer_length import MAX_WRITTEN_CHARACTERS
from wizard.core.output.output_type import OutputType
from wizard.core.problem import Problem, usage
from wizard.core.schema.finding import Finding
from wizard.flow.ports.lint import LintRequest, TokenizerFile
from wizard.services.lint.adapters import installed_version
from wizard.services.lint.worker_pool import WorkerPool

PATIENCE = 4.0  # how much longer than its CPU seconds a child may take by the clock, on a busy machine
LOADING = 8.0  # seconds by the clock that are left for loading a backend (xgrammar loads torch), which is not its work
MEMORY = 640 * 1024 * 1024  # bytes that a child may take for itself; one that needs more is cut off
TOTAL_MEMORY = 850 * 1024 * 1024  # bytes that all children together may hold
WATCH_SECONDS = 0.05
FEW_SAMPLES, MANY_SAMPLES = 12, 32


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
    backend: StructuredOutputBackend,
    request: LintRequest,
    longest: str,
    seconds: float,
    watch: Watch,
    workers: WorkerPool,
    *,
    brief: bool = False,
) -> Told:
    """One backend, in a child that gets so many CPU seconds for its work.

    `longest` is a text whose tokens are counted, empty for none. `brief`: what does not hold is not measured, and no
    way around it is looked for.
    """
    seconds = max(1.0, seconds)
    told = Told(backend.name, installed_version(backend) or "", processor=seconds)
    tokenizer = request.tokenizer or TokenizerFile()
    question = {
        "backend": backend.name,
        "kind": request.output.kind,
        "spec": request.output.spec,
        "tokenizer": str(tokenizer.path or ""),
        "end": tokenizer.end,
        "samples": MANY_SAMPLES if request.thorough else FEW_SAMPLES,
        "longest": longest[:MAX_WRITTEN_CHARACTERS],
        "prompt": request.prompt[:MAX_WRITTEN_CHARACTERS] if longest or backend == backends()[0] else "",
        "propose": request.propose and not brief,
        "brief": brief,
        "seconds": seconds,
    }
    asked = json.dumps({"question": question, "memory": MEMORY, "seconds": seconds}).encode()
    while not await _answered(backend, asked, told, workers, watch, LOADING + seconds * PATIENCE):
        told.end = "crash"  # of a child that waited for long; nothing was asked of it
    return _with_the_end(told, request)


async def _answered(
    backend: StructuredOutputBackend, asked: bytes, told: Told, workers: WorkerPool, watch: Watch, limit: float
) -> bool:
    """Have a child answer; False where one that was kept has ended before it was asked."""
    worker, healthy, heard = workers.take(backend), False, False
    watched = watch.over()

    def hear(line: Mapping[str, Any]) -> None:
        nonlocal heard
        heard = True
        if line["stage"] == "answering":
            watched.begin(line["pid"])
        else:
            told.hear(line)

    try:
        async with asyncio.timeout(limit), watched:
            code, reusable = await worker.ask(asked, hear)
        healthy = reusable and told.end == "done"
        if told.end == "crash":  # an allocation failed, or somebody took it down
            told.end = {-signal.SIGABRT: "memory", -signal.SIGKILL: "memory", -signal.SIGXCPU: "time"}.get(
                code, "crash"
            )
    except TimeoutError:
        told.end = "time"
    finally:
        told.memory = told.memory or watched.peak or None
        workers.give_back(worker, healthy=healthy)
    return heard or worker.questions == 1 or told.end == "time"


class Watch:
    """Looks at the memory of all processes that answer, and ends the largest when they hold too much together."""

    def __init__(self) -> None:
        self.watched: set[_Watched] = set()

    def over(self) -> _Watched:
        """A watch over one of them."""
        return _Watched(self)


class _Watched:
    """The watch over one process, from when it is known until the end of the context. `peak`: bytes that it held."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._task: asyncio.Task[None] | None = None
        self.pid = self.held = self.peak = 0

    def begin(self, pid: int) -> None:
        """Watch this process."""
        self.pid = pid
        self._watch.watched.add(self)
        self._task = asyncio.create_task(self._look())

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        self._watch.watched.discard(self)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look(self) -> None:
        """Until cancelled."""
        page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
        while True:
            for each in self._watch.watched:
                each.held = _resident(each.pid, page)
            self.peak = max(self.peak, self.held)
            held = [each.held for each in self._watch.watched]
            if sum(held) > TOTAL_MEMORY and max(held) == self.held:
                os.kill(self.pid, signal.SIGKILL)
                return
            await asyncio.sleep(WATCH_SECONDS)


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
        "time": "ran out of lint's time",
        "memory": f"ran out of lint's memory ({MEMORY >> 20} MiB at most)",
        "too_long": f"would take at least {told.at_least:.0f} s with this model's tokens, longer than lint allows,",
        "crash": "crashed",
    }[told.end]
    likely = _largest_part(request.output)
    words = f"{told.backend} {told.version} {why} on this output type and was stopped"
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
