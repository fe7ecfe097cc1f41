"""Modal as the engine sees it: what it has to answer, and nothing of how."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from wizard.core.access_token import AccessToken
from wizard.core.events import AnswerText, LogLine
from wizard.flow.ports.http import HttpAnswer

AppLogSource = Literal["stdout", "stderr", "system"]
SecretState = Literal["missing", "current", "outdated", "foreign"]


@dataclass(frozen=True)
class Workspace:
    """Who is signed in to Modal, and the environment that things are made in.

    `source` says where the sign-in was found; `emptied` are variables that are set to nothing, and were ignored.
    """

    name: str
    environment: str
    source: str = ""
    emptied: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeployedApp:
    """An app that is deployed: its id, its tags, and the page that shows it. `deployed_at`: seconds since 1970.

    `endpoint` is where it answers over HTTP; empty when it does not.
    """

    name: str
    app_id: str
    tags: Mapping[str, str]
    url: str
    state: str = "deployed"
    version: int | None = None
    deployed_at: float | None = None
    functions: tuple[str, ...] = ()
    endpoint: str = ""


@dataclass(frozen=True)
class AppVersion:
    """One line of an app's history. `deployed_at` is as Modal prints it; `tag` names the plan and the run."""

    number: int
    deployed_at: str
    by: str = ""
    tag: str = ""


def is_ours(app: DeployedApp) -> bool:
    """Whether this program has deployed the app; it marks what it makes."""
    return app.tags.get("made-by") == "outlines-wizard"


@dataclass(frozen=True)
class DeployOutcome:
    """How a deploy ended. `error` is the foreign class's name, `message` its text; both empty when it went well."""

    app_id: str = ""
    url: str = ""
    error: str = ""
    message: str = ""


NO_DEPLOY_OUTCOME = DeployOutcome(error="NoOutcome", message="the deploy ended without a result")


@dataclass(frozen=True)
class CallWaiting:
    """No container has started for a call yet: it waits for a place, for so many seconds now."""

    seconds: float


@dataclass(frozen=True)
class CallOutcome:
    """How a call ended: the returned value, or the foreign error."""

    value: Any = None
    error: str = ""
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class LogQuery:
    """Which log entries of an app are wanted. `since` is in seconds before now."""

    follow: bool = False
    since: float | None = None
    source: AppLogSource | None = None
    search: str = ""
    entries: int = 200


@dataclass(frozen=True)
class Usage:
    """What Modal tells of an app's functions since some moment. None: it does not tell.

    `calls` are those that have ended, `failed` among them. `dollars` leaves out the hour that has not ended yet.
    """

    calls: int | None = None
    failed: int | None = None
    dollars: float | None = None


@dataclass(frozen=True)
class SignInPage:
    """Where a person approves a sign-in, and the code that the page asks for or shows; empty when there is none."""

    url: str
    code: str


@dataclass(frozen=True)
class ProxyToken:
    """What lets a caller into web functions that ask for it."""

    token_id: str
    secret: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """As Modal's guide shows it."""
        return {"Modal-Key": self.token_id, "Modal-Secret": self.secret}


