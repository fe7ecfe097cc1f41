"""The whole job: look, plan, agree, apply, verify. The only place where exceptions become events."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from wizard.core.events import Event, Failed, Finished, PlanReady, StepSkipped, StepStarted
from wizard.core.plan.cost import measure
from wizard.core.plan.names import FUNCTION_NAME
from wizard.core.plan.plan import Draft
from wizard.core.problem import ExitCode, Problem
from wizard.flow.deploy import apply as applying
from wizard.flow.deploy import discovery as looking
from wizard.flow.deploy.job_state import JobOptions, JobState, require
from wizard.flow.deploy.make_plan import make_plan
from wizard.flow.ports.services import Ports

Agree = Callable[[PlanReady], Awaitable[bool]]


@dataclass(frozen=True)
class Stage:
    """One step of the job: its name, what it does, and the rule for when it is skipped (a reason, or None)."""

    step: str
    run: Callable[[JobState], AsyncGenerator[Event, None]]
    why_skipped: Callable[[JobState], str | None] = lambda job: None


LOOKING: tuple[Stage, ...] = (
    Stage("model", looking.look_at_model),
    Stage("access", looking.judge_access),
    Stage("token", looking.settle_token, looking.why_no_token_step),
    Stage("modal", looking.sign_in),
)
APPLYING: tuple[Stage, ...] = (
    Stage("secret", applying.put_secret, looking.why_no_token_step),
    Stage("function", applying.write_app),
    Stage("deploy", applying.deploy_app),
    Stage("sample", applying.draw_sample, lambda job: None if job.options.sample else "--no-sample"),
)


async def run_job(draft: Draft, options: JobOptions, ports: Ports, agree: Agree) -> AsyncGenerator[Event, None]:
    """From a Draft to a validated sample. The last event is Finished or Failed; only cancellation raises."""
    started = time.monotonic()
    job = JobState(ports, draft, options)
    try:
        draft.check()
        async with aclosing(_stages(LOOKING, job)) as events:
            async for event in events:
                yield event
        try:
            plan = await make_plan(job)
        except Problem as problem:
            raise problem.at("function") from problem
        yield plan
        if not options.dry_run:
            if not await agree(plan):
                raise Problem(
                    "not_agreed", "The plan was declined: nothing was changed.", exit_code=ExitCode.NOT_AGREED
                )
            async with aclosing(_stages(APPLYING, job)) as events:
                async for event in events:
                    yield event
    except Problem as problem:
        yield Failed(problem)
        return
    finished = require(job.plan)
    yield Finished(
        app=finished.app,
        function=FUNCTION_NAME,
        environment=require(job.workspace).environment,
        rehearsal=ports.rehearsal,
        seconds=round(time.monotonic() - started, 2),
        files=tuple(job.files),
        cost=measure(finished, job.download_seconds, job.call_seconds, job.rates),
        dry_run=options.dry_run,
        endpoint=job.endpoint,
    )


async def run_stage(step: str, job: JobState) -> AsyncGenerator[Event, None]:
    """One step by itself, for a face that goes step by step. A problem is the last event, as Failed."""
    stage = next(each for each in (*LOOKING, *APPLYING) if each.step == step)
    try:
        async with aclosing(_stages((stage,), job)) as running:
            async for event in running:
                yield event
    except Problem as problem:
        yield Failed(problem)


async def plan_event(job: JobState) -> PlanReady | Failed:
    """The plan for what has been decided, or why there is none."""
    try:
        job.draft.check()
        return await make_plan(job)
    except Problem as problem:
        return Failed(problem.at("function"))


async def _stages(stages: tuple[Stage, ...], job: JobState) -> AsyncGenerator[Event, None]:
    for stage in stages:
        reason = stage.why_skipped(job)
        if reason:
            yield StepSkipped(stage.step, reason)
            continue
        yield StepStarted(stage.step)
        try:
            async with aclosing(stage.run(job)) as running:
                async for event in running:
                    yield event
        except Problem as problem:
            raise problem.at(stage.step) from problem
