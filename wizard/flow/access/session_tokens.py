"""The access token that was pasted, or logged in with, wins for the rest of this session."""

from __future__ import annotations

from dataclasses import replace

from wizard.core.access.verdicts import Verdict, verdict_problem
from wizard.core.access.wire_rules import read_answer
from wizard.core.access_token import AccessToken
from wizard.flow.ports.credentials import Candidate, Credential, TokenFrom, TokenPort
from wizard.flow.ports.hub import Account, HubPort, HubRefusal
from wizard.flow.ports.services import Ports


class SessionTokens:
    """A TokenPort in front of another one. What it is told to use lives in memory only."""

    def __init__(self, inner: TokenPort) -> None:
        self._inner = inner
        self.chosen: Credential | None = None

    def use(self, credential: Credential) -> None:
        """Let `credential` win from now on."""
        self.chosen = credential

    async def find(self, origin: TokenFrom) -> Credential | None:
        """The chosen access token; without one, whatever the machine has. Raises Problem."""
        return self.chosen or await self._inner.find(origin)

    async def candidates(self) -> list[Candidate]:
        """Every place on this machine, the chosen access token first."""
        others = await self._inner.candidates()
        if self.chosen is None:
            return others
        chosen = self.chosen
        return [Candidate(chosen.source, chosen.origin, chosen.token, "ours", refreshes=chosen.refreshes), *others]


def use_token(ports: Ports, credential: Credential) -> Ports:
    """The services of a session in which `credential` wins from now on."""
    tokens = ports.tokens
    if not isinstance(tokens, SessionTokens):
        tokens = SessionTokens(tokens)
        ports = replace(ports, tokens=tokens)
    tokens.use(credential)
    return ports


async def ask_whose(hub: HubPort, token: AccessToken, source: str) -> Account | None:
    """Whom an access token belongs to; None where no Hub can be asked that may see it. Raises Problem with the verdict
    on it."""
    try:
        return await hub.whoami(token)
    except HubRefusal as refusal:
        verdict = read_answer(refusal.answer, token_sent=True, token_known_good=False)
        if verdict is Verdict.HUB_UNREACHABLE and not hub.is_trusted:
            return None
        wait = refusal.answer.retry_after
        endpoint = hub.account_hub.endpoint
        raise verdict_problem(verdict, model="the Hub", endpoint=endpoint, source=source, wait=wait) from refusal
