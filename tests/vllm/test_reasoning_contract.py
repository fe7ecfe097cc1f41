"""What the app takes for granted of vLLM where a model reasons first: which tokens come back, and how it ends."""

from __future__ import annotations

import asyncio
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.scripted_model import FAMILY, scripted
from tests.codegen.thinking_families import tokenizer_of
from tests.support.app_process import VLLM_ON_CPU

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not find_spec("vllm"), reason="vLLM is not installed: make vllm"),
]
PROMPT = "<|user|>Is it?<|stop|><|assistant|>\n<think>\n"


async def outcomes(model: Path, prompts: dict[str, tuple[list[int], dict[str, Any]]]) -> dict[str, tuple[Any, Any]]:
    """What vLLM makes of each prompt: the tokens, and the reason that it ended for."""
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.sampling_params import RequestOutputKind, SamplingParams
    from vllm.v1.engine.async_llm import AsyncLLM

    arguments: dict[str, Any] = {"enforce_eager": True, "dtype": "float32", "enable_prefix_caching": True}
    engine = AsyncLLM.from_engine_args(AsyncEngineArgs(model=str(model), max_model_len=512, **arguments))
    defaults = engine.model_config.get_diff_sampling_param()
    found = {}
    try:
        for name, (tokens, options) in prompts.items():
            sampling = SamplingParams(
                **(defaults | {"temperature": 0.0} | options),
                output_kind=RequestOutputKind.FINAL_ONLY,
                detokenize=False,
            )
            async for output in engine.generate({"prompt_token_ids": tokens}, sampling, name):
                found[name] = list(output.outputs[0].token_ids), output.outputs[0].finish_reason
    finally:
        engine.shutdown()
    return found


def test_the_token_that_ends_comes_back_last_and_what_it_ended_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the app can tell its model's own end tag from a budget that is used up, and go on from either."""
    for name, value in VLLM_ON_CPU.items():
        monkeypatch.setenv(name, os.environ.get(name, value))
    tokenizer = tokenizer_of(FAMILY.template, FAMILY.tokens)

    def ids(text: str) -> list[int]:
        found: list[int] = tokenizer(text)["input_ids"]
        return found

    begun, closing = ids(PROMPT), tokenizer.get_vocab()["</think>"]
    found = asyncio.run(
        outcomes(
            scripted(tmp_path / "model"),
            {
                "stop token": (begun, {"max_tokens": 50, "stop_token_ids": [closing]}),
                "end token": (begun, {"max_tokens": 50}),  # the model's own configuration lists the tag
                "budget": (begun, {"max_tokens": 2, "stop_token_ids": [closing]}),
                "going on": ([*begun, *ids("H")], {"max_tokens": 50, "stop_token_ids": [closing]}),
            },
        )
    )
    assert found == {
        "stop token": (ids("Hm.</think>"), "stop"),
        "end token": (ids("Hm.</think>"), "stop"),
        "budget": (ids("Hm"), "length"),
        "going on": (ids("m.</think>"), "stop"),
    }
