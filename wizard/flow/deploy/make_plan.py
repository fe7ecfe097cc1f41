"""Between looking and changing: what is there already, what would change, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wizard.codegen.app_file import plan_hash, render_app
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.events import Change, PlanReady
from wizard.core.models.model_info import ModelFacts
from wizard.core.plan.cost import estimate
from wizard.core.plan.plan import Draft
from wizard.core.problem import ExitCode, Problem
from wizard.core.sizing.fit_report import fit_report
from wizard.core.sizing.gpus import device_words, read_gpu
from wizard.core.sizing.memory_fit import TokenBudget
from wizard.flow.configuration.merge import setting_sources
from wizard.flow.deploy.discovery import size_words
from wizard.flow.deploy.job_state import JobState, require
from wizard.flow.deploy.plan_record import FOLDER, record_name
from wizard.flow.lint.lint import lint_output, plan_notes, refuse_unenforced, unenforced_notes
from wizard.flow.ports.modal import SecretState, is_ours

SECRET_WORDS: dict[SecretState, str] = {
    "missing": "holds this access token for the download function",
    "current": "holds this access token already",
    "outdated": "holds an older access token",
    "foreign": "was not made by outlines-wizard: used as it is",
}


async def make_plan(job: JobState) -> PlanReady:
    """Finish the Draft, look at everything that the Plan names, and say what applying it would change.

    Raises Problem when the output type does not compile, and with exit code 5 when it costs more than agreed.
    """
    facts = require(job.facts)
    draft, job.rates = await gather_or_cancel(_linted(job), job.ports.modal.rates())
    plan = job.plan = draft.finish(facts, job.rates)
    job.source = render_app(plan)
    await _observe(job)
    weights = require(facts.weights)
    job.cost = estimate(
        plan, weights.size, job.rates, build=not app_is_current(job), download=bool(job.weights_missing)
    )
    if job.options.max_cost is not None and job.cost.first_run > job.options.max_cost:
        raise Problem(
            "too_dear",
            f"The first run is estimated at ${job.cost.first_run:.2f}, more than --max-cost {job.options.max_cost:g}.",
            "Raise --max-cost, choose a cheaper GPU, or shorten --scaledown-window.",
            exit_code=ExitCode.NOT_AGREED,
        )
    _refuse_foreign(job)
    job.changes = tuple(_changes(job))
    lint = require(job.lint)
    notes, unenforced = plan_notes(lint, plan), unenforced_notes(lint, plan)
    fit = fit_report(
        facts,
        TokenBudget(answer=plan.max_tokens),
        read_gpu(plan.gpu),
        job.rates,
        structured=plan.output.form != "none",
        rehearsal=job.ports.rehearsal,
        engine=plan.inference_engine,
    )
    sources = sources_of(job) if job.options.dry_run else {}
    return PlanReady(plan, job.changes, job.cost, fit, notes, unenforced, sources)


def sources_of(job: JobState) -> dict[str, str]:
    """Where each value of the plan came from: a flag, a variable, the plan file, the user config, or what is chosen."""
    credential, named = require(job.report).credential, job.options.sources
    return {
        **setting_sources(job.draft, named),
        "environment": named.get("environment", ""),
        **({"access token": credential.source} if credential and require(job.facts).needs_token else {}),
    }


async def _linted(job: JobState) -> Draft:
    """The Draft with what lint chooses for it: the structured-output backend, and how long an answer may get.

    Raises Problem (exit code 2) when nothing enforces the output type. A backend that somebody names is theirs to
    choose, as long as it compiles; what it does not keep to is in the notes of the plan.
    """
    draft, credential = job.draft, require(job.report).credential
    draft.check()
    output = require(draft.output)
    asked = (output, draft.backend, draft.prompt, draft.max_tokens, require(job.facts).commit)
    if job.lint is None or job.lint_asked != asked:
        job.lint = await lint_output(
            job.ports,
            output,
            backend=draft.backend,
            facts=job.facts,
            token=credential.token if credential else None,
            prompt=draft.prompt,
            max_tokens=draft.max_tokens,
            thorough=False,
            engine=draft.inference_engine,
        )
        job.lint_asked = asked
    refuse_unenforced(job.lint, draft.backend)
    return replace(draft, backend=job.lint.chosen, max_tokens=draft.max_tokens or job.lint.max_tokens)


def _refuse_foreign(job: JobState) -> None:
    """Raise Problem for an app of that name which somebody has deployed by other means: it is not ours to replace."""
    app = job.deployed
    if app is None or is_ours(app):
        return
    environment = require(job.workspace).environment if job.workspace else "this environment"
    raise Problem(
        "app_name_taken",
        f"There is an app {app.name} in environment {environment} that outlines-wizard has not made.",
        "Choose another name with --app, or another environment with --environment.",
        app.url or None,
    )


async def _observe(job: JobState) -> None:
    plan, facts, modal = require(job.plan), require(job.facts), job.ports.modal
    credential = require(job.report).credential
    fingerprint = credential.token.fingerprint if credential else None

    async def secret() -> SecretState | None:
        return await modal.secret_state(plan.secret, fingerprint) if plan.needs_token else None

    folder = weights_folder(plan.model, plan.revision)
    job.secret, stored, records, job.deployed = await gather_or_cancel(
        secret(),
        modal.volume_files(plan.volume, folder),
        modal.volume_files(plan.volume, FOLDER),
        modal.app(plan.app),
    )
    job.volume_exists = stored is not None
    job.recorded = record_name(plan_hash(plan)) in (records or {})
    job.weights_missing = missing_weights(facts, stored)


def missing_weights(facts: ModelFacts, stored: Mapping[str, int] | None) -> int:
    """Bytes of a model that are not among the files that are stored; 0 when it is complete."""
    needed = [file for file in require(facts.weights).files] + [f for f in facts.files if f.path == "config.json"]
    return sum(
        file.size or 1 for file in needed if (stored or {}).get(file.path) != file.size and file.size is not None
    ) or (0 if stored and all(file.path in stored for file in needed) else facts.download_size or 1)


def weights_folder(model: str, revision: str) -> str:
    """Where the generated app keeps a model's weights in the Volume."""
    return f"{model.replace('/', '--')}/{revision}"


