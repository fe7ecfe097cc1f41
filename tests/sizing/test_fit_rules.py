"""What config.json and the Hub's listing say of memory: every kind of attention, packing and nesting, and nonsense."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.inference.engine_registry import DEFAULT_ENGINE as USUAL
from wizard.core.models.architecture import read_architecture
from wizard.core.models.configuration import quantisation_of
from wizard.core.models.loading import loading_notes, why_not_quantised
from wizard.core.models.model_info import ModelFacts, ModelFile
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.core.problem import ExitCode, Problem
from wizard.core.sizing.gpus import GIB, read_gpu
from wizard.core.sizing.memory_fit import (
    TokenBudget,
    alternatives,
    fit_on,
    fits,
    footprint,
    half_precision,
    reason,
    recommend,
)

LLAMA: dict[str, Any] = {
    "model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32,
    "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256, "max_position_embeddings": 131072,
}  # fmt: skip
PER_TOKEN = 32 * 2 * 8 * 128 * 2  # layers, keys and values, heads, head size, bytes


def facts_of(
    config: dict[str, Any] | None, parameters: dict[str, int] | None = None, size: int = 16_060_522_496
) -> ModelFacts:
    return ModelFacts(
        "acme/m", "acme/m", "c" * 40, "open", private=False, disabled=False,
        files=(ModelFile("model.safetensors", size), ModelFile("config.json", 800)),
        parameters={"BF16": 8_030_261_248} if parameters is None else parameters,
        quantisation=quantisation_of(config or {}),
        shape=read_architecture(config) if config else None,
    )  # fmt: skip


def cache(config: dict[str, Any], tokens: int) -> int:
    shape = read_architecture(config)
    assert shape is not None
    return shape.cache_bytes(tokens)


# --- the cache ----------------------------------------------------------------------------------------------------


def test_grouped_heads_are_counted_once_per_group() -> None:
    assert cache(LLAMA, 1000) == 1000 * PER_TOKEN
    assert cache({**LLAMA, "num_key_value_heads": None}, 1000) == 4 * 1000 * PER_TOKEN
    assert cache({**LLAMA, "head_dim": 256}, 1000) == 2 * 1000 * PER_TOKEN


def test_older_names_of_the_same_things() -> None:
    gpt2 = {"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12, "n_positions": 1024, "vocab_size": 50257}
    assert cache(gpt2, 100) == 100 * 12 * 2 * 768 * 2
    falcon = {"n_layer": 32, "hidden_size": 4544, "n_head": 71, "multi_query": True}
    assert cache(falcon, 100) == 100 * 32 * 2 * 64 * 2
    assert cache({**falcon, "new_decoder_architecture": True, "num_kv_heads": 8}, 100) == 8 * 100 * 32 * 2 * 64 * 2
    mpt = {"n_layers": 32, "d_model": 4096, "n_heads": 32, "attn_config": {"kv_n_heads": None}}
    assert cache(mpt, 100) == 100 * 32 * 2 * 4096 * 2


def test_what_is_nested_for_several_kinds_of_input_is_found() -> None:
    nested = {"model_type": "mistral3", "text_config": LLAMA, "vision_config": {"num_hidden_layers": 99}}
    assert cache(nested, 500) == cache(LLAMA, 500)
    assert cache({"thinker_config": {"text_config": LLAMA}}, 500) == cache(LLAMA, 500)


def test_a_window_bounds_the_layers_that_have_one() -> None:
    per_layer = PER_TOKEN // 32
    assert cache({**LLAMA, "model_type": "mistral", "sliding_window": 4096}, 10_000) == 4096 * PER_TOKEN
    alternating = {**LLAMA, "model_type": "gemma2", "sliding_window": 4096, "head_dim": 128}
    assert cache(alternating, 10_000) == 16 * (4096 + 10_000) * per_layer
    sixth = {**LLAMA, "model_type": "gemma3_text", "sliding_window": 512, "head_dim": 128}
    assert cache(sixth, 10_000) == (27 * 512 + 5 * 10_000) * per_layer
    said = {**LLAMA, "sliding_window": 128, "layer_types": ["sliding_attention", "full_attention"] * 16}
    assert cache(said, 10_000) == 16 * (128 + 10_000) * per_layer
    chunked = {**LLAMA, "attention_chunk_size": 8192, "layer_types": ["chunked_attention"] * 32}
    assert cache(chunked, 10_000) == 8192 * PER_TOKEN


def test_a_window_that_is_switched_off_or_unknown_bounds_nothing() -> None:
    off = {**LLAMA, "model_type": "qwen2", "sliding_window": 4096, "use_sliding_window": False}
    assert cache(off, 10_000) == 10_000 * PER_TOKEN
    assert cache({**LLAMA, "model_type": "brand-new", "sliding_window": 4096}, 10_000) == 10_000 * PER_TOKEN


def test_linear_attention_keeps_a_state_instead_of_a_cache() -> None:
    hybrid = {
        **LLAMA,
        "layer_types": ["linear_attention", "linear_attention", "linear_attention", "full_attention"] * 8,
    }
    assert cache(hybrid, 100_000) < 0.3 * cache(LLAMA, 100_000)
    assert cache(hybrid, 1) > 0.2 * GIB / 32, "the state is there before the first token"


def test_attention_in_intervals_is_counted_where_it_is() -> None:
    """Qwen3-Next as the Hub has it: of 48 layers, 12 attend, and the other 36 keep 2.06 MiB each."""
    config = {
        "model_type": "qwen3_next", "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 16,
        "num_key_value_heads": 2, "head_dim": 256, "intermediate_size": 5120, "vocab_size": 151936,
        "full_attention_interval": 4, "max_position_embeddings": 262144,
    }  # fmt: skip
    attends, state = 12 * 2 * 2 * 256 * 2, 36 * (32 * 128 * 128 * 4 + (2 * 16 + 32) * 128 * 4 * 2)
    assert attends * 32_768 == 0.75 * GIB
    assert cache(config, 32_768) == 0.75 * GIB + state < 0.83 * GIB
    assert cache({**config, "full_attention_interval": 8}, 32_768) < 0.5 * GIB


def test_layers_are_told_by_all_the_names_that_configurations_have() -> None:
    per_layer = PER_TOKEN // 32

    def attending(tokens: int = 1000, **more: Any) -> float:
        one, two = (cache({**LLAMA, **more}, size) for size in (tokens, 2 * tokens))
        return (two - one) / per_layer / tokens  # what grows with the text

    assert attending(model_type="jamba", attn_layer_period=8, attn_layer_offset=4) == 4
    assert attending(model_type="nemotron_h", head_dim=128, hybrid_override_pattern="M-M*" * 8) == 8
    assert attending(model_type="bamba", attn_layer_indices=[9, 18, 27]) == 3
    assert attending(model_type="lfm2", full_attn_idxs=[2, 5]) == 2
    assert attending(model_type="falcon_mamba", state_size=16) == 0
    assert attending(model_type="minimax_text", attn_type_list=[0, 0, 0, 1] * 8) == 8
    assert attending(model_type="brand-new", layers_block_type=["mamba", "attention"] * 16) == 16
    assert attending(model_type="brand-new", block_types=["recurrent", "attention"]) == 16
    assert attending(model_type="exaone4", sliding_window=512, sliding_window_pattern="LLLG") == 8
    assert attending(model_type="cohere2", sliding_window=512, head_dim=128, sliding_window_pattern=8) == 4
    assert attending(model_type="gemma3n_text", sliding_window=512, head_dim=128, num_kv_shared_layers=12) == 4
    assert attending(model_type="brand-new") == 32, "where nothing is known, every layer attends"


def test_global_heads_may_be_larger_than_local_ones() -> None:
    gemma = {**LLAMA, "model_type": "gemma4_text", "head_dim": 256, "sliding_window": 512, "num_hidden_layers": 30}
    local, wide = 25 * 512 * 2 * 8 * 256 * 2, 5 * 10_000 * 2 * 2
    assert cache(gemma, 10_000) == local + wide * 8 * 512, "a global head has 512 numbers, where nothing is said"
    fewer = {**gemma, "global_head_dim": 384, "attention_k_eq_v": True, "num_global_key_value_heads": 2}
    assert cache(fewer, 10_000) == local + wide * 2 * 384
    listed = {**gemma, "per_layer_config": {str(at): {"head_dim": 384} for at in range(5, 30, 6)}}
    assert cache(listed, 10_000) == local + wide * 8 * 384


def test_a_latent_is_cached_whole_and_once() -> None:
    mla = {**LLAMA, "kv_lora_rank": 512, "qk_rope_head_dim": 64, "num_attention_heads": 128}
    assert cache(mla, 1000) == 1000 * 32 * (512 + 64) * 2


def test_all_experts_are_weights_and_those_at_work_are_activations() -> None:
    dense, experts = (
        read_architecture(LLAMA),
        read_architecture({**LLAMA, "num_experts_per_tok": 2, "num_local_experts": 8}),
    )
    assert dense is not None and experts is not None
    assert experts.activation_bytes(1000, 1) > dense.activation_bytes(1000, 1)
    assert experts.cache_bytes(1000) == dense.cache_bytes(1000)


def test_the_budget_is_what_grows_it() -> None:
    small, large = TokenBudget(512, 256), TokenBudget(512, 8192)
    facts = facts_of(LLAMA)
    assert footprint(facts, large, engine=USUAL).cache > footprint(facts, small, engine=USUAL).cache
    one, many = footprint(facts, TokenBudget(), engine=USUAL), footprint(facts, TokenBudget(batch=32), engine=USUAL)
    assert many.cache == pytest.approx(32 * one.cache)
    assert many.weights == one.weights
    short = facts_of({**LLAMA, "max_position_embeddings": 1024})
    assert footprint(short, large, engine=USUAL).cache == pytest.approx(1024 * PER_TOKEN / GIB), (
        "never more than the context"
    )


# --- weights ------------------------------------------------------------------------------------------------------


def test_plain_weights_are_loaded_in_sixteen_bits() -> None:
    single = facts_of(LLAMA, {"F32": 8_030_261_248}, 32_121_044_992)
    assert (
        footprint(single, TokenBudget(), engine=USUAL).weights
        == footprint(facts_of(LLAMA), TokenBudget(), engine=USUAL).weights
    )
    unknown = facts_of(LLAMA, {}, 16_060_522_496)
    assert footprint(unknown, TokenBudget(), engine=USUAL).weights == pytest.approx(16_060_522_496 / GIB), (
        "pickles tell no dtype"
    )
    assert half_precision(read_gpu("T4").gpu, engine=USUAL) == "float16"
    assert half_precision(read_gpu("L4").gpu, engine=USUAL) == "bfloat16"


def test_packed_weights_are_as_large_as_their_file() -> None:
    """The Hub multiplies packed numbers out (huggingface.js, parse-safetensors-metadata): the file tells the truth."""
    config = {**LLAMA, "quantization_config": {"quant_method": "awq", "bits": 4}}
    multiplied = facts_of(config, {"I32": 6_979_321_856, "F16": 1_050_939_392}, 5_730_000_000)
    assert footprint(multiplied, TokenBudget(), engine=USUAL).weights == pytest.approx(5_730_000_000 / GIB)


@pytest.mark.parametrize(("method", "factor"), [("fp8", 2.0), ("mxfp4", 64 / 17)])
def test_what_the_image_unpacks_is_counted_unpacked_and_said(method: str, factor: float) -> None:
    config = {**LLAMA, "quantization_config": {"quant_method": method}}
    inside, around = 7_000_000_000, 1_000_000_000
    parts = footprint(
        facts_of(config, {"U8": inside, "BF16": around}, inside + 2 * around), TokenBudget(), engine=USUAL
    )
    assert parts.weights == pytest.approx((inside * factor + 2 * around) / GIB, rel=0.01)
    assert method in parts.notes[0] and "16 bits" in parts.notes[0]
    assert why_not_quantised(facts_of(config), engine=USUAL) is None


@pytest.mark.parametrize("method", ["gptq", "awq", "bitsandbytes", "compressed-tensors", "brand-new"])
def test_what_the_image_cannot_load_is_refused_before_a_gpu_is_paid_for(method: str) -> None:
    facts = facts_of(
        {**LLAMA, "quantization_config": {"quant_method": method}}, {"I32": 10**9, "F16": 10**9}, 4 * 10**9
    )
    why = why_not_quantised(facts, engine=USUAL)
    assert why and method in why
    with pytest.raises(Problem) as caught:
        Draft(model="acme/m", output=CHARACTER, engine=DEFAULT_ENGINE.name).finish(facts)
    assert caught.value.code == "quantisation_unsupported"
    assert caught.value.exit_code is ExitCode.USAGE
    assert "--model" in caught.value.hint
    (note,) = [each for each in loading_notes(facts, engine=USUAL) if "cannot be deployed" in each]
    assert why in note, "what `check` says is what `deploy` says"
    if method in DEFAULT_ENGINE.quantisations:
        assert DEFAULT_ENGINE.quantisations[method].missing in caught.value.message


def test_without_a_config_the_sizes_stand_in_and_it_is_said() -> None:
    parts = footprint(facts_of(None), TokenBudget(), engine=USUAL)
    assert parts.weights < parts.total - DEFAULT_ENGINE.overhead_gib
    assert "config.json" in parts.notes[0]


# --- the GPU ------------------------------------------------------------------------------------------------------


def test_eight_billion_parameters_want_the_cheapest_gpu_with_room() -> None:
    facts, budget = facts_of(LLAMA), TokenBudget()
    found = recommend(facts, budget, engine=USUAL)
    assert found.choice.spec == "L4"
    verdicts = {each.choice.spec: each.verdict for each in fits(facts, budget, engine=USUAL)}
    assert verdicts["T4"] == "does not fit" and verdicts["H100"] == "fits"
    assert "cheapest" in reason(found, facts, budget, engine=USUAL)
    assert recommend(facts, budget, {"gpu_hour_cost_h100": 0.01}, engine=USUAL).choice.spec == "H100", (
        "at one's own prices"
    )


def test_a_long_answer_of_many_at_once_wants_a_larger_one() -> None:
    facts = facts_of(LLAMA)
    assert recommend(facts, TokenBudget(1024, 512, batch=32), engine=USUAL).choice.gpu.memory > 24
    compact = fit_on(facts, TokenBudget(30_000, 8192), read_gpu("L4"), engine=USUAL)
    assert compact.verdict != "fits"
    assert compact.choice.spec in reason(compact, facts, TokenBudget(30_000, 8192), engine=USUAL)


def test_several_gpus_only_when_one_is_not_enough_and_then_with_slack() -> None:
    huge = facts_of({**LLAMA, "num_hidden_layers": 126}, {"BF16": 200_000_000_000}, 400_000_000_000)
    found = recommend(huge, TokenBudget(), engine=USUAL)
    assert found.choice.count == 2
    assert found.footprint.overhead > 2 * DEFAULT_ENGINE.overhead_gib, "a layer is not cut in two"
    assert "exceed a single GPU" in reason(found, huge, TokenBudget(), engine=USUAL)
    with pytest.raises(Problem) as caught:
        recommend(facts_of(LLAMA, {"BF16": 10**13}, 2 * 10**13), TokenBudget(), engine=USUAL)
    assert caught.value.code == "model_too_large"


def test_a_gpu_that_is_certainly_too_small_is_refused_with_one_that_is_not() -> None:
    with pytest.raises(Problem) as caught:
        Draft(model="acme/m", output=CHARACTER, gpu="T4").finish(facts_of(LLAMA))
    assert caught.value.code == "gpu_too_small"
    assert "--gpu L4" in caught.value.hint
    assert Draft(model="acme/m", output=CHARACTER, gpu="H100").finish(facts_of(LLAMA)).gpu == "H100"


def test_what_might_serve_better_is_said_with_its_command() -> None:
    tiny = facts_of(LLAMA, {"BF16": 500_000_000}, 10**9)
    ((_, command),) = alternatives(tiny, structured=True, engine=USUAL)
    assert command == "outlines-wizard deploy --rehearse=modal --model acme/m"
    assert not alternatives(facts_of(LLAMA), structured=True, engine=USUAL)
    ((_, endpoint),) = alternatives(facts_of(LLAMA), structured=False, engine=USUAL)
    assert endpoint == "modal endpoint library"


# --- without a GPU ------------------------------------------------------------------------------------------------


def test_a_cpu_holds_weights_and_cache_in_32_bits() -> None:
    small = facts_of({**LLAMA, "num_hidden_layers": 16}, {"BF16": 500_000_000}, 10**9)
    on_gpu, on_cpu = (fit_on(small, TokenBudget(), read_gpu(each), engine=USUAL).footprint for each in ("T4", "none"))
    assert on_cpu.weights == pytest.approx(2 * on_gpu.weights) == pytest.approx(2e9 / GIB)
    assert on_cpu.cache == pytest.approx(2 * on_gpu.cache)
    assert half_precision(read_gpu("none").gpu, engine=USUAL) == "float32"
    assert "no GPU is needed" in reason(
        fit_on(small, TokenBudget(), read_gpu("none"), engine=USUAL), small, TokenBudget(), engine=USUAL
    )
    assert Draft(model="acme/m", output=CHARACTER, gpu="cpu").finish(small).gpu == "none"


def test_no_gpu_is_offered_where_a_small_model_does_without_and_nowhere_else() -> None:
    small = facts_of(LLAMA, {"BF16": 500_000_000}, 10**9)
    (why, command), _ = alternatives(small, structured=True, choice=read_gpu("T4"), engine=USUAL)
    assert command == "outlines-wizard deploy --gpu none --model acme/m"
    assert "$0.29 an hour, and the GPU alone $0.59" in why
    assert len(alternatives(small, structured=True, choice=read_gpu("none"), engine=USUAL)) == 1, (
        "it is on a CPU already"
    )
    assert not alternatives(facts_of(LLAMA), structured=True, choice=read_gpu("L4"), engine=USUAL)


@pytest.mark.parametrize(
    ("config", "parameters", "said"),
    [
        (LLAMA, None, "more than the 12 GiB of a function without a GPU"),
        ({**LLAMA, "quantization_config": {"quant_method": "fp8"}}, {"F8_E4M3": 500_000_000}, "quantised with fp8"),
    ],
)
def test_a_model_that_needs_a_gpu_is_refused_without_one(
    config: dict[str, Any], parameters: dict[str, int] | None, said: str
) -> None:
    with pytest.raises(Problem) as caught:
        Draft(model="acme/m", output=CHARACTER, gpu="none").finish(facts_of(config, parameters))
    assert (caught.value.code, caught.value.exit_code) == ("gpu_needed", ExitCode.USAGE)
    assert said in caught.value.message
    assert "--gpu none" in caught.value.hint


# --- nonsense -----------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = [*LLAMA, "layer_types", "sliding_window", "kv_lora_rank", "qk_rope_head_dim", "text_config", "attn_config",
         "quantization_config", "head_dim", "num_experts_per_tok", "attention_chunk_size", "multi_query",
         "full_attention_interval", "attn_layer_period", "hybrid_override_pattern", "per_layer_config", "block_types",
         "linear_attn_config", "full_attn_idxs", "num_kv_shared_layers", "kv_source_layers", "no_rope_layers",
         "sliding_window_pattern", "linear_num_value_heads", "mamba_d_state", "global_head_dim"]  # fmt: skip
TYPES = ["llama", "qwen3_next", "jamba", "nemotron_h", "gemma4", "mistral3", "deepseek_v4", "zamba2", "hrm_text", "x"]


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(
    changes=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6), whole=st.booleans(), kind=st.sampled_from(TYPES)
)
def test_no_config_breaks_it(changes: dict[str, Any], whole: bool, kind: str) -> None:
    config = ({**LLAMA} if whole else {}) | {"model_type": kind} | changes
    facts = facts_of(config or {"x": 1})
    parts = footprint(facts, TokenBudget(), engine=USUAL)
    assert parts.total >= parts.weights > 0
    assert min(parts.cache, parts.activations, parts.overhead) >= 0
