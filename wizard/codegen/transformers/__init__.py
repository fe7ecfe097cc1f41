"""What an app that runs transformers says, and no other app: masks for a batch of answers, and how it is made."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.codegen.parts import part
from wizard.core.plan.plan import Plan
from wizard.core.sizing.gpus import NO_GPU

WAKE = '''\
    @modal.enter()
    def wake(self) -> None:
        """After each restore: else all containers that begin from one snapshot draw the same."""
        import torch

        torch.seed()

'''


def values(plan: Plan, common: Mapping[str, str]) -> dict[str, str]:
    """What goes into the placeholders of the app that are this engine's own; `common` are those of every engine."""
    engine = plan.inference_engine
    threads = "\n        torch.set_num_threads(min(CORES, os.cpu_count() or 1))" if plan.gpu == NO_GPU.name else ""
    wake = WAKE if plan.snapshot == "gpu" else ""
    return {
        "early_imports": "",
        "middle_imports": "",
        "imports": "from concurrent.futures import ThreadPoolExecutor\n",
        "batching_note": "Calls that arrive together are answered together.",
        "constants": f"MAX_BATCH = {engine.max_batch}"
        "  # answers of one forward pass; a batch that the memory cannot hold is halved",
        "more_volumes": "",
        "more_mounts": "",
        "image": part(engine, "image").substitute(common).rstrip(),
        "max_inputs": "MAX_BATCH",
        "own_answer": "\n\n\n" + part(engine, "masks").template.rstrip(),
        "generator": part(engine, "generator").substitute(common, threads=threads, wake=wake).rstrip(),
    }
