"""The whole job: look, plan, agree, apply, verify. The only place where exceptions become events."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from wizard.core.events import Event, Failed, Finished, PlanReady, StepSkipped, StepStarted
from wizard.core.plan.cost import measure
from wizard.core.plan.draft import Draft
from wizard.core.plan.names import FUNCTION_NAME
from wizard.core.problem import CANCELLED, ExitCode, Problem
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


def _why_no_token(job: JobState) -> str | None:
    return looking.why_no_token_step(require(job.facts))


def _why_no_access(job: JobState) -> str | None:
    report = require(job.report)
    return looking.why_no_access_step(require(job.facts)) if report.problem is None else None


def _settle_token(job: JobState) -> AsyncGenerator[Event, None]:
    report = require(job.report)
    return looking.settle_token(require(report.credential), report.account, report.pages)


def _put_secret(job: JobState) -> AsyncGenerator[Event, None]:
    planned, credential = job.to_apply, require(require(job.report).credential)
    return applying.put_secret(
        job.ports.modal,
        planned.plan.secret,
        require(planned.existing.secret),
        credential.token,
        replace_foreign=job.options.replace_secret,
    )


# Here each stage is handed what the ones before have given.
LOOKING: tuple[Stage, ...] = (
    Stage("model", looking.look_at_model),
    Stage("access", lambda job: looking.judge_access(require(job.report)), _why_no_access),
    Stage("token", _settle_token, _why_no_token),
    Stage("modal", looking.sign_in),
)
APPLYING: tuple[Stage, ...] = (
    Stage("secret", _put_secret, _why_no_token),
    Stage("function", lambda job: applying.write_app(job, job.to_apply)),
    Stage("deploy", lambda job: applying.deploy_app(job, job.to_apply)),
    Stage(
        "sample",
        lambda job: applying.draw_sample(job, job.to_apply),
        lambda job: None if job.options.sample else "--no-sample",
    ),
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
            plan = await make_plan(job, job.discovered)
        except Problem as problem:
            raise problem.at("function") from problem
        yield plan
        if not options.dry_run:
            if not await agree(plan):
                raise Problem("not_agreed", CANCELLED, exit_code=ExitCode.NOT_AGREED)
            async with aclosing(_stages(APPLYING, job)) as events:
                async for event in events:
                    yield event
    except Problem as problem:
        yield Failed(problem)
        return
    yield finished_event(job, time.monotonic() - started)


def finished_event(job: JobState, seconds: float) -> Finished:
    """The end of a job that has gone well."""
    planned, applied = job.to_apply, job.applied
    return Finished(
        app=planned.plan.app,
        function=FUNCTION_NAME,
        environment=job.discovered.workspace.environment,
        rehearsal=job.ports.rehearsal,
        seconds=round(seconds, 2),
        files=applied.files,
        cost=measure(planned.plan, applied.download_seconds, applied.call_seconds, planned.rates),
        dry_run=job.options.dry_run,
        endpoint=applied.endpoint,
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
        return await make_plan(job, job.discovered)
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
