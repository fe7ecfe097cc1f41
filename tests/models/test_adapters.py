"""LoRA adapters: what their configuration says, their base model, what each engine serves, and how they are named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wizard.core.inference.architecture_table import read_classes
from wizard.core.inference.engine_registry import engine_named
from wizard.core.models.adapter import (
    BaseModel,
    NoBase,
    adapter_problem,
    base_of,
    read_adapters,
    why_not_usable,
    with_adapter_config,
)
from wizard.core.models.architecture import read_architecture
from wizard.core.models.loading import why_not_loadable
from wizard.core.models.model_info import Adapter, ModelFacts, ModelFile
from wizard.core.problem import ExitCode, Problem
from wizard.core.sizing.gpus import GIB
from wizard.core.sizing.memory_fit import TokenBudget, adapter_bytes, footprint

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PLAIN = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "acme/base", "r": 16}
LLAMA = {
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 8192,
}  # fmt: skip
TRANSFORMERS, VLLM = engine_named("transformers"), engine_named("vllm")


def repository(config: dict[str, Any] | None = None, **more: Any) -> ModelFacts:
    """An adapter's repository, with its configuration where that could be read."""
    files = (ModelFile("adapter_config.json", 900), ModelFile("adapter_model.safetensors", 80_000_000))
    facts = ModelFacts("acme/lora", "acme/lora", COMMIT, "open", False, False, files=files)
    facts = replace(facts, **more)
    return facts if config is None else with_adapter_config(facts, PLAIN | config)


def base(*adapters: ModelFacts) -> ModelFacts:
    """A model of 8B with these adapters."""
    files = (ModelFile("config.json", 700), ModelFile("model.safetensors", 16_000_000_000), ModelFile("tokenizer.json"))
    facts = ModelFacts("acme/base", "acme/base", COMMIT, "open", False, False, files=files, model_type="llama")
    named = tuple(Adapter(f"lora-{at}", each) for at, each in enumerate(adapters))
    return replace(facts, shape=read_architecture(LLAMA), parameters={"BF16": 8_000_000_000}, adapters=named)


@pytest.mark.parametrize(
    ("config", "card", "expected"),
    [
        ({}, None, BaseModel("acme/base")),
        ({"revision": "v2"}, None, BaseModel("acme/base", "v2")),
        ({}, "acme/other", BaseModel("acme/base")),
        ({"base_model_name_or_path": "/home/kim/base"}, "acme/other", BaseModel("acme/other")),
        ({"base_model_name_or_path": "/home/kim/base"}, None, "a folder of another machine, /home/kim/base"),
        ({"base_model_name_or_path": "./base"}, None, "a folder of another machine, ./base"),
        ({"base_model_name_or_path": None}, None, "does not name its base model"),
        ({"base_model_name_or_path": 7}, None, "does not name its base model"),
        (None, "acme/card", BaseModel("acme/card")),
        (None, None, "neither its card nor a file that can be read names it"),
    ],
)
def test_the_base_model_is_the_configurations_word_or_the_cards(
    config: dict[str, Any] | None, card: str | None, expected: BaseModel | str
) -> None:
    found = base_of(repository(config, base_model=card))
    if isinstance(expected, str):
        assert isinstance(found, NoBase) and expected in found.why
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, None),
        ({"task_type": None}, None),
        ({"peft_type": "IA3"}, "an adapter of the kind IA3"),
        ({"peft_type": None}, "an adapter of the kind unknown"),
        ({"task_type": "SEQ_CLS"}, "for another task (SEQ_CLS)"),
        ({"alora_invocation_tokens": [5, 6]}, "in the middle of a prompt"),
    ],
)
def test_what_nothing_applies_is_said(config: dict[str, Any], says: str | None) -> None:
    found = why_not_usable(repository(config))
    assert found is None if says is None else says in (found or "")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, ""),
        ({"rank_pattern": {"q_proj": 64}, "alpha_pattern": {"q_proj": 8}, "use_rslora": True}, ""),
        ({"init_lora_weights": "gaussian"}, ""),
        ({"init_lora_weights": "pissa"}, "the base model's own weights (init_lora_weights pissa)"),
        ({"modules_to_save": ["lm_head"]}, "whole layers"),
        ({"use_dora": True}, "DoRA"),
        ({"bias": "all"}, "biases"),
        ({"r": 1024}, "rank 1024 is more than 512"),
        ({"rank_pattern": {"q_proj": 700}}, "rank 700 is more than 512"),
    ],
)
def test_vllm_serves_plain_lora_and_transformers_what_goes_beyond_it(config: dict[str, Any], says: str) -> None:
    facts = base(repository(config))
    wrong = why_not_loadable(facts, VLLM)
    assert (wrong.why if wrong else "") == "" if not says else says in (wrong.why if wrong else "")
    assert wrong is None or "transformers loads it" in wrong.way_on
    assert why_not_loadable(facts, TRANSFORMERS) is None


