"""Between looking and changing: what is there already, what would change, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wizard.codegen.app_file import app_file_name, plan_hash, render_app
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.events import Change, PlanReady
from wizard.core.inference.engine import InferenceEngine
from wizard.core.lint.report import LintReport
from wizard.core.models.model_info import ModelFacts, Weights, stored_name
from wizard.core.next_command import again
from wizard.core.plan.cost import Prices, Rates, estimate, proof_dollars
from wizard.core.plan.draft import Draft
from wizard.core.plan.hub_route import HubRoute, Proof
from wizard.core.plan.inference_engine.advice import option_sentences, proposals
from wizard.core.plan.inference_engine.choice import EngineChoice
from wizard.core.plan.inference_engine.figures import Load, compare_engines
from wizard.core.plan.max_cost import refuse_too_dear
from wizard.core.plan.plan import Plan
from wizard.core.plan.thinking_advice import thinking_notes
from wizard.core.problem import Problem
from wizard.core.sizing.fit_report import fit_report
from wizard.core.sizing.gpus import device_words, read_gpu
from wizard.core.sizing.memory_fit import TokenBudget, loaded_bytes
from wizard.flow.access.report import AccessReport
from wizard.flow.configuration.merge import setting_sources
from wizard.flow.deploy.discovery import downloaded_from, size_words
from wizard.flow.deploy.job_state import (
    Discovered,
    Existing,
    JobOptions,
    JobState,
    LintAnswer,
    LintQuestion,
    Planned,
    require,
)
from wizard.flow.deploy.plan_record import FOLDER, record_name
from wizard.flow.lint.lint import lint_output, plan_notes, refuse_unenforced, unenforced_notes
from wizard.flow.ports.files import FilesPort
from wizard.flow.ports.modal import DeployedApp, ModalPort, SecretState, Workspace, is_ours
from wizard.flow.ports.services import Ports

SECRET_WORDS: dict[SecretState, str] = {
    "missing": "holds your access token for the download step",
    "current": "already holds your access token",
    "outdated": "holds an older access token",
    "foreign": "not created by outlines-wizard; used as is",
}


async def make_plan(job: JobState, discovered: Discovered) -> PlanReady:
    """Finish the Draft, look at everything that the Plan names, and say what applying it would change.

    `job.planned` is then what to apply. Raises Problem when the output type does not compile, and with exit code 5 when
    it costs more than agreed.
    """
    facts = discovered.facts
    (draft, lint, why), rates = await gather_or_cancel(_settle_engine(job, discovered), job.ports.modal.rates())
    plan = draft.finish(facts, rates, job.ports.missing_engines)
    source = render_app(plan)
    existing = await _observe(job.ports.modal, plan, discovered)
    options, weights = job.options, discovered.weights
    route = _route(job.ports, plan, discovered.report, existing, rates)
    planned = Planned(plan, source, options.output_dir / app_file_name(plan), existing, rates, route)
    build, download = not app_is_current(existing.app, plan), bool(existing.weights_missing) and facts.uses_hub
    loaded = loaded_bytes(facts, plan.inference_engine)
    cost = estimate(plan, weights.size, rates, build=build, download=download, loaded=loaded)
    hint = "Raise --max-cost, choose a cheaper GPU, or shorten --scaledown-window."
    refuse_too_dear("The first run is estimated at", cost.first_run, options.max_cost, hint)
    price = Prices.of(read_gpu(plan.gpu), rates).gpu
    load = Load(read_gpu(plan.gpu), plan.max_tokens, plan.scaledown_window, plan.fast_start, plan.think_tokens)
    cost = replace(cost, engines=compare_engines(facts, load, price))
    _refuse_foreign(existing.app, discovered.workspace)
    changes = tuple(_changes(job.ports.files, options, planned, weights))
    job.planned = planned
    notes, unenforced = (*plan_notes(lint, plan), *thinking_notes(facts, plan)), unenforced_notes(lint, plan)
    fit = fit_report(
        facts,
        TokenBudget(answer=plan.max_tokens, reasoning=plan.think_tokens),
        read_gpu(plan.gpu),
        rates,
        structured=plan.output.form != "none",
        rehearsal=job.ports.rehearsal,
        engine=plan.inference_engine,
    )
    sources = _sources(job.draft, options, discovered, why) if options.dry_run else {}
    reasons = {"engine": why.sentence, **option_sentences(plan)}
    better = proposals(plan, cost.engines)
    return PlanReady(plan, changes, cost, fit, notes, unenforced, sources, route, reasons, better)


def _route(ports: Ports, plan: Plan, report: AccessReport, existing: Existing, rates: Rates | None) -> HubRoute:
    """Where requests go. What was proven at one Hub says nothing of another one, not even of a mirror of it."""
    if report.facts is not None and not report.facts.uses_hub:
        return HubRoute("", (), "", "not needed")
    source = downloaded_from(plan.hub_endpoint, ports)
    proof: Proof = "here"
    if not (plan.needs_token and existing.weights_missing):
        proof = "not needed"
    elif source not in report.token_sent_to:
        proof = "download"
    cost = proof_dollars(rates) if proof == "download" else 0.0
    return HubRoute(ports.hub.endpoint, report.token_sent_to, source, proof, cost)


async def _settle_engine(job: JobState, discovered: Discovered) -> tuple[Draft, LintReport, EngineChoice]:
    """The Draft with the inference engine, backend and longest answer that are chosen, and how each was.

    Lint goes by the engine's backends and says how long an answer gets, which the engine may depend on: a model that
    fits one GPU with short answers needs several with long ones.
    """
    draft, missing = job.draft, job.ports.missing_engines
    why = draft.engine_for(discovered.facts, missing)
    if (source := job.options.sources.get("engine")) in ("plan file", "user config"):
        why = replace(why, why=f"as the {source} says")
    while True:
        lint = await _lint(job, draft, discovered, why.engine)
        whole = replace(draft, max_tokens=draft.max_tokens or lint.max_tokens)
        again = whole.engine_for(discovered.facts, missing)
        if again.engine is why.engine or whole.max_tokens == draft.max_tokens:
            return replace(whole, engine=why.engine.name, backend=lint.chosen), lint, why
        draft, why = replace(draft, max_tokens=whole.max_tokens), again


def _sources(draft: Draft, options: JobOptions, discovered: Discovered, why: EngineChoice) -> dict[str, str]:
    """Where each value of the plan came from: a flag, a variable, the plan file, the user config, or what is chosen."""
    credential, named = discovered.credential, dict(options.sources)
    if not draft.names_engine:
        named["engine"] = f"auto ({why.engine.label}: {why.why})"
    return {
        **setting_sources(draft, named),
        "environment": named.get("environment", ""),
        **({"access token": credential.source} if credential and discovered.facts.needs_token else {}),
    }


async def _lint(job: JobState, draft: Draft, discovered: Discovered, engine: InferenceEngine) -> LintReport:
    """What chooses the structured-output backend of a Draft, and how long an answer may get.

    Raises Problem (exit code 2) when nothing enforces the output type. A backend that somebody names is theirs to
    choose, as long as it compiles; what it does not keep to is in the notes of the plan.
    """
    draft.check()
    output, facts = require(draft.output), discovered.facts
    credential = discovered.credential if discovered.report.token_sent_to else None
    question = LintQuestion(output, draft.backend, draft.prompt, draft.max_tokens, facts.commit, engine.name)
    if job.lint is None or job.lint.question != question:
        report = await lint_output(
            job.ports,
            output,
            backend=draft.backend,
            facts=facts,
            token=credential.token if credential else None,
            prompt=draft.prompt,
            max_tokens=draft.max_tokens,
            thorough=False,
            engine=engine,
        )
        job.lint = LintAnswer(question, report)
    refuse_unenforced(job.lint.report, draft.backend)
    return job.lint.report


def _refuse_foreign(app: DeployedApp | None, workspace: Workspace) -> None:
    """Raise Problem for an app of that name which somebody has deployed by other means: it is not ours to replace."""
    if app is None or is_ours(app):
        return
    raise Problem(
        "app_name_taken",
        f"There is an app {app.name} in environment {workspace.environment} that outlines-wizard has not made.",
        "Choose another name with --app, or another environment with --environment.",
        app.url or None,
        next=(again("to use another name", f"--app {app.name[:60]}-2"),),
    )


async def _observe(modal: ModalPort, plan: Plan, discovered: Discovered) -> Existing:
    credential = discovered.credential
    fingerprint = credential.token.fingerprint if credential else None

    async def secret_state() -> SecretState | None:
        return await modal.secret_state(plan.secret, fingerprint) if plan.needs_token else None

    secret, stored, records, app = await gather_or_cancel(
        secret_state(),
        stored_repositories(modal, plan.volume, discovered.facts),
        modal.volume_files(plan.volume, FOLDER),
        modal.app(plan.app),
    )
    return Existing(
        secret=secret,
        app=app,
        volume=records is not None,
        record=record_name(plan_hash(plan)) in (records or {}),
        missing={facts.repo_id: missing_weights(facts, files) for facts, files in stored},
    )


async def stored_repositories(
    modal: ModalPort, volume: str, facts: ModelFacts
) -> list[tuple[ModelFacts, Mapping[str, int] | None]]:
    """A model and its adapters, each with the files that are in the Volume of it."""
    repositories = (facts, *(adapter.facts for adapter in facts.adapters))
    asking = (modal.volume_files(volume, weights_folder(each.repo_id, each.commit)) for each in repositories)
    return list(zip(repositories, await gather_or_cancel(*asking), strict=True))


def missing_weights(facts: ModelFacts, stored: Mapping[str, int] | None) -> int:
    """Bytes of a model that are not among the files that are stored; 0 when it is complete."""
    needed = facts.needed_files
    return sum(
        file.size or 1 for file in needed if (stored or {}).get(file.path) != file.size and file.size is not None
    ) or (0 if stored and all(file.path in stored for file in needed) else facts.download_size or 1)


def weights_folder(model: str, revision: str) -> str:
    """Where the generated app keeps a model's weights in the Volume."""
    return f"{stored_name(model).replace('/', '--')}/{revision}"


