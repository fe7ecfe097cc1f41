"""What the engine says while it works: typed, past-tense, the same for every face."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

from wizard.core.access_token import clean
from wizard.core.problem import Problem

Outcome = Literal["ready", "created", "updated", "kept"]
LogSource = Literal["build", "stdout", "stderr", "system"]


@dataclass(frozen=True)
class Event:
    """Anything that the engine yields."""

    def to_mapping(self) -> dict[str, Any]:
        """The public JSON object: the class name under `event`, then the fields."""
        return {"event": type(self).__name__} | {f.name: _plain(getattr(self, f.name)) for f in fields(self)}


@dataclass(frozen=True)
class StepStarted(Event):
    step: str


@dataclass(frozen=True)
class StepSkipped(Event):
    step: str
    reason: str


@dataclass(frozen=True)
class StepFinished(Event):
    step: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True)
class SignInWaiting(Event):
    """A person is asked to approve a sign-in on this page; `code` is what it shows or asks for, where there is one."""

    step: str
    url: str
    code: str


@dataclass(frozen=True)
class Change:
    """What applying the plan does to one outside thing."""

    resource: str
    name: str
    action: Literal["create", "update", "keep", "delete"]
    why: str = ""


@dataclass(frozen=True)
class PlanReady(Event):
    plan: dict[str, Any]
    changes: tuple[Change, ...]
    cost: dict[str, Any]
    fit: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # what to know of the output type and the prompt
    unenforced: tuple[str, ...] = ()  # those among them that say what is not enforced, and at the end what to do
    sources: dict[str, str] = field(default_factory=dict)  # of a dry run: where each value came from


@dataclass(frozen=True)
class Progress(Event):
    """How far a step is. `rate` is in units a second, `cost` in dollars so far; None where it is not known."""

    step: str
    done: float
    total: float | None
    unit: str
    rate: float | None = None
    cost: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True)
class BatchWritten(Event):
    """What one run of a batch has added to its file; `before` counts the lines that were there already."""

    file: str
    lines: int
    valid: int
    invalid: int
    failed: int
    before: int
    seconds: float
    rate: float
    cost: float | None


@dataclass(frozen=True)
class LogLine(Event):
    """One line from a build or a container. `at` is seconds since 1970, UTC.

    `moving`: a state of a line that is drawn over and over, as progress bars are; the next one takes its place.
    """

    source: LogSource
    text: str
    at: float
    moving: bool = False


def read_line(source: LogSource, raw: str, at: float) -> LogLine | None:
    """A line as a container or a build wrote it, without its line feed; None when there is nothing to see.

    Of what was overwritten after a carriage return only the last state is left.
    """
    states = [part for part in clean(raw).split("\r") if part.strip()]
    if not states:
        return None
    return LogLine(source, states[-1], at, moving="\r" in raw.rstrip("\r"))


@dataclass(frozen=True)
class SampleReady(Event):
    """One answer of the deployed function, judged by a validator that knows nothing of the engine.

    `seconds` is what the caller waited; `timings` are the function's own seconds: `load` and `compile` at start-up,
    `first_token`, `rest` and their sum `generate` of this call. `refused` says why the structured-output backend
    could not go on; empty when it could.
    `dollars` is what those seconds cost, where the price is known.
    """

    prompt: str
    text: str
    value: Any
    valid: bool
    errors: tuple[str, ...]
    truncated: bool
    cold: bool
    seconds: float
    timings: dict[str, float] = field(default_factory=dict)
    tokens: int | None = None
    refused: str = ""
    dollars: float | None = None


@dataclass(frozen=True)
class SamplesVerified(Event):
    """The report of `verify`: which function, what it runs on, how many samples of each outcome, and how fast."""

    report: dict[str, Any]

    def to_mapping(self) -> dict[str, Any]:
        return {"event": "SamplesVerified"} | self.report


@dataclass(frozen=True)
class Failed(Event):
    problem: Problem

    def to_mapping(self) -> dict[str, Any]:
        return {"event": "Failed"} | self.problem.to_mapping()


@dataclass(frozen=True)
class Finished(Event):
    app: str
    function: str
    environment: str
    rehearsal: bool
    seconds: float
    files: tuple[str, ...] = ()
    dry_run: bool = False
    next: dict[str, str] = field(default_factory=dict)
    cost: dict[str, Any] = field(default_factory=dict)  # in dollars, from measured seconds
    endpoint: str = ""  # where the function answers over HTTP


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Change):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    return value
