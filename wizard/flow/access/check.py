"""Can this access token read this model's weights? One verdict, from as few questions as it takes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from wizard.core.access.keyring_state import keyring_problem
from wizard.core.access.unreachable import UnreachableReason
from wizard.core.access.verdicts import Verdict, verdict_problem
from wizard.core.access.wire_rules import WireAnswer, read_answer
from wizard.core.access_token import clean_line
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.inference.engine import InferenceEngine
from wizard.core.inference.engine_registry import DEFAULT_ENGINE
from wizard.core.models.configuration import with_config
from wizard.core.models.loading import NotLoadable, engine_that_loads, gate_form, loading_notes, why_not_loadable
from wizard.core.models.model_info import ModelFacts
from wizard.core.problem import Problem
from wizard.flow.ports.credentials import Credential, TokenFrom
from wizard.flow.ports.hub import Account, HubPort, HubRefusal, ModelSummary
from wizard.flow.ports.services import Ports


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

    @property
    def cause(self) -> str:
        if self.problem:
            return self.problem.message
        sent = self.credential if self.token_sent_to else None
        user = self.account.user if self.account else f"from {sent.source}" if sent else None
        return verdict_problem(Verdict.READY, model=self.model, endpoint=self.endpoint, user=user).message

    @property
    def may_be_proven_later(self) -> bool:
        """Whether only the download function can tell: it asks the public Hub with the access token, from elsewhere."""
        return self.verdict is Verdict.ENDPOINT_NOT_TRUSTED and self.facts is not None

    def to_mapping(self) -> dict[str, Any]:
        """The public object of `check`."""
        facts, credential, account = self.facts, self.credential, self.account
        return {
            "model": facts.repo_id if facts else self.model,
            "revision": facts.commit if facts else self.revision,
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
        }


async def find_token(ports: Ports, origin: TokenFrom) -> Credential | None:
    """The access token to use. Raises Problem, also when only the keyring is wanted and does not open: whether it
    holds one is not known then, and "none" would be a guess."""
    credential = await ports.tokens.find(origin)
    if credential is None and origin == "keyring" and (state := (await ports.keyring.probe()).state) != "ready":
        raise keyring_problem(state)
    return credential


async def check_access(
    hub: HubPort,
    repo_id: str,
    revision: str | None,
    credential: Credential | None,
    *,
    with_shape: bool = False,
    engine: InferenceEngine | None = None,
) -> AccessReport:
    """Ask the Hub in the order that leaves no doubt: whose token, which model, is the gate open, one real read.

    A Hub that is not trusted with an access token is asked without; what then rests on one is asked of the public Hub,
    with it, since that is where the deployed function downloads from.

    Three round trips for a model that is ready: whoami and model info side by side, then the gate and the
    read of the weight file side by side (which is a HEAD and one byte). `with_shape` reads config.json beside them,
    and says so where that fails. What can be loaded is judged for `engine`,
    or, where none is named, for the one that loads it.
    """
    report = await _check_at(hub, repo_id, revision, credential if hub.is_trusted else None, with_shape, engine)
    if hub.is_trusted or credential is None:
        return report
    report = replace(report, credential=credential)
    if not _rests_on_token(report):
        return report
    public = await _check_at(hub.account_hub, repo_id, revision, credential, with_shape, engine)
    if public.verdict is Verdict.HUB_UNREACHABLE:
        return _unproven(report, public.unreachable)
    note = (
        f"{report.endpoint} was asked without your access token, and {public.endpoint} with it "
        f"(--trust-endpoint {report.endpoint} sends it there too)."
    )
    return replace(public, notes=(*public.notes, note))


def _rests_on_token(report: AccessReport) -> bool:
    """Whether an access token could have changed what a Hub said that was asked without one."""
    if report.verdict not in (Verdict.READY, Verdict.NO_TOKEN, Verdict.PRIVATE_OR_MISSING, Verdict.BLOCKED_OTHER):
        return False
    return report.facts is None or report.facts.needs_token


def _unproven(report: AccessReport, unreachable: UnreachableReason | None) -> AccessReport:
    """What is known of a model where no Hub can be asked that may see the access token."""
    facts = report.facts
    if facts is not None and (wrong := why_not_loadable(facts, _judging(report, facts))):
        return _refused(report, _verdict_on(wrong), WireAnswer(200), wrong)
    what = "does not exist or is private" if facts is None else "is private" if facts.private else "is gated"
    return _refused(report, Verdict.ENDPOINT_NOT_TRUSTED, WireAnswer(0, unreachable=unreachable), detail=what)


def _judging(report: AccessReport, facts: ModelFacts) -> InferenceEngine:
    """The engine that the model is judged for: the one that was named, else the one that loads it."""
    return report.engine or engine_that_loads(facts) or DEFAULT_ENGINE


def _verdict_on(wrong: NotLoadable) -> Verdict:
    return Verdict.WEIGHTS_MISSING if wrong.generates_text else Verdict.NOT_A_TEXT_MODEL


async def _check_at(
    hub: HubPort,
    repo_id: str,
    revision: str | None,
    credential: Credential | None,
    with_shape: bool,
    engine: InferenceEngine | None,
) -> AccessReport:
    token = credential.token if credential else None
    report = AccessReport(
        repo_id,
        revision,
        Verdict.READY,
        None,
        credential=credential,
        endpoint=hub.endpoint,
        pages=hub.account_hub.endpoint,
        token_sent_to=(hub.endpoint,) if token else (),
        engine=engine,
    )
    who, info = await asyncio.gather(
        hub.whoami(token) if token else _nobody(), hub.model(repo_id, revision, token), return_exceptions=True
    )
    for answer in (who, info):
        if isinstance(answer, BaseException) and not isinstance(answer, HubRefusal):
            raise answer
    if isinstance(who, HubRefusal):
        verdict = read_answer(who.answer, token_sent=True, token_known_good=False)
        # whoami has a strict limit of its own, and mirrors do not serve it: go on without it
        if verdict is not Verdict.RATE_LIMITED and who.answer.status != 404:
            return _refused(report, verdict, who.answer)
    if isinstance(who, Account):
        report = replace(report, account=who)
    if isinstance(info, HubRefusal):
        good = report.account is not None
        return _refused(
            report, read_answer(info.answer, token_sent=token is not None, token_known_good=good), info.answer
        )
    assert isinstance(info, ModelFacts)
    report = replace(report, facts=info, model=info.repo_id, notes=_notes(report.account, info))
    return await _read_weights(hub, report, info, credential, with_shape)


async def _read_weights(
    hub: HubPort, report: AccessReport, facts: ModelFacts, credential: Credential | None, with_shape: bool
) -> AccessReport:
    token = credential.token if credential else None
    if facts.disabled:
        return _refused(report, Verdict.REPO_DISABLED, WireAnswer(200))
    weights = facts.weights
    engine = _judging(report, facts)
    wrong = why_not_loadable(facts, engine)
    probe = weights.files[0].path if weights else "config.json"
    gate, read, config = await gather_or_cancel(
        hub.auth_check(facts.repo_id, token),
        hub.read_one_byte(facts.repo_id, facts.commit, probe, token),
        hub.config(facts.repo_id, facts.commit, token) if with_shape and _has_config(facts) else _nobody(),
    )
    for answer in (gate, read):
        # mirrors do not serve the question about the gate: there the read itself decides
        if answer.is_good or (answer is gate and answer.status == 404 and answer.unreachable and read.is_good):
            continue
        # The Hub has just told this access token about the model, which it does to no dead one.
        verdict = read_answer(answer, token_sent=token is not None, token_known_good=token is not None)
        if not (verdict is Verdict.WEIGHTS_MISSING and wrong):
            return _refused(report, verdict, answer)
    if config is not None:
        facts = with_config(facts, config)
        engine = _judging(report, facts)
        wrong = why_not_loadable(facts, engine)
    if wrong:
        return _refused(replace(report, facts=facts), _verdict_on(wrong), WireAnswer(200), wrong)
    return replace(report, facts=facts, notes=(*report.notes, *loading_notes(facts, engine)))


def _has_config(facts: ModelFacts) -> bool:
    return any(file.path == "config.json" for file in facts.files)


def _notes(account: Account | None, facts: ModelFacts) -> tuple[str, ...]:
    """What is worth knowing beside the verdict: a new name, an access token that may do more than is needed."""
    notes = []
    if facts.is_renamed:
        notes.append(f"{facts.asked_for} was renamed to {facts.repo_id}.")
    if account and account.role == "write":
        notes.append(
            "This access token may also write to everything that its owner may: a fine-grained one that only reads "
            "gated models is enough here."
        )
    return tuple(notes)


def _about_the_gate(verdict: Verdict, facts: ModelFacts | None) -> tuple[str, ...]:
    """What to know before asking for access to a model whose authors review requests."""
    if facts is None or facts.gate != "manual" or verdict not in (Verdict.NOT_REQUESTED, Verdict.RESET):
        return ()
    notes = ["Its authors review every request by hand, and what they reject cannot be asked for again."]
    if form := gate_form(facts):
        notes.append(f"The form asks for: {clean_line(', '.join(form))}.")
    return tuple(notes)


def _refused(
    report: AccessReport, verdict: Verdict, answer: WireAnswer, wrong: NotLoadable | None = None, detail: str = ""
) -> AccessReport:
    raw = clean_line(answer.message) or None
    problem = verdict_problem(
        verdict,
        model=report.model,
        endpoint=report.endpoint,
        user=report.account.user if report.account else None,
        source=report.credential.source if report.credential else None,
        revision=report.revision,
        wait=answer.retry_after,
        detail=wrong.why if wrong else detail,
        way_on=wrong.way_on if wrong else "",
        engine=(report.engine or DEFAULT_ENGINE).label,
        raw=raw,
        unreachable=answer.unreachable,
        pages=report.pages,
    )
    notes = (*report.notes, *_about_the_gate(verdict, report.facts))
    return replace(report, verdict=verdict, problem=problem, raw=raw, notes=notes, unreachable=answer.unreachable)


async def _nobody() -> None:
    return None
