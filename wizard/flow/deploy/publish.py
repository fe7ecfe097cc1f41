"""The deploy itself, and what somebody else may have deployed under the same name meanwhile.

Modal takes whatever is published last. So the version that the plan was made for is looked at again right before and
right after: of two who deploy at once at least the later one sees the other's version, and is told. Every deploy leaves
its plan's hash in the app's history, so that two runs of one plan are no conflict.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from wizard.codegen.app_file import plan_hash
from wizard.core.events import LogLine
from wizard.core.explain.failures import diagnose
from wizard.core.next_command import again
from wizard.core.plan.cost import awake_per_hour, awake_words
from wizard.core.plan.plan import Plan
from wizard.core.problem import Problem
from wizard.core.sizing.gpus import gpu_of_another, next_larger
from wizard.flow.deploy.job_state import Planned
from wizard.flow.deploy.make_plan import app_is_current
from wizard.flow.ports.modal import NO_DEPLOY_OUTCOME, DeployedApp, ModalPort
from wizard.flow.ports.services import Ports

LOG_TAIL = 400  # lines kept to explain a failure from


@dataclass(frozen=True)
class Published:
    """How a deploy went: what was there before, and what somebody else did at the same time, if it is no trouble."""

    over: DeployedApp | None
    beside: str = ""


async def deploy_once(ports: Ports, planned: Planned) -> AsyncGenerator[LogLine | Published, None]:
    """Deploy the app file; the last item says how it went. Raises Problem when others deployed another plan at once,
    and nothing is deployed over a version that the plan does not know of."""
    plan, known, modal = planned.plan, planned.existing.app, ports.modal
    before = await modal.app(plan.app)
    if _version(before) != _version(known):
        if app_is_current(before, plan):
            yield Published(before, "this exact plan was deployed in the meantime")
            return
        raise Problem(
            "app_changed",
            f"Someone else deployed {plan.app} after this plan was made: it is at version {_number(before)} now.",
            "Run this again: it starts from the current state.",
            retryable=True,
            next=(again("to start from the current state"),),
        )
    outcome = NO_DEPLOY_OUTCOME
    tail: deque[str] = deque(maxlen=LOG_TAIL)
    tag = f"{plan_hash(plan)}.{secrets.token_hex(4)}"
    async with aclosing(modal.deploy(planned.file, plan.app, tag)) as running:
        async for item in running:
            if isinstance(item, LogLine):
                tail.append(item.text)
                yield item
            else:
                outcome = item
    if outcome.error:
        gpu = {"gpu": plan.gpu, "larger": larger_gpu(plan.gpu)}
        raise diagnose(
            outcome.error, outcome.message, tail, model=plan.model, endpoint=ports.hub.account_hub.endpoint, **gpu
        )
    yield Published(known, await _look_beside(modal, planned, outcome.app_id, tag))


def larger_gpu(gpu: str) -> str:
    """The next larger choice with its price, as in ``L40S ($2.03/h while running)``; empty when there is none."""
    chosen = gpu_of_another(gpu)
    larger = next_larger(chosen) if chosen else None
    return f"{larger.spec} ({awake_words(awake_per_hour(larger.spec))})" if larger else ""


def _version(app: DeployedApp | None) -> tuple[str, int | None]:
    return ("", None) if app is None else (app.app_id, app.version)


def _number(app: DeployedApp | None) -> int:
    return (app.version if app else None) or 0


async def _look_beside(modal: ModalPort, planned: Planned, app_id: str, tag: str) -> str:
    """What else was deployed under this name between the look before and now, in words; empty: nothing. Raises Problem
    for another plan."""
    plan, known = planned.plan, planned.existing.app
    after = await modal.app(plan.app)
    if after is None:
        raise Problem("app_gone", f"{plan.app} was deployed, then stopped by someone else.", retryable=True)
    if known is None:
        others = await _stop_doubles(modal, plan, after)
    else:
        others = []
    if after.app_id == app_id and _number(after) <= _number(known) + 1 and not others:
        return ""
    since = _number(known) if after.app_id == app_id else 0
    versions = [each for each in await modal.versions(plan.app) if each.number > since]
    others += [each.tag.partition(".")[0] for each in versions if each.tag != tag]
    if set(others) <= {plan_hash(plan)}:
        return "someone else deployed the same plan at the same time"
    ours = after.app_id == app_id and bool(versions) and versions[0].tag == tag
    which = f"this run's plan has replaced theirs, as version {_number(after)}" if ours else "theirs is running now"
    raise Problem(
        "deployed_at_once",
        f"Someone else deployed a different plan to {plan.app} at the same time: {which}.",
        "Agree on one plan, then run this again: it starts from the current state.",
        retryable=True,
    )


async def _stop_doubles(modal: ModalPort, plan: Plan, current: DeployedApp) -> list[str]:
    """Of two first deploys at once, one app keeps the name: stop the other, and return the plans of both but ours."""
    doubles = [each for each in await modal.apps() if each.name == plan.app and each.app_id != current.app_id]
    for double in doubles:
        await modal.stop_app(double.app_id)
    plans = [each.tags.get("plan", "") for each in (*doubles, *([current] if doubles else []))]
    return [each for each in plans if each != plan_hash(plan)] or plans[:1]
