"""What a change would make worse: a script that is no Python any more, names that are gone, findings that are new."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Sequence

from wizard.core.doctor.finding import Finding
from wizard.core.doctor.fixes.imports import means_something_else
from wizard.core.doctor.fixes.names import missing_names
from wizard.core.doctor.python_source import PythonSource, python_source

Harm = tuple[str, str]  # its kind, and what it is about
Identity = tuple[str, ...]  # of the change that a finding proposes


def compiles(source: str) -> bool:
    """Whether Python takes a source: its grammar, and what only its compiler checks, such as a keyword given twice."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "script", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def harms(
    before: str, after: str, found: Sequence[Finding], found_after: Sequence[Finding], fixed: Sequence[Finding]
) -> dict[Harm, str]:
    """Everything that is worse after a change, with the reason to give a person for leaving it."""
    worse: dict[Harm, str] = {}
    if compiles(before) and not compiles(after):
        worse["syntax", ""] = "the changed script would not be valid Python"
        return worse
    known = missing_names(python_source(before))
    for (scope, name), line in missing_names(python_source(after)).items():
        if (scope, name) not in known:
            worse["name", name] = f"{name} would be undefined in line {line}"
    for finding in new_findings(found, found_after, fixed):
        worse["finding", finding.name] = f"the changed script would have another problem, {finding.name}"
    return worse


def new_findings(found: Sequence[Finding], found_after: Sequence[Finding], fixed: Sequence[Finding]) -> list[Finding]:
    """Findings that were not there. One that says something else counts where more of its kind are there than were
    left: a keyword in its sentence may have changed."""
    mended = {(finding.name, finding.line) for finding in fixed}
    said = {(each.name, _without_line(each.detail)) for each in found}
    room = Counter(each.name for each in found if (each.name, each.line) not in mended)
    new: list[Finding] = []
    for finding in found_after:
        room[finding.name] -= 1
        if room[finding.name] < 0 and (finding.name, _without_line(finding.detail)) not in said:
            new.append(finding)
    return new


def _without_line(detail: str) -> str:
    return re.sub(r"\bline \d+", "line", detail)


def refusal(source: PythonSource, finding: Finding) -> str:
    """Why the change of one finding cannot be made at all; empty where it can."""
    for name in finding.new_imports:
        if means_something_else(source, name):
            return f"{name} already means something else in this script"
    for start, end in (edit.span for edit in finding.edits):
        if any(first < start and end < last for first, last in source.formatted):
            return "it stands inside a formatted string"
    return ""


def identity(finding: Finding, source: PythonSource) -> Identity:
    """What tells a finding's change from others, whatever line it stands on by now."""
    changes = [f"{source.data[e.span[0] : e.span[1]].decode('utf-8', 'replace')}>{e.text}" for e in finding.edits]
    return (finding.name, _without_line(finding.detail), *changes)
