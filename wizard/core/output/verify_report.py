"""The report of `verify`: how many samples of a deployed function were valid, how fast it is, and what it runs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Outcome = Literal["valid", "truncated", "refused", "invalid"]


@dataclass(frozen=True)
class FailedSample:
    """A sample that is not valid, with the arguments of its call and why."""

    outcome: Outcome
    call: Mapping[str, Any]
    text: str
    errors: tuple[str, ...]

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self) | {"errors": list(self.errors)}


@dataclass(frozen=True)
class VerifiedOutput:
    """The output type that was verified: its enforceable form, a few words, and the digest of what was enforced."""

    form: str
    summary: str
    sha256: str


@dataclass(frozen=True)
class SampleSeconds:
    """What a caller waited, and where it went. `cold` is None when a container was awake already."""

    cold: float | None
    warm: float | None
    load: float | None
    compile: float | None
    first_token: float | None
    rest: float | None
    all: float  # of the whole run


@dataclass(frozen=True)
class VerifyReport:
    """One run of `verify`. `about` is what the function says that it runs on: model, revision, device, packages.

    `think` is how far the model was to reason (None: as deployed), `reasoning_tokens` how far it did: the median.
    """

    app: str
    app_id: str
    version: int | None
    environment: str
    rehearsal: bool
    plan: str | None  # its hash
    at: str
    about: Mapping[str, Any]
    output: VerifiedOutput
    samples: int
    seed: int
    valid: int
    truncated: int
    refused: int
    invalid: int
    seconds: SampleSeconds
    tokens_per_second: float | None
    not_valid: tuple[FailedSample, ...]
    think: int | str | None = None
    reasoning_tokens: int = 0

    def to_mapping(self) -> dict[str, Any]:
        """The public object; what the function says of itself stands among its keys."""
        plain: dict[str, Any] = {}
        for name, value in asdict(self).items():
            plain |= value if name == "about" else {name: value}
        return plain | {"not_valid": [sample.to_mapping() for sample in self.not_valid]}
