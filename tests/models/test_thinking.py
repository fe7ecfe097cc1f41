"""What is known of a model's reasoning before a deploy, what `auto` makes of it, and what the plan counts for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.codegen.thinking_families import FAMILIES, NOT_THINKING
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.architecture import read_architecture
from wizard.core.models.model_info import ModelFacts
from wizard.core.models.thinking import AUTO_TOKENS, check_think, read_thinking, think_tokens
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.cost import estimate
from wizard.core.plan.draft import Draft
from wizard.core.plan.plan_file import read_plan, write_plan
from wizard.core.plan.thinking_advice import thinking_notes
from wizard.core.problem import Problem
from wizard.core.sizing.memory_fit import footprint
from wizard.services.hub.answers import read_facts

CONFIG: dict[str, Any] = {
    "model_type": "llama", "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "hidden_size": 4096, "intermediate_size": 14336, "vocab_size": 128256, "max_position_embeddings": 8192,
}  # fmt: skip
DRAFT = Draft(model="acme/model", output=CHARACTER, max_tokens=200)


def facts(template: str | None, context: int = 8192, **more: Any) -> ModelFacts:
    """A model whose chat template the Hub shows; None: it has one and does not show it."""
    files = [{"rfilename": "model.safetensors", "size": 16 * 10**9}, {"rfilename": "config.json", "size": 900}]
    files += [{"rfilename": "tokenizer.json", "size": 900}]
    if template is None:
        files.append({"rfilename": "chat_template.jinja", "size": 99})
    config = {**CONFIG, "architectures": ["LlamaForCausalLM"], "tokenizer_config": {"chat_template": template or ""}}
    found = read_facts({"id": "acme/model", "sha": "0" * 40, "siblings": files, "config": config, **more}, "acme/model")
    return replace(found, shape=read_architecture(CONFIG | {"max_position_embeddings": context}))


THINKS, ALWAYS, NEVER = FAMILIES["qwen3"].template, FAMILIES["gpt-oss"].template, NOT_THINKING["no tags"]


@pytest.mark.parametrize("where", ["jinja", "text", "named"])
def test_the_template_is_read_wherever_the_hub_shows_it(where: str) -> None:
    named = [{"name": "tool_use", "template": NEVER}, {"name": "default", "template": THINKS}]
    config = {
        "jinja": {"chat_template_jinja": THINKS, "tokenizer_config": {"chat_template": NEVER}},
        "text": {"tokenizer_config": {"chat_template": THINKS}},
        "named": {"tokenizer_config": {"chat_template": named}},
    }[where]
    found = read_facts({"id": "acme/model", "sha": "0" * 40, "config": config}, "acme/model")
    assert found.template_known and found.has_chat_template
    assert found.thinking is not None and found.thinking.closing == "</think>"


@pytest.mark.parametrize(
    ("asked", "template", "context", "tokens"),
    [
        (None, THINKS, 8192, 0),
        ("off", ALWAYS, 8192, 0),
        ("auto", THINKS, 131072, AUTO_TOKENS),
        ("auto", ALWAYS, 4096, 512),
        ("auto", NEVER, 8192, 0),
        ("300", THINKS, 8192, 300),
    ],
)
def test_how_many_tokens_a_plan_lets_the_model_reason(
    asked: str | None, template: str, context: int, tokens: int
) -> None:
    plan = replace(DRAFT, think=asked).finish(facts(template, context))
    assert plan.think_tokens == tokens and plan.think == (str(tokens) if tokens else "off")
    assert plan.has_thinking == (tokens > 0 or template == ALWAYS)
    assert plan.closes_thinking == (template == ALWAYS)
    again = read_plan(write_plan(plan), "x", Draft)
    assert again.think == plan.think


def test_a_model_that_does_not_think_is_refused_before_a_deploy() -> None:
    for template in (NEVER, ""):
        with pytest.raises(Problem) as refused:
            replace(DRAFT, think="200").finish(facts(template))
        assert refused.value.code == "model_does_not_think" and int(refused.value.exit_code) == 2
        assert "does not think before it answers" in refused.value.message


@pytest.mark.parametrize(
    ("asked", "template", "said"),
    [
        ("off", THINKS, "can reason before it answers: --think auto lets it reason up to 1,024 tokens"),
        ("off", ALWAYS, "has no switch for it"),
        ("300", THINKS, "may reason up to 300 tokens"),
        ("off", NEVER, ""),
        ("auto", NEVER, ""),
        ("off", None, ""),
    ],
)
def test_the_plan_says_what_becomes_of_it(asked: str, template: str | None, said: str) -> None:
    model = facts(template)
    notes = thinking_notes(model, replace(DRAFT, think=asked).finish(model))
    assert len(notes) == bool(said) and said in " ".join(notes)


def test_what_the_hub_does_not_show_is_left_to_the_container() -> None:
    assert replace(DRAFT, think="200").finish(facts(None)).think_tokens == 200
    assert replace(DRAFT, think="auto").finish(facts(None)).think_tokens == 0


@pytest.mark.parametrize("value", ["", "on", "-1", "1.5", "131073", "9" * 400, "Off", "2e3"])
def test_what_is_no_budget_is_refused(value: str) -> None:
    with pytest.raises(Problem, match="off, auto, or a number of tokens"):
        check_think("--think", value)
    assert think_tokens(value, read_thinking(THINKS), 8192) >= 0, "a screen asks while somebody types"


def test_a_plan_file_may_have_a_number() -> None:
    assert read_plan("[output]\nthink = 200\n", "x", Draft).think == "200"
    with pytest.raises(Problem, match="think has to be str"):
        read_plan("[output]\nthink = true\n", "x", Draft)


def test_memory_and_cost_know_the_tokens() -> None:
    model = facts(THINKS, 131072)
    few, many = (replace(DRAFT, think=each) for each in ("off", "8000"))
    parts = [footprint(model, each.budget_for(model), engine=DEFAULT_ENGINE) for each in (few, many)]
    per_token = 2 * 2 * 8 * 128 * 32
    assert (parts[1].cache - parts[0].cache) * 2**30 == pytest.approx(8000 * per_token)
    assert parts[0].activations == parts[1].activations, "only a prompt is read at once"
    costs = [estimate(each.finish(model), 16 * 10**9) for each in (few, many)]
    assert costs[1].per_thousand_calls == pytest.approx(41 * costs[0].per_thousand_calls, rel=0.01)
    assert "8000 of them reasoning" in " ".join(costs[1].assumptions)
    assert "reasoning" not in " ".join(costs[0].assumptions)
