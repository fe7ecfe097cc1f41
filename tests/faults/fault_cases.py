"""Every place at which a job talks to a service, every way in which that can go wrong, and what has to come of it.

A case is a headless deploy through the real SDKs while one fault is armed, then a second run without it. It is lost
when the first run hangs, ends in a traceback or without saying why, when the second one does not finish the job, when
anything is there twice, or when an access token is found in what either has written.
"""

from __future__ import annotations

import random
import re
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.person import MODEL, Person, Run, Serving, need_local

BUILD = "modal:ImageJoinStreaming"  # only a job that builds its image comes by
SECONDS = 90.0  # so long a run may take with a fault on the way; far more than it needs
STEPS = ("model", "access", "token", "modal", "secret", "function", "deploy", "sample")
KINDS: dict[str, dict[str, Any]] = {
    "one error": {"kind": "status", "times": 1},
    "errors for good": {"kind": "status"},
    "5 s delay": {"kind": "delay", "seconds": 5.0, "times": 1},
    "disconnect": {"kind": "disconnect", "times": 1},
    "throttle": {"kind": "throttle", "seconds": 1.0, "times": 1},
}
KILLS = ("TERM", "KILL", "terminal closed")
# What a run may fail with, by the part of the world that misbehaves; anything else is the wrong code.
CODES = {
    "hub": {"hub_unreachable", "rate_limited", "gate_unreachable"},
    "modal": {"modal_unreachable", "modal_busy"},
    "modal-http": {"modal_unreachable", "modal_busy"},
    "modal-container": {"modal_unreachable", "container_crashed", "modal_busy", "download_failed", "hub_unreachable"},
}
# Asked by the SDK for its own purposes; an app id and the like in a route is a place of its own only once.
_ID = re.compile(r"/[0-9a-f]{40}(?=/|$)")


Depth = Literal["deploy", "download", "sample"]


@dataclass(frozen=True)
class Case:
    """One fault, or one kill. `depth` is the cheapest job that comes by the place: the deploy alone, with the download
    of the weights, or with the sample too."""

    where: str
    kind: str
    depth: Depth = "deploy"

    def __str__(self) -> str:
        return f"{self.kind} at {self.where}"


@dataclass
class Tally:
    """What came of the cases of one kind."""

    tried: int = 0
    went_on: int = 0
    failed_cleanly: int = 0
    lost: list[str] = field(default_factory=list)


