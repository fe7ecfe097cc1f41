"""Faults at what people do with a deployed function: streams, requests to its endpoint, images, adapters, uploads,
batches and verifications. `fault_cases` has those at the deploy itself, and what it means that a case is lost.
"""

from __future__ import annotations

import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.faults.capabilities import (
    DONE,
    FAILED_CLEANLY,
    LONG_ANSWER,
    PROMPT,
    SECONDS,
    Command,
    Job,
    Request,
    Rows,
    World,
    jobs_of,
)
from tests.faults.fault_cases import CODES, KILLS, KINDS, Case, arm, makes_sense, places_between
from tests.support.person import APP, Run, Running

CRASH = "container dies"
CRASHES = "containers die for good"
NO_START = "container does not start"
KILLED = "container killed in the middle"
LEAVES = "caller goes away"
WORDS = "torch.OutOfMemoryError: CUDA out of memory."
CONTAINER_FAULTS = (CRASH, CRASHES, NO_START, KILLED)
_MODEL = "Generator*"
_FUNCTION_CODES = {"container_crashed", "out_of_gpu_memory", "function_failed", "stream_broken"}


@dataclass(frozen=True)
class CapabilityCase:
    """One fault at one place, while one job is done."""

    job: str
    fault: Case

    def __str__(self) -> str:
        return f"{self.job}: {self.fault}"


