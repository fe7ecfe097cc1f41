"""The probes by the id of the assumption that each tries, and the stages in which they run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from wizard.core.live.report import Finding
from wizard.flow.live.state import Live

StageName = Literal["hub", "account", "small", "open", "gated", "vllm", "end"]
STAGES: dict[StageName, str] = {
    "hub": "asking the Hub",
    "account": "looking at the Modal account",
    "small": "deploying and calling a small app without a GPU",
    "open": "deploying the open model with transformers",
    "gated": "deploying the gated model with transformers",
    "vllm": "deploying the open model with vLLM; its image takes minutes to build the first time",
    "end": "removing what was made",
}
"""In this order; what each is about, for people."""

Try = Callable[[Live], Awaitable[Finding]]
Prepare = Callable[[Live], Awaitable[None]]


@dataclass(frozen=True)
class Probe:
    """How one assumption is tried. `prepare` is what takes no GPU; `rests_on` has to be seen before."""

    id: str
    stage: StageName
    run: Try
    seconds: float = 60.0
    prepare: Prepare | None = None
    wakes_gpu: bool = False
    rests_on: tuple[str, ...] = ()


PROBES: dict[str, Probe] = {}
"""In the order in which they run within their stage."""


def probe(
    id: str,
    stage: StageName,
    *,
    seconds: float = 60.0,
    prepare: Prepare | None = None,
    wakes_gpu: bool = False,
    rests_on: tuple[str, ...] = (),
) -> Callable[[Try], Try]:
    """Register a function as the probe of an assumption."""

    def register(run: Try) -> Try:
        PROBES[id] = Probe(id, stage, run, seconds, prepare, wakes_gpu, rests_on)
        return run

    return register
