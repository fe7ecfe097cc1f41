"""Makes every change that leaves a script better, and none that makes it worse: tried in memory, round by round."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from wizard.core.doctor.finding import Finding
from wizard.core.doctor.fixes.imports import import_edits
from wizard.core.doctor.fixes.safety import Harm, Identity, compiles, harms, identity, refusal
from wizard.core.doctor.python_source import python_source
from wizard.core.doctor.script_model import Edit, EditSet, Script, apply_edits
from wizard.core.problem import Problem

MOST_ROUNDS = 64  # one change can show the next
MOST_TRIALS = 60  # whole runs, each without one more change that does harm
MOST_WORK = 3_000_000  # characters that are read in looking for it
UNTRIED = "no combination of changes was found that leaves nothing worse"
_LONE_NEWLINE = re.compile(r"(?<!\r)\n")
Rules = Callable[[Script], list[Finding]]
Parse = Callable[[str], Script]


@dataclass(frozen=True)
class FixResult:
    """What became of a script: its new source, what was fixed, and what a person has to fix."""

    source: str
    fixed: tuple[Finding, ...] = field(default=())
    left: tuple[Finding, ...] = field(default=())


@dataclass
class _Run:
    """Rounds of changes until none is left: `applied` in order, `refused` with the reasons."""

    source: str
    applied: list[tuple[Identity, Finding]]
    refused: dict[Identity, str]


class Fixer:
    """The changes of one script. `parse` raises Problem for what is not Python, `rules` finds what is wrong."""

    def __init__(self, source: str, parse: Parse, rules: Rules) -> None:
        self._source, self._parse, self._rules = source, parse, rules
        self._known: dict[str, list[Finding]] = {}
        self._work = 0

    def fix(self) -> FixResult:
        """Every safe change; what is not safe is left, with the reason."""
        refused: dict[Identity, str] = {}
        for _ in range(MOST_TRIALS):
            run = self._run(refused)
            worse = self._harms(run)
            if not worse:
                return self._result(run)
            harm, reason = next(iter(worse.items()))
            blamed = self._to_blame(run, harm)
            if not blamed or self._work > MOST_WORK:
                break
            refused = run.refused | dict.fromkeys(blamed, reason)
        found = self._found(self._source)
        left = [replace(each, edits=(), left_because=UNTRIED) if each.edits else each for each in found]
        return FixResult(self._source, (), tuple(left))

    def _to_blame(self, run: _Run, harm: Harm) -> list[Identity]:
        """The change that does harm, halved down to one; several where only together they do."""
        blamed = list(dict.fromkeys(key for key, _ in run.applied))
        while len(blamed) > 1 and self._work <= MOST_WORK:
            middle = len(blamed) // 2
            halves = (blamed[:middle], blamed[middle:])
            half = next((half for half in halves if self._is_well_without(run, half, harm)), None)
            if half is None:
                break
            blamed = half
        return blamed

    def _is_well_without(self, run: _Run, left_out: list[Identity], harm: Harm) -> bool:
        return harm not in self._harms(self._run(run.refused | dict.fromkeys(left_out, "")))

    def _found(self, source: str) -> list[Finding]:
        if source not in self._known:
            self._work += len(source)
            self._known[source] = self._rules(self._parse(source))
        return self._known[source]

    def _harms(self, run: _Run) -> dict[Harm, str]:
        found, after = self._found(self._source), self._found(run.source)
        return harms(self._source, run.source, found, after, [finding for _, finding in run.applied])

    def _run(self, refused: dict[Identity, str]) -> _Run:
        run = _Run(self._source, [], dict(refused))
        for _ in range(MOST_ROUNDS):
            chosen = self._choose(run)
            if not chosen:
                break
            changed = self._apply(run.source, chosen)
            if changed is None and len(chosen) > 1:  # one of them breaks the syntax: they are tried alone
                chosen = chosen[:1]
                changed = self._apply(run.source, chosen)
            if changed is None:
                run.refused[chosen[0][0]] = "the changed script would not be valid Python"
                continue
            if changed == run.source:
                break
            run.source = changed
            run.applied += chosen
        return run

    def _choose(self, run: _Run) -> list[tuple[Identity, Finding]]:
        """The findings of a round: each with all of its edits, none of which clashes with an earlier one."""
        source = python_source(run.source)
        chosen: list[tuple[Identity, Finding]] = []
        taken = EditSet()
        found = self._found(run.source)
        for finding in found:
            key = identity(finding, source)
            if not finding.edits or key in run.refused:
                continue
            if why := refusal(source, finding) or self._stops_group(run, finding, found):
                run.refused[key] = why
            elif taken.take(finding.edits):
                chosen.append((key, finding))
        return chosen

    def _stops_group(self, run: _Run, finding: Finding, found: list[Finding]) -> str:
        """Why a finding cannot change by itself: another one of its group is left to a person."""
        source = python_source(run.source)
        for other in found if finding.group else ():
            if other.group == finding.group and (not other.edits or identity(other, source) in run.refused):
                return f"it changes together with line {other.line}, which is left to you"
        return ""

    def _apply(self, source: str, chosen: list[tuple[Identity, Finding]]) -> str | None:
        """The source with the changes of findings; None where it would not be Python."""
        tree = python_source(source)
        findings = [finding for _, finding in chosen]
        edits = [edit for finding in findings for edit in finding.edits]
        edits += import_edits(tree, findings)
        if not EditSet().take(edits):
            return None
        changed = apply_edits(source, [Edit(e.span, _LONE_NEWLINE.sub(tree.newline, e.text)) for e in edits])
        if compiles(source) and not compiles(changed):
            return None
        try:
            self._parse(changed)
        except Problem:
            return None
        return changed

    def _result(self, run: _Run) -> FixResult:
        source = python_source(run.source)
        left = [
            replace(each, edits=(), left_because=each.left_because or run.refused.get(identity(each, source), ""))
            for each in self._found(run.source)
        ]
        fixed = {(each.name, each.detail, each.line): each for _, each in reversed(run.applied)}
        return FixResult(run.source, tuple(reversed(fixed.values())), tuple(left))
