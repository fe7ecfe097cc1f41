"""What the model screen asks the Hub: with the access token of this session where there is one, else without."""

from __future__ import annotations

from contextlib import suppress

from wizard.core.access.verdicts import explain, read_answer
from wizard.core.access_token import AccessToken
from wizard.core.models.model_info import ModelFacts
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
        raise explain(verdict, model="the search", endpoint=hub.endpoint, wait=wait) from refusal


async def describe(hub: HubPort, repo_id: str, token: AccessToken | None) -> ModelFacts | str:
    """What the Hub says of one model; why it says nothing; or nothing at all where asking again may help."""
    try:
        if token is not None:
            with suppress(HubRefusal):
                return await hub.model(repo_id, None, token)
        return await hub.model(repo_id, None, None)
    except HubRefusal as refusal:
        verdict = read_answer(refusal.answer, token_sent=False, token_known_good=False)
        problem = explain(verdict, model=repo_id, endpoint=hub.endpoint)
        return "" if problem.retryable else problem.message
