"""What the engine reports while it works: typed events, the same for every face, flattened only to become JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from wizard.core.access_token import clean
from wizard.core.problem import Problem

if TYPE_CHECKING:
    from wizard.core.cases.answer import JudgedAnswer
    from wizard.core.cases.report import CasesReport
    from wizard.core.output.verify_report import VerifyReport
    from wizard.core.plan.cost import CostEstimate, CostMeasured
    from wizard.core.plan.hub_route import HubRoute
    from wizard.core.plan.plan import Plan
    from wizard.core.sizing.fit_report import FitReport

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
class PhaseStarted(Event):
    """A part of the wait begins (`wizard.core.phases`). `usual` is what it takes as a rule, in seconds; None where that
    is not known. `basis` says how it is known: from "earlier runs" on this computer, or an "estimate"."""

    phase: str
    usual: float | None = None
    basis: str = ""


@dataclass(frozen=True)
class PhaseFinished(Event):
    """A part of the wait is over, after so many seconds."""

    phase: str
    seconds: float
    usual: float | None = None
    basis: str = ""


@dataclass(frozen=True)
class PhaseSkipped(Event):
    """A part of the wait that had begun was none: a warm container has answered, which nobody can know before."""

    phase: str


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

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class AppPlan:
    """The plan of a command that changes a deployed app and deploys nothing new."""

    app: str

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class PlanReady(Event):
    """What is about to be done, before anybody has agreed. `cost` and `fit` are those of a deploy."""

    plan: Plan | AppPlan
    changes: tuple[Change, ...]
    cost: CostEstimate | None = None
    fit: FitReport | None = None
    notes: tuple[str, ...] = ()  # what to know of the output type and the prompt
    unenforced: tuple[str, ...] = ()  # those among them that say what is not enforced, and at the end what to do
    sources: dict[str, str] = field(default_factory=dict)  # of a dry run: where each value came from
    hub: HubRoute | None = None  # of a deploy: which Hub is asked for what
    why: dict[str, str] = field(default_factory=dict)  # by setting: why it was chosen, as a sentence
    proposals: tuple[str, ...] = ()  # what might serve better, one sentence each

    def to_mapping(self) -> dict[str, Any]:
        plain = super().to_mapping()
        return plain | {name: plain[name] or {} for name in ("cost", "fit", "hub")}


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
class AnswerText(Event):
    """A piece of an answer's text, as it is made."""

    text: str


@dataclass(frozen=True)
class ReasoningText(AnswerText):
    """A piece of what the model reasons before its answer, as it is made."""


@dataclass(frozen=True)
class AnswerRestarted(AnswerText):
    """The container was lost, and another one makes the answer from its beginning: what came before is void."""

    text: str = ""


@dataclass(frozen=True)
class SampleReady(Event):
    """One answer of the deployed function, judged by a validator that knows nothing of the engine.

    `seconds` is what the caller waited; `timings` are the function's own seconds: `load` and `compile` at start-up,
    `first_token`, `rest` and their sum `generate` of this call. `refused` says why the structured-output backend
    could not go on; empty when it could.
    `dollars` is what those seconds cost, where the price is known. `reasoning` is what the model reasoned before.
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
    reasoning: str = ""
    reasoning_tokens: int = 0


@dataclass(frozen=True)
class SamplesVerified(Event):
    report: VerifyReport

    def to_mapping(self) -> dict[str, Any]:
        return {"event": "SamplesVerified"} | self.report.to_mapping()


@dataclass(frozen=True)
class CaseJudged(Event):
    """One answer beside what was expected of it. `against`: it is of the run that is compared with."""

    judged: JudgedAnswer
    against: bool = False

    def to_mapping(self) -> dict[str, Any]:
        return {"event": "CaseJudged"} | self.judged.to_mapping() | {"against": self.against}


@dataclass(frozen=True)
class CasesVerified(Event):
    report: CasesReport

    def to_mapping(self) -> dict[str, Any]:
        return {"event": "CasesVerified"} | self.report.to_mapping()


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
    cost: CostMeasured | None = None  # from measured seconds
    endpoint: str = ""  # where the function answers over HTTP

    def to_mapping(self) -> dict[str, Any]:
        plain = super().to_mapping()
        return plain | {"cost": plain["cost"] or {}}


@runtime_checkable
class _Record(Protocol):
    """A typed value that says itself how it is written as JSON."""

    def to_mapping(self) -> dict[str, Any]: ...


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.to_mapping() if isinstance(value, _Record) else value
