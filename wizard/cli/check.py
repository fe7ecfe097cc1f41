"""`check`: one verdict about one access token and one model."""

from __future__ import annotations

import click

from wizard.cli.options import Frame, command
from wizard.core.model import read_model_name
from wizard.flow.access import AccessReport, check_access
from wizard.flow.looking import describe
from wizard.flow.ports import TokenFrom


@command("check", short_help="Can this access token read this model's weights?")
@click.argument("model")
@click.option("--revision", metavar="REV", help="Branch, tag or commit.")
@click.option("--token-from", type=click.Choice(["auto", "env", "keyring", "hf", "stdin"]), default="auto")
async def check(frame: Frame, model: str, revision: str | None, token_from: TokenFrom) -> int:
    """Say whether the access token on this machine can read the weights of MODEL, by really reading one byte.

    \b
    outlines-wizard check mistralai/Mistral-7B-Instruct-v0.2
    """
    name = read_model_name(model)
    async with frame.wiring.session(frame.session) as ports:
        for note in ports.notes:
            frame.reporter.note(note)
        found = await ports.tokens.find(token_from)
        report = await check_access(ports.hub, name.repo_id, revision or name.revision, found)
        frame.reporter.result(report.to_mapping(), _lines(report))
    return int(report.problem.exit_code) if report.problem else 0


def _lines(report: AccessReport) -> list[str]:
    lines = [f"{'✓' if report.problem is None else '✗'} {report.verdict.value}  {report.cause}"]
    if report.problem:
        lines.append(f"  → {report.problem.hint}")
        if report.problem.url:
            lines.append(f"    {report.problem.url}")
        if report.raw:
            lines.append(f"    the Hub said: {report.raw}")
    if report.facts:
        lines.append(f"  model         {describe(report.facts)}")
    if report.found:
        account = report.account
        who = f"{account.user}, {account.role or account.kind}" if account else "unknown to the Hub"
        lines.append(f"  access token  {report.found.token.masked} from {report.found.source} ({who})")
    else:
        lines.append("  access token  none on this machine")
    return lines
