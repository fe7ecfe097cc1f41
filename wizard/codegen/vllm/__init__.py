"""What an app that runs vLLM says, and no other app: the engine with its options, and a second look at its answers."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.codegen import images
from wizard.codegen.literals import data_literal, literal
from wizard.codegen.parts import part
from wizard.core.lint.registry import backend_named
from wizard.core.plan.plan import Plan
from wizard.core.sizing.gpus import read_gpu

CACHE = "outlines-wizard-vllm-cache"
NO_CACHE = {"cache_env": "", "more_volumes": "", "more_mounts": "", "keep_cache": ""}
WITH_CACHE = {
    "cache_env": ', "VLLM_CACHE_ROOT": "/cache"',
    "more_volumes": f"\ncache = modal.Volume.from_name({literal(CACHE)}, create_if_missing=True)  # compiled code",
    "more_mounts": ', "/cache": cache',
    "keep_cache": "\n        await cache.commit.aio()  # the next container finds it compiled",
}
LIMIT = """\
        answer.limit = min(answer.max_tokens, self.context - len(tokens) - 1)  # one is for the end of the answer
"""
LIMIT_WITH_REASONING = """\
        room = self.context - len(tokens) - 1  # one is for the end of the answer
        answer.limit = min(answer.max_tokens, room - self.thinking.start(answer, room))
"""
COUNTED_WITH_REASONING = """\
                    if answer.images:  # they have become tokens of the prompt, as the reasoning has
                        read, thought = len(output.prompt_token_ids), answer.thought
                        answer.limit = min(answer.max_tokens, self.context - read - 1)
                        answer.prompt_tokens = read - (len(thought.made) + len(thought.forced) if thought else 0)
"""
WAKE = '''\
    @modal.enter()
    async def wake(self) -> None:
        """After each restore, the weights go back to the GPU."""
        await self.engine.wake_up()

'''
SEEING = {
    "image_limit": '                limit_mm_per_prompt={"image": MAX_IMAGES, "video": 0, "audio": 0},\n',
    "with_images": """\
            if answer.images:
                prompt["multi_modal_data"] = {"image": answer.images}
""",
    "counted": """\
                    if answer.images:  # they have become tokens of the prompt
                        answer.prompt_tokens = len(output.prompt_token_ids)
                        answer.limit = min(answer.max_tokens, self.context - answer.prompt_tokens - 1)
""",
    "or_images": " or bool(answer.images)",
    "reason_images": """\
        if answer.images:
            prompt["multi_modal_data"] = {"image": answer.images}
""",
    "reason_counted": """\
                if answer.images:  # they have become tokens of the prompt
                    thought.thinking.limit(answer, self.context - len(output.prompt_token_ids) - 1)
""",
    "too_long": """\
        except ValueError as error:
            if not answer.images or "longer than the maximum model length" not in str(error):
                raise
            answer.refused = f"the prompt and its images fill the model's context of {self.context} tokens"
            return
""",
}

PLAIN = {
    "lora_options": "",
    "choose_adapter": "",
    "generate": "            async with "
    'contextlib.aclosing(self.engine.generate(prompt, sampling, f"{next(self.names)}")) as outputs:',
}
ONE_LORA = """\
                enable_lora=True,
                max_loras=1,
                max_lora_rank=lora_rank(),
"""
SEVERAL_LORAS = """\
                enable_lora=True,
                # On a CPU, a call without an adapter reads the last place for one: it has to stay empty.
                max_loras=len(ADAPTERS) + current_platform.is_cpu(),
                max_lora_rank=lora_rank(),
"""
WITH_ADAPTERS = """\
            answering = self.engine.generate(prompt, sampling, f"{next(self.names)}", lora_request=lora)
            async with contextlib.aclosing(answering) as outputs:"""


def _adapters(plan: Plan) -> dict[str, str]:
    """What the engine is told of adapters."""
    if not plan.adapter:
        return PLAIN
    several = len(plan.adapter) > 1
    asked = 'answer.sampling.pop("adapter", None)' if several else ""
    return {
        "lora_options": SEVERAL_LORAS if several else ONE_LORA,
        "choose_adapter": f"        lora = lora_request({asked})\n",
        "generate": WITH_ADAPTERS,
    }


def _reasoning(plan: Plan, seeing: Mapping[str, str], adapters: Mapping[str, str]) -> dict[str, str]:
    """What comes before an answer; the adapter that answers has reasoned as well."""
    lora = bool(plan.adapter)
    named = {"lora_parameter": ", lora" if lora else "", "lora_argument": ", lora_request=lora" if lora else ""}
    method = part(plan.inference_engine, "reason").substitute(seeing, **named)
    return {
        "reason_first": adapters["choose_adapter"]
        + f"        tokens = await self.reason(answer, tokens{named['lora_parameter']})\n",
        "choose_adapter": "",
        "reason_method": method.rstrip() + "\n\n",
    }


def values(plan: Plan, common: Mapping[str, str]) -> dict[str, str]:
    """What goes into the placeholders of the app that are this engine's own; `common` are those of every engine."""
    engine, choice = plan.inference_engine, read_gpu(plan.gpu)
    backend = backend_named(plan.backend)
    dtype = "auto" if choice.gpu.has_bf16 else engine.dtypes.gpu_without_bf16
    cache = NO_CACHE if plan.fast_start else WITH_CACHE
    sleeps, seeing = plan.snapshot == "gpu", images.own_values(plan, SEEING, {})
    thinks = plan.has_thinking
    if thinks and plan.sees:
        seeing["counted"] = COUNTED_WITH_REASONING
    adapters = _adapters(plan)
    own = {
        "limit": LIMIT_WITH_REASONING if thinks else LIMIT,
        **(_reasoning(plan, seeing, adapters) if thinks else {"reason_first": "", "reason_method": ""}),
        "vllm_backend": literal((engine.backends or {})[plan.backend]),
        "wake": WAKE if sleeps else "",
        "sleep_mode": "                enable_sleep_mode=True,\n" if sleeps else "",
        "after_load": cache["keep_cache"] + ("\n        await self.engine.sleep()" if sleeps else ""),
    }
    return {
        "modules": "contextlib itertools",
        "from_imports": "",
        "batching_note": "vLLM takes each call in beside those that it is answering.",
        "constants": "\n".join(
            [
                f"MAX_CALLS = {engine.max_batch}  # at once in one container; more wait",
                f"GPUS = {choice.count}",
                f"DTYPE = {literal(dtype)}",
                f"MEMORY_SHARE = {engine.memory_share}  # of the GPU's memory; what the weights leave is for answers",
                f"FAST_START = {plan.fast_start}  # ready sooner, and slower from then on",
                f"SCHEMA_OPTIONS = {data_literal(dict(backend.schema_options))}",
            ]
        ),
        "more_volumes": cache["more_volumes"],
        "more_mounts": cache["more_mounts"],
        "image": part(engine, "image")
        .substitute(common, cache_env=cache["cache_env"], more_packages=seeing["more_packages"])
        .rstrip(),
        "max_inputs": "MAX_CALLS",
        "own_answer": "",
        "generator": part(engine, "generator").substitute(common, **(adapters | own), **seeing).rstrip(),
    }
