"""The outside world as the engine sees it: what each service has to answer, and nothing of how."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from wizard.core.access_token import AccessToken
from wizard.core.events import LogLine
from wizard.core.keyring_state import KeyringState
from wizard.core.lint import LintReport
from wizard.core.model import ModelFacts
from wizard.core.output_type import OutputType
from wizard.core.verdicts import WireAnswer

TokenFrom = Literal["auto", "env", "keyring", "hf", "stdin"]
SecretState = Literal["missing", "current", "outdated", "foreign"]
FileOutcome = Literal["created", "updated", "kept"]


@dataclass(frozen=True)
class FoundToken:
    """An access token on this machine, and where it came from in words a person recognises."""

    token: AccessToken
    source: str
    origin: TokenFrom
    refreshes: bool = False


@dataclass(frozen=True)
class Account:
    """Whom an access token belongs to, as the Hub says. `role` may be missing for OAuth tokens."""

    user: str
    role: str | None
    kind: str
    expires_at: str | None = None
    can_read_gated: bool | None = None
    token_name: str | None = None


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
    """The Hub. Every call has a time limit; HubRefusal carries any answer that is not a good one."""

    @property
    def endpoint(self) -> str:
        """The Hub's address without a trailing slash."""

    async def whoami(self, token: AccessToken) -> Account:
        """Whom `token` belongs to."""

    async def model(self, repo_id: str, revision: str | None, token: AccessToken | None) -> ModelFacts:
        """What the Hub says about a model at a revision."""

    async def auth_check(self, repo_id: str, token: AccessToken | None) -> WireAnswer:
        """Whether the gate of a model is open for `token`."""

    async def read_one_byte(self, repo_id: str, commit: str, path: str, token: AccessToken | None) -> WireAnswer:
        """HEAD, then one byte of a file: the real read, past every cache."""

    async def read_file(self, repo_id: str, commit: str, path: str, token: AccessToken | None, most: int) -> bytes:
        """A small file of a model at a commit, at most `most` bytes. Raises HubRefusal."""

    async def config(self, repo_id: str, commit: str, token: AccessToken | None) -> Mapping[str, Any] | None:
        """The config.json of a model at a commit; None where it cannot be read. Raises nothing."""

    async def search(self, query: ModelQuery, token: AccessToken | None) -> list[ModelSummary]:
        """Models that match, in the Hub's order. Raises HubRefusal."""

    async def start_login(self) -> DeviceLogin:
        """Begin a browser login with a code. Raises HubRefusal."""

    async def finish_login(self, login: DeviceLogin) -> AccessToken:
        """Wait until the person has approved. Raises Problem when they refuse or the code runs out."""

    async def close(self) -> None:
        """Give connections back."""


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

    async def find(self, wanted: TokenFrom) -> FoundToken | None:
        """The access token that wins among those of `wanted`; None when there is none."""

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
    source: str | None = None
    search: str = ""
    entries: int = 200


@dataclass(frozen=True)
class SignInPage:
    """Where a person approves a sign-in, and the code that the page asks for or shows; empty when there is none."""

    url: str
    code: str


class CloudPort(Protocol):
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

    async def read_text(self, volume: str, path: str) -> str | None:
        """A small file of a Volume; None when either is not there."""

    def deploy(self, file: Path, app: str, tag: str = "") -> AsyncGenerator[LogLine | DeployOutcome, None]:
        """Deploy the app file; build lines as they come, the outcome last. `tag` is noted in the app's history."""

    def call(
        self, app: str, function: str, arguments: Mapping[str, Any], limit: float
    ) -> AsyncGenerator[LogLine | CallWaiting | CallOutcome, None]:
        """Call a function (``download``) or a method (``Generator.generate``); its log lines, the outcome last."""

    def map(
        self, app: str, function: str, inputs: AsyncIterator[tuple[Any, ...]], options: Mapping[str, Any]
    ) -> AsyncGenerator[LogLine | CallOutcome, None]:
        """Call a function for each input (positional arguments; `options` are keyword arguments of all). One outcome
        for each, in order, log lines in between. Raises Problem when the map itself breaks off."""

    def logs(self, app: str, query: LogQuery) -> AsyncGenerator[LogLine, None]:
        """Log entries of an app, oldest first."""

    async def close(self) -> None:
        """Give connections back."""


@dataclass(frozen=True)
class Judgement:
    """What an independent validator says of a text."""

    value: Any
    valid: bool
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class TokenizerFile:
    """A model's tokenizer on this machine, and what its neighbours say. Without `path`: one token for each byte.

    `end` is the token that ends an answer, `special` the texts of special tokens, `window` the context window in
    tokens. `source` says whose tokenizer it is, in words.
    """

    path: Path | None = None
    end: int | None = None
    special: tuple[str, ...] = ()
    window: int | None = None
    has_template: bool | None = None
    source: str = "one token for each byte"


@dataclass(frozen=True)
class LintRequest:
    """What lint is to look at. `thorough`: ask every backend, not only as many as it takes to choose one.

    `seconds` of the processor are the limit for everything; `max_tokens` what a person has asked for, None for nothing.
    """

    output: OutputType
    backend: str = "auto"
    tokenizer: TokenizerFile | None = None
    prompt: str = ""
    max_tokens: int | None = None
    thorough: bool = True
    propose: bool = True
    seconds: float = 8.0


class WorkbenchPort(Protocol):
    """What is done on this machine: compiling an output type, judging a sample, writing files."""

    async def lint(self, request: LintRequest) -> LintReport:
        """Ask the structured-output backends about an output type, in child processes under limits. Raises Problem."""

    async def kept(self, name: str, fetch: Callable[[], Awaitable[bytes]]) -> Path:
        """The path of a file that is fetched the first time and kept for later."""

    async def schema_of_class(self, reference: str) -> str:
        """The JSON Schema of ``module:Class``, as text. Raises Problem."""

    async def compile(self, output: OutputType, backend: str) -> str:
        """Prove that the output type compiles; returns how that was shown. Raises Problem when it does not."""

    def judge(self, output: OutputType, text: str) -> Judgement:
        """Validate a sample independently of the engine that produced it."""

    def look(self, path: Path, text: str) -> FileOutcome:
        """What `write` would do."""

    def write(self, path: Path, text: str) -> FileOutcome:
        """Write a file whole or not at all. Raises Problem when the disk refuses."""


@dataclass(frozen=True)
class Ports:
    """Every service that the engine uses, handed to it by whoever wires the program."""

    hub: HubPort
    tokens: TokenPort
    keyring: KeyringPort
    cloud: CloudPort
    workbench: WorkbenchPort
    rehearsal: bool = False
    lasting: bool = True  # False: what is deployed goes when this session ends
    notes: tuple[str, ...] = field(default_factory=tuple)
