"""What the model screen asks once services are open: with the access token of this session where there is one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from wizard.core.access.verdicts import verdict_problem
from wizard.core.access.wire_rules import read_answer
from wizard.core.access_token import AccessToken
from wizard.core.models.model_info import ModelFacts
from wizard.core.problem import Problem
from wizard.flow.access.check import find_token
from wizard.flow.models.search import search
from wizard.flow.ports.credentials import TokenFrom
from wizard.flow.ports.hub import HubPort, HubRefusal, ModelSummary
from wizard.flow.ports.services import Ports
from wizard.tui.screens.model.recent import bare, read_recent


@dataclass
class ModelRequests:
    """What the screen asks, with the access token once it is found: with it, private models are found too."""

    ports: Ports
    token: AccessToken | None = None

    async def find_token(self, source: TokenFrom) -> None:
        """A keyring may take its time: the list does not wait for it."""
        with suppress(Problem):
            found = await find_token(self.ports, source)
            self.token = found.token if found is not None else None

    async def search(self, text: str) -> list[ModelSummary]:
        """Models that match. Raises Problem."""
        return await search(self.ports.hub, text, self.token)

    async def describe(self, repo_id: str) -> ModelFacts | str:
        """What the Hub says of one model, or why it says nothing."""
        return await describe(self.ports.hub, repo_id, self.token)

    async def suggestions(
        self, chosen: str | None, suggested: str | None, *, recent: bool
    ) -> tuple[list[ModelSummary], str, bool]:
        """Recent choices, the suggested model, then what is downloaded most; in the demo, its other models before that.

        With them one sentence for the screen, and whether it tells of a failure.
        """
        first = await asyncio.to_thread(read_recent) if recent else []
        others, failure = [], ""
        try:
            if suggested and recent:
                others += (there := [item for item in await self.search(suggested) if item.repo_id == suggested])
                suggested = suggested if there else None  # a company's Hub need not have it
            elif suggested:
                others += await self.search(suggested.split("/")[0])
            others += await self.search("")
        except Problem as problem:
            failure = f"{problem.message} You can still type a full org/model name."
        known = {item.repo_id: item for item in reversed([*first, *others])}
        names = [chosen, *(item.repo_id for item in first), suggested, *(item.repo_id for item in others)]
        order = list(dict.fromkeys(name for name in names if name))
        lately = f"{len(first)} used recently, then the most downloaded. " if first else ""
        rows = [known.get(name) or bare(name) for name in order]
        return rows, failure or f"{lately}Press Enter to use the highlighted model.", bool(failure)


async def describe(hub: HubPort, repo_id: str, token: AccessToken | None) -> ModelFacts | str:
    """What the Hub says of one model; why it says nothing; or nothing at all where asking again may help."""
    try:
        if token is not None:
            with suppress(HubRefusal):
                return await hub.model(repo_id, None, token)
        return await hub.model(repo_id, None, None)
    except HubRefusal as refusal:
        verdict = read_answer(refusal.answer, token_sent=False, token_known_good=False)
        problem = verdict_problem(verdict, model=repo_id, endpoint=hub.endpoint)
        return "" if problem.retryable else problem.message
