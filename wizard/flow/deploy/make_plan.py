"""Between looking and changing: what is there already, what would change, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wizard.codegen.app_file import plan_hash, render_app
from wizard.core.concurrency.gather import together
from wizard.core.events import Change, PlanReady
from wizard.core.models.model_info import ModelFacts
from wizard.core.plan.plan import Draft
from wizard.core.problem import ExitCode, Problem
from wizard.core.sizing.cost import estimate
from wizard.core.sizing.gpus import device_words, read_gpu
from wizard.core.sizing.memory_fit import Budget, alternatives, fit_on, fits, half_precision, reason
from wizard.flow.deploy.discovery import size_words
from wizard.flow.deploy.job_state import Work, known
from wizard.flow.deploy.plan_record import FOLDER, record_name
from wizard.flow.lint.lint import lint_output, plan_notes, refuse_unenforced, unenforced_notes
from wizard.flow.ports.modal import SecretState, is_ours

SECRET_WORDS: dict[SecretState, str] = {
    "missing": "holds this access token for the download function",
    "current": "holds this access token already",
    "outdated": "holds an older access token",
    "foreign": "was not made by outlines-wizard: used as it is",
}


async def make_plan(work: Work) -> PlanReady:
    """Finish the Draft, look at everything that the Plan names, and say what applying it would change.

    Raises Problem when the output type does not compile, and with exit code 5 when it costs more than agreed.
    """
    facts = known(work.facts)
    draft, work.rates = await together(_linted(work), work.ports.cloud.rates())
    plan = work.plan = draft.finish(facts, work.rates)
    work.source = render_app(plan)
    await _observe(work)
    weights = known(facts.weights)
    work.cost = estimate(
        plan, weights.size, work.rates, build=not app_is_current(work), download=bool(work.weights_missing)
    )
    if work.wishes.max_cost is not None and work.cost.first_run > work.wishes.max_cost:
        raise Problem(
            "too_dear",
            f"The first run is estimated at ${work.cost.first_run:.2f}, more than --max-cost {work.wishes.max_cost:g}.",
            "Raise --max-cost, choose a cheaper GPU, or shorten --scaledown-window.",
            exit_code=ExitCode.NOT_AGREED,
        )
    _refuse_foreign(work)
    work.changes = tuple(_changes(work))
    lint = known(work.lint)
    fit, notes, unenforced = fit_of_plan(work), plan_notes(lint, plan), unenforced_notes(lint, plan)
    sources = sources_of(work) if work.wishes.dry_run else {}
    return PlanReady(plan.to_mapping(), work.changes, work.cost.to_mapping(), fit, notes, unenforced, sources)


# Where a value comes from that nobody has named.
_CHOSEN = {
    "revision": "the model's main branch",
    "app": "the model's name",
    "output": "default",
    "prompt": "the output type's example",
    "gpu": "the smallest that fits",
    "secret": "default",
    "volume": "default",
    "backend": "what enforces the output type",
    "max_tokens": "the longest sensible answer",
    "max_containers": "default",
    "scaledown_window": "default",
    "endpoint": "default",
}


def sources_of(work: Work) -> dict[str, str]:
    """Where each value of the plan came from: a flag, a variable, the plan file, the user config, or what is chosen."""
    found = known(work.report).found
    return {
        **{name: work.wishes.sources.get(name, chosen) for name, chosen in {"model": "", **_CHOSEN}.items()},
        "environment": work.wishes.sources.get("environment", ""),
        **({"access token": found.source} if found and known(work.facts).needs_token else {}),
    }


async def _linted(work: Work) -> Draft:
    """The Draft with what lint chooses for it: the structured-output backend, and how long an answer may get.

    Raises Problem (exit code 2) when nothing enforces the output type. A backend that somebody names is theirs to
    choose, as long as it compiles; what it does not keep to is in the notes of the plan.
    """
    draft, found = work.draft, known(work.report).found
    draft.check()
    output = known(draft.output)
    asked = (output, draft.backend, draft.prompt, draft.max_tokens, known(work.facts).commit)
    if work.lint is None or work.lint_asked != asked:
        work.lint = await lint_output(
            work.ports,
            output,
            backend=draft.backend,
            facts=work.facts,
            token=found.token if found else None,
            prompt=draft.prompt,
            max_tokens=draft.max_tokens,
            thorough=False,
        )
        work.lint_asked = asked
    refuse_unenforced(work.lint, draft.backend)
    return replace(draft, backend=work.lint.chosen, max_tokens=draft.max_tokens or work.lint.max_tokens)


def _refuse_foreign(work: Work) -> None:
    """Raise Problem for an app of that name which somebody has deployed by other means: it is not ours to replace."""
    app = work.deployed
    if app is None or is_ours(app):
        return
    environment = known(work.workspace).environment if work.workspace else "this environment"
    raise Problem(
        "app_name_taken",
        f"There is an app {app.name} in environment {environment} that outlines-wizard has not made.",
        "Choose another name with --app, or another environment with --environment.",
        app.url or None,
    )


def fit_of_plan(work: Work) -> dict[str, Any]:
    """How the model fits the GPU of the plan, why that one, what the others would do, and what might serve better."""
    plan, facts = known(work.plan), known(work.facts)
    budget = Budget(answer=plan.max_tokens)
    choice = read_gpu(plan.gpu)
    found = fit_on(facts, budget, choice)
    return found.to_mapping() | {
        "dtype": half_precision(found.choice.gpu),
        "reason": reason(found, facts, budget, work.rates),
        "gpus": {each.choice.spec: each.verdict for each in fits(facts, budget)},
        "alternatives": [
            {"why": why, "command": command}
            for why, command in alternatives(
                facts, structured=plan.output.kind != "text", budget=budget, choice=choice, rates=work.rates
            )
            if not work.ports.rehearsal
        ],
    }


async def _observe(work: Work) -> None:
    plan, facts, cloud = known(work.plan), known(work.facts), work.ports.cloud
    found = known(work.report).found
    fingerprint = found.token.fingerprint if found else None

    async def secret() -> SecretState | None:
        return await cloud.secret_state(plan.secret, fingerprint) if plan.needs_token else None

    folder = weights_folder(plan.model, plan.revision)
    work.secret, stored, records, work.deployed = await together(
        secret(),
        cloud.volume_files(plan.volume, folder),
        cloud.volume_files(plan.volume, FOLDER),
        cloud.app(plan.app),
    )
    work.volume_exists = stored is not None
    work.recorded = record_name(plan_hash(plan)) in (records or {})
    work.weights_missing = missing_weights(facts, stored)


def missing_weights(facts: ModelFacts, stored: Mapping[str, int] | None) -> int:
    """Bytes of a model that are not among the files that are stored; 0 when it is complete."""
    wanted = [file for file in known(facts.weights).files] + [f for f in facts.files if f.path == "config.json"]
    return sum(
        file.size or 1 for file in wanted if (stored or {}).get(file.path) != file.size and file.size is not None
    ) or (0 if stored and all(file.path in stored for file in wanted) else facts.download_size or 1)


def weights_folder(model: str, revision: str) -> str:
    """Where the generated app keeps a model's weights in the Volume."""
    return f"{model.replace('/', '--')}/{revision}"


