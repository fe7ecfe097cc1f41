"""What the sample's screen says: which function is asked, its answer in figures, and how to go on from here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.highlight import highlight

from wizard.core.access_token import clean
from wizard.core.events import SampleReady
from wizard.core.gpus import read_gpu
from wizard.core.output_type import OutputType
from wizard.core.plan import Plan
from wizard.tui.command_line import call_command, logs_command, python_snippet, teardown_command

NOT_LASTING = (
    "This is a rehearsal that ends with the wizard, and the function with it. To keep one, run "
    "“outlines-wizard rehearse” in another terminal first."
)


@dataclass(frozen=True)
class Target:
    """Which function is asked. `output` None: the function itself says what its output type is."""

    app: str
    prompt: str = ""
    max_tokens: int | None = None
    output: OutputType | None = None
    model: str = "the model"
    gpu: str = ""

    @classmethod
    def of(cls, plan: Plan) -> Target:
        """The function that a plan deploys."""
        return cls(plan.app, plan.prompt, plan.max_tokens, plan.output, plan.model, plan.gpu)


def ways(app: str, prompt: str, *, environment: str | None, rehearsal: bool) -> list[tuple[str, str]]:
    """How to use, look at and undo a function: a word and what to type."""
    place = None if environment == "main" else environment
    return [
        ("Python", python_snippet(app, prompt, place)),
        ("Shell", call_command(app, prompt, rehearsal=rehearsal)),
        ("Log", logs_command(app, rehearsal=rehearsal)),
        ("Undo", teardown_command(app, rehearsal=rehearsal)),
    ]


def ways_content(known: Sequence[tuple[str, str]], *, lasting: bool) -> Content:
    """The ways, numbered by the keys that copy them."""
    parts: list[Content] = []
    for number, (word, text) in enumerate(known, 1):
        parts.append(Content.styled(f"{number}  {word}", "bold $primary"))
        parts.append(highlight(clean(text), language="python" if word == "Python" else "bash"))
    if not lasting:
        parts.append(Content.styled(NOT_LASTING, "$warning"))
    return Content("\n").join(parts)


def figures(sample: SampleReady, gpu: str, rates: Mapping[str, float] | None, *, rehearsal: bool) -> Content:
    """How long it took and what it cost, in one line."""
    parts = [f"{sample.seconds:.2f} s ({'cold start' if sample.cold else 'warm'})"]
    known = {"load": "loading", "compile": "compiling", "generate": "generating"}
    seconds = {word: sample.timings[key] for key, word in known.items() if key in sample.timings}
    parts += [f"{word} {took:.2f} s" for word, took in seconds.items() if sample.cold or word == "generating"]
    tokens, generate = getattr(sample, "tokens", None), sample.timings.get("generate")
    if tokens and generate:
        parts.append(f"{tokens / generate:.0f} tokens a second")
    if gpu:
        dollars = read_gpu(gpu).dollars_per_hour(rates) * sample.seconds / 3600
        parts.append(f"{'on Modal about ' if rehearsal else 'about '}${dollars:.4f}")
    return Content.styled(" · ".join(parts), "$text-muted")


def output_text(sample: SampleReady) -> tuple[str, str]:
    """What the function said, as a person reads it, and the language that it is in."""
    value = sample.value
    if isinstance(value, dict | list):
        return clean(json.dumps(value, indent=2, ensure_ascii=False)), "json"
    return clean(sample.text), "text"
