"""Every access token on this machine: whose it is, what it may do, which one wins, and which can read a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from wizard.core.access.verdicts import Verdict
from wizard.core.access.wire_rules import read_answer
from wizard.core.access_token import AccessToken
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.flow.access.check import check_access
from wizard.flow.ports.credentials import Candidate, Credential
from wizard.flow.ports.hub import Account, HubPort, HubRefusal
from wizard.flow.ports.services import Ports


@dataclass(frozen=True)
class TokenRecord:
    """One candidate with what the Hub says of it. `state`: ready, a verdict, or ``malformed``, ``not fetched`` or
    ``not asked``."""

    candidate: Candidate
    state: str
    account: Account | None = None
    wins: bool = False
    model: Verdict | None = None

    @property
    def lasting(self) -> bool | None:
        """Whether it may go into a Modal Secret; None when that cannot be told."""
        token = self.candidate.token
        if token is None or self.account is None:
            return None
        return self.account.kind == "access_token" and not token.expires_by_itself and not self.candidate.refreshes

    def to_mapping(self) -> dict[str, Any]:
        """One row of `token show --json`."""
        account, candidate = self.account, self.candidate
        return {
            "source": candidate.source,
            "masked": candidate.token.masked if candidate.token else None,
            "user": account.user if account else None,
            "role": account.role if account else None,
            "kind": account.kind if account else None,
            "expires_at": account.expires_at if account else None,
            "state": self.state,
            "wins": self.wins,
            "read_by": {"both": "huggingface_hub", "ours": "outlines-wizard", "nobody": None}[candidate.wins_in],
            "lasting": self.lasting,
            "note": " ".join(part for part in (candidate.wrong, candidate.note) if part) or None,
            "model": self.model.value if self.model else None,
        }


async def list_tokens(
    ports: Ports,
    model: str | None = None,
    revision: str | None = None,
    candidates: Sequence[Candidate] | None = None,
    *,
    offline: bool = False,
) -> list[TokenRecord]:
    """Look at every candidate at once; the same access token is asked about only once, since whoami is strict, and
    `offline` not at all."""
    if candidates is None:
        candidates = await ports.tokens.candidates()
    distinct = list(dict.fromkeys(candidate.token for candidate in candidates if candidate.token))
    if offline:
        asked: list[tuple[str, Account | None]] = [("not asked", None)] * len(distinct)
    else:
        asked = await gather_or_cancel(*(_ask(ports.hub, token) for token in distinct))
    about = dict(zip(distinct, asked, strict=True))
    findings = [_finding(candidate, about) for candidate in candidates]
    winner = next((i for i, f in enumerate(findings) if _can_win(f.candidate)), None)
    findings = [replace(finding, wins=index == winner) for index, finding in enumerate(findings)]
    if model is None:
        return findings
    verdicts = await gather_or_cancel(*(_read(ports.hub, finding, model, revision) for finding in findings))
    return [replace(finding, model=verdict) for finding, verdict in zip(findings, verdicts, strict=True)]


def _can_win(candidate: Candidate) -> bool:
    return candidate.wins_in != "nobody" and candidate.origin is not None


async def _ask(hub: HubPort, token: AccessToken) -> tuple[str, Account | None]:
    try:
        return "ready", await hub.whoami(token)
    except HubRefusal as refusal:
        return read_answer(refusal.answer, token_sent=True, token_known_good=False).value, None


def _finding(candidate: Candidate, about: dict[AccessToken, tuple[str, Account | None]]) -> TokenRecord:
    if candidate.token is None:
        return TokenRecord(candidate, "malformed" if candidate.wrong else "not fetched")
    state, account = about[candidate.token]
    return TokenRecord(candidate, state, account)


async def _read(hub: HubPort, finding: TokenRecord, model: str, revision: str | None) -> Verdict | None:
    candidate = finding.candidate
    if candidate.token is None:
        return None
    credential = Credential(candidate.token, candidate.source, candidate.origin or "env", candidate.refreshes)
    return (await check_access(hub, model, revision, credential)).verdict


def hidden_better(findings: Sequence[TokenRecord]) -> TokenRecord | None:
    """An access token that works (where a model was named: that reads it), while the one that wins does not."""
    if any(finding.wins and _is_good(finding) for finding in findings):
        return None
    return next((finding for finding in findings if _is_good(finding)), None)


def _is_good(finding: TokenRecord) -> bool:
    return finding.state == "ready" if finding.model is None else finding.model is Verdict.READY
