"""What an app that runs transformers says, and no other app: masks for a batch of answers, and how it is made."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.codegen import images
from wizard.codegen.parts import part
from wizard.core.plan.plan import Plan
from wizard.core.sizing.gpus import NO_GPU

KEEP_OPEN = """\
        self.backend.end_tokens -= set(self.thinking.ending) - {self.backend.end_token}  # it ends the reasoning alone
"""
LONGEST = "max(answer.limit for answer in fitting) + 1,  # and the one that ends the answer"
LONGEST_WITH_REASONING = "max(answer.limit + answer.ahead for answer in fitting) + 1,  # and the one that ends it"
MERGED = {"apply_adapters": "\n        model = with_adapters(model)", "choose_adapter": ""}
CHOSEN = {
    "apply_adapters": "\n        self.adapters = with_adapters(model)",
    "choose_adapter": '\n        choose_adapter(self.adapters, sampling.pop("adapter", None))',
}
WAKE = '''\
    @modal.enter()
    def wake(self) -> None:
        """After each restore: else all containers that begin from one snapshot draw the same."""
        import torch

        torch.seed()

'''
BLIND = {
    "count": 'len(self.tokenizer(answer.prompt)["input_ids"])',
    "alike": "            alike = [pair for pair in self.waiting if pair[0].sampling == sampling]\n",
}
SEEING = {
    "auto_processor": ", AutoProcessor",
    "processor": """\
        try:
            self.processor, self.blind = AutoProcessor.from_pretrained(folder), ""
        except Exception as error:  # it answers text all the same
            self.processor, self.blind = None, f"images cannot be read here: {' '.join(str(error).split())[:300]}"
            print(f"{MODEL_ID}: {self.blind}")
""",
    "count": "self.count(answer)",
    "with_images": """\
        if fitting[0].images:  # it is the only one
            self.generate_with_images(fitting[0], sampling)
            return
""",
    "alike": """\
            sees = bool(self.waiting[0][0].images)  # images one at a time; texts are answered together
            alike = [pair for pair in self.waiting if pair[0].sampling == sampling and bool(pair[0].images) == sees]
            alike = alike[:1] if sees else alike
""",
}


def values(plan: Plan, common: Mapping[str, str]) -> dict[str, str]:
    """What goes into the placeholders of the app that are this engine's own; `common` are those of every engine."""
    engine = plan.inference_engine
    threads = "\n        torch.set_num_threads(min(CORES, os.cpu_count() or 1))" if plan.gpu == NO_GPU.name else ""
    adapters = CHOSEN if len(plan.adapter) > 1 else MERGED if plan.adapter else dict.fromkeys(MERGED, "")
    seeing = images.own_values(plan, SEEING, BLIND)
    thinks = plan.has_thinking
    masks = ["masks", "thinking_masks"] if thinks else ["masks"]
    own = {
        "threads": threads,
        "wake": WAKE if plan.snapshot == "gpu" else "",
        "think_room": "            room -= self.thinking.start(answer, room)\n" if thinks else "",
        "keep_open": KEEP_OPEN if thinks else "",
        "longest": LONGEST_WITH_REASONING if thinks else LONGEST,
    }
    return {
        "modules": "",
        "from_imports": "from concurrent.futures import ThreadPoolExecutor\n",
        "batching_note": "Calls that arrive together are answered together.",
        "constants": f"MAX_BATCH = {engine.max_batch}"
        "  # answers of one forward pass; a batch that the memory cannot hold is halved",
        "more_volumes": "",
        "more_mounts": "",
        "image": part(engine, "image").substitute(common, more_packages=seeing["more_packages"]).rstrip(),
        "max_inputs": "MAX_BATCH",
        "own_answer": "\n\n\n" + "\n\n\n".join(part(engine, name).template.rstrip() for name in masks),
        "generator": part(engine, "generator").substitute(common, **own, **adapters, **seeing).rstrip(),
    }
