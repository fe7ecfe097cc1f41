"""The plan, the deploy and the test call as lines."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from wizard.cli.lines.adapters import ask_which
from wizard.cli.lines.dialog import Choice, Question, Quit, WentBack
from wizard.cli.lines.session import LineSession
from wizard.cli.next_steps import next_steps
from wizard.core.events import Failed
from wizard.core.images.image_file import named_files, read_images
from wizard.core.plan.plan_file import write_plan
from wizard.core.playground.exchange import Question as CallQuestion
from wizard.core.problem import Problem, interrupted
from wizard.flow.deploy.function_calls import sample_events
from wizard.flow.deploy.job import finished_event, plan_event
from wizard.flow.deploy.unfinished import note_deploy
from wizard.flow.operate.call.arguments import call_arguments

APPLYING = ("secret", "function", "deploy", "sample")


async def ask_deploy(session: LineSession) -> None:
    """Show the plan, have it agreed to, and apply it. Raises WentBack where an answer is to be changed."""
    while True:
        event = await plan_event(session.job)
        session.reporter.event(event)
        if isinstance(event, Failed):
            raise WentBack
        choices = [Choice("yes", "Deploy"), Choice("no", "Go back and change an answer")]
        explanation = "Nothing has been created yet. Deploying does what the plan lists above."
        question = Question("Review the plan. Deploy now?", choices, explanation=explanation)
        if await session.dialog.ask(question, str) == "no":
            raise WentBack
        started = time.monotonic()
        session.failed = await _apply(session)
        if session.failed is None:
            _say_end(session, time.monotonic() - started)
            return
        choices = [Choice("again", "Try again"), Choice("no", "Go back and change an answer")]
        explanation = session.failed.hint or "Trying again resumes from what exists."
        if await session.dialog.ask(Question("What now?", choices, "again", explanation=explanation), str) == "no":
            raise WentBack


async def _apply(session: LineSession) -> Problem | None:
    """Run the job to its end. On a terminal, q asks whether to leave it. One that is left can be gone on with."""
    plan = session.job.to_apply.plan
    noted = note_deploy(plan.app, plan.model, write_plan(plan), rehearsal=session.ports.rehearsal)
    running = asyncio.create_task(session.run(*APPLYING))
    try:
        if sys.stdin.isatty():
            session.dialog.say("Deploying. q quits.")
            while not running.done() and await _wants_to_quit(session, running):
                if await session.dialog.confirm("The deploy is still running. Quit anyway? You can resume later."):
                    session.failed = interrupted()
                    raise Quit
        problem = await running
        if noted is not None:
            noted.unlink(missing_ok=True)
        return problem
    finally:
        if not running.done():
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _wants_to_quit(session: LineSession, running: asyncio.Task[Problem | None]) -> bool:
    """Wait for a q; False when the job has ended before."""
    while True:
        waiting: set[asyncio.Future[Any]] = {running, session.dialog.next_line()}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            return False
        if (await session.dialog.read()).lower() == "q":
            return True


def _say_end(session: LineSession, seconds: float) -> None:
    event = finished_event(session.job, seconds)
    plan = session.job.to_apply.plan
    session.reporter.event(replace(event, next=next_steps(event, session.ports, plan.prompt, sees=plan.sees)))
    if not session.ports.lasting:
        session.dialog.say("This demo and its function disappear when you quit.")


async def ask_more(session: LineSession) -> None:
    """More prompts, until an empty line; with images where the model sees, and by one of several adapters."""
    plan, limit = session.job.to_apply.plan, session.job.options.call_limit
    explanation = "The deployed function is called with your prompt, and its answer is checked."
    which: str | None = None
    while True:
        question = Question("Try another prompt, or press Enter to finish", default="", explanation=explanation)
        prompt = await session.dialog.ask(question, str)
        if not prompt:
            return
        try:
            which = await ask_which(session, which)
            images = await _ask_images(session) if plan.sees else []
        except WentBack:
            continue  # to the prompt
        arguments = call_arguments(CallQuestion(prompt, adapter=which or None), images)
        try:
            async with aclosing(sample_events(session.ports, plan.app, arguments, None, limit)) as events:
                async for event in events:
                    session.reporter.event(event)
        except Problem as problem:
            session.reporter.failed(problem)


async def _ask_images(session: LineSession) -> list[bytes]:
    """The images that go with a prompt. A file that cannot be used is said, and asked for again."""
    explanation = "Put names with spaces in quotes. The function gets the images before the text."
    question = Question("Image files for it, or press Enter for none", default="", explanation=explanation)
    return await session.dialog.ask(question, lambda text: read_images(named_files(text), "Images"))
