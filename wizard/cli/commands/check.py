"""`check`: one verdict about one access token and one model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace

import click

from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.output.event_blocks import next_blocks
from wizard.cli.output.layout import Block, Exact, Facts, Paragraph
from wizard.core.access.verdicts import VERDICTS, Verdict
from wizard.core.models.model_info import read_model_name
from wizard.core.problem import ExitCode, Problem
from wizard.flow.access.check import check_model, find_token
from wizard.flow.access.report import AccessReport
from wizard.flow.access.token_inventory import TokenRecord, hidden_better, list_tokens
from wizard.flow.access.wait import FIRST_SECONDS, open_alternatives, wait_for_gate
from wizard.flow.deploy.discovery import describe
from wizard.flow.ports.credentials import TOKEN_ORIGINS, TokenFrom
from wizard.flow.ports.services import Ports

SUMMARY = "Can this access token read this model's weights?"
ORDER = 20


@command("check", short_help=SUMMARY)
@click.argument("model")
@click.option("--revision", metavar="REV", help="Branch, tag or commit.")
@click.option(
    "--token-from",
    type=click.Choice(TOKEN_ORIGINS),
    default="auto",
    help="Where the access token comes from.",
)
@click.option("--watch", is_flag=True, help="Wait until access is granted (or rejected).")
@click.option(
    "--every",
    type=click.FloatRange(0.1, 3600),
    default=FIRST_SECONDS,
    metavar="SECONDS",
    help="First pause of --watch.",
)
async def check(
    context: CommandContext, model: str, revision: str | None, token_from: TokenFrom, watch: bool, every: float
) -> int:
    """Say whether the access token on this machine can read the weights of MODEL, by really reading one byte.

    \b
    outlines-wizard check mistralai/Mistral-7B-Instruct-v0.2
    outlines-wizard check mistralai/Mistral-7B-Instruct-v0.2 --watch && outlines-wizard deploy …
    """
    name = read_model_name(model)
    async with context.services() as ports:
        try:
            found = await find_token(ports, token_from)
        except Problem as problem:  # what should be an access token cannot be one: that is a verdict too
            if problem.code != Verdict.INVALID_TOKEN:
                raise
            report = AccessReport(name.repo_id, revision or name.revision, Verdict.INVALID_TOKEN, problem)
            report = await _with_help(ports, report, token_from)
            _show(context, report)
            return int(problem.exit_code)
        report = await check_model(ports, model, revision, found)
        report = await _with_help(ports, report, token_from)
        if watch and found is not None and VERDICTS[report.verdict].may_open:
            if not context.as_json:
                context.reporter.result({}, _blocks(report))
            context.reporter.note("Waiting for access. Ctrl-C stops waiting and changes nothing.")
            async with aclosing(wait_for_gate(ports.hub, report, found, every)) as reports:
                async for report in reports:
                    context.reporter.note(f"  now: {report.verdict.value.replace('_', ' ')}")
        _show(context, report)
    return int(report.problem.exit_code) if report.problem else 0


def _show(context: CommandContext, report: AccessReport) -> None:
    """The verdict, and what can be run next."""
    problem = context.line.complete(report.problem) if report.problem else None
    data = report.to_mapping() | {"next": [each.to_mapping() for each in problem.next] if problem else []}
    context.reporter.result(data, [*_blocks(report), *(next_blocks(problem) if problem else ())])


async def _with_help(ports: Ports, report: AccessReport, token_from: TokenFrom) -> AccessReport:
    """The report with open models to use meanwhile, and with a better access token that the winner hides."""
    exit_code = report.problem.exit_code if report.problem else ExitCode.DONE
    another_may = exit_code is ExitCode.CREDENTIALS and report.verdict is not Verdict.ENDPOINT_NOT_TRUSTED
    another_may = another_may or VERDICTS[report.verdict].another_account_may
    if exit_code is ExitCode.GATE_CLOSED and report.facts is not None:
        others = await open_alternatives(ports.hub, report.facts, report.credential)
        report = replace(report, alternatives=tuple(others))
    if token_from == "auto" and another_may:
        candidates, used = await ports.tokens.candidates(), report.credential.token if report.credential else None
        if all(candidate.token in (None, used) for candidate in candidates):
            return report
        findings = await list_tokens(ports, *_on_hub(report), candidates)
        if (better := hidden_better(findings)) is not None:
            report = replace(report, notes=(*report.notes, _hidden(better, findings)))
    return report


def _on_hub(report: AccessReport) -> tuple[str, str | None]:
    """What to ask the Hub about: what was asked, or the base model of an adapter that is a folder."""
    asked = report.asked
    return (report.model, report.revision) if asked.folders else (asked.repo_id, asked.revision)


def _hidden(better: TokenRecord, findings: list[TokenRecord]) -> str:
    winner = next((finding.candidate.source for finding in findings if finding.wins), None)
    if winner:
        return f"{winner} hides an access token that reads this model: {better.candidate.source}."
    why = f" ({better.candidate.note})" if better.candidate.note else ""
    return f"An access token that reads this model is here, but nothing uses it: {better.candidate.source}{why}."


def _verdict_blocks(report: AccessReport) -> Iterator[Block]:
    good = report.problem is None
    head = f"{'✓' if good else '✗'} {report.verdict.value.replace('_', ' ')}  "
    yield Paragraph(report.cause, head, "good" if good else "bad", hang=2)
    if report.problem:
        yield Paragraph(report.problem.hint, "  → ", "command")
        if report.problem.url:
            yield Exact(f"    {report.problem.url}", "command")
        if report.raw:
            yield Paragraph(f"the Hub says: {report.raw}", "    ", text_style="quiet")


def _blocks(report: AccessReport) -> Iterator[Block]:
    gates = report.gates if report.closed or report.problem is None else (report,)
    for gate in gates or (report,):
        yield from _verdict_blocks(gate)
    for note in report.notes:
        yield Paragraph(note, "  note: ", "warning")
    if report.alternatives:
        yield Paragraph("open models of similar size:", "  ")
        yield from (Exact(f"    {item.repo_id}") for item in report.alternatives)
    yield Facts(tuple(_facts(report)), margin=2)


def _facts(report: AccessReport) -> Iterator[tuple[str, str]]:
    for gate in report.gates or (report,):
        if gate.facts:
            yield "adapter" if gate.facts.is_adapter else "model", describe(gate.facts)
    if report.credential is None:
        yield "access token", "none on this computer"
        return
    account = report.account
    unknown = (
        "the Hub doesn't know it" if report.verdict is Verdict.INVALID_TOKEN else "the Hub doesn't say whose it is"
    )
    who = f"{account.user}, {account.role or account.kind}" if account else unknown
    who = who if report.token_sent_to else f"not sent to {report.endpoint}"
    yield "access token", f"{report.credential.token.masked} from {report.credential.source} ({who})"
