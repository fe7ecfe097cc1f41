"""Which deployed function is called from a screen, and what is known of it there."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.core.output.output_type import OutputType
from wizard.core.plan.plan import Plan


@dataclass(frozen=True)
class CallTarget:
    """Which function is asked. `output` None: the function itself says what its output type is.

    `endpoint` is where it answers over HTTP; empty when it does not. `sees`: it takes images. `streams`: apps of
    early versions do not.
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
        )
