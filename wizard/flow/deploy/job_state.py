"""What the stages of the main job take and give, and what one run of it has so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:  # a record names what others make
    from wizard.core.lint.report import LintReport
    from wizard.core.models.model_info import ModelFacts, Weights
    from wizard.core.output.output_type import OutputType
    from wizard.core.plan.draft import Draft
    from wizard.core.plan.hub_route import HubRoute
    from wizard.core.plan.plan import Plan
    from wizard.flow.access.report import AccessReport
    from wizard.flow.ports.credentials import Credential, TokenFrom
    from wizard.flow.ports.modal import DeployedApp, SecretState, Workspace
    from wizard.flow.ports.services import Ports

T = TypeVar("T")


@dataclass(frozen=True)
class JobOptions:
    """How the job is to be done, beside what is to be deployed. `max_cost` is in dollars, `call_limit` in seconds."""

    token_from: TokenFrom = "auto"
    output_dir: Path = Path(".")
    max_cost: float | None = None
    dry_run: bool = False
    sample: bool = True
    replace_secret: bool = False
    may_sign_in: bool = False  # somebody is there who can approve a sign-in in a browser
    call_limit: float = 900.0
    stream: bool = False  # the sample's text as it is made, for somebody who watches
    sources: Mapping[str, str] = field(default_factory=dict)  # of what a person has said: a flag, a file


@dataclass(frozen=True)
class Discovered:
    """What the looking steps have found; the plan is made from it."""

    report: AccessReport
    facts: ModelFacts
    workspace: Workspace

    @property
    def credential(self) -> Credential | None:
        """Where the access token comes from; None where none was found."""
        return self.report.credential

    @property
    def weights(self) -> Weights:
        """The weights that will be loaded."""
        return require(self.facts.weights)


@dataclass(frozen=True)
class LintQuestion:
    """What an answer of lint depends on."""

    output: OutputType
    backend: str | None
    prompt: str | None
    max_tokens: int | None
    commit: str
    engine: str


@dataclass(frozen=True)
class LintAnswer:
    """A report of lint, kept with its question, since the same one is asked at every look at the plan."""

    question: LintQuestion
    report: LintReport


@dataclass(frozen=True)
class Existing:
    """What is there already of that which a Plan names."""

    secret: SecretState | None  # None: the model is open, and there is none in the plan
    app: DeployedApp | None  # None: nothing is deployed under that name
    volume: bool
    record: bool  # the plan is kept in the Volume
    missing: Mapping[str, int]  # of each repository, bytes that are not in the Volume yet

    @property
    def weights_missing(self) -> int:
        """Bytes that are not in the Volume yet."""
        return sum(self.missing.values())


@dataclass(frozen=True)
class Planned:
    """A finished Plan and what it was made with; applying takes nothing else."""

    plan: Plan
    source: str
    file: Path  # where the app file goes
    existing: Existing
    rates: Mapping[str, float] | None  # None: Modal did not tell its prices
    route: HubRoute


@dataclass(frozen=True)
class Applied:
    """What the applying steps have made and measured so far."""

    files: tuple[str, ...] = ()
    download_seconds: float = 0.0
    call_seconds: float = 0.0
    endpoint: str = ""  # where the deployed function answers over HTTP


@dataclass
class JobState:
    """The running job. None: the step that finds it out has not run; a stage gets its input by `discovered` and
    `to_apply`, and keeps what it gives here."""

    ports: Ports
    draft: Draft
    options: JobOptions
    report: AccessReport | None = None
    facts: ModelFacts | None = None
    workspace: Workspace | None = None
    lint: LintAnswer | None = None
    planned: Planned | None = None
    applied: Applied = Applied()

    @property
    def discovered(self) -> Discovered:
        """What there is to plan from, once the looking steps have run."""
        return Discovered(require(self.report), require(self.facts), require(self.workspace))

    @property
    def to_apply(self) -> Planned:
        """What there is to apply, once the plan is made."""
        return require(self.planned)


def require(value: T | None) -> T:
    """A value that an earlier step has found out."""
    if value is None:
        raise RuntimeError("a step ran before the one that it builds on")
    return value
