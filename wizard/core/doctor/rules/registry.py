"""All rules about a script, and the change that fixes it: round by round, since one change can show the next."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wizard.core.doctor.deployables import find_deployables
from wizard.core.doctor.finding import Finding, ModelInfo, RuleContext
from wizard.core.doctor.rules.access import access_findings
from wizard.core.doctor.rules.api import api_findings, content_findings
from wizard.core.doctor.rules.app import app_findings
from wizard.core.doctor.rules.image import image_findings
from wizard.core.doctor.rules.running import running_findings
from wizard.core.doctor.script_model import Edit, Import, Script, apply_edits

MOST_ROUNDS = 8


@dataclass(frozen=True)
class FixResult:
    """What became of a script: its new source, what was fixed, and what a person has to fix."""

    source: str
    fixed: tuple[Finding, ...] = field(default=())
    left: tuple[Finding, ...] = field(default=())


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
        *image_findings(context),
        *running_findings(context),
    ]
    distinct = {(each.name, each.line, each.detail): each for each in found}
    return sorted(distinct.values(), key=lambda each: (each.line, each.name))


def apply_fixes(
    source: str,
    parse: Callable[[str], Script],
    models: Mapping[str, ModelInfo],
    secret: str,
) -> FixResult:
    """Apply every safe change until none is left to make. Raises Problem when the source is not Python."""
    fixed: list[Finding] = []
    left: list[Finding] = []
    for _ in range(MOST_ROUNDS):
        script = parse(source)
        found = run_rules(script, models, secret)
        todo = [finding for finding in found if finding.edits]
        left = [finding for finding in found if not finding.edits]
        if not todo:
            break
        changed = apply_edits(source, _edits(script, todo))
        if changed == source:
            left = found
            break
        parse(changed)  # never write what is not Python
        fixed += [
            finding for finding in todo if (finding.name, finding.detail) not in {(f.name, f.detail) for f in fixed}
        ]
        source = changed
    return FixResult(source, tuple(fixed), tuple(left))


def diff(before: str, after: str, name: str) -> str:
    """The change as a unified diff."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (mended)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _edits(script: Script, findings: list[Finding]) -> list[Edit]:
    """The edits of all findings, and one for each import that they change."""
    edits = [edit for finding in findings for edit in finding.edits]
    new_imports = list(dict.fromkeys(name for finding in findings for name in finding.new_imports))
    dropped_imports = {name for finding in findings for name in finding.dropped_imports}
    modules = [name for name in new_imports if name == "os"]
    if modules and not any(not each.module and name == "os" for each in script.imports for name, _ in each.names):
        start = _first_import(script)
        edits.append(Edit((start, start), "import os\n"))
    wanted = [name for name in new_imports if name != "os"]
    for each in script.imports:
        names = [
            pair
            for pair in each.names
            if f"{each.module}.{pair[0]}" not in dropped_imports or _still_used(script, findings, pair)
        ]
        if each.module == "modal" and not each.owner and wanted:
            names += [(name, name) for name in wanted if all(name != pair[0] for pair in each.names)]
            wanted = []
        if names != list(each.names):
            edits.append(_import_edit(each, names))
    return edits


def _still_used(script: Script, findings: list[Finding], pair: tuple[str, str]) -> bool:
    """Whether a name that is dropped from an import is used in a place that no edit changes."""
    spans = [edit.span for finding in findings for edit in finding.edits]
    used = [expression for expression in script.attributes if expression.code.split(".")[0] == pair[1]]
    return any(not any(s[0] <= expression.span[0] and expression.span[1] <= s[1] for s in spans) for expression in used)


def _import_edit(each: Import, names: list[tuple[str, str]]) -> Edit:
    if not names:
        return Edit(each.statement, "")
    return Edit(each.span, ", ".join(name if name == called else f"{name} as {called}" for name, called in names))


def _first_import(script: Script) -> int:
    """Where the first import of the module stands that is not from ``__future__``."""
    places = [each.statement[0] for each in script.imports if not each.owner and each.module != "__future__"]
    return min(places, default=0)
