"""The last four steps, which change things: the Modal Secret, the app file, the deploy, the first sample."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from wizard.codegen.app_file import plan_hash
from wizard.core.access.verdicts import Verdict, verdict_problem
from wizard.core.access_token import AccessToken, clean_line
from wizard.core.events import AnswerText, Event, LogLine, Progress, SampleReady, StepFinished
from wizard.core.explain.failures import diagnose
from wizard.core.output.output_type import OutputType
from wizard.core.plan.cost import awake_per_hour, awake_words, call_dollars
from wizard.core.plan.names import FUNCTION_NAME, STREAM_NAME
from wizard.core.problem import ExitCode, Problem
from wizard.core.sizing.gpus import CHOICES, device_words, gpu_of_another, one_device
from wizard.flow.deploy.job_state import JobState, Planned, require
from wizard.flow.deploy.make_plan import app_is_current
from wizard.flow.deploy.plan_record import keep_record
from wizard.flow.deploy.publish import LOG_TAIL, Published, deploy_once, larger_gpu
from wizard.flow.ports.modal import CallOutcome, CallWaiting, ModalPort, SecretState
from wizard.flow.ports.services import Ports


async def put_secret(
    modal: ModalPort, name: str, state: SecretState, token: AccessToken, *, replace_foreign: bool
) -> AsyncGenerator[Event, None]:
    """Make the Modal Secret hold the access token that was checked; never overwrite somebody else's silently."""
    if state == "current" or (state == "foreign" and not replace_foreign):
        words = (
            "up to date" if state == "current" else "made by somebody else, used as it is (--replace-secret replaces)"
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
    plan, missing = planned.plan, planned.existing.weights_missing
    published = Published(planned.existing.app)
    current = app_is_current(published.over, plan)
    if not planned.existing.record:
        await keep_record(job.ports.modal, plan, plan_hash(plan))
    if not current:
        async with aclosing(deploy_once(job.ports, planned)) as publishing:
            async for line in publishing:
                if isinstance(line, LogLine):
                    yield line
                else:
                    published = line
        current = bool(published.beside) and app_is_current(published.over, plan)
    if missing:
        yield Progress("deploy", 0, missing, "bytes")
        async with aclosing(
            download_weights(job.ports, plan.app, plan.model, planned.route.downloaded_from)
        ) as running:
            async for item in running:
                if isinstance(item, LogLine):
                    yield item
                else:
                    job.applied = replace(job.applied, download_seconds=item.seconds)
        yield Progress("deploy", missing, missing, "bytes")
    if plan.endpoint and (app := await job.ports.modal.app(plan.app)) is not None:
        job.applied = replace(job.applied, endpoint=app.endpoint)
    outcome: Any = "updated" if published.over else "created"
    weights = "weights downloaded" if missing else "weights kept"
    kept = current and not missing
    at = f"; it answers at {job.applied.endpoint}" if job.applied.endpoint else ""
    at += f"; {published.beside}" if published.beside else ""
    state = "unchanged" if current else "deployed"
    yield StepFinished("deploy", "kept" if kept else outcome, f"app {plan.app} {state}, {weights}" + at)


DOWNLOAD_SECONDS = 3600.0
# What a broken connection looks like in the last line of a download; nothing but the Hub is at its other end.
_BROKEN = ("disconnected without sending", "peer closed connection", "connection reset", "incompleteread", "timed out")


async def download_weights(
    ports: Ports, app: str, model: str, endpoint: str = ""
) -> AsyncGenerator[LogLine | CallOutcome, None]:
    """Have the app fetch its weights from the Hub at `endpoint`, which it does without a GPU; once more where the
    connection has broken, since what is there stays. Raises Problem."""
    for last in (False, True):
        try:
            running = call_function(ports, app, "download", {}, DOWNLOAD_SECONDS, model, "", endpoint)
            async with aclosing(running) as items:
                async for item in items:
                    yield item
            return
        except Problem as problem:
            words = f"{problem.message} {problem.raw}".lower()
            if problem.code != "function_failed" or not any(broken in words for broken in _BROKEN):
                raise
            if last:
                asked = endpoint or ports.hub.account_hub.endpoint
                raise verdict_problem(
                    Verdict.HUB_UNREACHABLE, model=model, endpoint=asked, raw=problem.raw
                ) from problem
            yield LogLine("system", "[outlines-wizard] the connection to the Hub broke: going on with it", time.time())


async def call_function(
    ports: Ports,
    app: str,
    function: str,
    arguments: Mapping[str, Any],
    limit: float,
    model: str,
    gpu: str,
    endpoint: str = "",
) -> AsyncGenerator[LogLine | CallOutcome, None]:
    """Call a deployed function; yields its log lines, then the good outcome. Raises Problem for a bad one.

    `endpoint` is the Hub that it asks, where that is known.
    """
    calling = ports.modal.call(app, function, arguments, limit)
    async with aclosing(_good_outcome(ports, calling, limit, model, gpu, endpoint)) as running:
        async for item in running:
            if not isinstance(item, AnswerText):
                yield item


async def _good_outcome(
    ports: Ports,
    calling: AsyncGenerator[LogLine | CallWaiting | AnswerText | CallOutcome, None]
    | AsyncGenerator[LogLine | CallWaiting | CallOutcome, None],
    limit: float,
    model: str,
    gpu: str,
    endpoint: str = "",
) -> AsyncGenerator[LogLine | AnswerText | CallOutcome, None]:
    """What a call yields, with the good outcome last. Raises Problem for a bad one."""
    tail: deque[str] = deque(maxlen=LOG_TAIL)
    async with aclosing(calling) as running:
        async for item in running:
            if isinstance(item, LogLine):
                tail.append(item.text)
                yield item
            elif isinstance(item, AnswerText):
                yield item
            elif isinstance(item, CallWaiting):
                yield LogLine("system", waiting_words(gpu, item.seconds), time.time())
            elif item.error == "NotScheduled":
                raise Problem(
                    "gpu_unavailable",
                    f"No {device_words(gpu) or 'container'} became free within {limit:.0f} s.",
                    f"Try again later, or choose another GPU{other_gpu(gpu)}." if gpu else "Try again later.",
                    retryable=True,
                    exit_code=ExitCode.REMOTE,
                )
            elif item.error:
                larger = larger_gpu(gpu)
                asked = endpoint or ports.hub.account_hub.endpoint
                raise diagnose(item.error, item.message, tail, model=model, endpoint=asked, gpu=gpu, larger=larger)
            else:
                yield item


def waiting_words(gpu: str, seconds: float) -> str:
    """What is said while a call waits for a container."""
    what = one_device(gpu) if gpu else "a container"
    another = f"; another GPU may be sooner{other_gpu(gpu)}" if gpu else ""
    return f"[outlines-wizard] waiting for {what}: none has started for {seconds:.0f} s{another}"


def other_gpu(gpu: str) -> str:
    """Another GPU with at least as much memory, the nearest in price; empty when there is none or none was named."""
    chosen = gpu_of_another(gpu)
    if chosen is None:
        return ""
    others = [each for each in CHOICES if each.count == chosen.count and each.gpu != chosen.gpu]
    enough = [each for each in others if each.usable >= chosen.usable]
    if not enough:
        return ""
    other = min(enough, key=lambda each: abs(each.dollars_per_hour() - chosen.dollars_per_hour()))
    return f": --gpu {other.spec} ({awake_words(awake_per_hour(other.spec))})"


async def draw_sample(job: JobState, planned: Planned) -> AsyncGenerator[Event, None]:
    """Ask the deployed function once and have its answer judged by a validator that knows nothing of the engine."""
    plan = planned.plan
    arguments = {"prompt": plan.prompt, "max_tokens": plan.max_tokens}
    sample: SampleReady | None = None
    async with aclosing(
        sample_events(job.ports, plan.app, arguments, plan.output, job.options.call_limit, plan.model, plan.gpu)
    ) as running:
        async for event in running:
            if isinstance(event, SampleReady):
                job.applied = replace(job.applied, call_seconds=event.seconds)
                sample = event = replace(event, dollars=call_dollars(plan.gpu, event.seconds, planned.rates))
            yield event
    sample = require(sample)
    check_sample(sample)
    yield StepFinished("sample", "ready", "valid" + (", cold start" if sample.cold else ""))


async def sample_events(
    ports: Ports,
    app: str,
    arguments: Mapping[str, Any],
    output: OutputType | None,
    limit: float,
    model: str = "the model",
    gpu: str = "",
    *,
    stream: bool = False,
) -> AsyncGenerator[LogLine | AnswerText | SampleReady, None]:
    """Call ``Generator.generate``; log lines, then one SampleReady. `output` None: as the function itself says.

    `stream`: ``Generator.stream``, and AnswerText as the answer is made.
    """
    if stream:
        calling = _good_outcome(ports, ports.modal.stream(app, STREAM_NAME, arguments, limit), limit, model, gpu)
    else:
        calling = _good_outcome(ports, ports.modal.call(app, FUNCTION_NAME, arguments, limit), limit, model, gpu)
    async with aclosing(calling) as running:
        async for item in running:
            if isinstance(item, (LogLine, AnswerText)):
                yield item
                continue
            yield judge_answer(ports, item.value, str(arguments.get("prompt", "")), output, item.seconds)


def judge_answer(
    ports: Ports, answer: Mapping[str, Any], prompt: str, output: OutputType | None, seconds: float
) -> SampleReady:
    """What ``Generator.generate`` returned, judged. `output` None: as the answer itself says."""
    judgement = ports.validation.judge(output or output_of(answer), answer["text"])
    refused = clean_line(str(answer.get("refused", "")), 300)
    return SampleReady(
        prompt=prompt,
        text=answer["text"],
        value=judgement.value,
        valid=judgement.valid and not answer["truncated"] and not refused,
        errors=judgement.errors,
        truncated=answer["truncated"],
        cold=answer["cold"],
        seconds=round(seconds, 3),
        timings=answer["seconds"],
        tokens=answer.get("tokens"),
        refused=refused,
    )


def call_output(output: OutputType) -> dict[str, Any]:
    """An output type as the arguments of a call: what the backend enforces."""
    import json

    value = json.loads(output.enforced) if output.form == "json_schema" else output.enforced
    return {"form": output.form, "output": value if output.form != "none" else ""}


def output_of(answer: Mapping[str, Any]) -> OutputType:
    """The output type that an answer says it was made for."""
    import json

    form, output = answer.get("form", "none"), answer.get("output", "")
    if form == "json_schema":
        return OutputType("schema", json.dumps(output))
    return OutputType({"regex": "regex", "grammar": "grammar"}.get(form, "text"), str(output))


def check_sample(sample: SampleReady) -> None:
    """Raise Problem (exit code 7) for a sample that was refused, was cut short or is not valid."""
    if sample.refused:
        raise Problem(
            "sample_refused",
            f"The structured-output backend could not go on: {sample.refused}.",
            "Loosen what the output type demands, or ask another way.",
            exit_code=ExitCode.INVALID_SAMPLE,
        )
    if sample.truncated:
        raise Problem(
            "output_truncated",
            "The answer was cut short at the token limit.",
            "Raise --max-tokens, or shorten what the output type allows.",
            exit_code=ExitCode.INVALID_SAMPLE,
        )
    if not sample.valid:
        raise Problem(
            "sample_invalid",
            f"The function ran, and its answer does not have the output type: {'; '.join(sample.errors[:3])}",
            "Choose another structured-output backend with --backend.",
            exit_code=ExitCode.INVALID_SAMPLE,
        )
