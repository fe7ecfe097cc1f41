"""`verify`: many samples of a deployed function, or cases with their right answers, each judged, and a report."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from wizard.cli.cases.flags import CasesFlags, cases_flags
from wizard.cli.cases.verify import verify_cases
from wizard.cli.command import command
from wizard.cli.context import CommandContext
from wizard.cli.flags.call import max_tokens_flag, think_flag
from wizard.cli.output.layout import Facts
from wizard.cli.report_file import check_writable, write_json
from wizard.core.events import Failed, LogLine, SampleReady, SamplesVerified, StepStarted
from wizard.core.output.verify_report import VerifyReport
from wizard.core.plan.names import FUNCTION_NAME
from wizard.core.problem import Problem, usage
from wizard.flow.cases.run import CallOptions
from wizard.flow.operate.call.thinking import read_think
from wizard.flow.operate.deployed_apps import find_app
from wizard.flow.operate.verify import Drawing, check_report, verify
from wizard.flow.ports.services import Ports

SUMMARY = "Draw many samples, judge each, write a report."
ORDER = 60

ANOTHER = "Pass another -o."  # than one that cannot be written


@command("verify", short_help=SUMMARY)
@click.argument("app")
@click.option(
    "--samples", type=click.IntRange(1, 100_000), default=50, metavar="N", help="How many to draw (default: 50)."
)
@click.option("--prompt", "prompts", multiple=True, metavar="TEXT", help="Prompt to use; can be repeated.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=0, metavar="N", help="First seed (default: 0).")
@max_tokens_flag
@think_flag("an answer")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report as JSON.")
@cases_flags
async def verify_app(
    context: CommandContext,
    app: str,
    samples: int,
    prompts: tuple[str, ...],
    seed: int,
    max_tokens: int | None,
    think: str | None,
    output: Path | None,
    **more: Any,
) -> int:
    """Ask the function of APP many times, with varied prompts, temperatures and seeds, and have every answer judged by
    a validator that knows nothing of the engine. Exit code 7 unless all are valid.

    With --cases, ask it the prompts of a file and compare every answer with the expected one, field by field.

    \b
    outlines-wizard verify outlines-tiny-character --samples 100 -o report.json
    outlines-wizard verify outlines-tiny-character --cases cases.jsonl --min-accuracy 90% --html report.html
    """
    budget = read_think("--think", think) if think is not None else None
    flags = CasesFlags(**more)
    if flags.cases is not None:
        if given := _given("samples", "prompts"):
            raise usage("flags_exclusive", f"{given} is not for --cases, which has prompts of its own.", "Omit one.")
        words = "" if think is None else f"--think {think}"
        options = CallOptions(None, max_tokens, budget, flags.temperature or 0.0, seed, words)
        return await verify_cases(context, app, flags, options, output)
    if flag := flags.given_without_cases():
        raise usage("flag_needs_cases", f"{flag} is for --cases FILE.", "Add --cases, or omit it.")
    drawing = Drawing(samples, prompts, seed, max_tokens, budget)
    async with context.services() as ports:
        if output is not None:
            check_writable(ports, output, ANOTHER)  # before anything is spent
        workspace = await ports.modal.connect()
        found = await find_app(ports, app, workspace.environment)
        context.reporter.event(StepStarted("sample"))
        try:
            async with aclosing(verify(ports, found, workspace.environment, drawing)) as events:
                async for event in events:
                    if isinstance(event, SamplesVerified):
                        _show(context, ports, event, output)
                        check_report(event.report)
                    elif context.as_json or not isinstance(event, SampleReady | LogLine):
                        context.reporter.event(event)
        except Problem as problem:
            context.reporter.event(Failed(problem.at("sample")))
            return int(problem.exit_code)
        context.finished(
            app=app,
            function=FUNCTION_NAME,
            environment=workspace.environment,
            rehearsal=ports.rehearsal,
            files=(str(output),) if output else (),
        )
    return 0


def _given(*names: str) -> str:
    """Which of these parameters was given as a flag; empty for none."""
    current = click.get_current_context()
    flags = {parameter.name: parameter.opts[0] for parameter in current.command.params}
    typed = (name for name in names if current.get_parameter_source(name) is ParameterSource.COMMANDLINE)
    return next((flags[name] for name in typed), "")


def _show(context: CommandContext, ports: Ports, event: SamplesVerified, output: Path | None) -> None:
    if output is not None:
        write_json(ports, output, event.report.to_mapping(), ANOTHER)
    context.reporter.result(event.to_mapping(), [Facts(tuple(row for row in _words(event.report) if row[1]))])


def _words(report: VerifyReport) -> list[tuple[str, str]]:
    seconds, about = report.seconds, report.about
    took = [f"{seconds.cold:.2f} to the first sample of a cold container"] if seconds.cold else []
    took += [f"{seconds.warm:.2f} for one call when warm"] if seconds.warm else []
    took += [f"{report.tokens_per_second:.0f} tokens/s"] if report.tokens_per_second else []
    counts = {"truncated": report.truncated, "refused": report.refused, "invalid": report.invalid}
    words = "".join(f", {count} {outcome}" for outcome, count in counts.items() if count)
    failed = [f"{each.outcome}: {each.text!r:.100} {'; '.join(each.errors)}" for each in report.not_valid[:5]]
    return [
        ("samples", f"{report.valid} of {report.samples} valid{words}"),
        ("model", f"{about.get('model', '?')}@{about.get('revision', '?')[:7]}"),
        ("output type", f"{report.output.summary} (sha256 {report.output.sha256[:12]})"),
        ("runs on", f"{about.get('device', '?')}, {about.get('dtype', '?')}"),
        ("packages", ", ".join(f"{name} {version}" for name, version in about.get("packages", {}).items())),
        ("seconds", ", ".join(took)),
        ("reasoning", f"{report.reasoning_tokens} tokens before an answer" if report.reasoning_tokens else ""),
        *(("not valid" if not number else "", text) for number, text in enumerate(failed)),
    ]
