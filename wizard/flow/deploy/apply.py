"""The last four steps, which change things: the Modal Secret, the app file, the deploy, the first sample."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from wizard.codegen.app_file import plan_hash
from wizard.core.access_token import AccessToken
from wizard.core.events import Event, LogLine, Progress, SampleReady, StepFinished
from wizard.core.models.model_info import ModelFacts
from wizard.core.models.thinking import REASONING_SECONDS
from wizard.core.plan.cost import call_dollars
from wizard.core.sizing.gpus import device_words
from wizard.flow.deploy.function_calls import check_sample, download_weights, sample_events
from wizard.flow.deploy.job_state import JobState, Planned, require
from wizard.flow.deploy.make_plan import app_is_current
from wizard.flow.deploy.phases import PhaseTracker
from wizard.flow.deploy.plan_record import keep_record
from wizard.flow.deploy.publish import Published, deploy_once
from wizard.flow.deploy.upload import folders_of, upload_folder
from wizard.flow.ports.modal import ModalPort, SecretState


async def put_secret(
    modal: ModalPort, name: str, state: SecretState, token: AccessToken, *, replace_foreign: bool
) -> AsyncGenerator[Event, None]:
    """Make the Modal Secret hold the access token that was checked; never overwrite somebody else's silently."""
    if state == "current" or (state == "foreign" and not replace_foreign):
        words = (
            "up to date"
            if state == "current"
            else "not created by outlines-wizard; used as is (--replace-secret replaces it)"
        )
        yield StepFinished("secret", "kept", f"Modal Secret {name}: {words}")
        return
    await modal.put_secret(name, token)
    yield StepFinished("secret", "created" if state == "missing" else "updated", f"Modal Secret {name}")


async def write_app(job: JobState, planned: Planned) -> AsyncGenerator[Event, None]:
    """Write the Modal app to disk."""
    plan, file = planned.plan, planned.file
    outcome = job.ports.files.write(file, planned.source)
    job.applied = replace(job.applied, files=(*job.applied.files, str(file)))
    yield StepFinished("function", outcome, f"{file}: {plan.output.summary}, {device_words(plan.gpu)}")


async def deploy_app(job: JobState, planned: Planned) -> AsyncGenerator[Event, None]:
    """Deploy the app unless it is deployed already, then see to it that the weights are in the Volume."""
    plan = planned.plan
    published = Published(planned.existing.app)
    current = app_is_current(published.over, plan)
    if not planned.existing.record:
        await keep_record(job.ports.modal, plan, plan_hash(plan))
    phases = PhaseTracker.of_plan(plan, rehearsal=job.ports.rehearsal)
    if not current:
        yield phases.begin("build")
        async with aclosing(deploy_once(job.ports, planned)) as publishing:
            async for line in publishing:
                if isinstance(line, LogLine):
                    yield line
                else:
                    published = line
        yield phases.end()
        current = bool(published.beside) and app_is_current(published.over, plan)
    uploaded = [each for each in folders_of(require(job.facts)) if planned.existing.missing[each.repo_id]]
    if planned.existing.weights_missing:
        yield phases.begin("download")
        async with aclosing(_fill_volume(job, planned, uploaded)) as filling:
            async for event in filling:
                yield event
        yield phases.end()
    missing = planned.existing.weights_missing - _bytes_of(uploaded, planned)
    if plan.endpoint and (app := await job.ports.modal.app(plan.app)) is not None:
        job.applied = replace(job.applied, endpoint=app.endpoint)
    outcome: Any = "updated" if published.over else "created"
    weights = "weights downloaded" if missing else "weights uploaded" if uploaded else "weights kept"
    kept = current and not missing and not uploaded
    at = f"; endpoint {job.applied.endpoint}" if job.applied.endpoint else ""
    at += f"; {published.beside}" if published.beside else ""
    state = "unchanged" if current else "deployed"
    yield StepFinished("deploy", "kept" if kept else outcome, f"app {plan.app} {state}, {weights}" + at)


async def _fill_volume(job: JobState, planned: Planned, uploaded: Sequence[ModelFacts]) -> AsyncGenerator[Event, None]:
    """What is missing in the Volume: folders from here, the rest from the Hub."""
    plan = planned.plan
    for each in uploaded:
        async with aclosing(upload_folder(job.ports, plan.volume, each)) as uploading:
            async for event in uploading:
                yield event
    missing = planned.existing.weights_missing - _bytes_of(uploaded, planned)
    if not missing:
        return
    yield Progress("deploy", 0, missing, "bytes")
    running = download_weights(job.ports, plan.app, plan.model, planned.route.downloaded_from)
    async with aclosing(running) as items:
        async for item in items:
            if isinstance(item, LogLine):
                yield item
            else:
                job.applied = replace(job.applied, download_seconds=item.seconds)
    yield Progress("deploy", missing, missing, "bytes")


def _bytes_of(folders: Sequence[ModelFacts], planned: Planned) -> int:
    return sum(planned.existing.missing[each.repo_id] for each in folders)


async def draw_sample(job: JobState, planned: Planned) -> AsyncGenerator[Event, None]:
    """Ask the deployed function once and have its answer judged by a validator that knows nothing of the engine."""
    plan = planned.plan
    arguments = {"prompt": plan.prompt, "max_tokens": plan.max_tokens}
    sample: SampleReady | None = None
    limit = job.options.call_limit + REASONING_SECONDS * plan.think_tokens
    async with aclosing(
        sample_events(
            job.ports,
            plan.app,
            arguments,
            plan.output,
            limit,
            plan.model,
            plan.gpu,
            stream=job.options.stream,
            phases=PhaseTracker.of_plan(plan, rehearsal=job.ports.rehearsal),
        )
    ) as running:
        async for event in running:
            if isinstance(event, SampleReady):
                job.applied = replace(job.applied, call_seconds=event.seconds)
                sample = event = replace(event, dollars=call_dollars(plan.gpu, event.seconds, planned.rates))
            yield event
    sample = require(sample)
    check_sample(sample)
    yield StepFinished("sample", "ready", "valid" + (", cold start" if sample.cold else ""))
