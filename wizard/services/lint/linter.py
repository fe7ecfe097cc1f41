"""Lint on this machine: which structured-output backends are asked, in which order, and what comes of their answers."""

from __future__ import annotations

import json
from dataclasses import replace

from wizard.core.concurrency.gather import gather_or_cancel
from wizard.core.concurrency.shared_answers import SharedAnswers
from wizard.core.inference.engine_registry import backends_of, engine_named
from wizard.core.lint.backend import StructuredOutputBackend
from wizard.core.lint.report import BackendReport, LintReport, Proposal, choose_backend
from wizard.core.lint.support import recorded_findings
from wizard.core.listing import first_few
from wizard.core.output.answer_length import LongestAnswer, longest_answer, max_tokens_for
from wizard.core.output.output_type import OutputType, closed_places
from wizard.core.output.prompt_notes import prompt_notes
from wizard.core.problem import usage
from wizard.core.schema.drafts import names_unknown_draft
from wizard.core.schema.finding import Finding
from wizard.core.schema.json_value import JsonObject
from wizard.core.schema.nodes import format_pointer, types_of
from wizard.core.schema.pattern_findings import differing_patterns, differing_regex
from wizard.core.schema.plain_references import PlainReferences, with_plain_references
from wizard.core.schema.references import missing_references
from wizard.core.schema.rounded_numbers import find_rounded
from wizard.core.schema.says_nothing import find_silent
from wizard.core.schema.subschemas import subschemas
from wizard.core.schema.unbounded import find_unbounded
from wizard.core.schema.unknown_keywords import misspelled_keywords
from wizard.flow.ports.lint import LintRequest
from wizard.services.lint.adapters import installed_version
from wizard.services.lint.child_processes import Told, Watch, ask
from wizard.services.lint.worker_pool import WorkerPool

NO_MODEL = "plain bytes instead of a model's tokens (no model was named)"
LONGEST_SPEC = 4 << 20  # characters


Answers = SharedAnswers[LintRequest, list[Told]]


def answers_of_session() -> Answers:
    """What backends have answered is kept for a session, unless one of them crashed: that need not happen again."""
    return SharedAnswers(lambda told: all(each.end != "crash" and each.problem is None for each in told))


async def lint(request: LintRequest, answers: Answers | None = None, workers: WorkerPool | None = None) -> LintReport:
    """Examine an output type with every backend that is asked for. Raises Problem for what is no output type.

    `answers` are those that were given before; the backends are not asked again for what is among them. `workers` are
    child processes that are kept; without them, those that are started here end here.
    """
    output = request.output
    if len(output.spec) > LONGEST_SPEC:
        raise usage("output_too_large", f"The output type is longer than {LONGEST_SPEC >> 20} MiB and was not checked.")
    if output.form == "none":
        return _about_free_text(request)
    longest = longest_answer(output)
    question = replace(request, max_tokens=None)  # which the backends are not told
    pool = workers or WorkerPool()
    try:
        told = await (answers or answers_of_session()).get(
            question, lambda: _ask_all(question, longest.text if longest else "", pool)
        )
    finally:
        if workers is None:
            pool.close()
    for each in told:
        if each.problem is not None:
            raise each.problem
    return _report(request, told, longest)


def _backends(request: LintRequest) -> tuple[StructuredOutputBackend, ...]:
    """Those that the inference engine has, in the order in which they are preferred."""
    return backends_of(engine_named(request.engine))


def _about_free_text(request: LintRequest) -> LintReport:
    limit, why = max_tokens_for(None, None, None)
    notes = _prompt_notes(request, None, request.max_tokens or limit)
    chosen = request.backend if request.backend != "auto" else _backends(request)[0].name
    return LintReport(
        request.output,
        chosen=chosen,
        max_tokens=limit,
        max_tokens_why=why,
        prompt_notes=notes,
        tokenizer=_whose(request),
    )


async def _ask_all(request: LintRequest, longest: str, workers: WorkerPool) -> list[Told]:
    """The preferred backend first, or the one that was asked for; then the others side by side, where they are wanted.

    Once one holds, of the others it only matters whether they hold too.
    """
    watch = Watch()
    installed = [each for each in _backends(request) if installed_version(each) is not None]
    wanted = (
        [each for each in installed if each.name == request.backend] if request.backend != "auto" else installed[:1]
    )
    alone = request.seconds / 2 if request.thorough else request.seconds
    told = [await ask(each, request, longest, alone, watch, workers) for each in wanted]
    holds = bool(told) and all(each.report().enforced for each in told)
    if any(each.problem is not None for each in told):
        return told
    if request.thorough or (request.backend == "auto" and not holds):
        left = alone if request.thorough else request.seconds - sum(each.processor for each in told)
        others = [each for each in installed if each not in wanted]
        told += await gather_or_cancel(*(ask(each, request, "", left, watch, workers, brief=holds) for each in others))
    return told


