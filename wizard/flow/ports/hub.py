"""The Hub as the engine sees it: what it has to answer, and nothing of how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from wizard.core.access.wire_rules import WireAnswer
from wizard.core.access_token import AccessToken
from wizard.core.models.model_info import ModelFacts
from wizard.flow.ports.http import HttpAnswer


@dataclass(frozen=True)
class Account:
    """Whom an access token belongs to, as the Hub says. `role` may be missing for OAuth tokens."""

    user: str
    role: str | None
    kind: str
    expires_at: str | None = None
    can_read_gated: bool | None = None


class HubRefusal(Exception):
    """The Hub's answer was not a good one; `answer` says how."""

    def __init__(self, answer: WireAnswer) -> None:
        super().__init__(f"the Hub answered {answer.status}")
        self.answer = answer


@dataclass(frozen=True)
class ModelQuery:
    """What a search asks for; `parameters` is a range of counts, `gated` None for both."""

    text: str = ""
    task: str | None = None
    parameters: tuple[int, int] | None = None
    gated: bool | None = None
    limit: int = 20


@dataclass(frozen=True)
class ModelSummary:
    """One search result."""

    repo_id: str
    gate: str
    parameters: int | None
    licence: str | None
    downloads: int | None
    task: str | None
    private: bool = False


@dataclass(frozen=True)
class DeviceLogin:
    """A browser login that waits for its person: where to go, what to type, and how long it waits (seconds)."""

    device_code: str = field(repr=False)
    user_code: str
    url: str
    url_with_code: str
    interval: float
    expires_in: float


class HubPort(Protocol):
    """The Hub. Every call has a time limit; HubRefusal carries any answer that is not a good one.

    One that is not trusted is asked without the access token, whatever a call is given.
    """

    @property
    def endpoint(self) -> str:
        """The Hub's address without a trailing slash."""

    @property
    def is_trusted(self) -> bool:
        """Whether this Hub is sent access tokens: the public one, or one that a person has named as trusted."""

    @property
    def account_hub(self) -> HubPort:
        """The Hub that access tokens belong to, and whose pages a person is sent to: this one where it is trusted, else
        the public one."""

    def trusts(self, endpoint: str) -> bool:
        """Whether the Hub at another address may be sent an access token."""

    def trust(self) -> None:
        """Send access tokens to this Hub from now on: a person has said so. Raises Problem where it cannot be."""

    async def whoami(self, token: AccessToken) -> Account:
        """Whom `token` belongs to; `account_hub` is asked."""

    async def model(self, repo_id: str, revision: str | None, token: AccessToken | None) -> ModelFacts:
        """What the Hub says about a model at a revision."""

    async def auth_check(self, repo_id: str, token: AccessToken | None) -> WireAnswer:
        """Whether the gate of a model is open for `token`."""

    async def read_one_byte(self, repo_id: str, commit: str, path: str, token: AccessToken | None) -> WireAnswer:
        """HEAD, then one byte of a file: the real read, past every cache."""

    async def read_file(self, repo_id: str, commit: str, path: str, token: AccessToken | None, most: int) -> bytes:
        """A small file of a model at a commit, at most `most` bytes. Raises HubRefusal."""

    async def config(
        self, repo_id: str, commit: str, token: AccessToken | None, name: str = "config.json"
    ) -> Mapping[str, Any] | None:
        """A configuration of a model at a commit, by its file's name; None where it cannot be read. Raises HubRefusal
        where the Hub is out of order or asked too often."""

    async def search(self, query: ModelQuery, token: AccessToken | None) -> list[ModelSummary]:
        """Models that match, in the Hub's order. Raises HubRefusal."""

    async def ask(
        self, method: str, path: str, token: AccessToken | None = None, headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """One request as it is, without following redirects, and the beginning of its answer. Raises HubRefusal where
        no answer came."""

    async def start_login(self) -> DeviceLogin:
        """Begin a browser login with a code at `account_hub`. Raises HubRefusal."""

    async def finish_login(self, login: DeviceLogin) -> AccessToken:
        """Wait until the person has approved. Raises Problem when they refuse or the code runs out."""

    async def close(self) -> None:
        """Give connections back."""
