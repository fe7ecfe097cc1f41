"""Probes of what Modal does with an app, its containers and its Volume, by a small app without a GPU."""

from __future__ import annotations

import time
from contextlib import aclosing

from wizard.codegen.live import MARK_VARIABLE, render_small_app
from wizard.core.events import AnswerText, LogLine
from wizard.core.live.report import Finding
from wizard.core.problem import Problem
from wizard.flow.live.deploying import TAG, deploy_file
from wizard.flow.live.registry import probe
from wizard.flow.live.state import (
    CALL_SECONDS,
    CouldNotTry,
    Live,
    call,
    log_has,
    made_up_token,
    seen_if,
    until,
    value_of,
)
from wizard.flow.ports.modal import CallOutcome

LOG_SECONDS = 20.0  # a line that has not come by then is taken for lost
APART = 0.6  # seconds between the first and the last of three pieces that are half a second apart each
_NOTE = "live-check.txt"


async def deploy_small_app(live: Live) -> None:
    """Deploy the app that these probes call. Raises Problem."""
    if not live.fingerprint:
        raise CouldNotTry("the Modal Secret of the small app could not be made")
    live.made.volumes.append(live.name)
    outcome = await deploy_file(live, live.small.app, render_small_app(live.small))
    if outcome.error:
        raise Problem("live_deploy_failed", f"the small app could not be deployed: {outcome.message}")
    app = await live.modal.app(live.small.app)
    live.endpoint = app.endpoint if app else ""
    try:
        live.made.proxy_token = await live.modal.make_proxy_token(live.name)
    except Problem as problem:  # only the probes of web functions need it
        live.no_proxy_token = problem.message


def _tags(live: Live, state: str) -> dict[str, str]:
    return {"made-by": "outlines-wizard", "live": state, "volume": live.name}


@probe("modal-tags-at-deploy", "small")
async def tags_at_deploy(live: Live) -> Finding:
    app = await live.modal.app(live.small.app)
    tags = dict(app.tags) if app else {}
    return seen_if(tags == _tags(live, "check"), f"{tags}")


@probe("modal-tags", "small")
async def tags(live: Live) -> Finding:
    wanted = _tags(live, "changed")
    await live.modal.tag_app(live.small.app, wanted)
    app = await live.modal.app(live.small.app)
    found = dict(app.tags) if app else {}
    return seen_if(found == wanted, f"{found}")


@probe("modal-history", "small", seconds=90)
async def history(live: Live) -> Finding:
    versions = await live.modal.versions(live.small.app)
    listed = ", ".join(f"version {each.number} with tag {each.tag!r}" for each in versions)
    return seen_if([(each.number, each.tag) for each in versions] == [(1, TAG)], listed or "no versions")


@probe("modal-clean-environment", "small", seconds=CALL_SECONDS)
async def clean_environment(live: Live) -> Finding:
    names = (await value_of(live, "act", what="look"))["variables"]
    inherited = MARK_VARIABLE in names or "HF_TOKEN" in names
    return seen_if(
        not inherited, f"{len(names)} variables; the one that is set here is {'' if inherited else 'not '}one"
    )


async def _fingerprint(live: Live) -> str:
    return str((await value_of(live, "with_secret"))["fingerprint"])


@probe("modal-secret-attached", "small", seconds=CALL_SECONDS, rests_on=("modal-secret-keys",))
async def secret_attached(live: Live) -> Finding:
    found = await _fingerprint(live)
    words = "the Secret's own" if found == live.fingerprint else "another value" if found else "no HF_TOKEN"
    return seen_if(found == live.fingerprint, words)


@probe("modal-secret-kept", "small", seconds=CALL_SECONDS, rests_on=("modal-secret-attached",))
async def secret_kept(live: Live) -> Finding:
    before, newer = live.fingerprint, made_up_token()
    await live.modal.put_secret(live.name, newer)
    live.fingerprint = newer.fingerprint
    if not (await live.modal.containers(live.small.app)).get("with_secret"):
        raise CouldNotTry("the container had ended before it could be asked again")
    found = await _fingerprint(live)
    return seen_if(found == before, "the value of before" if found == before else "another value")


@probe("modal-rollover", "small", seconds=CALL_SECONDS + 60, rests_on=("modal-secret-attached",))
async def rollover(live: Live) -> Finding:
    await live.modal.refresh(live.small.app)
    found = await _fingerprint(live)
    return seen_if(found == live.fingerprint, "the new value" if found == live.fingerprint else "the value of before")


