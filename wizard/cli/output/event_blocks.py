"""What events say to a person, as blocks: a failure, a sample, and the end of a job with what can be done next."""

from __future__ import annotations

import json
from collections.abc import Iterator

from wizard.cli.output.layout import Block, Exact, Paragraph
from wizard.cli.output.plan_summary import cost_measured
from wizard.core.access_token import clean, clean_line
from wizard.core.events import Finished, SampleReady
from wizard.core.problem import Problem
from wizard.core.steps import TITLES


def problem_blocks(problem: Problem) -> Iterator[Block]:
    """What happened, and what to do now. What somebody has chosen is no failure."""
    if problem.code == "not_agreed":
        yield Paragraph(clean_line(problem.message))
        return
    where = f"{TITLES[problem.step]}: " if problem.step in TITLES else ""
    if problem.code == "interrupted":
        yield Paragraph(where + clean_line(problem.message, 1000), "! ", "warning")
    else:
        yield Paragraph(where + clean_line(problem.message, 1000), "✗ failed  ", "bad", hang=2)
    if problem.hint:
        yield Paragraph(clean_line(problem.hint, 1000), "  → ", "command")
    if problem.url:
        yield Exact(f"    {problem.url}", "command")
    if problem.raw and problem.code != "internal_error" and problem.raw not in problem.message:
        yield Paragraph(f"response: {clean_line(problem.raw, 300)}", "    ", text_style="quiet")
    yield from next_blocks(problem)


def next_blocks(problem: Problem) -> Iterator[Block]:
    """The commands that may help, each with when it does."""
    for each in problem.next:
        yield Paragraph(f"`{each.command}`  {each.when}", "  Next: ", hang=8)


def sample_blocks(event: SampleReady, *, with_reasoning: bool) -> Iterator[Block]:
    """The prompt, what is to be said of the answer beside it, and what was reasoned where it was not streamed."""
    cold = ", cold start" if event.cold else ""
    yield Paragraph(clean_line(event.prompt, 300), "  Prompt  ", "quiet")
    if event.valid:
        yield Paragraph(f"valid (checked independently), {event.seconds:.2f} s{cold}", "  Sample  ", text_style="good")
    else:
        wrong = "refused" if event.refused else "cut short" if event.truncated else "NOT valid"
        yield Paragraph(f"{wrong}, {event.seconds:.2f} s{cold}", "  Sample  ", text_style="bad")
    if with_reasoning and (thoughts := event.reasoning.strip()):
        yield Paragraph(f"Reasoned ({event.reasoning_tokens} tokens)", "  ", text_style="quiet")
        yield from (Paragraph(line, "    ", text_style="quiet") for line in thoughts.splitlines())


def answer_text(event: SampleReady) -> str:
    """The answer itself, laid out where it is JSON."""
    value = event.value if event.value is not None else event.text
    return clean(value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False))


def finished_blocks(event: Finished, *, rehearsal: bool) -> Iterator[Block]:
    """How long it took, what it cost, and what can be done next: commands and programs to be copied."""
    if event.dry_run:
        yield Paragraph(f"Nothing was changed (--dry-run). Took {event.seconds:.1f} s.")
        return
    yield Paragraph(f"Done in {event.seconds:.1f} s: app {event.app} in environment {event.environment}.")
    if event.cost is not None and event.cost.total:
        yield from cost_measured(event.cost, rehearsal=rehearsal)
    if event.next:
        yield Exact("")
    programs = [word for word, text in event.next.items() if "\n" in text]
    for word, command in event.next.items():
        if word not in programs:
            yield Exact(f"  {word:<6} {clean(command)}", "command")  # in one line, to be copied
    if event.endpoint and programs:
        yield from map(Exact, event.next[programs[0]].splitlines())
        flag = " --rehearse" if event.rehearsal else ""
        others = ", ".join(programs[1:])
        yield Exact(f"  more   outlines-wizard status {event.app}{flag}    (the same for {others})", "command")
