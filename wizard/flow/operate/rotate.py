"""A new access token for what is deployed: checked first, then kept, put into the Modal Secret, and proven in use.

The old access token is left usable all the while, so that stopping anywhere breaks nothing; the person revokes it when
the new one has worked.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from wizard.core.access.keyring_state import keyring_problem
from wizard.core.access.verdicts import new_token_page
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.events import (
    AppPlan,
    Change,
    Event,
    Failed,
    Finished,
    LogLine,
    PlanReady,
    SampleReady,
    StepFinished,
    StepSkipped,
    StepStarted,
)
from wizard.core.models.adapter import read_adapters
from wizard.core.models.model_info import is_folder_name
from wizard.core.next_command import again
from wizard.core.plan.names import FUNCTION_NAME, SECRET_NAME
from wizard.core.problem import CANCELLED, ExitCode, Problem, usage
from wizard.flow.access.check import check_access, find_token
from wizard.flow.access.report import AccessReport
from wizard.flow.deploy.discovery import downloaded_from, refuse_short_lived
from wizard.flow.deploy.function_calls import check_sample, download_weights, sample_events
from wizard.flow.deploy.plan_record import PlanRecord, read_record
from wizard.flow.operate.deployed_apps import app_missing
from wizard.flow.ports.credentials import Credential, TokenFrom
from wizard.flow.ports.modal import DeployedApp, SecretState, Workspace, is_ours
from wizard.flow.ports.services import Ports

SAMPLE_SECONDS = 900.0

Agree = Callable[[PlanReady], Awaitable[bool]]


@dataclass(frozen=True)
class Rotation:
    """What is asked for. `secret` None: the Modal Secret of the app."""

    app: str
    token_from: TokenFrom = "stdin"
    secret: str | None = None
    replace_secret: bool = False
    keyring: bool = True
    sample: bool = True


@dataclass
class _Facts:
    workspace: Workspace
    app: DeployedApp
    record: PlanRecord
    secret: str
    credential: Credential | None = None
    report: AccessReport | None = None
    state: SecretState = "missing"
    keyring_state: str = "absent"

    @property
    def model(self) -> str:
        return self.record.draft.model or ""

    @property
    def is_current(self) -> bool:
        """Whether the Modal Secret holds this access token: a run before this one may have ended without proving it."""
        return self.state == "current"

    @property
    def token(self) -> Credential:
        assert self.credential is not None
        return self.credential

    @property
    def user(self) -> str | None:
        account = self.report.account if self.report else None
        return account.user if account else None


async def rotate(ports: Ports, rotation: Rotation, agree: Agree) -> AsyncGenerator[Event, None]:
    """Replace the access token. The last event is Finished or Failed; only cancellation raises."""
    started = time.monotonic()
    step = "modal"
    try:
        yield StepStarted(step)
        facts = await _look(ports, rotation)
        yield StepFinished(step, "ready", f"app {facts.app.name} with {facts.model}, Modal Secret {facts.secret}")
        step = "access"
        yield StepStarted(step)
        await _check(ports, rotation, facts)
        assert facts.report is not None
        yield StepFinished(step, "ready", facts.report.cause)
        plan = await _plan(ports, rotation, facts)
        yield plan
        if not facts.is_current and not await agree(plan):
            raise Problem("not_agreed", CANCELLED, exit_code=ExitCode.NOT_AGREED)
        for name, apply in (*(() if facts.is_current else CHANGING), *PROVING):
            step = name
            async with aclosing(apply(ports, rotation, facts)) as events:
                async for event in events:
                    yield event
    except Problem as problem:
        after = step in ("deploy", "sample") and not facts.is_current
        hint = " The old access token still works: rotate with it to go back." if after else ""
        yield Failed(Problem(**{**vars(problem), "hint": (problem.hint + hint).strip()}).at(problem.step or step))
        return
    yield Finished(
        app=facts.app.name,
        function=FUNCTION_NAME,
        environment=facts.workspace.environment,
        rehearsal=ports.rehearsal,
        seconds=round(time.monotonic() - started, 2),
        next=await _what_is_left(ports, facts),
    )


async def _what_is_left(ports: Ports, facts: _Facts) -> dict[str, str]:
    """What the person does now. A deploy from here puts the access token that is found here into the Modal Secret:
    where that is another one, it would undo this."""
    left = {}
    if not facts.is_current:
        left["revoke"] = f"the old access token, at {ports.hub.account_hub.endpoint}/settings/tokens"
    found = await ports.tokens.find("auto")
    if found is not None and found.token.fingerprint != facts.token.token.fingerprint:
        left["replace"] = (
            f"the access token {found.token.masked} from {found.source}: until it is the new one, status calls the "
            "Modal Secret outdated, and the next deploy from this computer puts the other one back"
        )
    return left


async def _look(ports: Ports, rotation: Rotation) -> _Facts:
    workspace = await ports.modal.connect()
    app = await ports.modal.app(rotation.app)
    if app is None:
        raise app_missing(rotation.app, workspace.environment, lasting=ports.lasting)
    record = await read_record(ports.modal, app) if is_ours(app) else None
    if record is None or not record.draft.model:
        raise Problem(
            "plan_unknown",
            f"The plan of the app {rotation.app} is unknown: it is not in its Volume.",
            "Deploy it again with outlines-wizard; that updates the Modal Secret too.",
        )
    if record.needs_token is False:
        raise usage("token_not_needed", f"{record.draft.model} is open: no access token is attached to {rotation.app}.")
    return _Facts(workspace, app, record, rotation.secret or record.draft.secret or SECRET_NAME)


async def _check(ports: Ports, rotation: Rotation, facts: _Facts) -> None:
    """Prove that the new access token reads the weights, and that it lasts."""
    facts.credential = await find_token(ports, rotation.token_from)
    if facts.credential is None:
        url = new_token_page(ports.hub.account_hub.endpoint)
        raise Problem(
            "no_token", "There is no new access token.", "Pass --token-from stdin.", url,
            exit_code=ExitCode.CREDENTIALS, next=(again("to paste it", "--token-from stdin"),),
        )  # fmt: skip
    draft = facts.record.draft
    facts.report = await check_access(
        ports.hub,
        facts.model,
        draft.revision,
        facts.credential,
        engine=draft.named_engine,
        adapters=[each for each in read_adapters("adapter", draft.adapter or ()) if not is_folder_name(each.repo_id)],
    )
    if facts.report.problem:
        raise facts.report.problem
    refuse_short_lived(facts.credential, facts.report.account, ports.hub.account_hub.endpoint)


async def _plan(ports: Ports, rotation: Rotation, facts: _Facts) -> PlanReady:
    facts.state, probe = await gather_or_cancel(
        ports.modal.secret_state(facts.secret, facts.token.token.fingerprint), ports.keyring.probe()
    )
    facts.keyring_state = probe.state
    if facts.state == "foreign" and not rotation.replace_secret:
        raise Problem(
            "secret_foreign",
            f"The Modal Secret {facts.secret} was not created by outlines-wizard.",
            "Pass --replace-secret to write the new access token into it.",
            next=(again("to write the new access token into it", "--replace-secret"),),
        ).at("secret")
    if facts.is_current:
        why = "already holds your new access token"
        changes = [Change("secret", facts.secret, "keep", why), Change("app", facts.app.name, "keep", "unchanged")]
        return PlanReady(AppPlan(facts.app.name), tuple(changes))
    changes = []
    if rotation.keyring and facts.keyring_state == "ready" and facts.user:
        changes.append(Change("keyring", facts.user, "update", "stores the new access token"))
    action = "create" if facts.state == "missing" else "update"
    changes.append(Change("secret", facts.secret, action, f"will hold {facts.token.token.masked}"))  # type: ignore[arg-type]
    changes.append(Change("app", facts.app.name, "update", "new containers of the same version"))
    return PlanReady(AppPlan(facts.app.name), tuple(changes))


async def _keep(ports: Ports, rotation: Rotation, facts: _Facts) -> AsyncGenerator[Event, None]:
    if not rotation.keyring:
        yield StepSkipped("token", "--no-keyring")
    elif facts.keyring_state != "ready":
        problem = keyring_problem(facts.keyring_state)  # type: ignore[arg-type]
        yield StepSkipped("token", f"not saved on this computer: {problem.message}")
    elif not facts.user:
        yield StepSkipped("token", "the Hub doesn't say whose access token it is")
    else:
        yield StepStarted("token")
        await ports.keyring.save(ports.hub.account_hub.endpoint, facts.user, facts.token.token)
        yield StepFinished("token", "updated", f"{facts.user}'s access token is in the OS keyring")


async def _put(ports: Ports, rotation: Rotation, facts: _Facts) -> AsyncGenerator[Event, None]:
    yield StepStarted("secret")
    await ports.modal.put_secret(facts.secret, facts.token.token)
    outcome = "created" if facts.state == "missing" else "updated"
    yield StepFinished("secret", outcome, f"Modal Secret {facts.secret} holds {facts.token.token.masked}")  # type: ignore[arg-type]


async def _refresh(ports: Ports, rotation: Rotation, facts: _Facts) -> AsyncGenerator[Event, None]:
    """Containers keep what they were started with: replace them, and have a fresh one use the new access token. Where
    it is not new, only the latter."""
    yield StepStarted("deploy")
    name = facts.app.name
    if not facts.is_current:
        await ports.modal.refresh(name)
    source = downloaded_from(facts.record.draft.hub_endpoint or "", ports)
    async with aclosing(download_weights(ports, name, facts.model, source)) as items:
        async for item in items:
            if isinstance(item, LogLine):
                yield item
    if facts.is_current:
        yield StepFinished("deploy", "kept", f"app {name} unchanged; its download works")
        return
    after = await ports.modal.app(name)
    version = f"version {after.version}, " if after and after.version else ""
    yield StepFinished("deploy", "updated", f"app {name}: {version}new containers; the new access token works")


async def _prove(ports: Ports, rotation: Rotation, facts: _Facts) -> AsyncGenerator[Event, None]:
    if not rotation.sample:
        yield StepSkipped("sample", "--no-sample")
        return
    yield StepStarted("sample")
    sample: SampleReady | None = None
    draft = facts.record.draft
    arguments = {"prompt": draft.prompt} if draft.prompt else {}
    drawing = sample_events(
        ports, facts.app.name, arguments, draft.output, SAMPLE_SECONDS, facts.model, draft.gpu or ""
    )
    async with aclosing(drawing) as events:
        async for event in events:
            sample = event if isinstance(event, SampleReady) else sample
            yield event
    assert sample is not None
    check_sample(sample)
    yield StepFinished("sample", "ready", "valid")


CHANGING = (("token", _keep), ("secret", _put))
PROVING = (("deploy", _refresh), ("sample", _prove))
