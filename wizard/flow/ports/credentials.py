"""Where access tokens are on this machine, as the engine sees it: places that are read, and the OS keyring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from wizard.core.access.keyring_state import KeyringState
from wizard.core.access_token import AccessToken

TokenFrom = Literal["auto", "env", "keyring", "hf", "stdin"]
TOKEN_ORIGINS: tuple[TokenFrom, ...] = get_args(TokenFrom)


@dataclass(frozen=True)
class Credential:
    """An access token on this machine, and where it came from in words a person recognises."""

    token: AccessToken
    source: str
    origin: TokenFrom
    refreshes: bool = False


@dataclass(frozen=True)
class Candidate:
    """A place on this machine where an access token is, or seems to be.

    `wins_in` says who would take it: ``huggingface_hub`` and this program alike ("both"), this program only
    ("ours"), or nobody ("nobody": a list, or a variable that no library reads). `token` is None for a value that
    cannot be one, or that is not fetched; `wrong` says why then. `refreshes` is true for a browser login.
    """

    source: str
    origin: TokenFrom | None
    token: AccessToken | None
    wins_in: Literal["both", "ours", "nobody"] = "both"
    wrong: str | None = None
    note: str | None = None
    refreshes: bool = False


class TokenPort(Protocol):
    """Access tokens on this machine."""

    async def find(self, origin: TokenFrom) -> Credential | None:
        """The access token that wins among those of `origin`; None when there is none."""

    async def candidates(self) -> list[Candidate]:
        """Every place where an access token is or seems to be, in the order in which they win."""


@dataclass(frozen=True)
class KeyringProbe:
    """What a round trip through the OS keyring has shown."""

    state: KeyringState
    backend: str
    detail: str


class KeyringPort(Protocol):
    """The OS keyring; no call takes longer than a few seconds."""

    async def probe(self) -> KeyringProbe:
        """A round trip: write, read, delete."""

    async def entries(self, endpoint: str) -> list[tuple[str, AccessToken]]:
        """Users and their access tokens for one Hub, the latest first."""

    async def save(self, endpoint: str, user: str, token: AccessToken) -> None:
        """Keep an access token. Raises Problem."""

    async def forget(self, endpoint: str, user: str) -> bool:
        """Delete an entry; False when it was not there. Raises Problem."""
