"""The wizard as lines: the same questions as on screen, over the same engine, for screen readers, simple terminals and
pipes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from wizard.cli.command_line import CommandLine
from wizard.cli.lines.access import ask_model
from wizard.cli.lines.beginning import goes_on, wants_demo
from wizard.cli.lines.deploy import ask_deploy, ask_more
from wizard.cli.lines.dialog import KEYS, Dialog, Quit, WentBack
from wizard.cli.lines.function import ask_gpu, ask_output, ask_prompt, ask_settings
from wizard.cli.lines.modal import ask_modal
from wizard.cli.lines.session import LineSession
from wizard.cli.output.reporters import Reporter, make_reporter
from wizard.cli.run import run_to_end
from wizard.cli.session import SessionOptions, Wiring
from wizard.core.plan.draft import Draft
from wizard.flow.configuration.merge import configure
from wizard.flow.deploy.job_state import JobOptions, JobState

QUESTIONS: tuple[tuple[str, Callable[[LineSession], Awaitable[None]]], ...] = (
    ("Model", ask_model),
    ("Modal", ask_modal),
    ("Output type", ask_output),
    ("Test prompt", ask_prompt),
    ("GPU", ask_gpu),
    ("Settings", ask_settings),
    ("Review and deploy", ask_deploy),
    ("Use it", ask_more),
)
REVIEW = [ask for _, ask in QUESTIONS].index(ask_deploy)
DEMO = -1  # no exit code: this session has ended, and the demo begins


def run_lines(wiring: Wiring, options: SessionOptions) -> int:
    """Run the line mode; returns its exit code."""
    reporter = make_reporter(
        CommandLine(session=options),
        as_json=False,
        quiet=False,
        color=False,
        rehearsal=options.rehearse is not None,
        plain=True,
        together=True,
    )
    code = run_to_end(lambda: _wizard(wiring, options, reporter), reporter)
    return wiring.start_demo(plain=True) if code == DEMO else code


async def _wizard(wiring: Wiring, options: SessionOptions, reporter: Reporter) -> int:
    dialog = Dialog()
    dialog.say("outlines-wizard: from a model to a working structured-output function.", KEYS)
    configuration = configure(Draft(), environment=options.environment, rehearsal=options.rehearse is not None)
    suggested = wiring.suggested_model(options)
    options = replace(options, environment=configuration.environment)
    async with wiring.session(options) as ports:
        dialog.say(*ports.notes)
        job = JobState(ports, configuration.draft, JobOptions())
        session = LineSession(job, dialog, reporter, suggested)
        try:
            if await wants_demo(session, wiring):
                return DEMO
            await _ask_all(session, REVIEW if await goes_on(session) else 0)
        except (Quit, WentBack):
            dialog.say("Bye.")
    return int(session.failed.exit_code) if session.failed is not None else 0


async def _ask_all(session: LineSession, at: int) -> None:
    """Every question in order, from `at`; b leads to the one before that really asked something."""
    asked = list[int]()
    while at < len(QUESTIONS):
        title, ask = QUESTIONS[at]
        session.dialog.say("", f"Step {at + 1} of {len(QUESTIONS)}: {title}")
        before = session.dialog.asked
        try:
            await ask(session)
        except WentBack:
            at = asked.pop() if asked else 0
            continue
        if session.dialog.asked > before:
            asked.append(at)
        at += 1
        await asyncio.sleep(0)
