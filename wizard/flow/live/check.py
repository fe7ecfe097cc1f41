"""The live check: what it will make and cost, each assumption tried in its turn, and the removal of what was made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard import __version__
from wizard.core.events import Change, Event
from wizard.core.live.assumptions.table import TRIED
from wizard.core.live.events import AssumptionTried, LivePlanned, LiveStageStarted
from wizard.core.live.report import Finding, LiveReport, Tried
from wizard.core.live.scope import JOBS, NAME_PREFIX, SETUP_SECONDS, SMALL_APP_SECONDS, cost_parts, most_dollars
from wizard.core.plan.max_cost import refuse_too_dear
from wizard.core.problem import ExitCode, Problem
from wizard.flow.live import removal
from wizard.flow.live.probes import account, app, hub, job, web
from wizard.flow.live.registry import PROBES, STAGES, Probe, StageName
from wizard.flow.live.state import CouldNotTry, Live, LiveOptions
from wizard.flow.ports.hub import HubRefusal
from wizard.flow.ports.services import Ports

REGISTERED = (hub, account, app, web, job, removal)
"""The modules whose probes are in the registry once they are imported."""
_ASSUMPTIONS = {each.id: each for each in TRIED}
# What says nothing of an assumption: the account, the money, or the way there.
_OF_THE_ACCOUNT = ("payment_method_missing", "spend_limit", "gpu_unavailable", "gpu_refused", "modal_permission")


@dataclass
class _Clock:
    """The seconds in which a stage's containers may cost money; they count from the first call on."""

    seconds: float
    end: float = 0.0

    def limit(self, seconds: float) -> float:
        """What is left of so many seconds. Raises CouldNotTry where that is nothing."""
        self.end = self.end or time.monotonic() + self.seconds
        left = min(seconds, self.end - time.monotonic())
        if left <= 0:
            raise CouldNotTry("the time in which this part may cost money was over")
        return left


