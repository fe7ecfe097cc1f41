"""Lint on this machine: one child process for each structured-output backend, under limits of time and memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wizard.core.access_token import clean, clean_line
from wizard.core.budget import longest_answer, max_tokens_for, run_aways
from wizard.core.keywords import VERSIONS, table_findings
from wizard.core.lint import PREFERENCE, BackendReport, Finding, LintReport, Proposal, choose_backend
from wizard.core.output_type import OutputType, closed_places
from wizard.core.problem import Problem, usage
from wizard.core.prompt_notes import prompt_notes
from wizard.flow.workbench_port import LintRequest, TokenizerFile
from wizard.services.child_process import environment_without_tokens
from wizard.services.engine_adapters import engine_version

PATIENCE = 4.0  # how much longer than its processor seconds a child may take by the clock, on a busy machine
MEMORY = 640 * 1024 * 1024  # bytes that a child may take for itself; one that needs more is cut off
TOTAL_MEMORY = 850 * 1024 * 1024  # bytes that all children together may hold
WATCH_SECONDS = 0.05
FEW_SAMPLES, MANY_SAMPLES = 12, 32
LONGEST_SPEC = 4 << 20  # characters
_QUIET = {
    "TORCHDYNAMO_DISABLE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "RAYON_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
}


@dataclass
class _Told:
    """What one child has told until it ended. `end` says how: "done", "time", "memory" or "crash"."""

    backend: str
    version: str = ""
    findings: list[Finding] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: Problem | None = None
    has_findings: bool = False
    error: str = ""
    dominates: str = ""
    seconds: float | None = None
    memory: int | None = None
    processor: float = 0.0  # seconds that it has used, or was given
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
                self.seconds = line["seconds"]
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
            case "out_of_memory":
                self.end = "memory"
            case "done":
                self.memory, self.processor = line["memory"] or self.memory, line["seconds"]
                self.end = "memory" if self.end == "memory" else "done"

    def report(self) -> BackendReport:
        """What that makes of the backend."""
        compiles = self.seconds is not None
        broken = any(each.kind in ("ignored", "refused", "cut_off") for each in self.findings)
        return BackendReport(
            self.backend,
            self.version,
            compiles=compiles,
            enforced=compiles and self.has_findings and not broken,
            seconds=self.seconds,
            memory=self.memory,
            dominates=self.dominates,
            error=self.error,
        )


def _read_finding(data: Mapping[str, Any]) -> Finding:
    texts: dict[str, Any] = {key: clean(value) if isinstance(value, str) else value for key, value in data.items()}
    return Finding(**texts)


async def lint(request: LintRequest) -> LintReport:
    """Examine an output type with every backend that is asked for. Raises Problem for what is no output type."""
    output = request.output
    if len(output.spec) > LONGEST_SPEC:
        raise usage("output_too_large", f"The output type is longer than {LONGEST_SPEC >> 20} MiB: it is not examined.")
    if output.form == "none":
        return _about_free_text(request)
    told = await _ask_all(request)
    for each in told:
        if each.problem is not None:
            raise each.problem
    return _report(request, told)


def _about_free_text(request: LintRequest) -> LintReport:
    limit, why = max_tokens_for(None, None, None)
    notes = _prompt_notes(request, None, request.max_tokens or limit)
    chosen = request.backend if request.backend != "auto" else PREFERENCE[0]
    return LintReport(
        request.output,
        chosen=chosen,
        max_tokens=limit,
        max_tokens_why=why,
        prompt_notes=notes,
        tokenizer=_whose(request),
    )


async def _ask_all(request: LintRequest) -> list[_Told]:
    """The preferred backend first, by itself; then the others side by side, where they are wanted."""
    watch = _Watch()
    installed = [name for name in PREFERENCE if engine_version(name) is not None]
    if request.backend != "auto":
        wanted = [name for name in installed if name == request.backend]
        others = [name for name in installed if name != request.backend] if request.thorough else []
    else:
        wanted, others = installed[:1], installed[1:]
    longest = longest_answer(request.output)
    alone = request.seconds / 2 if request.thorough else request.seconds
    told = [await _ask(name, request, longest.text if longest else "", alone, watch) for name in wanted]
    satisfied = all(each.problem is not None or each.report().enforced for each in told) and told
    if told and any(each.problem is not None for each in told):
        return told
    if request.thorough or (request.backend == "auto" and not satisfied):
        left = request.seconds - sum(each.processor for each in told)
        if satisfied:  # nobody needs a way around the others
            request = replace(request, propose=False)
        told += await asyncio.gather(*(_ask(name, request, "", left, watch) for name in others))
    return told


async def _ask(name: str, request: LintRequest, longest: str, seconds: float, watch: _Watch) -> _Told:
    """One backend, in a child that gets so many seconds of the processor."""
    seconds = max(1.0, seconds)
    told = _Told(name, engine_version(name) or "", processor=seconds)
    tokenizer = request.tokenizer or TokenizerFile()
    question = {
        "backend": name,
        "kind": request.output.kind,
        "spec": request.output.spec,
        "tokenizer": str(tokenizer.path or ""),
        "end": tokenizer.end,
        "samples": MANY_SAMPLES if request.thorough else FEW_SAMPLES,
        "longest": longest[:200_000],
        "prompt": request.prompt[:200_000] if longest or name == PREFERENCE[0] else "",
        "propose": request.propose,
    }
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "wizard.services.engine_worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment_without_tokens() | _QUIET,
        start_new_session=True,
        limit=1 << 24,
    )
    asked = json.dumps({"question": question, "memory": MEMORY, "seconds": seconds}).encode()
    try:
        async with asyncio.timeout(seconds * PATIENCE), watch.over(child.pid):
            await _listen(child, asked, told)
    except TimeoutError:
        told.end = "time"
    finally:
        watch.forget(child.pid, told)
        if child.returncode is None:
            child.kill()
        await child.wait()
    return _with_the_end(told, request, seconds)


async def _listen(child: asyncio.subprocess.Process, asked: bytes, told: _Told) -> None:
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


class _Watch:
    """Looks at the memory of all children together, and ends the largest when they hold too much."""

    def __init__(self) -> None:
        self.peaks: dict[int, int] = {}

    def over(self, pid: int) -> _Over:
        self.peaks[pid] = 0
        return _Over(self, pid)

    def forget(self, pid: int, told: _Told) -> None:
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

    def __init__(self, watch: _Watch, pid: int) -> None:
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


def _with_the_end(told: _Told, request: LintRequest, seconds: float) -> _Told:
    """Say so where a child did not get to its end before it had compiled."""
    if told.end == "done" or told.problem is not None or told.seconds is not None:
        return told
    why = {
        "time": f"took longer than the {seconds:.0f} s that lint gives it",
        "memory": f"took more than {MEMORY >> 20} MiB of memory",
        "crash": "crashed",
    }[told.end]
    likely = _largest_part(request.output)
    words = f"{told.backend} {told.version} {why} over this output type and was cut off"
    words += f"; its largest part is {likely}." if likely else "."
    told.findings = [*told.findings, Finding("cut_off", "error", words, "", "", told.backend, told.version)]
    told.error = told.error or words
    return told


def _largest_part(output: OutputType) -> str:
    from wizard.services.dominance import likely_to_dominate

    try:
        return likely_to_dominate(json.loads(output.spec)) if output.kind == "schema" else ""
    except (ValueError, RecursionError, TypeError):
        return ""


# The report


def _report(request: LintRequest, told: list[_Told]) -> LintReport:
    output = request.output
    reports = [each.report() for each in told]
    findings = [finding for each in told for finding in each.findings]
    for name in PREFERENCE:
        if engine_version(name) is None and request.backend in (name, "auto") and request.thorough:
            reports.append(BackendReport(name, VERSIONS[name], installed=False, error="not installed here"))
            findings += table_findings(output, name)
    chosen = choose_backend(request.backend, tuple(reports))
    notes = list(dict.fromkeys(note for each in told for note in each.notes))
    if output.kind == "schema":
        findings += run_aways(json.loads(output.spec))
        findings += _closings(output)
    first = told[0] if told else _Told("")
    longest = longest_answer(output)
    room = _room(request, first.prompt)
    limit, why = max_tokens_for(longest, first.longest, room)
    return LintReport(
        output,
        tuple(reports),
        tuple(findings),
        tuple(_proposals(request, told, chosen)),
        chosen,
        limit,
        why,
        _prompt_notes(request, first.prompt, request.max_tokens or limit),
        _whose(request),
        tuple(notes),
    )


def _room(request: LintRequest, prompt: int | None) -> int | None:
    window = request.tokenizer.window if request.tokenizer else None
    return None if window is None else max(1, window - (prompt or 0))


def _closings(output: OutputType) -> list[Finding]:
    """What is closed without being asked, and what cannot be."""
    closed, opened = closed_places(output)
    found = []
    if closed:
        words = f"Keys that nobody has named are forbidden in {len(closed)} object{'s' * (len(closed) > 1)}"
        words += " that did not say so, and white space is kept tight: engines leave both open."
        found.append(Finding("closed", "note", words, closed[0], "additionalProperties"))
    if opened:
        words = (
            "This schema combines objects, so keys that nobody has named are not forbidden: a model may invent some."
        )
        found.append(Finding("open", "warning", words, opened[0], "additionalProperties"))
    if '"pattern"' in output.enforced and output.enforced.count('"format"') < output.spec.count('"format"'):
        words = "Dates, times and addresses are spelled out as patterns: engines take these formats more loosely."
        found.append(Finding("closed", "note", words, "", "format"))
    return found


def _proposals(request: LintRequest, told: list[_Told], chosen: str) -> list[Proposal]:
    """Another backend that holds, else rewrites that do."""
    reports = [each.report() for each in told]
    asked = next((each for each in reports if each.name == request.backend), None)
    better = choose_backend("auto", tuple(reports))
    if asked is not None and not asked.enforced and better and better != asked.name:
        title = f"Use --backend {better}."
        return [
            Proposal(title, f"It enforces every keyword of this output type; {asked.name} does not.", better),
            *(proposal for each in told if each.backend == asked.name for proposal in each.proposals),
        ]
    if chosen and next((each.enforced for each in reports if each.name == chosen), False):
        return [proposal for each in told if each.backend == chosen for proposal in each.proposals]
    # Several backends may take the same rewrite; the preferred one among them names it. What means the same goes first.
    first = {proposal.output: proposal for each in reversed(told) for proposal in each.proposals}
    exact = [proposal for proposal in first.values() if proposal.exact]
    return (exact or list(first.values()))[::-1]


def _prompt_notes(request: LintRequest, tokens: int | None, limit: int) -> tuple[str, ...]:
    tokenizer = request.tokenizer
    if tokenizer is None or not request.prompt:
        return prompt_notes(request.prompt, has_template=None)
    return prompt_notes(
        request.prompt,
        has_template=tokenizer.has_template,
        special=tokenizer.special,
        tokens=tokens,
        window=tokenizer.window,
        max_tokens=limit,
    )


def _whose(request: LintRequest) -> str:
    return request.tokenizer.source if request.tokenizer else "one token for each byte, since no model was named"
