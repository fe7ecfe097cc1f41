"""What is said of inference engines: their figures in a line each, what settings cost, what might serve better."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.core.access_token import clean_line
from wizard.core.inference.engine import InferenceEngine
from wizard.core.plan.inference_engine.figures import ANSWER_TOKENS, LONGEST, PROMPT_TOKENS, EngineFigures
from wizard.core.plan.plan import Plan

BASIS = (
    f"Prices are for 1,000 answers of {ANSWER_TOKENS} tokens, or fewer where the plan says so, to prompts of "
    f"{PROMPT_TOKENS}; estimates. Now and then: each call wakes a container and pays for its idle time. Many at once: "
    f"in brackets how many; a batch of transformers waits for its longest answer, {LONGEST} times the mean."
)
_WIDTHS = (13, 8, 14, 20, 0)


def figures_table(figures: Sequence[EngineFigures]) -> list[str]:
    """Every engine in one line below the names of the columns."""
    rows = [_row("", "starts", "now and then", "one at a time", "many at once")]
    for each in figures:
        if each.why_not:
            rows.append(f"{each.label:<{_WIDTHS[0]}} not possible here: {clean_line(each.why_not, 200)}")
            continue
        one = f"{_price(each.dollars_one_at_a_time)}, {each.per_hour_one_at_a_time:,.0f}/h"
        many = f"{_price(each.dollars_at_once)}, {each.per_hour_at_once:,.0f}/h ({each.at_once})"
        rows.append(_row(each.label, f"{each.start_seconds:.0f} s", _price(each.dollars_now_and_then), one, many))
    return rows


def _row(*cells: str) -> str:
    return " ".join(f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def figures_words(each: EngineFigures) -> str:
    """One engine in one line: its start, and what it does for calls now and then and for many at once."""
    if each.why_not:
        return f"not possible here: {each.why_not}"
    return (
        f"starts in {each.start_seconds:.0f} s; 1,000 answers cost {_price(each.dollars_now_and_then)} if each call "
        f"wakes it, {_price(each.dollars_at_once)} if many come at once ({each.per_hour_at_once:,.0f} an hour)"
    )


def _price(dollars: float) -> str:
    if 0 < dollars < 0.0005:
        return "under $0.001"
    return f"${dollars:,.2f}" if dollars >= 0.095 else f"${dollars:.3f}"


def option_sentences(plan: Plan) -> dict[str, str]:
    """What the settings for a quicker start cost, by setting; only what says something for this plan."""
    engine = plan.inference_engine
    found = {}
    if sentence := _snapshot(plan):
        found["snapshot"] = sentence
    if engine.speed.fast_start_seconds is not None:
        found["fast_start"] = _fast_start(plan, engine)
    elif plan.fast_start:
        found["fast_start"] = f"on: it has no effect with {engine.label}, only with vLLM."
    return found


def _snapshot(plan: Plan) -> str:
    if plan.snapshot == "gpu":
        return (
            "gpu: a container starts from a copy of its memory and the GPU's. This is an experiment of Modal's, and "
            "each new version makes a new copy, which its first start pays for."
        )
    if plan.snapshot == "none":
        return "none: every container imports its libraries and compiles the output type again."
    return ""


def _fast_start(plan: Plan, engine: InferenceEngine) -> str:
    speed = engine.speed
    saved = speed.start() - speed.start(fast=True)
    slower = 1000 * (speed.token(fast=True) - speed.token())
    if plan.fast_start:
        return f"on: starts about {saved:.0f} s sooner, and each token takes about {slower:.0f} ms longer."
    return (
        f"off: {engine.label} compiles at the first start and keeps it in a Volume. --fast-start saves about "
        f"{saved:.0f} s of each start; each token then takes about {slower:.0f} ms longer."
    )


def proposals(plan: Plan, figures: Sequence[EngineFigures]) -> tuple[str, ...]:
    """What might serve better than the engine of a plan: it is proposed, and never taken without being asked for."""
    if not plan.endpoint:
        return ()
    return tuple(_for_many(plan, figures, "An endpoint often gets many calls at once"))


def batch_proposal(engine: InferenceEngine, other: InferenceEngine, lines: int, app: str) -> str:
    """The sentence for a large batch on an engine that makes static batches."""
    return (
        f"{lines:,} lines are many for {engine.label}: deployed with --engine {other.name}, {app} would answer more of "
        "them at once, and start more slowly."
    )


def _for_many(plan: Plan, figures: Sequence[EngineFigures], because: str) -> list[str]:
    now = next((each for each in figures if each.engine == plan.engine), None)
    if now is None or now.why_not:
        return []
    return [
        f"{because}: --engine {each.engine} answers about {each.per_hour_at_once:,.0f} of them an hour instead of "
        f"{now.per_hour_at_once:,.0f}, and starts in {each.start_seconds:.0f} s instead of {now.start_seconds:.0f}."
        for each in figures
        if not each.why_not and each.per_hour_at_once > 1.2 * now.per_hour_at_once
    ]
