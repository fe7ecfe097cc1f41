"""The first four steps, which only look: the model, its access, the access token, Modal."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from wizard.core.access.endpoint_trust import read_trusted
from wizard.core.access.verdicts import PUBLIC_HUB, VERDICTS, new_token_page
from wizard.core.events import Event, SignInWaiting, StepFinished
from wizard.core.models.adapter import read_adapters
from wizard.core.models.model_info import ModelFacts, ModelName, read_model_name
from wizard.core.next_command import again
from wizard.core.plan.draft import Draft
from wizard.core.problem import ExitCode, Problem, usage
from wizard.flow.access.check import check_access, find_token
from wizard.flow.access.folder import read_folders
from wizard.flow.access.report import AccessReport
from wizard.flow.deploy.job_state import JobState, require
from wizard.flow.ports.credentials import Credential
from wizard.flow.ports.hub import Account
from wizard.flow.ports.services import Ports

FOLDER_WORDS = "the model is in a folder on this machine"
MODAL_SIGN_IN_HELPS = (
    "no_modal_token",
    "modal_auth",
    "modal_token_half",
    "modal_config_broken",
    "modal_profile_missing",
    "modal_profile_undecided",
)


async def look_at_model(job: JobState) -> AsyncGenerator[Event, None]:
    """Find the access token, ask the Hub about the model, and pin its revision to a commit."""
    container_hub = _container_hub(job.draft, job.ports)
    ports, asked = job.ports, require(job.draft.model)
    adapters = [
        replace(each, repo_id=ports.folders.folder_of(each.repo_id) or each.repo_id)
        for each in read_adapters("--adapter", job.draft.adapter or ())
    ]
    found: list[ModelFacts] = []
    async with aclosing(read_folders(ports.folders, (asked, *(each.repo_id for each in adapters)))) as reading:
        async for item in reading:
            if isinstance(item, ModelFacts):
                found.append(item)
            else:
                yield item
    folders = {facts.repo_id: facts for facts in found}
    name = ModelName(folder) if (folder := ports.folders.folder_of(asked)) else read_model_name(asked)
    on_hub = name.repo_id not in folders or folders[name.repo_id].is_adapter or len(folders) <= len(adapters)
    report = job.report = await check_access(
        ports.hub,
        name.repo_id,
        job.draft.revision or name.revision,
        await find_token(ports, job.options.token_from) if on_hub else None,
        with_shape=True,
        engine=job.draft.named_engine,
        adapters=adapters,
        folders=folders,
    )
    facts = report.facts
    if facts is None:
        problem = require(report.problem)
        # What an access token decides is the next step's to say, even when the Hub tells nothing of the model.
        raise problem if VERDICTS[report.verdict].step == "model" else problem.at("access")
    job.facts = facts
    job.draft = replace(
        job.draft,
        model=facts.repo_id,
        revision=facts.commit,
        adapter=tuple(str(each) for each in facts.adapters) or None,
        hub_endpoint=container_hub or None,
    )
    yield StepFinished("model", "ready", describe(facts))


def _container_hub(draft: Draft, ports: Ports) -> str:
    """The Hub that the deployed function has to ask; empty for the public one, which HF_ENDPOINT here does not change:
    a container is in another network. Stand-ins are not for keeps.

    Raises Problem where a plan names one that is not trusted: its app would send the access token there.
    """
    if not draft.hub_endpoint or ports.rehearsal:
        return ""
    named = read_trusted(draft.hub_endpoint, "hub_endpoint")
    if named == PUBLIC_HUB:
        return ""
    if not ports.hub.trusts(named):
        raise usage(
            "hub_endpoint_differs",
            f"The plan downloads models from {named}, which you haven't marked as trusted.",
            f"If you trust it with your access token, pass --trust-endpoint {named}; otherwise remove hub_endpoint "
            "from the plan.",
        )
    return named


def downloaded_from(hub_endpoint: str, ports: Ports) -> str:
    """The Hub that the deployed function asks: in a rehearsal it is on this machine, and asks what is asked here."""
    if ports.rehearsal:
        return ports.hub.account_hub.endpoint
    return hub_endpoint or PUBLIC_HUB


def describe(facts: ModelFacts) -> str:
    """A model in one line: name, gate, size, licence, commit."""
    if facts.is_folder:
        gate = "a folder on this machine"
    else:
        gate = {"open": "open", "auto": "gated (automatic approval)", "manual": "gated (manual approval)"}[facts.gate]
    parts = [f"renamed from {facts.asked_for}" if facts.is_renamed else "", "private" if facts.private else gate]
    if facts.parameters:
        parts.append(f"{count_words(sum(facts.parameters.values()))} parameters")
    if facts.weights and facts.weights.size:
        parts.append(size_words(facts.weights.size))
    if facts.licence:
        parts.append(facts.licence)
    parts.append(f"hash {facts.commit[:7]}" if facts.is_folder else f"pinned to {facts.commit[:7]}")
    own = f"{facts.repo_id}: " + ", ".join(part for part in parts if part)
    return "; with ".join([own, *(f"adapter {describe(each.facts)}" for each in facts.adapters)])


async def judge_access(report: AccessReport) -> AsyncGenerator[Event, None]:
    """Say the verdict: this very access token can read the very weight file, or why not."""
    if report.problem and not report.may_be_proven_later:
        raise report.problem
    if report.problem:
        yield StepFinished("access", "ready", f"{report.cause} The download step checks it again on Modal.")
        return
    yield StepFinished("access", "ready", " ".join((report.cause, *report.notes)))


def why_no_token_step(facts: ModelFacts) -> str | None:
    """Why the access token does not matter; None when it does."""
    if not facts.uses_hub:
        return FOLDER_WORDS
    return None if facts.needs_token else "the model is open: no access token is needed"


def why_no_access_step(facts: ModelFacts) -> str | None:
    """Why nothing is asked of a Hub; None when it is."""
    return None if facts.uses_hub else FOLDER_WORDS


async def settle_token(credential: Credential, account: Account | None, endpoint: str) -> AsyncGenerator[Event, None]:
    """Make sure that the access token is one that lasts: it is going to be stored in a Modal Secret."""
    refuse_short_lived(credential, account, endpoint)
    whose = f"{account.user}'s " if account else ""
    role = f"{account.role} " if account and account.role else ""
    yield StepFinished(
        "token", "ready", f"{whose}{role}access token {credential.token.masked} from {credential.source}"
    )


def refuse_short_lived(credential: Credential, account: Account | None, endpoint: str) -> None:
    """Raise Problem (exit code 4) for an access token that dies by itself where nothing refreshes it.

    Tokens of a browser login last 30 days at most, those of a CI's OIDC exchange an hour (documentation of the
    Hub, 2026); a Modal Secret holds a bare copy that is never refreshed.
    """
    kind = account.kind if account else "access_token"
    if kind == "access_token" and not credential.token.expires_by_itself and not credential.refreshes:
        return
    raise Problem(
        "token_short_lived",
        f"The access token from {credential.source} comes from a browser or CI login and expires within 30 days; a "
        "Modal Secret cannot refresh it.",
        "Create a fine-grained access token that can read gated models, and use that one.",
        new_token_page(endpoint),
        exit_code=ExitCode.CREDENTIALS,
        next=(again("to paste another access token for this run", "--token-from stdin"),),
    )


async def sign_in(job: JobState) -> AsyncGenerator[Event, None]:
    """Prove that the Modal token works, and learn workspace and environment; sign in first where somebody can."""
    modal = job.ports.modal
    try:
        workspace = await modal.connect()
    except Problem as problem:
        if problem.code not in MODAL_SIGN_IN_HELPS or not job.options.may_sign_in:
            raise
        async with aclosing(modal.sign_in()) as pages:
            async for page in pages:
                yield SignInWaiting("modal", page.url, page.code)
        workspace = await modal.connect()
    job.workspace = workspace
    detail = f"workspace {workspace.name}, environment {workspace.environment}"
    detail += f", signed in by {workspace.source}" if workspace.source else ""
    if workspace.emptied:
        detail += (
            f"; ignored {' and '.join(workspace.emptied)} (set but empty): other programs would find no Modal token"
        )
    yield StepFinished("modal", "ready", detail)


def size_words(size: float) -> str:
    """Bytes as a person says them."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if round(size) < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if size >= 100 or unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return ""


def count_words(number: int) -> str:
    """A count as a person says it."""
    for limit, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= limit * 0.9995:  # from there on it is rounded to the next unit's 1
            return f"{number / limit:.3g}{unit}"
    return str(number)
