"""What the sample's screen says of an answer: the verdict, and the figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from textual.content import Content

from wizard.core.access_token import clean
from wizard.core.events import SampleReady
from wizard.core.plan.cost import call_dollars, dollars
from wizard.core.playground.exchange import Exchange
from wizard.core.problem import Problem
from wizard.flow.deploy.function_calls import check_sample

VALID = "Valid (checked independently)"
_OUTCOMES = {
    "output_truncated": "Cut off at the token limit",
    "sample_refused": "Refused",
    "sample_invalid": "Not valid",
}


def problem_of(sample: SampleReady) -> Problem | None:
    """What is wrong with a sample, as the engine says it; None when it is valid."""
    try:
        check_sample(sample)
    except Problem as problem:
        return problem.at("sample")
    return None


def judged(sample: SampleReady, problem: Problem | None) -> tuple[str, str, str]:
    """Glyph, words and colour of a sample's verdict."""
    if problem is None:
        return "✓", VALID, "$success"
    words = _OUTCOMES.get(problem.code, problem.message)
    if problem.code == "sample_invalid" and sample.errors:
        words += ": " + sample.errors[0]
    return "✗", words, "$error"


def tokens_per_second(sample: SampleReady) -> float | None:
    """How fast the answer was made, with what was reasoned before it; None where the function does not say."""
    generate = sample.timings.get("generate")
    return (sample.tokens + sample.reasoning_tokens) / generate if sample.tokens and generate else None


def spent(sample: SampleReady, gpu: str, rates: Mapping[str, float] | None) -> float | None:
    """Dollars for the seconds of a call on this GPU; None where neither is known."""
    if sample.dollars is None and gpu:
        return call_dollars(gpu, sample.seconds, rates)
    return sample.dollars


def figures(
    sample: SampleReady,
    gpu: str,
    rates: Mapping[str, float] | None,
    *,
    rehearsal: bool,
    before: Sequence[SampleReady] = (),
) -> Content:
    """How long it took and what it cost, in two lines; `before` are the other answers of this function."""
    took = [f"{sample.seconds:.2f} s ({'cold start' if sample.cold else 'warm'})"]
    generate = sample.timings.get("generate")
    if generate is not None:
        took.append(f"answered in {generate:.2f} s")
    if (rate := tokens_per_second(sample)) is not None:
        took.append(f"{rate:.0f} tokens/s")
    more: list[str] = []
    if "first_token" in sample.timings and "rest" in sample.timings:
        more.append(f"first token {sample.timings['first_token']:.2f} s, rest {sample.timings['rest']:.2f} s")
    if sample.cold:
        known = {"load": "loading", "compile": "compiling"}
        more += [f"{word} {sample.timings[key]:.2f} s" for key, word in known.items() if key in sample.timings]
    elif cold := next((other for other in before if other.cold), None):
        more.append(f"cold start {cold.seconds:.2f} s")
    if (price := spent(sample, gpu, rates)) is not None:
        more.append(f"{dollars(price)} on Modal" if rehearsal else f"about {dollars(price)}")
    return Content("\n".join(" · ".join(parts) for parts in (took, more) if parts))


def brief_figures(exchange: Exchange, rates: Mapping[str, float] | None) -> str:
    """Seconds, speed and price of an answer in one short line."""
    sample = exchange.sample
    rate, price = tokens_per_second(sample), spent(sample, exchange.gpu, rates)
    parts = [f"{sample.seconds:.2f} s", f"{rate:.0f} tokens/s" if rate else "", dollars(price) if price else ""]
    return " · ".join(filter(None, parts))


def output_text(sample: SampleReady) -> tuple[str, str]:
    """What the function said, as a person reads it, and the language that it is in."""
    value = sample.value
    if isinstance(value, dict | list):
        return clean(json.dumps(value, indent=2, ensure_ascii=False)), "json"
    text = clean(sample.text)
    return text, language_of(text)


def language_of(text: str) -> str:
    """The language that a text is coloured in: JSON from the first bracket on, while it is still being written too."""
    return "json" if text.lstrip().startswith(("{", "[")) else "text"