def app_is_current(app: DeployedApp | None, plan: Plan) -> bool:
    """True when the deployed app was rendered from this very Plan."""
    return app is not None and app.tags.get("plan") == plan_hash(plan)


def _changes(files: FilesPort, options: JobOptions, planned: Planned, model_weights: Weights) -> list[Change]:
    plan, existing, path = planned.plan, planned.existing, planned.file
    changes = []
    if secret := existing.secret:
        replaces = secret == "foreign" and options.replace_secret
        action = {"missing": "create", "current": "keep", "outdated": "update", "foreign": "keep"}[secret]
        why = "replaced (--replace-secret)" if replaces else SECRET_WORDS[secret]
        changes.append(Change("secret", plan.secret, "update" if replaces else action, why))  # type: ignore[arg-type]
    file = {"created": "create", "updated": "update", "kept": "keep"}[files.preview_write(path, planned.source)]
    changes.append(Change("file", str(path), file, "the app's source; edit it freely"))  # type: ignore[arg-type]
    changes.append(
        Change("volume", plan.volume, "keep" if existing.volume else "create", "keeps the weights between calls")
    )
    current = app_is_current(existing.app, plan)
    app = "keep" if current else "update" if existing.app else "create"
    why = "unchanged" if current else f"on {device_words(plan.gpu)}, from this plan"
    changes.append(Change("app", plan.app, app, why))  # type: ignore[arg-type]
    complete = not existing.missing[plan.model]
    how = "uploaded from this machine" if plan.is_folder else "downloaded on a CPU"
    why = "complete in the Volume" if complete else f"{size_words(model_weights.size)}, {how}"
    weights = f"{plan.model}@{plan.revision[:7]}"
    changes.append(Change("weights", weights, "keep" if complete else "create", why))
    for adapter in plan.adapters:
        name, why = f"{adapter.repo_id}@{(adapter.revision or '')[:7]}", f"LoRA, called {adapter.name}"
        changes.append(Change("adapter", name, "create" if existing.missing[adapter.repo_id] else "keep", why))
    return changes