def app_is_current(job: JobState) -> bool:
    """True when the deployed app was rendered from the same Plan."""
    return job.deployed is not None and job.deployed.tags.get("plan") == plan_hash(require(job.plan))


def _changes(job: JobState) -> list[Change]:
    plan = require(job.plan)
    changes = []
    if job.secret:
        replaces = job.secret == "foreign" and job.options.replace_secret
        action = {"missing": "create", "current": "keep", "outdated": "update", "foreign": "keep"}[job.secret]
        why = "replaced, as asked" if replaces else SECRET_WORDS[job.secret]
        changes.append(Change("secret", plan.secret, "update" if replaces else action, why))  # type: ignore[arg-type]
    file = {"created": "create", "updated": "update", "kept": "keep"}[
        job.ports.files.preview_write(job.file, job.source)
    ]
    changes.append(Change("file", str(job.file), file, "the Modal app, yours to keep"))  # type: ignore[arg-type]
    changes.append(
        Change("volume", plan.volume, "keep" if job.volume_exists else "create", "keeps the weights between calls")
    )
    current = app_is_current(job)
    app = "keep" if current else "update" if job.deployed else "create"
    why = "unchanged" if current else f"on {device_words(plan.gpu)}, from this plan"
    changes.append(Change("app", plan.app, app, why))  # type: ignore[arg-type]
    weights = "keep" if not job.weights_missing else "create"
    size = size_words(require(require(job.facts).weights).size)
    why = "complete in the Volume" if weights == "keep" else f"{size}, downloaded on a CPU"
    changes.append(Change("weights", f"{plan.model}@{plan.revision[:7]}", weights, why))  # type: ignore[arg-type]
    return changes
