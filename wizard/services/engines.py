"""Lint on this machine: which structured-output backends are asked, in which order, and what comes of their answers."""

from __future__ import annotations

import asyncio
import json

from wizard.core.budget import longest_answer, max_tokens_for, run_aways
from wizard.core.keywords import VERSIONS, table_findings
from wizard.core.lint import PREFERENCE, BackendReport, Finding, LintReport, Proposal, choose_backend
from wizard.core.output_type import OutputType, closed_places
from wizard.core.problem import usage
from wizard.core.prompt_notes import prompt_notes
from wizard.flow.workbench_port import LintRequest
from wizard.services.engine_adapters import engine_version
from wizard.services.engine_children import Told, Watch, ask

LONGEST_SPEC = 4 << 20  # characters
LANES = 2  # backends that are asked at the same time: memory for all three at once is more than lint may take


async def lint(request: LintRequest) -> LintReport:
    """Examine an output type with every backend that is asked for. Raises Problem for what is no output type."""
    output = request.output
    if len(output.spec) > LONGEST_SPEC:
        raise usage("output_too_large", f"The output type is longer than {LONGEST_SPEC >> 20} MiB: it is not examined.")
    if output.form == "none":
        return _about_free_text(request)
    told = await _ask_all(request)
    for each in told:
        if each.problem is not None:
            raise each.problem
    return _report(request, told)


def _about_free_text(request: LintRequest) -> LintReport:
    limit, why = max_tokens_for(None, None, None)
    notes = _prompt_notes(request, None, request.max_tokens or limit)
    chosen = request.backend if request.backend != "auto" else PREFERENCE[0]
    return LintReport(
        request.output,
        chosen=chosen,
        max_tokens=limit,
        max_tokens_why=why,
        prompt_notes=notes,
        tokenizer=_whose(request),
    )


async def _ask_all(request: LintRequest) -> list[Told]:
    """The preferred backend, or the one that was asked for, and the others where they are wanted."""
    installed = [name for name in PREFERENCE if engine_version(name) is not None]
    wanted = [name for name in installed if name == request.backend] if request.backend != "auto" else installed[:1]
    others = [name for name in installed if name not in wanted]
    return await (_side_by_side if request.thorough else _as_many_as_it_takes)(request, wanted, others)


async def _side_by_side(request: LintRequest, wanted: list[str], others: list[str]) -> list[Told]:
    """Every backend, two at a time, each with half of the seconds."""
    watch, enough, lanes = Watch(), asyncio.Event(), asyncio.Semaphore(LANES)

    async def one(name: str) -> Told:
        async with lanes:
            longest = _longest_text(request) if name in wanted else ""
            told = await ask(name, request, longest, request.seconds / 2, watch, enough)
        if name in wanted and told.report().enforced:
            enough.set()
        return told

    return list(await asyncio.gather(*map(one, (*wanted, *others))))


async def _as_many_as_it_takes(request: LintRequest, wanted: list[str], others: list[str]) -> list[Told]:
    """The wanted backend by itself; the others only where it does not hold and any may be chosen."""
    watch, enough = Watch(), asyncio.Event()
    told = [await ask(name, request, _longest_text(request), request.seconds, watch, enough) for name in wanted]
    if request.backend != "auto" or any(each.problem is not None or each.report().enforced for each in told):
        return told
    left = request.seconds - sum(each.processor for each in told)
    return told + await asyncio.gather(*(ask(name, request, "", left, watch, enough) for name in others))


def _longest_text(request: LintRequest) -> str:
    longest = longest_answer(request.output)
    return longest.text if longest else ""


# The report


def _report(request: LintRequest, told: list[Told]) -> LintReport:
    output = request.output
    reports = [each.report() for each in told]
    findings = [finding for each in told for finding in each.findings]
    for name in PREFERENCE:
        if engine_version(name) is None and request.backend in (name, "auto") and request.thorough:
            reports.append(BackendReport(name, VERSIONS[name], installed=False, error="not installed here"))
            findings += table_findings(output, name)
    chosen = choose_backend(request.backend, tuple(reports))
    notes = list(dict.fromkeys(note for each in told for note in each.notes))
    if output.kind == "schema":
        findings += run_aways(json.loads(output.spec))
        findings += _closings(output)
    first = told[0] if told else Told("")
    longest = longest_answer(output)
    room = _room(request, first.prompt)
    limit, why = max_tokens_for(longest, first.longest, room)
    return LintReport(
        output,
        tuple(reports),
        tuple(findings),
        tuple(_proposals(request, told, chosen)),
        chosen,
        limit,
        why,
        _prompt_notes(request, first.prompt, request.max_tokens or limit),
        _whose(request),
        tuple(notes),
    )


def _room(request: LintRequest, prompt: int | None) -> int | None:
    window = request.tokenizer.window if request.tokenizer else None
    return None if window is None else max(1, window - (prompt or 0))


def _closings(output: OutputType) -> list[Finding]:
    """What is closed without being asked, and what cannot be."""
    closed, opened = closed_places(output)
    found = []
    if closed:
        words = f"Keys that nobody has named are forbidden in {len(closed)} object{'s' * (len(closed) > 1)}"
        words += " that did not say so, and white space is kept tight: engines leave both open."
        found.append(Finding("closed", "note", words, closed[0], "additionalProperties"))
    if opened:
        words = (
            "This schema combines objects, so keys that nobody has named are not forbidden: a model may invent some."
        )
        found.append(Finding("open", "warning", words, opened[0], "additionalProperties"))
    if '"pattern"' in output.enforced and output.enforced.count('"format"') < output.spec.count('"format"'):
        words = "Dates, times and addresses are spelled out as patterns: engines take these formats more loosely."
        found.append(Finding("closed", "note", words, "", "format"))
    return found


def _proposals(request: LintRequest, told: list[Told], chosen: str) -> list[Proposal]:
    """Another backend that holds, else rewrites that do."""
    reports = [each.report() for each in told]
    asked = next((each for each in reports if each.name == request.backend), None)
    better = choose_backend("auto", tuple(reports))
    if asked is not None and not asked.enforced and better and better != asked.name:
        title = f"Use --backend {better}."
        return [
            Proposal(title, f"It enforces every keyword of this output type; {asked.name} does not.", better),
            *(proposal for each in told if each.backend == asked.name for proposal in each.proposals),
        ]
    if chosen and next((each.enforced for each in reports if each.name == chosen), False):
        return [proposal for each in told if each.backend == chosen for proposal in each.proposals]
    # Several backends may take the same rewrite; the preferred one among them names it. What means the same goes first.
    first = {proposal.output: proposal for each in reversed(told) for proposal in each.proposals}
    exact = [proposal for proposal in first.values() if proposal.exact]
    return (exact or list(first.values()))[::-1]


def _prompt_notes(request: LintRequest, tokens: int | None, limit: int) -> tuple[str, ...]:
    tokenizer = request.tokenizer
    if tokenizer is None or not request.prompt:
        return prompt_notes(request.prompt, has_template=None)
    return prompt_notes(
        request.prompt,
        has_template=tokenizer.has_template,
        special=tokenizer.special,
        tokens=tokens,
        window=tokenizer.window,
        max_tokens=limit,
    )


def _whose(request: LintRequest) -> str:
    return request.tokenizer.source if request.tokenizer else "one token for each byte, since no model was named"
