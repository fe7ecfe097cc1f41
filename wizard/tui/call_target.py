"""Which deployed function is called from a screen, and what is known of it there."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.output.output_type import OutputType
from wizard.core.plan.plan import Plan
from wizard.core.playground.exchange import Question
from wizard.flow.deploy.plan_record import PlanRecord
from wizard.flow.operate.deployed_apps import DeployedFunction


@dataclass(frozen=True)
class CallTarget:
    """Which function is asked. `output` None: the function itself says what its output type is.

    `endpoint` is where it answers over HTTP; empty when it does not. `sees`: it takes images. `streams`: apps of
    early versions do not. `record` is what it was deployed from, where that was kept.
    """

    app: str
    prompt: str = ""
    max_tokens: int | None = None
    output: OutputType | None = None
    model: str = "the model"
    gpu: str = ""
    endpoint: str = ""
    sees: bool = False
    streams: bool = True
    record: PlanRecord | None = None

    @property
    def usual(self) -> Question:
        """What the function does where a question says nothing."""
        return Question("", max_tokens=self.max_tokens, think=self.record.draft.think if self.record else None)

    @classmethod
    def of(cls, plan: Plan, endpoint: str) -> CallTarget:
        """The function that a plan deploys."""
        return cls(
            plan.app,
            plan.prompt,
            plan.max_tokens,
            plan.output,
            plan.model,
            plan.gpu,
            endpoint if plan.endpoint else "",
            plan.sees,
            record=PlanRecord.of(plan),
        )

    @classmethod
    def deployed(cls, function: DeployedFunction) -> CallTarget:
        """A function that was deployed before."""
        draft, record = function.draft, function.record
        return cls(
            function.name,
            prompt=draft.prompt or "",
            max_tokens=draft.max_tokens,
            output=draft.output,
            model=draft.model or "the model",
            gpu=draft.gpu or "",
            endpoint=function.app.endpoint,
            sees=bool(record and record.sees),
            streams=record is not None and record.takes_messages,
            record=record,
        )