def app_is_current(work: Work) -> bool:
    """True when the deployed app was rendered from the same Plan."""
    return work.deployed is not None and work.deployed.tags.get("plan") == plan_hash(known(work.plan))


def _changes(work: Work) -> list[Change]:
    plan = known(work.plan)
    changes = []
    if work.secret:
        replaces = work.secret == "foreign" and work.wishes.replace_secret
        action = {"missing": "create", "current": "keep", "outdated": "update", "foreign": "keep"}[work.secret]
        why = "replaced, as asked" if replaces else SECRET_WORDS[work.secret]
        changes.append(Change("secret", plan.secret, "update" if replaces else action, why))  # type: ignore[arg-type]
    file = {"created": "create", "updated": "update", "kept": "keep"}[work.ports.workbench.look(work.file, work.source)]
    changes.append(Change("file", str(work.file), file, "the Modal app, yours to keep"))  # type: ignore[arg-type]
    changes.append(
        Change("volume", plan.volume, "keep" if work.volume_exists else "create", "keeps the weights between calls")
    )
    current = app_is_current(work)
    app = "keep" if current else "update" if work.deployed else "create"
    why = "unchanged" if current else f"on {device_words(plan.gpu)}, from this plan"
    changes.append(Change("app", plan.app, app, why))  # type: ignore[arg-type]
    weights = "keep" if not work.weights_missing else "create"
    size = size_words(known(known(work.facts).weights).size)
    why = "complete in the Volume" if weights == "keep" else f"{size}, downloaded on a CPU"
    changes.append(Change("weights", f"{plan.model}@{plan.revision[:7]}", weights, why))  # type: ignore[arg-type]
    return changes