class FaultRun:
    """One rehearsal that all cases share, each with an app, a Modal Secret and a Volume of its own."""

    def __init__(self) -> None:
        self.person = Person()
        self.serving: Serving = self.person.serve()
        self.number = 0
        self.finished: set[str] = {"warm"}  # apps of jobs that were done at last
        self._warm_up()

    def close(self) -> None:
        """Leave nothing behind."""
        self.person.leave()

    def _warm_up(self) -> None:
        """Images are built once; what is built is not built again."""
        done = self.person.wizard("deploy", *self._flags("warm", "deploy"), seconds=SECONDS * 2)
        assert done.code == 0, done

    def _flags(self, name: str, depth: Depth) -> list[str]:
        plan = self.person.project / f"{name}.toml"
        volume = "outlines-wizard-models" if depth == "deploy" else name
        plan.write_text(f'[function]\nvolume = "{volume}"\nsecret = "{name}-secret"\n')
        flags = ["--rehearse", "--yes", "--json", "--plan", str(plan), "--app", name, "--output-dir", name]
        flags += ["--choices", "yes,no", "--scaledown-window", "2"]
        return flags if depth == "sample" else [*flags, "--no-sample"]

    def places(self) -> list[tuple[str, Depth]]:
        """Where a job comes by, and how deep it has to go for that."""
        found: dict[str, Depth] = {BUILD: "deploy"}
        depths: tuple[Depth, ...] = ("deploy", "download", "sample")
        for depth in depths:
            for place in self._ask(depth):
                in_container = place.startswith("modal-container:")  # of whichever container is awake
                if not (in_container and depth == "deploy"):
                    found.setdefault(place, depth)
        return sorted(found.items())

    def _ask(self, depth: Depth) -> set[str]:
        before = self.serving.seen()
        done = self.person.wizard("deploy", *self._flags(self._next(), depth), seconds=SECONDS)
        assert done.code == 0, done
        return places_between(before, self.serving.seen()) | {"modal-http:PUT"}

    def _next(self) -> str:
        self.number += 1
        return f"case-{self.number}"

    def cases(self) -> list[Case]:
        """All of them."""
        places = self.places()
        faults = [Case(place, kind, depth) for place, depth in places for kind in KINDS if makes_sense(place, kind)]
        kills = [(step, kind) for step in STEPS for kind in KILLS]
        return faults + [Case(f"step {step}", kind, "sample" if step == "sample" else "deploy") for step, kind in kills]

    def play(self, case: Case) -> str:
        """Run a case; "went on", "failed cleanly", or what was lost."""
        name = self._next()
        flags = self._flags(name, case.depth)
        try:
            first = self._kill(case, flags) if case.where.startswith("step ") else self._run_with_fault(case, flags)
            if first is None:
                return "it hangs"
            if wrong := self._judge(case, first):
                return wrong
            self.serving.behave()
            again = flags if first.code != 0 or case.depth != "sample" else [*flags, "--no-sample"]
            second = self.person.wizard("deploy", *again, seconds=SECONDS)
        except subprocess.TimeoutExpired:
            return "it hangs"
        finally:
            self.serving.behave()
        if second.code != 0:
            return f"the second run ends with {second.last.get('code')}: {second.last.get('message')}"
        self.finished.add(name)
        return self._look_around([first, second]) or ("went on" if first.code == 0 else "failed cleanly")

    def _run_with_fault(self, case: Case, flags: list[str]) -> Run | None:
        arm(self.serving, case)
        if case.where != BUILD:
            return self.person.wizard("deploy", *flags, seconds=SECONDS)
        flags = ["--model", MODEL, *(flag for flag in flags if flag != "--rehearse")]
        return self.person.wizard("deploy", *flags, **self.serving.variables, MODAL_FORCE_BUILD="1")

    def _kill(self, case: Case, flags: list[str]) -> Run | None:
        step = case.where.removeprefix("step ")
        running = self.person.start_wizard("deploy", *flags)
        running.wait_for_event("StepStarted", step=step)
        time.sleep(random.Random(str(case)).uniform(0, 0.4))
        if case.kind == "KILL":
            running.process.kill()
        else:
            running.process.send_signal(signal.SIGTERM if case.kind == "TERM" else signal.SIGHUP)
        try:
            return running.end(20)
        except AssertionError:
            return None

    def _judge(self, case: Case, run: Run) -> str:
        """What is wrong with how a run ended; empty for nothing."""
        if "Traceback" in run.stderr or '"internal_error"' in run.stdout:
            return f"a traceback: {run.stderr[-300:]}{run.stdout[-300:]}"
        if case.where.startswith("step "):
            if case.kind == "TERM" and run.code not in (0, 130):
                return f"exit code {run.code} after SIGTERM"
            return ""
        ends = [event for event in run.events if event["event"] in ("Finished", "Failed")]
        if len(ends) != 1 or ends[0] != run.last:
            return f"{len(ends)} ends"
        if run.code == 0:
            return ""
        allowed = CODES[case.where.partition(":")[0]]
        if run.last["code"] not in allowed or not run.last["hint"]:
            return f"the wrong code {run.last['code']!r}: {run.last['message']}"
        return "" if run.last["retryable"] else f"{run.last['code']} does not say that it may be tried again"

    def _look_around(self, runs: Iterable[Run]) -> str:
        """An access token where none belongs; empty for nothing."""
        token = self.serving.variables["HF_TOKEN"].encode()
        if any(token in run.said.encode() for run in runs):
            return "an access token in the output"
        for folder in (self.person.project, self.person.state, self.person.home):
            for path in folder.rglob("*"):
                if path.is_file() and path.name != "rehearsal.json" and token in path.read_bytes():
                    return f"an access token in {path}"
        return ""

    def left_over(self, patience: float = 75) -> list[str]:
        """What is there twice, or was left by a run that ended. An app whose client was killed while it was made is
        given up by the service after a minute of silence; with less `patience` such ones are not looked at."""
        names = {f"case-{number}" for number in range(1, self.number + 1)} | {"warm"}
        end = time.monotonic() + patience
        while True:
            apps = self.serving.modal_json("app", "list")
            odd = [f"{a['description']} ({a['state']})" for a in apps if a["state"] not in ("deployed", "stopped")]
            if not odd or time.monotonic() > end:
                odd = odd if patience else []
                break
            time.sleep(2)
        live = [app["description"] for app in apps if app["state"] == "deployed"]
        secrets, volumes = self.serving.secrets(), [row["name"] for row in self.serving.modal_json("volume", "list")]
        for what, found in (("app", live), ("secret", secrets), ("volume", volumes)):
            odd += [f"{what} {name} is there twice" for name in set(found) if found.count(name) > 1]
        known = names | {f"{name}-secret" for name in names} | {"outlines-wizard-models"}
        odd += [f"nobody named {name}" for name in {*live, *secrets, *volumes} - known]
        return odd + [f"the app {name} is not there" for name in self.finished - set(live)]


def places_between(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Where the stand-ins were asked between two looks at what they have seen."""
    found = set()
    for rpc, count in after["modal"].items():
        if count > before["modal"].get(rpc, 0):
            container, _, rest = rpc.partition("container:")
            found.add(f"modal-container:{rest}" if not container and rest else f"modal:{rpc}")
    for seen in after["hub"][len(before["hub"]) :]:
        found.add(f"hub:{seen['method']} {_ID.sub('/*', seen['path'])}")
    return found


def arm(serving: Serving, case: Case) -> None:
    """Have a stand-in misbehave as a case says."""
    more = dict(KINDS[case.kind])
    kind = more.pop("kind")
    if kind == "status":
        more["status"] = 503 if case.where.startswith(("hub:", "modal-http:")) else "UNAVAILABLE"
    serving.arm(case.where, kind, **more)


def makes_sense(place: str, kind: str) -> bool:
    """A container's own requests are retried by Modal's runtime, for good where they fail for good."""
    if place.startswith("modal-container:"):
        return kind not in ("errors for good", "throttle")
    return not (place.startswith("modal-http:") and kind == "throttle")


def sample_of(cases: list[Case], number: int, seed: int) -> list[Case]:
    """So many cases, of every kind some."""
    dice = random.Random(seed)
    by_kind: dict[str, list[Case]] = {}
    for case in dice.sample(cases, len(cases)):
        by_kind.setdefault(case.kind, []).append(case)
    chosen: list[Case] = []
    while len(chosen) < number and any(by_kind.values()):
        for kind in list(by_kind):
            if by_kind[kind] and len(chosen) < number:
                chosen.append(by_kind[kind].pop())
    return chosen


__all__ = ["KILLS", "KINDS", "MODEL", "Case", "FaultRun", "Tally", "need_local", "sample_of"]
