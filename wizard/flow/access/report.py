"""What is known of the access to a model's repositories: the verdict, and everything that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wizard.core.access.verdicts import Verdict, verdict_problem

if TYPE_CHECKING:
    from wizard.core.access.unreachable import UnreachableReason
    from wizard.core.inference.engine import InferenceEngine
    from wizard.core.models.adapter import AdapterName
    from wizard.core.models.model_info import ModelFacts
    from wizard.core.problem import Problem
    from wizard.flow.ports.credentials import Credential
    from wizard.flow.ports.hub import Account, ModelSummary


@dataclass(frozen=True)
class AccessQuestion:
    """A model that is asked about, and the adapters that are named beside it."""

    repo_id: str
    revision: str | None = None
    adapters: tuple[AdapterName, ...] = ()
    folders: Mapping[str, ModelFacts] = field(default_factory=dict)  # those of them that are on this machine


@dataclass(frozen=True)
class AccessReport:
    """The verdict, and everything that it rests on. `problem` is None when the weights can be read.

    `endpoint` is the Hub that was asked, `pages` the one whose pages are linked. `token_sent_to` are the addresses that
    have got the access token: none where the Hub is not trusted with it, or there is none.
    """

    model: str
    revision: str | None
    verdict: Verdict
    problem: Problem | None
    facts: ModelFacts | None = None
    credential: Credential | None = None
    account: Account | None = None
    raw: str | None = None
    endpoint: str = ""
    engine: InferenceEngine | None = None  # the one that was named
    pages: str = ""
    token_sent_to: tuple[str, ...] = ()
    unreachable: UnreachableReason | None = None
    notes: tuple[str, ...] = ()
    alternatives: tuple[ModelSummary, ...] = ()
    gates: tuple[AccessReport, ...] = ()  # of a model with adapters: each of its repositories, the base model last
    question: AccessQuestion | None = None  # what was asked, where that is another name than `model`

    @property
    def cause(self) -> str:
        if self.problem:
            return self.problem.message
        if self.facts is not None and self.facts.is_folder and not self.gates:
            return f"The weights of {self.model} are on this machine."
        if self.gates:
            return " ".join(gate.cause for gate in self.gates)
        sent = self.credential if self.token_sent_to else None
        user = self.account.user if self.account else f"from {sent.source}" if sent else None
        return verdict_problem(Verdict.READY, model=self.model, endpoint=self.endpoint, user=user).message

    @property
    def may_be_proven_later(self) -> bool:
        """Whether only the download function can tell: it asks the public Hub with the access token, from elsewhere."""
        return self.verdict is Verdict.ENDPOINT_NOT_TRUSTED and self.facts is not None

    def to_mapping(self) -> dict[str, Any]:
        """The public object of `check`."""
        about = self.gates[0] if self.gates else self
        facts, credential, account = about.facts, self.credential, self.account
        return {
            "model": facts.repo_id if facts else about.model,
            "revision": facts.commit if facts else about.revision,
            "gated": None if facts is None else False if facts.gate == "open" else facts.gate,
            "private": facts.private if facts else None,
            "verdict": self.verdict.value,
            "cause": self.cause,
            "hint": self.problem.hint if self.problem else "",
            "url": self.problem.url if self.problem else None,
            "raw": self.raw,
            "notes": list(self.notes),
            "endpoint": self.endpoint,
            "token_sent_to": list(self.token_sent_to),
            "alternatives": [item.repo_id for item in self.alternatives],
            "token": None
            if credential is None
            else {
                "source": credential.source,
                "masked": credential.token.masked,
                "user": account.user if account else None,
                "role": account.role if account else None,
                "kind": account.kind if account else None,
                "expires_at": account.expires_at if account else None,
            },
            **({"gates": [gate.to_gate(self.gates[-1]) for gate in self.gates]} if self.gates else {}),
        }

    def to_gate(self, base: AccessReport) -> dict[str, Any]:
        """One of the `gates` in the public object: a repository, what it is for, and its own verdict."""
        own = self.to_mapping()
        kept = ("model", "revision", "gated", "private", "verdict", "cause", "hint", "url", "raw")
        return {"role": "base" if self is base else "adapter"} | {key: own[key] for key in kept}

    @property
    def asked(self) -> AccessQuestion:
        """What to ask to get this report anew."""
        return self.question or AccessQuestion(self.model, self.revision)

    @property
    def closed(self) -> tuple[AccessReport, ...]:
        """Those of its gates that are closed."""
        return tuple(gate for gate in self.gates or (self,) if gate.problem is not None)
