"""`verify --cases`: are the answers right? Asked, judged, compared with another run, and reported."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from wizard.cli.cases.blocks import call_again, check_accuracy, report_blocks
from wizard.cli.cases.files import AnswersFile, load_cases, load_rules, load_run
from wizard.cli.cases.flags import Against, CasesFlags, read_against
from wizard.cli.context import CommandContext
from wizard.cli.flags.output import read_output
from wizard.cli.report_file import check_writable, write_json, write_report
from wizard.cli.row_file import stopped_early
from wizard.core.cases.answer import Answer, JudgedAnswer
from wizard.core.cases.case import Case
from wizard.core.cases.html_report import write_html
from wizard.core.cases.report import Asked, CasesReport, Side
from wizard.core.cases.rules import Rules
from wizard.core.events import CaseJudged, CasesVerified, Failed, LogLine, StepStarted
from wizard.core.plan.names import FUNCTION_NAME
from wizard.core.problem import Problem, usage
from wizard.flow.cases.judging import judge_case
from wizard.flow.cases.run import Answered, AppAsked, CallOptions, Spent, ask_cases, check_askable, options_key
from wizard.flow.operate.call.thinking import read_think
from wizard.flow.operate.deployed_apps import find_app
from wizard.flow.ports.modal import DeployedApp
from wizard.flow.ports.services import Ports
from wizard.flow.ports.validation import ClassChecker

ANOTHER = "Name another file."  # than one that cannot be written


@dataclass
class _Run:
    """One command: its cases and rules, and the services that it has opened."""

    context: CommandContext
    ports: Ports
    cases: Sequence[Case]
    rules: Rules
    checker: ClassChecker | None
    output: Path | None
    resume: bool

    async def side(self, app: DeployedApp, options: CallOptions, *, against: bool) -> Side:
        """Ask every case of one app, and judge what it answers. Raises Problem."""
        path = answers_path(self.output, against=against)
        answers = AnswersFile.open(path, options_key(app, options), resume=self.resume)
        judged: dict[int, JudgedAnswer] = {}
        started = datetime.now(UTC).isoformat(timespec="seconds")
        asking = ask_cases(self.ports, app, self.cases, options, answers.kept)
        try:
            async with aclosing(asking) as events:
                async for event in events:
                    match event:
                        case Answered():
                            if not event.kept:
                                answers.add(event.answer)
                            judged[event.place] = await self.judged(self.cases[event.place], event.answer)
                            if self.context.as_json:
                                self.context.reporter.event(CaseJudged(judged[event.place], against))
                        case AppAsked():
                            answers.told(event.about)
                        case Spent():
                            answers.pay(event.dollars)
                        case LogLine() if judged:  # after the cold start, log lines would hide how far it is
                            continue
                        case _:
                            self.context.reporter.event(event)
        except (asyncio.CancelledError, Problem) as error:
            kept = f"{len(judged)} of {len(self.cases)} answers are in {path}." if path else ""
            raise stopped_early(error, kept) from error
        finally:
            answers.close()
        asked = Asked(app.name, app.app_id, app.version, started, answers.about, options.words)
        cost = round(answers.spent, 6) or None
        return Side(asked, tuple(judged[place] for place in range(len(self.cases))), cost)

    async def judged(self, case: Case, answer: Answer) -> JudgedAnswer:
        """An answer beside what was expected of it."""
        return await judge_case(case, answer, self.rules, self.checker)


def answers_path(output: Path | None, *, against: bool) -> Path | None:
    """Where answers are kept: beside the report."""
    if output is None:
        return None
    return output.with_name(f"{output.stem}{'.against' if against else ''}.answers.jsonl")


async def verify_cases(
    context: CommandContext, app: str, flags: CasesFlags, options: CallOptions, output: Path | None
) -> int:
    """The whole command."""
    assert flags.cases is not None
    if flags.resume and output is None:
        raise usage("flag_needs_output", "--resume continues the answers beside a report.", "Name the report with -o.")
    found = load_cases(flags.cases, flags.inputs)
    rules = load_rules(flags.compare, found.cases)
    against = read_against(flags.against, app) if flags.against is not None else None
    before = load_run(against.file, found.cases, rules) if against and against.file else None
    if found.unanswered:
        context.reporter.note(f"{found.unanswered} lines of the batch have no valid answer and are left out.")
    began = time.monotonic()
    async with context.services() as ports:
        for path in (output, flags.html):
            if path is not None:
                check_writable(ports, path, ANOTHER)  # before anything is spent
        workspace = await ports.modal.connect()
        deployed = await find_app(ports, app, workspace.environment)
        other = await _other(context, ports, against, deployed, options, workspace.environment)
        for each in ((deployed, options), *([other] if other is not None else [])):
            await check_askable(ports, each[0], found.cases, each[1])  # both, before either is paid for
        context.reporter.event(StepStarted("sample"))
        try:
            async with _checker(ports, flags.model_class) as checker:
                run = _Run(context, ports, found.cases, rules, checker, output, flags.resume)
                now = await run.side(deployed, options, against=False)
                if before is not None and checker is not None:  # without the class they are judged already
                    anew = [await run.judged(each.case, each.answer) for each in before.answers]
                    before = replace(before, answers=tuple(anew))
                elif other is not None:
                    before = await run.side(*other, against=True)
            report = CasesReport(
                str(flags.cases),
                workspace.environment,
                ports.rehearsal,
                {name: str(rule) for name, rule in rules.by_field.items()},
                now,
                before,
                flags.min_accuracy,
                time.monotonic() - began,
            )
            files = _finish(context, ports, report, output, flags.html)
            check_accuracy(report, str(flags.html or ""), resumes=output is not None)
        except Problem as problem:
            context.reporter.event(Failed(problem.at("sample")))
            return int(problem.exit_code)
        environment, rehearsal = workspace.environment, ports.rehearsal
        context.finished(app=app, function=FUNCTION_NAME, environment=environment, rehearsal=rehearsal, files=files)
    return 0


async def _other(
    context: CommandContext,
    ports: Ports,
    against: Against | None,
    deployed: DeployedApp,
    options: CallOptions,
    environment: str,
) -> tuple[DeployedApp, CallOptions] | None:
    """The other run that is to be asked; None where there is none, or where it is a file."""
    if against is None or against.file is not None:
        return None
    if against.options is None:
        return await find_app(ports, against.app, environment), options
    given = against.options
    output = await read_output(given, context.wiring.schema_of_class)
    if output is not None and output.form == "json_schema":
        await asyncio.to_thread(ports.validation.check_schema, output)
    think, heat = given["think"], given["temperature"]
    return deployed, replace(
        options,
        output=output or options.output,
        max_tokens=given["max_tokens"] or options.max_tokens,
        think=read_think("--against --think", think) if think is not None else options.think,
        temperature=heat if heat is not None else options.temperature,
        words=against.words,
    )


@asynccontextmanager
async def _checker(ports: Ports, reference: str | None) -> AsyncIterator[ClassChecker | None]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(ports.validation.class_checker(reference)) if reference else None


def _finish(
    context: CommandContext, ports: Ports, report: CasesReport, output: Path | None, html: Path | None
) -> tuple[str, ...]:
    """Write and show the report; returns the files."""
    files = []
    if output is not None:
        write_json(ports, output, report.with_answers(), ANOTHER)
        files += [str(output), str(answers_path(output, against=False))]
    if html is not None:
        write_report(ports, html, write_html(report, lambda each: call_again(report, each)), ANOTHER)
        files.append(str(html))
    context.reporter.result(CasesVerified(report).to_mapping(), report_blocks(report, str(html or output or "")))
    return tuple(files)
