"""GPUs on which a plan has failed already, and which others that rules out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wizard.core.sizing.gpus import GpuChoice, gpu_of_another

OUT_OF_MEMORY, REFUSED = "out_of_gpu_memory", "gpu_refused"
WORDS = {OUT_OF_MEMORY: "ran out of memory", REFUSED: "is not available to your workspace"}


@dataclass(frozen=True)
class GpuFailure:
    """A GPU that failed for a model. `code` is that of the Problem: one of WORDS."""

    spec: str
    model: str
    code: str

    @property
    def sentence(self) -> str:
        """What happened, as a sentence."""
        return f"{self.spec} {WORDS[self.code]}."


def why_ruled_out(choice: GpuChoice, model: str, failures: Iterable[GpuFailure]) -> GpuFailure | None:
    """The failure that rules a GPU out for a model: the same GPU was refused, or one with as much memory had too
    little of it. None where nothing does."""
    for each in failures:
        failed = gpu_of_another(each.spec)
        if failed is None or failed.is_cpu != choice.is_cpu:
            continue
        if each.code == REFUSED and choice.gpu is failed.gpu:
            return each
        if each.code == OUT_OF_MEMORY and each.model == model and choice.usable <= failed.usable:
            return each
    return None