class ModalPort(Protocol):
    """Modal. Calls raise Problem; every call has a time limit, those that stream have one per entry."""

    async def connect(self) -> Workspace:
        """Prove that the Modal token works. First contact takes ten seconds at most."""

    def sign_in(self) -> AsyncGenerator[SignInPage, None]:
        """Sign in by browser: the page to open, then, when the person has approved, the end. Raises Problem."""

    async def environments(self) -> list[str]:
        """Names of the workspace's environments."""

    async def use_environment(self, name: str, *, create: bool = False) -> Workspace:
        """Make things in this environment from now on; `create` makes it first."""

    async def secret_state(self, name: str, fingerprint: str | None) -> SecretState:
        """What the Modal Secret `name` holds, compared with the access token of `fingerprint`."""

    async def put_secret(self, name: str, token: AccessToken) -> None:
        """Make the Modal Secret hold `token`, and mark it as ours."""

    async def delete_secret(self, name: str) -> bool:
        """Delete a Modal Secret; False when it was not there."""

    async def volume_files(self, name: str, folder: str) -> Mapping[str, int] | None:
        """Sizes in bytes of the files under `folder`; None when the Volume does not exist."""

    async def delete_volume(self, name: str) -> bool:
        """Delete a Volume; False when it was not there."""

    async def app(self, name: str) -> DeployedApp | None:
        """The deployed app of that name, or None."""

    async def apps(self) -> list[DeployedApp]:
        """Every app of the environment that this program has deployed."""

    async def stop_app(self, name: str) -> bool:
        """Stop an app; False when it was not there."""

    async def rates(self) -> Mapping[str, float] | None:
        """The workspace's own prices in dollars per hour; None where the account does not give them."""

    async def containers(self, name: str) -> Mapping[str, int]:
        """How many containers each function of an app has right now."""

    async def versions(self, name: str) -> list[AppVersion]:
        """Versions of an app, the newest first."""

    async def roll_back(self, name: str, version: int) -> None:
        """Deploy an earlier version of an app again. Raises Problem when there is no such version."""

    async def refresh(self, name: str) -> None:
        """Give an app fresh containers of the version that is deployed."""

    async def tag_app(self, name: str, tags: Mapping[str, str]) -> None:
        """Replace an app's tags."""

    async def keep_text(self, volume: str, path: str, text: str) -> None:
        """Write a small file into a Volume, which is made if it is missing."""

    async def upload(self, volume: str, path: str, file: Path, size: int) -> None:
        """Put a file of this machine into a Volume, whole or not at all; the Volume is made if it is missing. What
        Modal has of it already is not sent again."""

    async def read_text(self, volume: str, path: str) -> str | None:
        """A small file of a Volume; None when either is not there."""

    async def usage(self, apps: Sequence[DeployedApp], since: float) -> Mapping[str, Usage]:
        """What each app was used for since a moment, in seconds since 1970, by app id. Never raises Problem for what
        Modal does not tell."""

    def deploy(self, file: Path, app: str, tag: str = "") -> AsyncGenerator[LogLine | DeployOutcome, None]:
        """Deploy the app file; build lines as they come, the outcome last. `tag` is noted in the app's history."""

    def call(
        self, app: str, function: str, arguments: Mapping[str, Any], limit: float
    ) -> AsyncGenerator[LogLine | CallWaiting | CallOutcome, None]:
        """Call a function (``download``) or a method (``Generator.generate``); its log lines, the outcome last."""

    def stream(
        self, app: str, function: str, arguments: Mapping[str, Any], limit: float
    ) -> AsyncGenerator[LogLine | CallWaiting | AnswerText | CallOutcome, None]:
        """Call a method that yields text as it is made (``Generator.stream``); its last item is the outcome's value."""

    def map(
        self, app: str, function: str, inputs: AsyncIterator[tuple[Any, ...]], options: Mapping[str, Any]
    ) -> AsyncGenerator[LogLine | CallOutcome, None]:
        """Call a function for each input (positional arguments; `options` are keyword arguments of all). One outcome
        for each, in order, log lines in between. Raises Problem when the map itself breaks off."""

    def logs(self, app: str, query: LogQuery) -> AsyncGenerator[LogLine, None]:
        """Log entries of an app, oldest first."""

    async def make_proxy_token(self, name: str) -> ProxyToken:
        """Make a proxy token of this workspace; its secret is told this once."""

    async def delete_proxy_token(self, token_id: str) -> bool:
        """Delete a proxy token; False when it was not there."""

    async def ask_web(
        self, url: str, headers: Mapping[str, str], body: bytes | None = None, *, pieces: int | None = None
    ) -> HttpAnswer:
        """Ask a web function; with a body it is a POST. `pieces`: break off after so many. Raises Problem."""

    async def close(self) -> None:
        """Give connections back."""
