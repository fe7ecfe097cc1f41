"""What an app that runs transformers says, and no other app: the class that drives one structured-output backend."""

from __future__ import annotations

from string import Template

from wizard.codegen.parts import part
from wizard.core.lint.registry import backend_named
from wizard.core.plan.plan import Plan
from wizard.core.sizing.gpus import NO_GPU


def values(plan: Plan) -> dict[str, str]:
    """What goes into the placeholders of `app` that are this engine's own."""
    engine = plan.inference_engine
    common = part(engine, "backend_common").template.rstrip() + "\n"
    threads = "\n        torch.set_num_threads(min(CORES, os.cpu_count() or 1))" if plan.gpu == NO_GPU.name else ""
    return {
        "engine": Template(backend_named(plan.backend).app_part).substitute(common=common).rstrip(),
        "threads": threads,
    }
