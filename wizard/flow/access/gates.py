"""Several gates as one: those of a base model and of its adapters, each with its own verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wizard.core.access.verdicts import VERDICTS, Verdict
from wizard.core.models.adapter import BaseModel, base_of
from wizard.core.models.model_info import Adapter, ModelFacts
from wizard.core.problem import Problem
from wizard.flow.access.report import AccessQuestion, AccessReport


def join_gates(
    base: AccessReport, adapters: Sequence[tuple[str, AccessReport]], question: AccessQuestion
) -> AccessReport:
    """One report for a base model and its adapters, by name: ready when all of them are.

    Of several closed gates the verdict is that of the one which waiting does not open, then of the one where there is
    something to do. The facts are those of the base model, and there only when each repository's are known.
    """
    gates = (*(report for _, report in adapters), base)
    closed = sorted((gate for gate in gates if gate.problem is not None), key=_rank)
    first = closed[0] if closed else base
    notes = [note for gate in gates for note in gate.notes] + _other_bases(base, adapters)
    return replace(
        first,
        problem=_joined(closed, base, gates[0]) if closed else None,
        facts=_facts(base, adapters),
        token_sent_to=tuple(dict.fromkeys(address for gate in gates for address in gate.token_sent_to)),
        notes=tuple(dict.fromkeys(notes)),
        gates=gates,
        question=question,
    )


def _rank(gate: AccessReport) -> tuple[bool, bool]:
    return VERDICTS[gate.verdict].may_open, gate.verdict is Verdict.PENDING_REVIEW


def _facts(base: AccessReport, adapters: Sequence[tuple[str, AccessReport]]) -> ModelFacts | None:
    known = [Adapter(name, report.facts) for name, report in adapters if report.facts is not None]
    if base.facts is None or len(known) < len(adapters):
        return None
    return replace(base.facts, adapters=tuple(known))


def _joined(closed: Sequence[AccessReport], base: AccessReport, asked: AccessReport) -> Problem:
    """The problem of the first closed gate, with what the others ask for."""
    problems = [gate.problem for gate in closed if gate.problem is not None]
    messages = [
        f"{problem.message} It is the base model of {asked.model}." if gate is base else problem.message
        for gate, problem in zip(closed, problems, strict=True)
    ]
    hints = [problems[0].hint]
    for gate, problem in list(zip(closed, problems, strict=True))[1:]:
        if problem.hint not in hints:
            hints.append(f"For {gate.model}: {problem.hint}" + (f" ({problem.url})" if problem.url else ""))
    return replace(problems[0], message=" ".join(dict.fromkeys(messages)), hint=" ".join(hints))


def _other_bases(base: AccessReport, adapters: Sequence[tuple[str, AccessReport]]) -> list[str]:
    """Adapters that name another model as the one that they were trained on: it may well be the same one, packed."""
    notes = []
    for _, report in adapters:
        found = base_of(report.facts) if report.facts is not None else None
        if isinstance(found, BaseModel) and found.repo_id.lower() not in _names_of(base):
            notes.append(f"{report.model} says that it was trained on {found.repo_id}; it is applied to {base.model}.")
    return notes


def _names_of(base: AccessReport) -> tuple[str, str]:
    return base.model.lower(), (base.facts.asked_for if base.facts is not None else base.model).lower()
