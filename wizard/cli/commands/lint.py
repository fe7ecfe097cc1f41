"""`lint`: does this output type compile, is every keyword enforced, how fast?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.flags.output import output_flags, read_output
from wizard.cli.output.layout import Block, Exact, Paragraph, Style
from wizard.core.lint.report import BackendReport, LintReport, Proposal, by_place
from wizard.core.models.model_info import ModelFacts
from wizard.core.output.output_type import CHARACTER
from wizard.core.plan.draft import Draft
from wizard.core.problem import ExitCode
from wizard.core.schema.finding import Finding
from wizard.flow.access.check import check_model, find_token
from wizard.flow.lint.lint import lint_output
from wizard.flow.ports.credentials import TOKEN_ORIGINS, Credential
from wizard.flow.ports.services import Ports

SUMMARY = "Does this output type compile, and is every keyword enforced?"
ORDER = 40

MOST_LINES = 40  # of a diff
GLYPHS = {"error": "✗", "warning": "!", "note": "·"}
STYLES: dict[str, Style] = {"error": "bad", "warning": "warning", "note": "quiet"}


@command("lint", short_help=SUMMARY)
@click.option("--model", metavar="ORG/NAME", help="Use this model's tokenizer, and check the prompt against it.")
@click.option("--revision", metavar="REV", help="Branch, tag or commit.")
@click.option("--prompt", metavar="TEXT", help="Prompt to check against the model.")
@click.option("--max-tokens", type=int, metavar="N", help="Longest answer, in tokens; default: proposed.")
@click.option(
    "--token-from",
    type=click.Choice(TOKEN_ORIGINS),
    default="auto",
    help="Where the access token comes from.",
)
@output_flags
async def lint(context: CommandContext, **flags: Any) -> int:
    """Ask the structured-output backends themselves, on this machine, before anything is spent.

    \b
    outlines-wizard lint --schema character.json
    outlines-wizard lint --schema - --backend outlines_core < character.json
    outlines-wizard lint --model org/model --model-class shapes:Invoice --json
    """
    output = await read_output(flags, context.wiring.schema_of_class)
    if output is None and context.session.rehearse:
        output = CHARACTER
    model = flags["model"] or context.wiring.default_model(
        context.session.rehearse, context.session.scenario or "ready"
    )
    draft = Draft(model=model or "no/model", output=output, max_tokens=flags["max_tokens"], backend=flags["backend"])
    draft.check()
    assert output is not None
    async with context.services() as ports:
        facts, found = await _facts(ports, model, flags) if model else (None, None)
        report = await lint_output(
            ports,
            output,
            backend=flags["backend"],
            facts=facts,
            token=found.token if found else None,
            prompt=flags["prompt"],
            max_tokens=flags["max_tokens"],
            engine=draft.engine_for(facts, ports.missing_engines).engine,
        )
    context.reporter.result(report.to_mapping(), blocks(report))
    return int(ExitCode.DONE if report.is_enforced else ExitCode.USAGE)


async def _facts(ports: Ports, model: str, flags: dict[str, Any]) -> tuple[ModelFacts, Credential | None]:
    found = await find_token(ports, flags["token_from"])
    report = await check_model(ports, model, flags["revision"], found)
    if report.facts is None or report.problem is not None:
        assert report.problem is not None
        raise report.problem
    return report.facts, found


def blocks(report: LintReport) -> Iterator[Block]:
    """The report for a person."""
    yield Paragraph(f"{report.output.summary}, with {report.tokenizer}")
    for each in report.backends:
        yield _backend(each, each.name == report.chosen)
        if report.is_enforced and each.name != report.chosen and (why := _why_not(report, each.name)):
            yield Paragraph(why, "    ", text_style="quiet")
    for finding in by_place(report.about(report.chosen) if report.is_enforced else report.findings):
        yield from _finding(finding)
    for proposal in report.proposals:
        yield from _proposal(proposal)
    for note in report.prompt_notes:
        yield Paragraph(note, "! ", "warning")
    for note in report.notes:
        yield Paragraph(note, "· ", "quiet")
    if report.max_tokens is not None:
        yield Paragraph(f"--max-tokens {report.max_tokens}: {report.max_tokens_why}", hang=2)
    if report.is_enforced:
        yield _enforced(report)
    elif report.chosen:
        yield Paragraph(f"Not everything is enforced by {report.chosen}.", "✗ ", "bad")
    else:
        yield Paragraph("None of them enforces everything.", "✗ ", "bad")
    if report.next_step:
        yield Paragraph(report.next_step, "  → ", "command")


def _enforced(report: LintReport) -> Block:
    if report.says_nothing:
        words = f"{report.chosen} enforces every keyword of it, but the schema allows almost anything: see above."
    elif report.misspelled_keywords:
        unknown = " and ".join(dict.fromkeys(report.misspelled_keywords))
        words = f"{report.chosen} enforces every keyword except the unknown {unknown}: see above."
    else:
        return Paragraph(f"Every rule is enforced ({report.chosen}).", "✓ ", "good")
    return Paragraph(words, "! ", "warning")


def _backend(report: BackendReport, chosen: bool) -> Block:
    glyph, word, style = _state(report)
    cost = f", {report.seconds:.3g} s" if report.seconds is not None else ""
    cost += f", {report.memory / 1e6:.0f} MB" if report.memory else ""
    dominates = f"; {report.dominates}" if report.dominates else ""
    more = f"{cost}{dominates}{'  ← chosen' * chosen}" if report.installed and report.compiles else ""
    return Paragraph(f"{word}{more}", f"{glyph} {report.name:<14} {report.version:<8} ", style)


def _state(report: BackendReport) -> tuple[str, str, Style]:
    if not report.installed:
        return " ", "not installed here: from the keyword table only", "quiet"
    if not report.compiles:
        return "✗", "does not compile it", "bad"
    return ("✓", "enforces all", "good") if report.enforced else ("✗", "does not enforce all", "bad")


def _why_not(report: LintReport, backend: str) -> str:
    """What another backend does not enforce, in one line; --json has it with counter-examples."""
    serious = [each for each in report.findings if each.backend == backend and each.severity == "error"]
    reasons = dict.fromkeys(f"{each.keyword} {each.kind}" if each.keyword else each.message for each in serious)
    return "; ".join(list(reasons)[:6])


def _finding(finding: Finding) -> Iterator[Block]:
    yield Paragraph(finding.message, f"{GLYPHS[finding.severity]} ", STYLES[finding.severity])
    if finding.counter_example is not None:
        yield Exact(f"    {finding.counter_example}")


def _proposal(proposal: Proposal) -> Iterator[Block]:
    yield Paragraph(f"{proposal.title} {proposal.why}", "→ ", "command")
    diff = proposal.diff.splitlines()[2:]  # without the names of files that there are not
    for line in diff[:MOST_LINES]:
        yield Exact(f"    {line}", {"+": "good", "-": "bad", "@": "quiet"}.get(line[:1], ""))  # type: ignore[arg-type]
    if len(diff) > MOST_LINES:
        yield Paragraph(f"… {len(diff) - MOST_LINES} lines more; --json has the whole schema", "    ", "quiet")
