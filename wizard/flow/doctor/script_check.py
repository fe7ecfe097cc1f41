"""What is wrong with an existing Modal script, and which change fixes it?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from wizard.core.access_token import clean, clean_line
from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.doctor.finding import Finding, ModelInfo
from wizard.core.doctor.fixes.engine import FixResult
from wizard.core.doctor.health import Check, Report
from wizard.core.doctor.rules.registry import apply_fixes, diff, is_modal_script, models_of, run_rules
from wizard.core.doctor.script_model import Script
from wizard.core.explain.pasted_text import mask_secrets
from wizard.core.plan.names import SECRET_NAME
from wizard.flow.ports.hub import HubPort, HubRefusal
from wizard.flow.ports.machine import ScriptPort

HUB_SECONDS = 6.0  # for all models of a script together


def read_script(scripts: ScriptPort, path: Path) -> tuple[str, Script]:
    """The source and the facts of a script. Raises Problem (exit code 2)."""
    source = scripts.load(path)
    return source, scripts.parse(source, path.name)


async def check_script(hub: HubPort | None, script: Script, secret: str = SECRET_NAME) -> Report:
    """Every finding about a script. `hub` None: the Hub is not asked about its models."""
    if not is_modal_script(script):
        message = "The file does not import modal, so there is nothing to check."
        return Report((Check("script", "warning", message, "Pass the file that defines the Modal app."),))
    findings = run_rules(script, await look_up_models(hub, models_of(script)), secret)
    return Report(tuple(_check(each) for each in findings) or (_all_well(script),))


async def fix_script(
    hub: HubPort | None, scripts: ScriptPort, source: str, name: str, secret: str = SECRET_NAME
) -> Report:
    """The findings of a script, those that were fixed marked so, with the change. Nothing is written."""
    script = scripts.parse(source, name)
    if not is_modal_script(script):
        return await check_script(hub, script, secret)
    models = await look_up_models(hub, models_of(script))
    result: FixResult = apply_fixes(source, scripts.parse, models, secret)
    fixed = [replace(_check(each), fixed=True, next=each.next_step) for each in result.fixed]
    checks = sorted([*fixed, *(_check(each) for each in result.left)], key=lambda check: check.line or 0)
    change, _ = mask_secrets(clean(diff(source, result.source, name)))
    return Report(tuple(checks) or (_all_well(script),), change, result.source)


async def look_up_models(hub: HubPort | None, models: Sequence[str]) -> Mapping[str, ModelInfo]:
    """What the Hub says of models: whether they need an access token, their commit, their size."""
    if hub is None:
        return {}
    answers = await gather_or_cancel(*(_bounded(_model_info(hub, model)) for model in models))
    return dict(zip(models, answers, strict=True))


async def _bounded(question: Awaitable[ModelInfo]) -> ModelInfo:
    try:
        async with asyncio.timeout(HUB_SECONDS):
            return await question
    except TimeoutError:
        return ModelInfo()


async def _model_info(hub: HubPort, model: str) -> ModelInfo:
    try:
        facts = await hub.model(model, None, None)
    except HubRefusal:
        return ModelInfo()
    size = facts.weights.size / 1e9 if facts.weights else None
    return ModelInfo(facts.needs_token, facts.commit, size or None)


def _check(finding: Finding) -> Check:
    detail, _ = mask_secrets(clean_line(finding.detail))  # it may quote the script
    hint = finding.hint
    if finding.left_because:
        reason, _ = mask_secrets(clean_line(finding.left_because))
        hint = f"{hint} Not fixed automatically: {reason}."
    return Check(finding.name, finding.status, detail, hint, finding.line)


def _all_well(script: Script) -> Check:
    count = len(models_of(script))
    models = f", {count} model{'s' if count > 1 else ''}" if count else ""
    functions = f"{len(script.functions)} function{'s' if len(script.functions) != 1 else ''}"
    return Check("script", "ok", f"Nothing to fix: {functions}{models}.")
