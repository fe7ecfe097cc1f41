"""Both engines side by side: the start, the hour, the price, and how many answers fit at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.plan.test_engine_choice import facts
from tests.support.plans import plan
from wizard.core.inference.engine_registry import engine_named
from wizard.core.plan.cost import Prices, estimate
from wizard.core.plan.draft import Draft
from wizard.core.plan.inference_engine.advice import figures_table, figures_words, option_sentences, proposals
from wizard.core.plan.inference_engine.figures import EngineFigures, Load, compare_engines
from wizard.core.sizing.answers_at_once import answers_at_once
from wizard.core.sizing.gpus import read_gpu
from wizard.core.sizing.memory_fit import TokenBudget
from wizard.flow.operate.batch.run import large_batch_proposal

VLLM, TRANSFORMERS = engine_named("vllm"), engine_named("transformers")


def figures(billions: float, gpu: str, max_tokens: int = 512, **more: Any) -> tuple[EngineFigures, EngineFigures]:
    """transformers, and vLLM."""
    choice = read_gpu(gpu)
    load = Load(choice, max_tokens, 120, **more)
    slow, fast = compare_engines(facts(billions), load, Prices.of(choice, None).gpu)
    assert (slow.engine, fast.engine) == ("transformers", "vllm")
    return slow, fast


@pytest.mark.parametrize(("billions", "gpu"), [(0.135, "T4"), (1, "L4"), (8, "L4"), (8, "H100"), (70, "H100:4")])
def test_vllm_starts_later_and_answers_more_under_load(billions: float, gpu: str) -> None:
    slow, fast = figures(billions, gpu)
    assert fast.start_seconds > slow.start_seconds + 30
    assert fast.dollars_now_and_then > slow.dollars_now_and_then, "one call that wakes a container is cheaper without"
    ratio = fast.per_hour_at_once / slow.per_hour_at_once
    assert 1.6 <= ratio <= 25, f"{ratio:.1f} times as many; measured on a CPU, where batches gain least: 1.6 to 4"
    assert fast.dollars_at_once < slow.dollars_at_once < slow.dollars_one_at_a_time
    for each in (slow, fast):
        assert each.per_hour_at_once > each.per_hour_one_at_a_time
        assert "many come at once" in figures_words(each)
    header, first, second = figures_table((slow, fast))
    assert header.split() == ["starts", "now", "and", "then", "one", "at", "a", "time", "many", "at", "once"]
    assert first.startswith("transformers") and second.endswith(f"({fast.at_once})")


def test_a_batch_is_as_long_as_its_longest_answer() -> None:
    """With answers of one length, static batches lose nothing but their size."""
    (slow, fast), (short, short_fast) = figures(8, "L4"), figures(8, "L4", max_tokens=200)
    assert short.per_hour_at_once > 1.5 * slow.per_hour_at_once
    assert short_fast.per_hour_at_once == pytest.approx(fast.per_hour_at_once, rel=0.05)


def test_what_cannot_run_there_says_why_and_has_no_figures() -> None:
    _, fast = figures(1, "none")
    assert fast.why_not and not fast.at_once and "not possible here" in figures_words(fast)
    slow, fast = compare_engines(facts(8, "awq"), Load(read_gpu("L4"), 512, 120), 0.0003)
    assert "awq" in slow.why_not and fast.per_hour_at_once
    slow, _ = figures(70, "L4")
    assert "GiB short" in slow.why_not


def test_a_price_below_a_tenth_of_a_cent_is_not_nothing() -> None:
    cheap = replace(figures(8, "L4")[1], dollars_at_once=0.0002)
    assert "under $0.001 if many come at once" in figures_words(cheap) and "under $0.001, " in figures_table([cheap])[1]


def test_the_fast_start_costs_speed() -> None:
    (_, plain), (_, eager) = figures(8, "H100"), figures(8, "H100", fast_start=True)
    assert eager.start_seconds < plain.start_seconds - 20 and eager.answer_seconds > plain.answer_seconds
    vllm = plan(engine="vllm", gpu="H100")
    assert "off" in option_sentences(vllm)["fast_start"] and "snapshot" not in option_sentences(vllm)
    both = option_sentences(replace(vllm, fast_start=True, snapshot="gpu"))
    assert "on: starts about" in both["fast_start"] and "experiment" in both["snapshot"]
    assert option_sentences(plan()) == {}
    assert (
        option_sentences(plan(fast_start=True))["fast_start"]
        == "on: it has no effect with transformers, only with vLLM."
    )
    assert estimate(replace(vllm, fast_start=True), 10**9).cold_start < estimate(vllm, 10**9).cold_start


def test_an_endpoint_proposes_vllm_and_nothing_else_does() -> None:
    both = figures(8, "L4")
    (sentence,) = proposals(plan(endpoint=True), both)
    assert "--engine vllm" in sentence and "an hour instead of" in sentence
    assert not proposals(plan(), both)
    assert not proposals(plan(endpoint=True, engine="vllm"), both)
    assert not proposals(plan(endpoint=True, gpu="none"), figures(1, "none"))


def test_the_cache_takes_what_is_left_and_says_for_how_many_answers() -> None:
    budget, l4 = TokenBudget(), read_gpu("L4")
    found = answers_at_once(facts(8), budget, l4, VLLM)
    left = 22.03 * 0.92 - 16e9 / 2**30 - 2.0
    assert found.takes_all and 0 < left - found.room < 0.5, "but what reading a prompt takes"
    assert found.fit == int(found.room * 2**30 / (131072 * (1024 + 512)))
    assert f"{found.fit} answers of 1,536 tokens" in found.sentence
    many = answers_at_once(facts(1), budget, read_gpu("H100"), VLLM)
    assert many.answers == 256 < many.fit and "256 at once at the most" in many.sentence
    assert answers_at_once(facts(8), budget, read_gpu("T4"), VLLM).answers == 0
    static = answers_at_once(facts(1), budget, l4, TRANSFORMERS)
    assert static.answers <= 32 and not static.takes_all


def test_heads_that_are_on_several_gpus_are_counted_on_each() -> None:
    model = facts(8, num_key_value_heads=2)
    four, two = (answers_at_once(model, TokenBudget(), read_gpu(each), VLLM) for each in ("L4:4", "L4:2"))
    assert four.fit < 2 * two.fit * (four.room / two.room) / 1.9, "of two heads, four GPUs hold each twice"


@pytest.mark.parametrize(
    ("draft", "lines", "missing", "said"),
    [
        (Draft(gpu="L4"), 500, (), True),
        (Draft(gpu="L4", engine="transformers"), 10_000, (), True),
        (Draft(gpu="L4"), 499, (), False),
        (Draft(gpu="L4", engine="vllm"), 10_000, (), False),
        (Draft(gpu="none"), 10_000, (), False),
        (Draft(gpu="L4"), 10_000, ("vllm",), False),
        (Draft(gpu="L4", engine="a-later-one"), 10_000, (), False),
    ],
)
def test_a_large_batch_proposes_vllm_in_a_sentence(
    draft: Draft, lines: int, missing: tuple[str, ...], said: bool
) -> None:
    sentence = large_batch_proposal(draft, "my-app", lines, missing)
    assert bool(sentence) == said
    assert not said or (f"{lines:,} lines" in sentence and "--engine vllm" in sentence and "my-app" in sentence)
