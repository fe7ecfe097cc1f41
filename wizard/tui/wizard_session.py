"""Where the person is in the job: what has been decided, what each step's state is, what has to be looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from wizard.core.plan.draft import Draft
from wizard.core.problem import Problem
from wizard.core.steps import LOOKING, STEPS, resting_on
from wizard.flow.deploy.job_state import JobOptions, JobState

if TYPE_CHECKING:
    from wizard.core.events import Event
    from wizard.core.inference.engine import InferenceEngine
    from wizard.core.plan.inference_engine.choice import EngineChoice
    from wizard.core.plan.plan import Plan
    from wizard.core.playground.exchange import Exchange
    from wizard.core.playground.history import AnswerHistory
    from wizard.core.sizing.failed_gpus import GpuFailure
    from wizard.flow.deploy.remedies import Remedy
    from wizard.flow.ports.services import Ports
    from wizard.tui.call_target import CallTarget

STARTED = frozenset({"deploy", "sample"})  # the steps that a person sets going; the others only ask

StepState = Literal["todo", "now", "waiting", "done", "skipped", "blocked"]

GLYPHS: dict[StepState, tuple[str, str]] = {
    "todo": ("○", "to do"),
    "now": ("▶", "now"),
    "waiting": ("…", "waiting"),
    "done": ("✓", "done"),
    "skipped": ("–", "skipped"),
    "blocked": ("✗", "blocked"),
}

CALLS_KEPT = 50  # of each function


@dataclass
class WizardSession:
    """The state of one session on screen; screens read it and change it only through its methods.

    `job` is the engine's memory of what is being planned; it is None until services are open. `agreed_job` is that of
    the last deploy and of its sample: what a person decides meanwhile is for the next one.
    """

    draft: Draft = field(default_factory=Draft)
    options: JobOptions = field(default_factory=lambda: JobOptions(stream=True))
    job: JobState | None = None
    agreed_job: JobState | None = None
    states: dict[str, StepState] = field(default_factory=lambda: {step.name: "todo" for step in STEPS})
    details: dict[str, str] = field(default_factory=dict)
    call_target: CallTarget | None = None  # a deployed function that was chosen elsewhere, for the sample's screen
    gpu_failures: list[GpuFailure] = field(default_factory=list)  # of every plan so far
    notice: str = ""  # what the program has changed in the plan by itself, and why; gone once that is agreed to
    calls: dict[str, AnswerHistory] = field(default_factory=dict)  # of this session, by function
    failed: Problem | None = None  # what was started and has not been done; None again once it is tried anew

    def remember_call(self, exchange: Exchange) -> None:
        """Keep an answer, for whoever looks at the function later; the oldest go."""
        from wizard.core.playground.history import AnswerHistory  # the first question is drawn without it

        self.calls.setdefault(exchange.app, AnswerHistory(CALLS_KEPT)).append(exchange)

    def open(self, ports: Ports) -> JobState:
        """Start the engine's memory once services are there."""
        self.job = JobState(ports, self.draft, self.options)
        return self.job

    def agree(self) -> None:
        """What is planned now is what is deployed from here on."""
        self.agreed_job = replace(self.job) if self.job is not None else None
        self.notice = ""

    @property
    def environment(self) -> str | None:
        """The Modal environment that is chosen; None before somebody is signed in."""
        return self.job.workspace.environment if self.job is not None and self.job.workspace is not None else None

    @property
    def engine_choice(self) -> EngineChoice | Problem:
        """What would run the model and why, as far as that is decided; or why nothing here can."""
        facts, missing = (self.job.facts, self.job.ports.missing_engines) if self.job is not None else (None, ())
        try:
            return self.draft.engine_for(facts, missing)
        except Problem as problem:
            return problem

    @property
    def engine(self) -> InferenceEngine:
        """What would run the model; where nothing here can, the one that was named."""
        from wizard.core.inference.engine_registry import DEFAULT_ENGINE  # the first question is drawn without it

        choice = self.engine_choice
        return self.draft.named_engine or DEFAULT_ENGINE if isinstance(choice, Problem) else choice.engine

    @property
    def agreed_plan(self) -> Plan | None:
        """The plan of the last deploy."""
        return self.agreed_job.planned.plan if self.agreed_job is not None and self.agreed_job.planned else None

    def unanswered(self) -> Problem | None:
        """The first question that the plan rests on and that has no answer yet."""
        for step in LOOKING:
            if self.states[step] not in ("done", "skipped"):
                return Problem(
                    "not_answered",
                    "This question has no answer yet.",
                    "Answer it first: the plan depends on it.",
                    step=step,
                )
        return None

    def decide(self, step: str, **answers: Any) -> None:
        """Change answers of the Draft; what rests on `step` has to be looked at again if anything really changed."""
        changed = replace(self.draft, **answers)
        if changed == self.draft:
            return
        self.draft, self.notice = changed, ""
        if self.job is not None:
            self.job.draft = changed
        self.forget(step)

    def remedy(self, problem: Problem, rates: Mapping[str, float] | None) -> Remedy | None:
        """What can be changed in the plan of the last deploy so that the problem goes away."""
        from wizard.flow.deploy.remedies import Situation, find_remedy

        job = self.agreed_job
        if job is None or job.planned is None:
            return None
        return find_remedy(
            problem, Situation(job.planned, self.draft, job.facts, self.engine, self.gpu_failures, rates)
        )

    def apply(self, remedy: Remedy) -> None:
        """Change the plan as a remedy says; `notice` tells why."""
        was = self.states["function"]
        self.decide("function", **remedy.answers)
        self.states["function"] = was  # it is answered, only with another answer
        if remedy.replaces_secret:
            self.options = replace(self.options, replace_secret=True)
            if self.job is not None:
                self.job.options = self.options
        self.notice = remedy.why

    def replace_failed_gpu(self, rates: Mapping[str, float] | None) -> None:
        """Choose another GPU where the one that is chosen has failed for this model."""
        if not self.gpu_failures:
            return
        from wizard.flow.deploy.remedies import other_gpu

        facts = self.job.facts if self.job is not None else None
        planned = self.agreed_plan.gpu if self.agreed_plan is not None else None
        if (remedy := other_gpu(self.draft, facts, self.engine, self.gpu_failures, rates, planned)) is not None:
            self.apply(remedy)

    def forget(self, step: str) -> None:
        """Mark `step` and everything that rests on it as to do."""
        for name in (step, *resting_on(step)):
            self.states[name] = "todo"
            self.details.pop(name, None)

    def block(self, step: str, problem: Problem) -> None:
        """An answer that was given cannot be used: the plan fails on it."""
        self.states[step], self.details[step] = "blocked", problem.message

    def unblock(self, step: str) -> None:
        """The plan takes the answer after all."""
        if self.states[step] == "blocked":
            self.states[step] = "done"
            self.details.pop(step, None)

    def _note_gpu(self, code: str) -> None:
        """Remember the GPU of the last deploy where it is what failed."""
        from wizard.core.sizing.failed_gpus import WORDS, GpuFailure

        plan = self.agreed_plan
        if code in WORDS and plan is not None:
            self.gpu_failures.append(GpuFailure(plan.gpu, plan.model, code))

    def note(self, event: Event) -> None:
        """Keep up with the engine."""
        from wizard.core.events import Failed, StepFinished, StepSkipped, StepStarted  # there are none before it runs

        match event:
            case StepStarted():
                self.states[event.step] = "waiting"
                self.failed = None
            case StepFinished():
                self.states[event.step], self.details[event.step] = "done", event.detail
            case StepSkipped():
                self.states[event.step], self.details[event.step] = "skipped", event.reason
            case Failed() if event.problem.step:
                self.states.update({name: "todo" for name, state in self.states.items() if state == "waiting"})
                self.states[event.problem.step] = "blocked"
                self.details[event.problem.step] = event.problem.message
                self._note_gpu(event.problem.code)
                self.failed = event.problem if event.problem.step in STARTED else None
            case _:
                return
