"""Which inference engine a plan gets, and why: as a table of what is asked for and of what the model is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.plans import COMMIT
from wizard.core.models.configuration import with_config
from wizard.core.models.model_info import ModelFacts, ModelFile
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan_file import read_plan, write_plan
from wizard.core.problem import ExitCode, Problem
from wizard.flow.deploy.repeat_command import deploy_command

LLAMA = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 8192,
}
DRAFT = Draft(model="acme/model", output=CHARACTER)
VLLM_ONLY = {"model_type": "chatglm", "architectures": ["ChatGLMModel"]}


def facts(billions: float = 8, quantisation: str | None = None, **config: Any) -> ModelFacts:
    """A Llama of so many billion parameters, with changes of its configuration."""
    files = (
        ModelFile("config.json", 700),
        ModelFile("tokenizer.json", 7000),
        ModelFile("model.safetensors", int(billions * 2e9)),
    )
    bare = ModelFacts("acme/model", "acme/model", COMMIT, "open", False, False, files=files)
    bare = replace(bare, parameters={} if quantisation else {"BF16": int(billions * 1e9)}, quantisation=quantisation)
    return with_config(bare, LLAMA | config)


@pytest.mark.parametrize(
    ("asked", "model", "engine", "why"),
    [
        ({}, facts(), "transformers", "ready sooner"),
        ({"engine": "auto", "max_containers": 1, "gpu": "H100"}, facts(), "transformers", "ready sooner"),
        ({"engine": "vllm"}, facts(), "vllm", "as you asked"),
        ({"engine": "transformers", "gpu": "H100:2"}, facts(), "transformers", "as you asked"),
        ({"gpu": "H100:2"}, facts(), "vllm", "both GPUs at the same time"),
        ({}, facts(200), "vllm", "fits on no single GPU"),
        ({}, facts(8, "fp8"), "vllm", "FP8 weights as small as they are stored"),
        ({}, facts(8, "mxfp4"), "vllm", "MXFP4"),
        ({}, facts(8, "awq"), "vllm", "AWQ weights, which transformers does not"),
        ({}, facts(8, "gptq"), "vllm", "GPTQ"),
        ({}, facts(8, "compressed-tensors"), "vllm", "COMPRESSED-TENSORS"),
        ({"max_containers": 4}, facts(), "vllm", "4 containers"),
        ({}, facts(**VLLM_ONLY), "vllm", "transformers does not load"),
        ({"gpu": "none", "max_containers": 4}, facts(1), "transformers", "without a GPU"),
        ({"endpoint": True}, facts(), "transformers", "ready sooner"),
        ({"max_containers": 4, "backend": "xgrammar"}, facts(), "transformers", "has no structured-output backend"),
        ({"gpu": "H100:3"}, facts(), "transformers", "cannot split the 32 attention heads"),
    ],
)
def test_what_runs_the_model(asked: dict[str, Any], model: ModelFacts, engine: str, why: str) -> None:
    draft = replace(DRAFT, **asked)
    chosen = draft.engine_for(model)
    assert (chosen.engine.name, why in chosen.why) == (engine, True), chosen.why
    plan = draft.finish(model)
    assert plan.engine == engine
    again = replace(DRAFT, **(asked | {"engine": engine})).finish(model)
    assert again == plan, "it is resolved once: naming what was chosen is the same plan"


def test_a_demo_without_vllm_stays_with_transformers_and_says_so() -> None:
    chosen = replace(DRAFT, max_containers=2).engine_for(facts(), missing=("vllm",))
    assert chosen.engine.name == "transformers" and "make vllm" in chosen.why
    for draft, model in ((replace(DRAFT, engine="vllm"), facts()), (DRAFT, facts(**VLLM_ONLY))):
        with pytest.raises(Problem) as caught:
            draft.finish(model, missing=("vllm",))
        assert (caught.value.code, caught.value.exit_code) == ("engine_missing", ExitCode.USAGE)
        assert "make vllm" in caught.value.message + caught.value.hint
    assert DRAFT.finish(facts(), missing=("vllm",)).engine == "transformers"


@pytest.mark.parametrize(
    ("gpu", "heads", "says"),
    [("H100:4", 14, "1 or 2"), ("L4:8", 12, "1, 2, 4 or 6"), ("H100:3", 32, "1, 2, 4 or 8")],
)
def test_heads_that_do_not_divide_are_refused_with_the_counts_that_work(gpu: str, heads: int, says: str) -> None:
    model = facts(num_attention_heads=heads, num_key_value_heads=2, hidden_size=128 * heads)
    with pytest.raises(Problem) as caught:
        replace(DRAFT, engine="vllm", gpu=gpu).finish(model)
    assert caught.value.code == "gpu_count_unsuitable" and says in caught.value.hint
    assert "--gpu" in caught.value.hint


def test_no_number_of_gpus_is_recommended_that_does_not_divide_the_heads() -> None:
    odd = facts(100, num_attention_heads=28, num_key_value_heads=4, hidden_size=28 * 128)
    assert replace(DRAFT, engine="vllm").finish(odd).gpu in ("H200:2", "B200:2", "B300:1", "B300"), "not 8"
    huge = facts(500, num_attention_heads=28, num_key_value_heads=4, hidden_size=28 * 128)
    assert replace(DRAFT, engine="vllm").finish(huge).gpu.endswith(":4")


def test_packed_weights_that_need_a_newer_gpu_are_refused_on_a_t4() -> None:
    small = facts(2, "mxfp4")
    with pytest.raises(Problem) as caught:
        replace(DRAFT, engine="vllm", gpu="T4").finish(small)
    assert caught.value.code == "gpu_unsuitable" and "MXFP4" in caught.value.message and "--gpu L4" in caught.value.hint
    assert replace(DRAFT, engine="vllm").finish(small).gpu == "L4", "the cheapest that can"
    asked = replace(DRAFT, gpu="T4").engine_for(small)
    assert asked.engine.name == "transformers" and "newer GPUs" in asked.why, "which unpacks them"
    assert replace(DRAFT, engine="vllm", gpu="T4").finish(facts(2, "awq")).gpu == "T4"


def test_what_only_one_engine_loads_is_refused_where_that_one_does_not_suit() -> None:
    with pytest.raises(Problem) as caught:
        replace(DRAFT, backend="xgrammar").finish(facts(**VLLM_ONLY))
    assert caught.value.code == "engine_unsuitable" and "xgrammar" in caught.value.message


def test_the_choice_is_written_down_and_repeated() -> None:
    draft = replace(DRAFT, engine="vllm", snapshot="gpu", fast_start=True)
    plan = draft.finish(facts())
    read = read_plan(write_plan(plan), "it", Draft)
    assert (read.engine, read.snapshot, read.fast_start) == ("vllm", "gpu", True)
    assert read.finish(facts()) == plan
    text = deploy_command(draft).text
    assert "--engine vllm" in text and "--snapshot gpu" in text and text.count("--fast-start") == 1
    assert "--engine" not in deploy_command(DRAFT).text


def test_an_app_of_another_version_says_what_runs_it() -> None:
    """Plans from before there was a choice name no engine; a later version may name one that is not known here."""
    lines = [line for line in write_plan(DRAFT.finish(facts())).splitlines() if not line.startswith("engine")]
    before = read_plan("\n".join(lines), "it", Draft)
    assert before.engine is None and before.engine_label == "transformers"
    later = replace(before, engine="sglang")
    assert (later.engine_label, later.named_engine, later.deployed_engine.name) == ("sglang", None, "transformers")
