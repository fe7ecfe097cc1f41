"""Probes of the whole job: models deployed, called, streamed, rolled back and given a new access token, as users do."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing

from wizard.codegen.vllm import CACHE
from wizard.core.events import AnswerText, Failed, SampleReady
from wizard.core.live.report import Finding
from wizard.core.live.scope import SETUP_SECONDS
from wizard.core.plan.names import FUNCTION_NAME
from wizard.flow.deploy.function_calls import call_function, check_sample, judge_answer, sample_events
from wizard.flow.live.deploying import IDLE_SECONDS, OUTPUT, PROMPT, agree, deploy_model
from wizard.flow.live.probes.web import proxy_token
from wizard.flow.live.registry import probe
from wizard.flow.live.state import CouldNotTry, Job, Live, made_up_token, seen_if, until
from wizard.flow.operate.rollback import plan_rollback, roll_back
from wizard.flow.operate.rotate import Rotation, rotate
from wizard.flow.ports.modal import CallOutcome

ANSWER_SECONDS = 400.0


def _job(live: Live, name: str) -> Job:
    if name not in live.jobs:
        raise CouldNotTry("its app was not deployed")
    return live.jobs[name]


async def _answer(live: Live, name: str) -> Job:
    """Ask a deployed model once, with what it runs on. Raises Problem for an answer that is not valid."""
    job = _job(live, name)
    arguments = {"prompt": PROMPT, "about": True}
    calling = call_function(live.ports, job.app, FUNCTION_NAME, arguments, ANSWER_SECONDS, job.model, live.scope.gpu)
    async with aclosing(calling) as items:
        async for item in items:
            if isinstance(item, CallOutcome):
                job.sample = judge_answer(live.ports, item.value, PROMPT, OUTPUT, item.seconds)
                job.about = dict(item.value.get("about", {}))
    check_sample(_sample(job))
    return job


def _sample(job: Job) -> SampleReady:
    if job.sample is None:
        raise CouldNotTry("there was no first answer")
    return job.sample


async def _streamed(live: Live, name: str) -> Finding:
    job, pieces, times = _job(live, name), 0, [time.monotonic()]
    asking = sample_events(
        live.ports, job.app, {"prompt": PROMPT}, OUTPUT, ANSWER_SECONDS, job.model, live.scope.gpu, stream=True
    )
    async with aclosing(asking) as events:
        async for event in events:
            if isinstance(event, AnswerText):
                pieces += 1
                times.append(time.monotonic())
    return seen_if(pieces > 1, f"{pieces} pieces over {times[-1] - times[min(1, len(times) - 1)]:.1f} s")


@probe("job-image", "open", seconds=SETUP_SECONDS)
async def image(live: Live) -> Finding:
    started = time.monotonic()
    live.jobs["open"] = await deploy_model(live, "open", live.scope.model, "transformers")
    return seen_if(True, f"deployed and downloaded in {time.monotonic() - started:.0f} s")


@probe("web-address", "open", seconds=300, rests_on=("job-image",))
async def address(live: Live) -> Finding:
    before = _job(live, "open").endpoint
    after = await deploy_model(live, "open", live.scope.model, "transformers", max_tokens=65)
    return seen_if(bool(before) and after.endpoint == before, f"the same address: {after.endpoint == before}")


@probe("modal-rollback", "open", seconds=180, rests_on=("web-address",))
async def rollback(live: Live) -> Finding:
    plan = await plan_rollback(live.modal, _job(live, "open").app, None)
    if plan is None:
        raise CouldNotTry("the app is not there")
    after = await roll_back(live.modal, plan)
    return seen_if(True, f"version {plan.app.version} went back to version {plan.target.number}, as {after.version}")


@probe("job-answer", "open", seconds=ANSWER_SECONDS, wakes_gpu=True, rests_on=("job-image",))
async def answer(live: Live) -> Finding:
    sample = _sample(await _answer(live, "open"))
    return seen_if(True, f"valid after {sample.seconds:.0f} s with the start of its container")


@probe("job-device", "open", wakes_gpu=True, rests_on=("job-answer",))
async def device(live: Live) -> Finding:
    if live.ports.rehearsal:
        raise CouldNotTry("the demo has no GPU")
    named = str(_job(live, "open").about.get("device", ""))
    wanted = live.scope.gpu.partition(":")[0].partition("-")[0]
    return seen_if(wanted.lower() in named.lower(), named or "not said")


@probe("job-stream", "open", seconds=ANSWER_SECONDS, wakes_gpu=True, rests_on=("job-answer",))
async def stream(live: Live) -> Finding:
    return await _streamed(live, "open")


@probe("job-endpoint", "open", seconds=ANSWER_SECONDS, wakes_gpu=True, rests_on=("job-answer", "web-key"))
async def endpoint(live: Live) -> Finding:
    asked = {"messages": [{"role": "user", "content": PROMPT}], "stream": True}
    headers = proxy_token(live).headers | {"Content-Type": "application/json"}
    url = f"{_job(live, 'open').endpoint}/v1/chat/completions"
    got = await live.modal.ask_web(url, headers, json.dumps(asked).encode())
    holds = got.status == 200 and "chat.completion.chunk" in got.text and got.text.rstrip().endswith("[DONE]")
    return seen_if(holds, f"{got.status}, {len(got.pieces)} pieces, ends with {got.text.rstrip()[-12:]!r}")


@probe("job-snapshot", "open", seconds=ANSWER_SECONDS, wakes_gpu=True, rests_on=("job-answer",))
async def snapshot(live: Live) -> Finding:
    if live.ports.rehearsal:
        raise CouldNotTry("the demo restores no snapshots")
    job = _job(live, "open")
    first = _sample(job).seconds

    async def asleep() -> bool:
        return not (await live.modal.containers(job.app)).get("Generator")

    await asyncio.sleep(IDLE_SECONDS)
    if await until(asleep, 90) is None:
        raise CouldNotTry("the first container did not end")
    second = _sample(await _answer(live, "open"))
    return seen_if(second.cold and second.seconds < first, f"{second.seconds:.0f} s after {first:.0f} s at first")


async def deploy_gated(live: Live) -> None:
    live.jobs["gated"] = await deploy_model(live, "gated", live.scope.gated_model, "transformers")


@probe(
    "job-gated",
    "gated",
    seconds=ANSWER_SECONDS,
    prepare=deploy_gated,
    wakes_gpu=True,
    rests_on=("hub-gate-open", "modal-secret-attached"),
)
async def gated(live: Live) -> Finding:
    sample = _sample(await _answer(live, "gated"))
    return seen_if(True, f"valid after {sample.seconds:.0f} s with the start of its container")


@probe("job-rotate", "gated", seconds=ANSWER_SECONDS, wakes_gpu=True, rests_on=("job-gated",))
async def rotation(live: Live) -> Finding:
    await live.modal.put_secret(live.name, made_up_token())
    asked = Rotation(_job(live, "gated").app, token_from="auto", keyring=False)
    async with aclosing(rotate(live.ports, asked, agree)) as events:
        async for event in events:
            if isinstance(event, Failed):
                raise event.problem
    return seen_if(True, "the Secret was out of date; fresh containers downloaded and answered")


async def deploy_vllm(live: Live) -> None:
    if "vllm" in live.ports.missing_engines:
        raise CouldNotTry("vLLM is not installed here, where the demo's containers run")
    if await live.modal.volume_files(CACHE, "") is None:  # then it is nobody else's
        live.made.volumes.append(CACHE)
    live.jobs["vllm"] = await deploy_model(live, "vllm", live.scope.model, "vllm")


@probe("job-vllm", "vllm", seconds=ANSWER_SECONDS, prepare=deploy_vllm, wakes_gpu=True)
async def vllm(live: Live) -> Finding:
    sample = _sample(await _answer(live, "vllm"))
    return seen_if(True, f"valid after {sample.seconds:.0f} s with the start of its container")


@probe("job-vllm-stream", "vllm", seconds=ANSWER_SECONDS, wakes_gpu=True, rests_on=("job-vllm",))
async def vllm_stream(live: Live) -> Finding:
    return await _streamed(live, "vllm")
