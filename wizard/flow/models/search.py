"""Looking for models on the Hub."""

from __future__ import annotations

from contextlib import suppress

from wizard.core.access.verdicts import verdict_problem
from wizard.core.access.wire_rules import read_answer
from wizard.core.access_token import AccessToken
from wizard.flow.ports.hub import HubPort, HubRefusal, ModelQuery, ModelSummary


async def search(hub: HubPort, text: str, token: AccessToken | None) -> list[ModelSummary]:
    """Models that match; text models where nothing is asked for. Raises Problem."""
    query = ModelQuery(text, task=None if text else "text-generation")
    try:
        if token is not None:  # it shows private models too; an invalid one closes public models as well
            with suppress(HubRefusal):
                return await hub.search(query, token)
        return await hub.search(query, None)
    except HubRefusal as refusal:
        verdict = read_answer(refusal.answer, token_sent=False, token_known_good=False)
        wait = refusal.answer.retry_after
        raise verdict_problem(verdict, model="the search", endpoint=hub.endpoint, wait=wait) from refusal