class CapabilityRun:
    """One rehearsal that all cases share."""

    def __init__(self) -> None:
        self.world = World()
        self.number = 0
        self.jobs = {job.name: job for job in jobs_of(self.world)}

    def close(self) -> None:
        """Leave nothing behind."""
        self.world.close()

    def cases(self) -> list[CapabilityCase]:
        """Every fault at every place that no earlier job comes by, and at each job what can happen anywhere."""
        found: list[CapabilityCase] = []
        known = self._places(Command(self.world, "deploy", *self._plain_deploy()))  # `fault_cases` has those
        known -= self._places(self.jobs["call"])
        for job in self.jobs.values():
            own = {"modal-http:PUT"} if job.name == "upload" else set()
            places = sorted(self._places(job) - known | own)
            known |= set(places)
            faults = [Case(place, kind) for place in places for kind in KINDS if makes_sense(place, kind)]
            faults += [Case("Generator", kind) for kind in CONTAINER_FAULTS if not _deploys(job)]
            faults += [Case("the command", kind) for kind in KILLS if isinstance(job, Command)]
            faults += [Case("the request", LEAVES)] if isinstance(job, Request) else []
            found += [CapabilityCase(job.name, fault) for fault in faults]
        return found

    def _plain_deploy(self) -> list[str]:
        return ["deploy", "--yes", "--no-sample", "--app", "plain", "--output-dir", "plain", "--choices", "yes,no"]

    def _places(self, job: Job) -> set[str]:
        """Where it comes by when nothing is wrong."""
        before = self.world.serving.seen()
        outcome = job.once(self._next(), again=False)
        assert outcome == DONE or (isinstance(outcome, Run) and outcome.code == 0), f"{job.name}: {outcome}"
        return places_between(before, self.world.serving.seen())

    def _next(self) -> str:
        self.number += 1
        return f"case-{self.number}"

    def play(self, case: CapabilityCase) -> str:
        """Run a case; "went on", "failed cleanly", or what was lost."""
        job, name = self.jobs[case.job], self._next()
        try:
            first = self._strike(case, job, name)
            if not isinstance(first, str):
                first = self._judge(case, job, first)
            if first not in (DONE, FAILED_CLEANLY):
                return first
            self.world.serving.behave()
            second = job.once(name, again=True)
        except subprocess.TimeoutExpired:
            return "it hangs"
        finally:
            self.world.serving.behave()
        if isinstance(second, Run):
            if second.code != 0 and not (isinstance(job, Rows) and second.last.get("code") == "nothing_to_do"):
                return f"the second run ends with {second.last.get('code')}: {second.last.get('message')}"
            if leaked := self._leaks(second):
                return leaked
        elif second != DONE:
            return f"the second request: {second}"
        return job.wrong_at_the_end(name) or first

    def _strike(self, case: CapabilityCase, job: Job, name: str) -> Run | str:
        serving, kind = self.world.serving, case.fault.kind
        if kind == LEAVES:
            assert isinstance(job, Request)
            Request(self.world, streamed=job.streamed, long=True).leave_early()
            return DONE
        if kind in KILLS:
            assert isinstance(job, Command)
            return self._kill(case, job, name)
        if kind == KILLED:
            with self._killing(str(case)):
                return self._long(job).once(name, again=False)
        if kind == NO_START:
            serving.arm(f"container-start:{_MODEL}", "crash", status=1, message=WORDS)
            self.world.kill_containers()
        elif kind in (CRASH, CRASHES):
            once = {"times": 1} if kind == CRASH else {}
            serving.arm(f"container-input:{_MODEL}", "crash", status=137, **once)
        else:
            arm(serving, case.fault)
        return job.once(name, again=False)

    def _long(self, job: Job) -> Job:
        """The same job with an answer that takes a while, where there is such a one."""
        if isinstance(job, Request):
            return Request(self.world, streamed=job.streamed, long=True)
        if job.name.startswith("call"):
            flags = ["--stream"] if "--stream" in job.name else []
            words = ("call", APP, "--prompt", PROMPT, "--regex", LONG_ANSWER, "--max-tokens", "450", *flags)
            return Command(self.world, job.name, *words)
        return job

    @contextmanager
    def _killing(self, seed: str) -> Iterator[None]:
        """Kill the containers that hold a model, at some moment of what is done meanwhile."""
        pause = random.Random(seed).uniform(0.6, 1.6)
        timer = threading.Timer(pause, self.world.kill_containers)
        timer.start()
        yield
        timer.join()

    def _kill(self, case: CapabilityCase, job: Command, name: str) -> str:
        running: Running = self.world.person.start_wizard(*job.words(name, again=False))
        time.sleep(random.Random(str(case)).uniform(0.3, 2.0))
        if case.fault.kind == "KILL":
            running.process.send_signal(signal.SIGKILL)
        else:
            running.process.send_signal(signal.SIGTERM if case.fault.kind == "TERM" else signal.SIGHUP)
        try:
            run = running.end(20)
        except AssertionError:
            return "it hangs"
        if "Traceback" in run.stderr or '"internal_error"' in run.stdout:
            return f"a traceback: {run.stderr[-300:]}{run.stdout[-300:]}"
        if case.fault.kind == "TERM" and run.code not in (0, 130, -signal.SIGTERM):
            return f"exit code {run.code} after SIGTERM"
        return self._leaks(run) or (DONE if run.code == 0 else FAILED_CLEANLY)

    def _judge(self, case: CapabilityCase, job: Job, run: Run) -> str:
        """How a run ended: "went on", "failed cleanly", or what is wrong with it."""
        if "Traceback" in run.stderr or '"internal_error"' in run.stdout:
            return f"a traceback: {run.stderr[-300:]}{run.stdout[-300:]}"
        if leaked := self._leaks(run):
            return leaked
        ends = [event for event in run.events if event["event"] in ("Finished", "Failed")]
        if len(ends) != 1 or ends[0] != run.last:
            return f"{len(ends)} ends"
        if run.code == 0:
            return DONE
        last = run.last
        allowed = CODES.get(case.fault.where.partition(":")[0], _FUNCTION_CODES) | job.codes
        if case.fault.kind in KINDS and case.fault.where.startswith("modal-container:"):
            allowed = allowed | _FUNCTION_CODES
        if last["code"] not in allowed or not last["hint"] or not last["message"]:
            return f"the wrong code {last['code']!r} ({run.code}): {last['message']} {last['hint']}"
        return FAILED_CLEANLY

    def _leaks(self, run: Run) -> str:
        """A secret where none belongs; empty for nothing."""
        held = self.world.secrets
        if said := [name for name, value in held.items() if value in run.said.encode()]:
            return f"{said} in the output"
        return ""

    def left_over(self) -> list[str]:
        """A secret in a file that was written or in the log of an app."""
        found = []
        person = self.world.person
        for folder in (person.project, person.state, person.home):
            for path in folder.rglob("*"):
                if path.is_file() and path.name != "rehearsal.json":
                    data = path.read_bytes()
                    found += [f"{name} in {path.name}" for name, value in self.world.secrets.items() if value in data]
        for app in (APP, "sees", "tuned", "batched"):
            log = person.wizard("logs", app, "--rehearse", "--json", seconds=SECONDS).said.encode()
            found += [f"{name} in the log of {app}" for name, value in self.world.secrets.items() if value in log]
        return found


def _deploys(job: Job) -> bool:
    return job.name in ("upload", "adapter, deployed")
