"""Calls of a deployed function: its log lines as they come, its outcome, and its answer, judged."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from wizard.core.access.verdicts import Verdict, verdict_problem
from wizard.core.access_token import clean_line
from wizard.core.events import AnswerText, LogLine, SampleReady
from wizard.core.explain.explanations import FAILURES
from wizard.core.explain.failures import diagnose
from wizard.core.images.image_file import image_refusal, reads_text_only
from wizard.core.output.output_type import OutputType
from wizard.core.plan.cost import awake_per_hour, awake_words
from wizard.core.plan.names import FUNCTION_NAME, STREAM_NAME
from wizard.core.problem import ExitCode, Problem
from wizard.core.sizing.gpus import CHOICES, device_words, gpu_of_another, one_device
from wizard.flow.deploy.phases import PhaseEvent, PhaseTracker
from wizard.flow.deploy.plan_record import PlanRecord
from wizard.flow.deploy.publish import LOG_TAIL, larger_gpu
from wizard.flow.ports.modal import CallOutcome, CallWaiting
from wizard.flow.ports.services import Ports

Calling = AsyncGenerator[LogLine | CallWaiting | AnswerText | CallOutcome, None]

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
            yield LogLine("system", "[outlines-wizard] lost the connection to the Hub; resuming", time.time())


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
    calling: Calling,
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
                    f"No {device_words(gpu) or 'container'} was available within {limit:.0f} s.",
                    f"Try again later, or choose another GPU{other_gpu(gpu)}." if gpu else "Try again later.",
                    retryable=True,
                    exit_code=ExitCode.REMOTE,
                )
            elif item.error and (refusal := image_refusal(item.message)) is not None:
                raise refusal
            elif item.error:
                larger = larger_gpu(gpu)
                asked = endpoint or ports.hub.account_hub.endpoint
                raise diagnose(item.error, item.message, tail, model=model, endpoint=asked, gpu=gpu, larger=larger)
            else:
                yield item


def waiting_words(gpu: str, seconds: float) -> str:
    """What is said while a call waits for a container."""
    what = one_device(gpu) if gpu else "a container"
    another = f"; another GPU may start sooner{other_gpu(gpu)}" if gpu else ""
    return f"[outlines-wizard] waiting for {what}: none has started after {seconds:.0f} s{another}"


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
    phases: PhaseTracker | None = None,
) -> AsyncGenerator[LogLine | AnswerText | SampleReady | PhaseEvent, None]:
    """Call ``Generator.generate``; log lines and the phases of the wait, then one SampleReady. `output` None: as the
    function itself says.

    `stream`: ``Generator.stream``, and AnswerText as the answer is made. `phases`: what is known of their usual times.
    """
    phases = phases or PhaseTracker.of_call(model, gpu, rehearsal=ports.rehearsal)
    calling: Calling
    if stream:
        calling = ports.modal.stream(app, STREAM_NAME, arguments, limit)
    else:
        calling = ports.modal.call(app, FUNCTION_NAME, arguments, limit)
    yield phases.begin("boot")
    async with aclosing(_good_outcome(ports, calling, limit, model, gpu)) as running:
        async for item in running:
            if isinstance(item, (LogLine, AnswerText)):
                seen: LogLine | AnswerText | SampleReady = item
            else:
                seen = judge_answer(ports, item.value, str(arguments.get("prompt", "")), output, item.seconds)
            for event in phases.see(seen):
                yield event
            yield seen


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
        reasoning=str(answer.get("reasoning", "")),
        reasoning_tokens=int(answer.get("reasoning_tokens", 0)),
    )


def check_it_sees(record: PlanRecord | None, app: str) -> None:
    """Raise Problem (exit code 2) where the plan of an app says that its model takes no images: before a GPU is paid
    for. An app whose plan was not kept says so itself."""
    if record is not None and record.sees is False:
        raise reads_text_only(record.draft.model or app)


def call_output(output: OutputType) -> dict[str, Any]:
    """An output type as the arguments of a call: what the backend enforces."""
    value = json.loads(output.enforced) if output.form == "json_schema" else output.enforced
    return {"form": output.form, "output": value if output.form != "none" else ""}


def map_arguments(
    prompt: object,
    max_tokens: int | None,
    output: Mapping[str, Any],
    temperature: float,
    seed: int,
    *,
    think: int | str | None = None,
    messages: Sequence[object] = (),
) -> tuple[Any, ...]:
    """One call by way of Modal's map: its arguments by their places, or all in one dict where an app has to be told how
    far to reason. `output` is an output type as `call_output` gives it, or an answer that was made for one."""
    form, value = output["form"], output["output"]
    if think is not None:
        named = {"prompt": prompt, "max_tokens": max_tokens, "form": form, "output": value}
        named |= {"temperature": temperature, "seed": seed, "think": think}
        return (named | ({"messages": list(messages)} if messages else {}),)
    plain = (prompt, max_tokens, form, value, temperature, None, None, seed)
    return (*plain, False, list(messages)) if messages else plain


def output_of(answer: Mapping[str, Any]) -> OutputType:
    """The output type that an answer says it was made for."""
    form, output = answer.get("form", "none"), answer.get("output", "")
    if form == "json_schema":
        return OutputType("schema", json.dumps(output))
    return OutputType({"regex": "regex", "grammar": "grammar"}.get(form, "text"), str(output))


def check_sample(sample: SampleReady) -> None:
    """Raise Problem (exit code 7) for a sample that was refused, was cut short or is not valid."""
    if sample.refused:
        raise Problem(
            "sample_refused",
            f"The structured-output backend stopped: {sample.refused}.",
            "Loosen the output type, or rephrase the prompt.",
            exit_code=ExitCode.INVALID_SAMPLE,
        )
    if sample.truncated:
        raise Problem(
            "output_truncated",
            "The answer was cut short at the token limit.",
            "Raise --max-tokens, or make the output type allow only shorter answers.",
            exit_code=ExitCode.INVALID_SAMPLE,
            next=FAILURES["output_truncated"].next,
        )
    if not sample.valid:
        raise Problem(
            "sample_invalid",
            f"The function ran, but its answer doesn't match the output type: {'; '.join(sample.errors[:3])}",
            "Choose another structured-output backend with --backend.",
            exit_code=ExitCode.INVALID_SAMPLE,
        )