@pytest.mark.parametrize(
    ("model_type", "architectures", "served"),
    [
        ("llama", ("LlamaForCausalLM",), True),
        ("qwen3", (), True),
        ("mistral3", ("Mistral3ForConditionalGeneration",), True),
        ("gpt2", ("GPT2LMHeadModel",), False),
        ("falcon", (), False),
    ],
)
def test_some_models_have_no_adapters_in_vllm(model_type: str, architectures: tuple[str, ...], served: bool) -> None:
    facts = replace(base(repository({})), model_type=model_type, architectures=architectures)
    wrong = why_not_loadable(facts, VLLM)
    assert (wrong is None) is served and why_not_loadable(facts, TRANSFORMERS) is None
    assert served or (wrong is not None and "serves no adapters" in wrong.why)
    assert why_not_loadable(replace(facts, adapters=()), VLLM) is None
    assert len(read_classes(VLLM.without_lora) & VLLM.table.by_class.keys()) < len(VLLM.table.by_class) / 2


def test_memory_counts_adapters_as_each_engine_holds_them() -> None:
    one, two = base(repository({})), base(repository({}), repository({"r": 48}))
    assert adapter_bytes(base(), VLLM) == adapter_bytes(base(), TRANSFORMERS) == 0
    assert adapter_bytes(two, TRANSFORMERS) == 2 * 80_000_000
    # Room for rank 64, the next that vLLM knows: in each of 32 layers 8 widths of 4096, and 3 of 4096 + 14336.
    assert adapter_bytes(two, VLLM) == 2 * 2 * 64 * 32 * (8 * 4096 + 3 * (4096 + 14336))
    assert adapter_bytes(one, VLLM) == 2 * 16 * 32 * (8 * 4096 + 3 * (4096 + 14336))
    without, with_two = (footprint(each, TokenBudget(), engine=VLLM) for each in (base(), two))
    assert with_two.weights - without.weights == pytest.approx(adapter_bytes(two, VLLM) / GIB)
    assert any("for adapters" in note for note in with_two.notes)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["acme/support-lora"], ["support-lora=acme/support-lora"]),
        (["support=acme/support-lora@v1", "acme/b"], ["support=acme/support-lora@v1", "b=acme/b"]),
        ([f"a=acme/a@{COMMIT}"], [f"a=acme/a@{COMMIT}"]),
        (["a=https://huggingface.co/acme/a/tree/v2"], ["a=acme/a@v2"]),
    ],
)
def test_adapters_are_named_and_read_back(texts: list[str], expected: list[str]) -> None:
    found = [str(each) for each in read_adapters("--adapter", tuple(texts))]
    assert found == expected
    assert [str(each) for each in read_adapters("--adapter", tuple(found))] == expected


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["a b=acme/a"], "cannot be called 'a b'"),
        (["=acme/a", "acme/a"], "Two adapters are called 'a'"),
        (["acme/a", "other/a"], "Two adapters are called 'a'"),
        (["a=not a name"], "is not the name of a model"),
        ([f"acme/a{n}" for n in range(9)], "9 adapters are more than 8"),
    ],
)
def test_names_that_cannot_be_are_told(texts: list[str], says: str) -> None:
    with pytest.raises(Problem, match=says) as raised:
        read_adapters("--adapter", tuple(texts))
    assert raised.value.exit_code is ExitCode.USAGE


def test_a_call_can_name_one_of_several() -> None:
    two = (f"a=acme/a@{COMMIT}", f"b=acme/b@{COMMIT}")
    assert adapter_problem("a", "app", two) is None
    for name, texts, says in (
        ("c", two, "It has a, b"),
        ("a", two[:1], "Leave the adapter out"),
        ("a", (), "--adapter"),
    ):
        problem = adapter_problem(name, "app", texts)
        assert problem is not None and says in problem.hint and problem.exit_code is ExitCode.USAGE