# The report


def _report(request: LintRequest, told: list[Told], longest: LongestAnswer | None) -> LintReport:
    output = request.output
    reports = [each.report() for each in told]
    findings = [finding for each in told for finding in each.findings]
    for backend in _backends(request):
        if installed_version(backend) is None and request.backend in (backend.name, "auto") and request.thorough:
            reports.append(BackendReport(backend.name, backend.version, installed=False, error="not installed here"))
            findings += recorded_findings(output, backend)
    chosen = choose_backend(request.backend, tuple(reports))
    notes = list(dict.fromkeys(note for each in told for note in each.notes))
    if (schema := output.json_schema) is not None:
        plain = with_plain_references(schema)
        findings += find_silent(plain.schema)
        findings += misspelled_keywords(schema)
        findings += find_unbounded(plain.schema)
        findings += _references(schema, plain)
        findings += find_rounded(output.exact_schema)
        findings += _closings(output)
        findings += _unchecked(plain.schema)
        findings += differing_patterns(schema)
    if output.kind == "regex":
        findings += differing_regex(output.spec)
    if not chosen:
        refusing = {each.backend for each in findings if each.kind == "refused"}
        notes += [each.refusal_note for each in _backends(request) if each.name in refusing and each.refusal_note]
    first = told[0] if told else Told("")
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
        words = f"Undeclared keys are forbidden in {len(closed)} object{'s' * (len(closed) > 1)}"
        words += " that don't say so, and whitespace is kept compact: engines leave both open."
        found.append(Finding("closed", "note", words, closed[0], "additionalProperties"))
    if opened:
        words = "This schema combines objects, so undeclared keys are not forbidden: a model may invent some."
        found.append(Finding("open", "warning", words, opened[0], "additionalProperties"))
    if '"pattern"' in output.enforced and output.enforced.count('"format"') < output.spec.count('"format"'):
        words = "Dates, times and addresses are written out as patterns: engines are looser about these formats."
        found.append(Finding("closed", "note", words, "", "format"))
    return found


def _references(schema: JsonObject, plain: PlainReferences) -> list[Finding]:
    """References that are written anew for the backends, those of parts that nobody uses, and an unknown draft."""
    found = []
    if names_unknown_draft(schema):
        words = "$schema names an unknown draft of JSON Schema: it is read as draft 2020-12."
        found.append(Finding("closed", "note", words, "", "$schema"))
    if plain.renamed:
        pairs = [f"{old} as {new}" for old, new in plain.renamed.items()]
        words = f"References are written out for the backends: {first_few(pairs, 3)}."
        found.append(Finding("closed", "note", words, "", "$ref"))
    if missing := [each for each in missing_references(schema) if not each.used]:
        words = f"{missing[0].reference} is missing, and nothing is fetched: answers are not checked against it."
        found.append(Finding("unchecked", "note", words, format_pointer(missing[0].pointer), "$ref"))
    return found


def _unchecked(schema: JsonObject) -> list[Finding]:
    """Formats that nobody knows: the validator of samples lets anything pass for them."""
    from wizard.services.validation.formats import format_checker

    found: dict[tuple[str, bool], list[str]] = {}
    for place in subschemas(schema):
        name = place.node.get("format")
        if isinstance(name, str) and name not in format_checker().checkers:
            is_number = set(types_of(place.node)) <= {"integer", "number", "null"}
            found.setdefault((name, is_number), []).append(format_pointer(place.pointer) or "the top")
    return [_unchecked_format(name, where, is_number=is_number) for (name, is_number), where in found.items()]


def _unchecked_format(name: str, where: list[str], *, is_number: bool) -> Finding:
    """A number is checked as a number, so that its format (int32, double) is no more than a remark."""
    instead = "Use minimum and maximum instead." if is_number else "Use a pattern instead."
    words = f"The format {json.dumps(name)} at {first_few(where, 3)} is unknown and not checked."
    place = where[0] if where[0] != "the top" else ""
    return Finding("unchecked", "note" if is_number else "warning", f"{words} {instead}", place, "format")


def _proposals(request: LintRequest, told: list[Told], chosen: str) -> list[Proposal]:
    """Another backend that holds, else rewrites that do."""
    reports = [each.report() for each in told]
    asked = next((each for each in reports if each.name == request.backend), None)
    better = choose_backend("auto", tuple(reports))
    if asked is not None and not asked.enforced and better and better != asked.name:
        title = f"Use --backend {better}."
        return [
            Proposal(title, f"It enforces every keyword of this output type; {asked.name} doesn't.", better),
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
    return request.tokenizer.source if request.tokenizer else NO_MODEL
