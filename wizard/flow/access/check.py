"""Can this access token read this model's weights? One verdict, from as few questions as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
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
from wizard.core.models.adapter import AdapterName, NoBase, adapter_name, base_of, with_adapter_config
from wizard.core.models.configuration import with_config
from wizard.core.models.loading import NotLoadable, engine_to_judge, gate_form, loading_notes, why_not_loadable
from wizard.core.models.model_info import ADAPTER_CONFIG, ModelFacts, read_model_name, stored_name
from wizard.core.problem import usage
from wizard.flow.access.folder import judge_folder, known_folders, verdict_on
from wizard.flow.access.gates import join_gates
from wizard.flow.access.report import AccessQuestion, AccessReport
from wizard.flow.ports.credentials import Credential, TokenFrom
from wizard.flow.ports.hub import Account, HubPort, HubRefusal
from wizard.flow.ports.services import Ports


async def find_token(ports: Ports, origin: TokenFrom) -> Credential | None:
    """The access token to use. Raises Problem, also when only the keyring is wanted and does not open: whether it
    holds one is not known then, and "none" would be a guess."""
    credential = await ports.tokens.find(origin)
    if credential is None and origin == "keyring" and (state := (await ports.keyring.probe()).state) != "ready":
        raise keyring_problem(state)
    return credential


@dataclass(frozen=True)
class _Asking:
    """How each repository is asked about. `with_shape` reads config.json too; `engine` None: the one that loads it."""

    hub: HubPort
    credential: Credential | None
    with_shape: bool
    engine: InferenceEngine | None
    folders: Mapping[str, ModelFacts]

    async def check(self, repo_id: str, revision: str | None, account: Account | None = None) -> AccessReport:
        """One repository by itself; `account` is whose the access token is, where that is known.

        A Hub that is not trusted with an access token is asked without; what then rests on one is asked of the public
        Hub instead, with it, since that is where the deployed function downloads from.
        """
        hub, credential = self.hub, self.credential
        if (facts := self.folders.get(repo_id)) is not None:
            return judge_folder(facts, self.engine, hub.account_hub.endpoint)
        report = await self._check_at(hub, repo_id, revision, credential if hub.is_trusted else None, account)
        if hub.is_trusted or credential is None:
            return report
        report = replace(report, credential=credential)
        if not _rests_on_token(report):
            return report
        public = await self._check_at(hub.account_hub, repo_id, revision, credential, account)
        if public.verdict is Verdict.HUB_UNREACHABLE:
            return _unproven(report, public.unreachable)
        note = (
            f"{report.endpoint} was asked without your access token, and {public.endpoint} with it "
            f"(--trust-endpoint {report.endpoint} sends it there too)."
        )
        return replace(public, notes=(*public.notes, note))

    async def _check_at(
        self, hub: HubPort, repo_id: str, revision: str | None, credential: Credential | None, known: Account | None
    ) -> AccessReport:
        token = credential.token if credential else None
        report = AccessReport(
            repo_id,
            revision,
            Verdict.READY,
            None,
            credential=credential,
            account=known if token else None,
            endpoint=hub.endpoint,
            pages=hub.account_hub.endpoint,
            token_sent_to=(hub.endpoint,) if token else (),
            engine=self.engine,
        )
        who, info = await asyncio.gather(
            hub.whoami(token) if token and known is None else _nobody(),
            hub.model(repo_id, revision, token),
            return_exceptions=True,
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
        return await _read_weights(hub, report, info, credential, self.with_shape)


async def check_access(
    hub: HubPort,
    repo_id: str,
    revision: str | None,
    credential: Credential | None,
    *,
    with_shape: bool = False,
    engine: InferenceEngine | None = None,
    adapters: Sequence[AdapterName] = (),
    folders: Mapping[str, ModelFacts] | None = None,
) -> AccessReport:
    """Ask the Hub in the order that leaves no doubt: whose token, which model, is the gate open, one real read.

    Three round trips for a model that is ready: whoami and model info side by side, then the gate and the
    read of the weight file side by side (which is a HEAD and one byte). `with_shape` reads config.json beside them,
    and says so where that fails. What can be loaded is judged for `engine`,
    or, where none is named, for the one that loads it.

    Where `repo_id` is an adapter, its base model is asked about as well, and so is each of `adapters`: the report is
    ready when every gate is open. `folders` are those of them that are on this machine, by the names that they are
    asked about by. Raises Problem (exit code 2) where one of `adapters` is none.
    """
    asking = _Asking(hub, credential, with_shape, engine, folders or {})
    asked = AccessQuestion(repo_id, revision, tuple(adapters), folders or {})
    report = await asking.check(repo_id, revision)
    found = [(each.name, await asking.check(each.repo_id, each.revision, report.account)) for each in adapters]
    if report.facts is not None and report.facts.is_adapter:
        if report.verdict in (Verdict.WEIGHTS_MISSING, Verdict.NOT_A_TEXT_MODEL):
            return report
        named = base_of(report.facts)
        if isinstance(named, NoBase):
            return report if report.problem else _no_base(report, named.why)
        found.insert(0, (adapter_name(stored_name(report.facts.repo_id)), report))
        report = await asking.check(named.repo_id, named.revision, report.account)
        if report.facts is not None and report.facts.is_adapter:
            why = f"the model that it was trained on, {report.model}, is an adapter itself"
            return _no_base(found[0][1], why)
    if not found:
        return report
    for _, adapter in found:
        if adapter.facts is not None and not adapter.facts.is_adapter:
            hint = "Pass --adapter organisation/name of a repository that has adapter_config.json."
            raise usage("not_an_adapter", f"{adapter.model} is not a LoRA adapter.", hint)
    joined = join_gates(report, found, asked)
    if joined.problem is not None or joined.facts is None:
        return joined
    wrong = why_not_loadable(joined.facts, engine_to_judge(joined.facts, joined.engine))
    return _refused(joined, verdict_on(wrong), WireAnswer(200), wrong) if wrong else joined


async def check_model(ports: Ports, model: str, revision: str | None, credential: Credential | None) -> AccessReport:
    """The verdict on a model as somebody has typed it: on the Hub, or in a folder of this machine. Raises Problem."""
    name, folders = read_model_name(model), await known_folders(ports.folders, model)
    asked = next(iter(folders), name.repo_id)
    at = revision or name.revision
    return await check_access(ports.hub, asked, at, credential, with_shape=True, folders=folders)


def _no_base(report: AccessReport, why: str) -> AccessReport:
    """An adapter without a base model that could be deployed."""
    way_on = f"Name its base model: --model organisation/name --adapter {report.model}."
    return _refused(report, Verdict.WEIGHTS_MISSING, WireAnswer(200), NotLoadable(why, way_on))


def _rests_on_token(report: AccessReport) -> bool:
    """Whether an access token could have changed what a Hub said that was asked without one."""
    if report.verdict not in (Verdict.READY, Verdict.NO_TOKEN, Verdict.PRIVATE_OR_MISSING, Verdict.BLOCKED_OTHER):
        return False
    return report.facts is None or report.facts.needs_token


def _unproven(report: AccessReport, unreachable: UnreachableReason | None) -> AccessReport:
    """What is known of a model where no Hub can be asked that may see the access token."""
    facts = report.facts
    if facts is not None and (wrong := why_not_loadable(facts, engine_to_judge(facts, report.engine))):
        return _refused(report, verdict_on(wrong), WireAnswer(200), wrong)
    what = "does not exist or is private" if facts is None else "is private" if facts.private else "is gated"
    return _refused(report, Verdict.ENDPOINT_NOT_TRUSTED, WireAnswer(0, unreachable=unreachable), detail=what)


async def _read_weights(
    hub: HubPort, report: AccessReport, facts: ModelFacts, credential: Credential | None, with_shape: bool
) -> AccessReport:
    token = credential.token if credential else None
    if facts.disabled:
        return _refused(report, Verdict.REPO_DISABLED, WireAnswer(200))
    engine = engine_to_judge(facts, report.engine)
    wrong = why_not_loadable(facts, engine)
    gate, read, config = await gather_or_cancel(
        hub.auth_check(facts.repo_id, token),
        hub.read_one_byte(facts.repo_id, facts.commit, facts.probe, token),
        _configuration(hub, facts, credential, with_shape),
    )
    answers = (gate, read, config) if isinstance(config, WireAnswer) else (gate, read)
    for answer in answers:
        # mirrors do not serve the question about the gate: there the read itself decides
        if answer.is_good or (answer is gate and answer.status == 404 and answer.unreachable and read.is_good):
            continue
        # The Hub has just told this access token about the model, which it does to no dead one.
        verdict = read_answer(answer, token_sent=token is not None, token_known_good=token is not None)
        if not (verdict is Verdict.WEIGHTS_MISSING and wrong):
            return _refused(report, verdict, answer)
    if config is not None and not isinstance(config, WireAnswer):
        facts = with_adapter_config(facts, config) if facts.is_adapter else with_config(facts, config)
        engine = engine_to_judge(facts, report.engine)
        wrong = why_not_loadable(facts, engine)
    if wrong:
        return _refused(replace(report, facts=facts), verdict_on(wrong), WireAnswer(200), wrong)
    notes = () if facts.is_adapter else loading_notes(facts, engine)
    return replace(report, facts=facts, notes=(*report.notes, *notes))


async def _configuration(
    hub: HubPort, facts: ModelFacts, credential: Credential | None, with_shape: bool
) -> Mapping[str, Any] | WireAnswer | None:
    """The config.json where it is wanted; of an adapter always its own configuration, which names its base model, or
    the Hub's answer where it was out of order."""
    name, token = ADAPTER_CONFIG if facts.is_adapter else "config.json", credential.token if credential else None
    if not any(file.path == name for file in facts.files) or not (with_shape or facts.is_adapter):
        return None
    try:
        return await hub.config(facts.repo_id, facts.commit, token, name)
    except HubRefusal as refusal:
        if not facts.is_adapter:
            return None  # the Hub's facts of a model say what matters; an adapter's do not name its base
        return refusal.answer


def _notes(account: Account | None, facts: ModelFacts) -> tuple[str, ...]:
    """What is worth knowing beside the verdict: a new name, an access token that may do more than is needed."""
    notes = []
    if facts.is_renamed:
        notes.append(f"{facts.asked_for} was renamed to {facts.repo_id}.")
    if account and account.role == "write":
        notes.append(
            "This access token can also write to everything its owner can: a fine-grained one that only reads gated "
            "models is enough."
        )
    return tuple(notes)


def _about_the_gate(verdict: Verdict, facts: ModelFacts | None) -> tuple[str, ...]:
    """What to know before asking for access to a model whose authors review requests."""
    if facts is None or facts.gate != "manual" or verdict not in (Verdict.NOT_REQUESTED, Verdict.RESET):
        return ()
    notes = ["Its authors review each request by hand, and a rejected request can't be sent again."]
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