class LiveCheck:
    """One run of the check. `plan`, then `events` to their end, and `clean_up` whatever happens."""

    def __init__(self, ports: Ports, options: LiveOptions) -> None:
        self.live = Live(ports, options)
        self.findings: dict[str, Finding] = {}
        self._started = time.monotonic()
        self._most = 0.0

    async def plan(self) -> LivePlanned:
        """What will be made, and what it costs at the most; changes nothing. Raises Problem."""
        live, scope = self.live, self.live.scope
        live.workspace = await live.modal.connect()
        await live.find_token()
        parts = cost_parts(scope, await live.modal.rates())
        self._most = most_dollars(parts)
        hint = "Raise --max-cost, choose a cheaper GPU, or check one engine with --engine."
        refuse_too_dear("The live check may cost", self._most, live.options.max_cost, hint)
        leftover = tuple(app.name for app in await live.modal.apps() if app.name.startswith(NAME_PREFIX))
        return LivePlanned(tuple(self._changes()), parts, self._most, len(PROBES), leftover)

    def _changes(self) -> list[Change]:
        live = self.live
        apps = [live.small.app, f"{live.name}-gpus", *(f"{live.name}-{name}" for name in live.scope.jobs)]
        goes = "kept (--keep)" if live.options.keep else "removed at the end"
        changes = [Change("app", name, "create", goes) for name in apps]
        changes += [Change(kind, live.name, "create", goes) for kind in ("secret", "volume", "proxy token")]
        return changes

    async def events(self) -> AsyncGenerator[Event, None]:
        """Try everything, one after the other. Only cancellation raises."""
        for stage, words in STAGES.items():
            if stage not in JOBS or stage in self.live.scope.jobs:
                yield LiveStageStarted(stage, words)
            probes = [each for each in PROBES.values() if each.stage == stage]
            reason = await self._why_not(stage)
            clock = _Clock(JOBS[stage][1] if stage in JOBS else SMALL_APP_SECONDS)
            for each in probes:
                finding = Finding("not_tried", reason) if reason else await self._try(each, clock)
                self.findings[each.id] = finding
                about = _ASSUMPTIONS[each.id]
                yield AssumptionTried(each.id, about.subject, about.statement, finding.status, finding.came_back)
            await self._end(stage)

    async def _why_not(self, stage: StageName) -> str:
        """Why a stage cannot begin; empty when it can."""
        if stage in JOBS and stage not in self.live.scope.jobs:
            return "its inference engine was not asked for"
        if stage == "small":
            finding = await _settle(app.deploy_small_app(self.live), account.DEPLOY_SECONDS)
            return finding.came_back if finding else ""
        return ""

    async def _try(self, probe: Probe, clock: _Clock) -> Finding:
        for needed in probe.rests_on:
            if self.findings[needed].status != "seen":
                return Finding("not_tried", f"it rests on {needed}: {self.findings[needed].came_back}")
        if probe.prepare is not None and (failed := await _settle(probe.prepare(self.live), SETUP_SECONDS)):
            return failed
        try:
            limited = probe.wakes_gpu or probe.stage == "small"
            seconds = clock.limit(probe.seconds) if limited else probe.seconds
        except CouldNotTry as reason:
            return Finding("not_tried", str(reason))
        return await _settle(probe.run(self.live), seconds) or Finding("not_tried", "nothing came back")

    async def _end(self, stage: StageName) -> None:
        """Stop what is awake, so that nothing costs money while the next stage runs; what fails is removed later."""
        if self.live.options.keep:
            return
        if stage == "small" and self.live.made.apps:
            await _settle(_stop(self.live, self.live.small.app), removal.REMOVAL_SECONDS)
        elif stage in JOBS:
            await _settle(removal.end_job(self.live, stage), 2 * removal.REMOVAL_SECONDS)

    async def clean_up(self) -> None:
        """Remove what was made, also after an interruption; `left` has what could not be. Safe to call again."""
        if self.live.options.keep or not self.live.made.anything:
            return
        self.live.left = await removal.remove_everything(self.live)

    def report(self) -> LiveReport:
        """What is known so far."""
        live, nothing = self.live, Finding("not_tried", "the check was stopped before")
        made = live.made
        return LiveReport(
            about=_about(live),
            tried=tuple(Tried(each, self.findings.get(each.id, nothing)) for each in TRIED),
            most_dollars=self._most,
            seconds=round(time.monotonic() - self._started, 1),
            left=live.left,
            kept=tuple(dict.fromkeys((*made.apps, *made.secrets, *made.volumes))) if live.options.keep else (),
        )


async def _stop(live: Live, app: str) -> None:
    await live.modal.stop_app(app)


async def _settle(work: Awaitable[Finding | None], seconds: float) -> Finding | None:
    """What became of a probe; an error of the service differs, everything else could not be tried."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except CouldNotTry as reason:
        return Finding("not_tried", str(reason))
    except TimeoutError:
        return Finding("not_tried", f"no answer within {seconds:.0f} s")
    except HubRefusal as refusal:
        unreachable = refusal.answer.status in (0, 429) or refusal.answer.status >= 500
        words = f"{refusal.answer.status} {refusal.answer.message}" if refusal.answer.status else "no answer of the Hub"
        return Finding("not_tried" if unreachable else "differs", words)
    except Problem as problem:
        elsewhere = problem.exit_code in (ExitCode.REMOTE, ExitCode.CREDENTIALS, ExitCode.USAGE, ExitCode.GATE_CLOSED)
        words = f"{problem.code}: {problem.message} {problem.raw or ''}"
        return Finding("not_tried" if elsewhere or problem.code in _OF_THE_ACCOUNT else "differs", words)
    except Exception as error:  # noqa: BLE001 - a probe that fails must not stop the others
        return Finding("not_tried", f"internal error: {type(error).__name__}: {error}")


def _about(live: Live) -> dict[str, str]:
    """With what the check was made; nothing that names the person or the workspace."""
    token = live.credential.token.kind if live.credential else "none"
    return {
        "outlines-wizard": __version__,
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "services": "the demo's" if live.ports.rehearsal else "the real ones",
        "open model": live.scope.model,
        "gated model": live.scope.gated_model,
        "GPU": live.scope.gpu,
        "engines": ", ".join(live.scope.engines),
        "access token": token,
    }
