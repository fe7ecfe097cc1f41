"""Waiting for a gate to open, at a decent pace, with open models to use meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from wizard.core.access.verdicts import VERDICTS, Verdict
from wizard.core.access.wire_rules import read_answer
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.models.model_info import ModelFacts
from wizard.flow.access.check import check_access
from wizard.flow.access.report import AccessReport
from wizard.flow.ports.credentials import Credential
from wizard.flow.ports.hub import HubPort, HubRefusal, ModelQuery, ModelSummary

FIRST_SECONDS = 5.0
LONGEST_SECONDS = 60.0  # five questions in five minutes, of the 500 that the Hub allows


async def wait_for_gate(
    hub: HubPort, report: AccessReport, credential: Credential, first: float = FIRST_SECONDS
) -> AsyncGenerator[AccessReport, None]:
    """Yield a fresh report whenever the verdict changes, and end when it is one that time does not change.

    One small question a round for each gate that is closed; the pause grows from `first` to a minute. A Hub that asks
    to slow down, or cannot be reached for a while, only makes the pause longer.
    """
    pause, known, asked, question = first, report, hub.account_hub, report.asked
    while VERDICTS[known.verdict].may_open:
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, max(LONGEST_SECONDS, first))
        changed = False
        for gate in known.closed:
            answer = await asked.auth_check(gate.model, credential.token)
            seen = read_answer(answer, token_sent=True, token_known_good=gate.account is not None)
            if seen in (Verdict.RATE_LIMITED, Verdict.HUB_UNREACHABLE):
                pause = max(pause, answer.retry_after or LONGEST_SECONDS if answer.status == 429 else pause)
            elif seen is not gate.verdict:
                changed = True
        if changed:
            fresh = await check_access(
                hub,
                question.repo_id,
                question.revision,
                credential,
                with_shape=True,
                engine=report.engine,
                adapters=question.adapters,
                folders=question.folders,
            )
            if fresh.verdict in (Verdict.RATE_LIMITED, Verdict.HUB_UNREACHABLE):
                continue
            known = fresh
            yield known


async def open_alternatives(
    hub: HubPort, facts: ModelFacts, credential: Credential | None, most: int = 3
) -> list[ModelSummary]:
    """Open models of like size and the same task, those with the same licence first; empty when nothing is found."""
    count = sum(facts.parameters.values())
    size = (int(count * 0.5), int(count * 2)) if count else None
    query = ModelQuery(task=facts.pipeline_tag, parameters=size, gated=False)
    try:
        results = await hub.search(query, credential.token if credential else None)
    except HubRefusal:  # a courtesy: the verdict stands without it
        return []
    others = [result for result in results if result.gate == "open" and result.repo_id != facts.repo_id]
    others.sort(key=lambda item: (item.licence != facts.licence, abs((item.parameters or 0) - count)))
    nearest = others[: most * 2]  # some may be closed for another reason, such as a region: ask before proposing
    answers = await gather_or_cancel(
        *(hub.auth_check(item.repo_id, credential.token if credential else None) for item in nearest)
    )
    return [item for item, answer in zip(nearest, answers, strict=True) if answer.is_good][:most]
