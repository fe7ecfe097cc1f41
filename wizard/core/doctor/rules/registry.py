"""All rules about a script, and the changes that fix what they find."""

from __future__ import annotations

import difflib
import io
from collections.abc import Callable, Mapping
from dataclasses import replace

from wizard.core.doctor.deployables import find_deployables
from wizard.core.doctor.finding import Finding, ModelInfo, RuleContext
from wizard.core.doctor.fixes.engine import Fixer, FixResult
from wizard.core.doctor.rules.access import access_findings
from wizard.core.doctor.rules.api import api_findings, content_findings
from wizard.core.doctor.rules.app import app_findings
from wizard.core.doctor.rules.endpoint import endpoint_findings
from wizard.core.doctor.rules.image import image_findings
from wizard.core.doctor.rules.running import running_findings
from wizard.core.doctor.script_model import Script


def models_of(script: Script) -> tuple[str, ...]:
    """The models that the script loads, by their names on the Hub."""
    return tuple(dict.fromkeys(load.model for deployable in find_deployables(script) for load in deployable.loads))


def is_modal_script(script: Script) -> bool:
    """Whether the file uses Modal at all."""
    return any(name == "modal" or each.module.startswith("modal") for each in script.imports for name, _ in each.names)


def run_rules(script: Script, models: Mapping[str, ModelInfo], secret: str) -> list[Finding]:
    """Every finding, by line."""
    context = RuleContext(script, find_deployables(script), models, secret)
    found = [
        *access_findings(context),
        *api_findings(context),
        *app_findings(context),
        *content_findings(context),
        *endpoint_findings(context),
        *image_findings(context),
        *running_findings(context),
    ]
    distinct = {(each.name, each.line, each.detail): each for each in found}
    return _together(sorted(distinct.values(), key=lambda each: (each.line, each.name)))


def _together(found: list[Finding]) -> list[Finding]:
    """Findings of a group, of which one has no change, lose theirs: half of it would be worse than nothing."""
    stops = {each.group: each.line for each in found if each.group and not each.edits}
    return [
        replace(each, edits=(), left_because=f"it changes together with line {stops[each.group]}, which is left to you")
        if each.edits and each.group in stops
        else each
        for each in found
    ]


def apply_fixes(
    source: str,
    parse: Callable[[str], Script],
    models: Mapping[str, ModelInfo],
    secret: str,
) -> FixResult:
    """Apply every safe change until none is left to make. Raises Problem when the source is not Python."""
    return Fixer(source, parse, lambda script: run_rules(script, models, secret)).fix()


def diff(before: str, after: str, name: str) -> str:
    """The change as a unified diff."""
    old, new = (list(io.StringIO(text, newline="")) for text in (before, after))  # lines as Python counts them
    lines = difflib.unified_diff(old, new, name, f"{name} (fixed)")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
