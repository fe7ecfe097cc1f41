"""The access token that was pasted, or logged in with, wins for the rest of this session."""

from __future__ import annotations

from wizard.flow.ports.credentials import Candidate, Credential, TokenFrom, TokenPort


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
