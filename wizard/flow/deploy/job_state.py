"""What one run of the main job knows so far; each step adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:  # a record names what others make
    from wizard.core.events import Change
    from wizard.core.lint.report import LintReport
    from wizard.core.models.model_info import ModelFacts
    from wizard.core.plan.cost import CostEstimate
    from wizard.core.plan.plan import Draft, Plan
    from wizard.flow.access.check import AccessReport
    from wizard.flow.ports.credentials import TokenFrom
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
    sources: Mapping[str, str] = field(default_factory=dict)  # of what a person has said: a flag, a file


@dataclass
class JobState:
    """The running job. Fields are None until the step that finds them out has run."""

    ports: Ports
    draft: Draft
    options: JobOptions
    report: AccessReport | None = None
    facts: ModelFacts | None = None
    workspace: Workspace | None = None
    plan: Plan | None = None
    source: str = ""
    secret: SecretState | None = None
    weights_missing: int = 0  # bytes that are not in the Volume yet
    volume_exists: bool = False
    beside: str = ""  # what somebody else did at the same time, where it is no trouble
    recorded: bool = False  # the plan is kept in the Volume
    deployed: DeployedApp | None = None
    cost: CostEstimate | None = None
    rates: Mapping[str, float] | None = None
    lint: LintReport | None = None
    lint_asked: object = None  # what `lint` is the answer to
    changes: tuple[Change, ...] = ()
    download_seconds: float = 0.0  # measured
    call_seconds: float = 0.0
    files: list[str] = field(default_factory=list)
    endpoint: str = ""  # where the deployed function answers over HTTP

    @property
    def file(self) -> Path:
        """Where the app file goes."""
        from wizard.codegen.app_file import app_file_name

        return self.options.output_dir / app_file_name(require(self.plan))


def require(value: T | None) -> T:
    """A value that an earlier step has found out."""
    if value is None:
        raise RuntimeError("a step ran before the one that it builds on")
    return value