@probe("modal-log-lines", "small", seconds=CALL_SECONDS)
async def log_lines(live: Live) -> Finding:
    _, lines = await call(live, "act", what="speak")
    found = {line.text.strip(): line.source for line in lines if line.text.startswith("live: standard")}
    if not found and (late := await log_has(live, "live: standard output", LOG_SECONDS)) is not None:
        return seen_if(False, f"they came {late:.0f} s after the call had ended")
    wanted = {"live: standard output": "stdout", "live: standard error": "stderr"}
    return seen_if(found == wanted, f"{found}" if found else "no line came")


@probe("modal-exception", "small", seconds=CALL_SECONDS)
async def exception(live: Live) -> Finding:
    outcome, _ = await call(live, "act", what="fail")
    holds = outcome.error.endswith("ValueError") and "live: raised on purpose" in outcome.message
    return seen_if(holds, f"{outcome.error}: {outcome.message}")


@probe("modal-timeout", "small", seconds=CALL_SECONDS)
async def timeout(live: Live) -> Finding:
    outcome, _ = await call(live, "too_slow")
    return seen_if(outcome.error.endswith("FunctionTimeoutError"), f"{outcome.error}: {outcome.message}")


@probe("modal-large-result", "small", seconds=CALL_SECONDS)
async def large_result(live: Live) -> Finding:
    size = len((await value_of(live, "act", what="large"))["text"])
    return seen_if(size == 3 << 20, f"{size} characters")


@probe("modal-generator", "small", seconds=CALL_SECONDS)
async def generator(live: Live) -> Finding:
    texts, times, outcome = [], [], CallOutcome(error="NoOutcome")
    async with aclosing(live.modal.stream(live.small.app, "pieces", {}, CALL_SECONDS)) as items:
        async for item in items:
            if isinstance(item, AnswerText):
                texts.append(item.text)
                times.append(time.monotonic())
            elif isinstance(item, CallOutcome):
                outcome = item
    if outcome.error:
        return seen_if(False, f"{outcome.error}: {outcome.message}")
    over = times[-1] - times[0] if times else 0.0
    named = str(outcome.value.get("call", "")).startswith("fc-")
    holds = texts == ["one ", "two ", "three"] and over >= APART and named
    return seen_if(holds, f"{len(texts)} pieces over {over:.1f} s, with the id of their call: {named}")


@probe("modal-cancel", "small", seconds=CALL_SECONDS)
async def cancel(live: Live) -> Finding:
    running = False
    async with aclosing(live.modal.call(live.small.app, "wait", {}, CALL_SECONDS)) as items:
        async for item in items:
            if running := isinstance(item, LogLine) and "live: waiting" in item.text:
                break
    if not running:
        raise CouldNotTry("the call did not say that it had begun")
    after = await log_has(live, "live: cancelled", LOG_SECONDS)
    return seen_if(after is not None, "it ran on" if after is None else f"it ended within {after + 1:.0f} s")


@probe("modal-volume-upload", "small")
async def volume_upload(live: Live) -> Finding:
    text = f"written at {time.time()}"
    await live.modal.keep_text(live.name, f"notes/{_NOTE}", text)
    same = await live.modal.read_text(live.name, f"notes/{_NOTE}") == text
    size = (await live.modal.volume_files(live.name, "notes") or {}).get(_NOTE)
    return seen_if(same and size == len(text), f"the same text: {same}; {size} of {len(text)} bytes")


@probe("modal-volume-commit", "small", seconds=2 * CALL_SECONDS)
async def volume_commit(live: Live) -> Finding:
    text = f"from a container, {time.time()}"
    await value_of(live, "write", name=_NOTE, text=text)
    found = await value_of(live, "read", name=_NOTE)
    live.read_only = found["refused"]
    outside = await live.modal.read_text(live.name, _NOTE) == text
    return seen_if(found["text"] == text and outside, f"another container: {found['text'] == text}; here: {outside}")


@probe("modal-volume-read-only", "small", rests_on=("modal-volume-commit",))
async def volume_read_only(live: Live) -> Finding:
    if live.ports.rehearsal and not live.read_only:
        raise CouldNotTry("the demo does not mount Volumes, so that nothing is read-only")
    return seen_if(bool(live.read_only), live.read_only or "the file was written")


@probe("modal-scale-to-zero", "small", seconds=120)
async def scale_to_zero(live: Live) -> Finding:
    async def gone() -> bool:
        return not (await live.modal.containers(live.small.app)).get("write")

    after = await until(gone, 90)
    return seen_if(after is not None, "it is still there" if after is None else "no container is left")
