"""Rewrites that hold: each one is compiled, put to the probes and drawn from before it is proposed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from wizard.core.lint.backend import StructuredOutputBackend, Support
from wizard.core.lint.probes import keywords, probes
from wizard.core.lint.report import diff_of
from wizard.core.lint.support import recorded_support
from wizard.core.output.output_type import OutputType
from wizard.core.schema.examples import as_texts, example
from wizard.core.schema.finding import Finding
from wizard.core.schema.nodes import Pointer, parse_pointer, value_at
from wizard.core.schema.plain_references import with_plain_references
from wizard.core.schema.rewrites.registry import LEFT_OUT, Rewrite, nullable_as_any_of, rewrite, shortened, without
from wizard.core.schema.says_nothing import definition_meant
from wizard.core.schema.subschemas import subschemas
from wizard.core.schema.unknown_keywords import KEYWORDS
from wizard.services.lint.backends.protocol import Compiled, Vocabulary
from wizard.services.lint.random_model import SAMPLING_PROFILES, RandomModel
from wizard.services.validation.answer_validator import judge_output
from wizard.services.validation.schema_validator import SchemaJudge

SECONDS = 2.5
DRAWS = 16


def propose(
    spec: str,
    backend: StructuredOutputBackend,
    findings: list[Finding],
    compile_: Callable[[str, str], Compiled],
    end: int,
) -> Iterator[dict[str, Any]]:
    """Proposals for one backend: a rewrite that means the same and holds, else one that leaves out what does not.

    `spec` is the schema as the person wrote it; `compile_` takes a form and a source and raises ValueError.
    """
    given = json.loads(spec)
    before: dict[str, Any] = with_plain_references(given).schema
    until = time.process_time() + SECONDS
    meant = _nullable(before)
    if meant is not None and _holds(meant, None, backend, compile_, end, until):
        yield _proposal("Write null the JSON Schema way.", meant, given, [meant.why])
    used = definition_meant(before)
    if used is not None and _holds(Rewrite(used, "", exact=False), None, backend, compile_, end, until):
        why = f"{used['$ref'].rpartition('/')[2]} as the type of the answer"
        yield _proposal("Use the definition.", Rewrite(used, why, exact=False), given, [why])
    serious = [each for each in findings if each.kind in ("ignored", "refused") and each.keyword]
    if not serious:
        return
    for exact in (True, False):
        changed, reasons = _rewritten(before, serious, exact=exact)
        if changed is None or not reasons or time.process_time() > until:
            continue
        if _holds(changed, before if exact else None, backend, compile_, end, until):
            title = "Rewrite the schema." if changed.exact else "Leave out what is not enforced."
            yield _proposal(title, changed, given, reasons)
            return


def propose_shorter(spec: str, pointer: Pointer) -> Iterator[dict[str, Any]]:
    """A shorter maxLength at the pointer, for a backend that pays by the length."""
    before: dict[str, Any] = json.loads(spec)
    if (changed := shortened(before, pointer)) is not None:
        yield _proposal("Shorten what takes the time.", changed, before, [changed.why])


def _proposal(title: str, changed: Rewrite, before: dict[str, Any], reasons: list[str]) -> dict[str, Any]:
    spec = json.dumps(changed.schema, ensure_ascii=False)
    return {
        "title": title,
        "why": _why(list(dict.fromkeys(reasons)), exact=changed.exact),
        "kind": "schema",
        "spec": spec,
        "diff": diff_of(json.dumps(before, ensure_ascii=False), spec),
        "exact": changed.exact,
    }


def _why(reasons: list[str], *, exact: bool) -> str:
    """What was done, what was left out last, and what that means."""
    left = list(dict.fromkeys(each.removesuffix(LEFT_OUT) for each in reasons if each.endswith(LEFT_OUT)))
    parts = [each for each in reasons if not each.endswith(LEFT_OUT)]
    if left:
        listed = " and ".join(filter(None, (", ".join(left[:-1]), left[-1])))
        parts.append(f"{listed} {'are' if len(left) > 1 else 'is'} left out")
    why = "; ".join(parts)
    if why.split(" ")[0].rstrip(",") not in KEYWORDS:  # those keep their case
        why = why[:1].upper() + why[1:]
    if exact:
        return f"{why}. It means the same and is enforced."
    more = "Answers that your schema forbids then pass: check what was left out in your own code."
    return f"{why}. {more if left else 'It does not allow the same answers as before.'}"


def _nullable(schema: dict[str, Any]) -> Rewrite | None:
    changed = None
    for place in subschemas(schema):
        if place.node.get("nullable") is True:
            changed = nullable_as_any_of(changed.schema if changed else schema, place.pointer) or changed
    return changed


def _rewritten(schema: dict[str, Any], findings: list[Finding], *, exact: bool) -> tuple[Rewrite | None, list[str]]:
    """All findings mended one after the other; None where one cannot be."""
    changed, reasons = Rewrite(schema, ""), list[str]()
    for finding in sorted(findings, key=lambda each: -each.path.count("/")):  # the inner ones first
        pointer = parse_pointer(finding.path)
        done = _one(changed.schema, pointer, finding.keyword)
        if done is None and not exact and _is_there(changed.schema, pointer, finding.keyword):
            done = without(changed.schema, pointer, finding.keyword)
        if done is None:
            if exact and _is_there(changed.schema, pointer, finding.keyword):
                return None, []
            continue  # an earlier rewrite has taken it along
        reasons.append(done.why)
        changed = Rewrite(done.schema, done.why, changed.exact and done.exact)
    return changed, reasons


def _one(schema: dict[str, Any], pointer: Pointer, keyword: str) -> Rewrite | None:
    """A rule for the keyword, or one for the keyword around it that brings it in (`allOf`, keys beside `$ref`)."""
    if not _is_there(schema, pointer, keyword):
        return None
    if (done := rewrite(schema, pointer, keyword)) is not None:
        return done
    if (done := rewrite(schema, pointer, "$ref")) is not None:
        return done
    for length in range(len(pointer), 0, -1):
        if pointer[length - 1] == "allOf" and (done := rewrite(schema, pointer[: length - 1], "allOf")) is not None:
            return done
    return None


def _is_there(schema: Any, pointer: Pointer, keyword: str) -> bool:
    try:
        node = value_at(schema, pointer)
    except (LookupError, ValueError, TypeError):
        return False
    return isinstance(node, dict) and keyword in node


def _holds(
    changed: Rewrite,
    same_as: dict[str, Any] | None,
    backend: StructuredOutputBackend,
    compile_: Callable[[str, str], Compiled],
    end: int,
    until: float,
) -> bool:
    """Whether the backend keeps to the rewritten schema, and, for an exact one, whether it means the same."""
    output = OutputType("schema", json.dumps(changed.schema))
    try:
        compiled = compile_("json_schema", backend.source(output))
    except ValueError:
        return False
    given: dict[str, Any] = json.loads(output.enforced)
    if any(recorded_support(k, p.node, backend) is Support.IGNORED for p in subschemas(given) for k in keywords(p)):
        return False
    judge, other = SchemaJudge(given), SchemaJudge(same_as) if same_as is not None else None
    for probe in probes(given, judge.valid, lambda each: SchemaJudge(each).valid):
        if probe.breaks and any(compiled.accepts(text) for text in as_texts(probe.value)):
            return False
        if other is not None and not probe.breaks and not other.valid(other.root, probe.value):
            return False
        if time.process_time() > until:
            return False
    if other is not None and not _keeps_what_was_valid(same_as, changed.schema, until):
        return False
    model = RandomModel(Vocabulary(), end)
    for number in range(DRAWS):
        text = model.draw(compiled, list(SAMPLING_PROFILES)[number % len(SAMPLING_PROFILES)])
        wanted = output if same_as is None else OutputType("schema", json.dumps(same_as))
        if text is not None and judge_output(wanted, text).errors:
            return False
    return True


def _keeps_what_was_valid(before: dict[str, Any] | None, after: dict[str, Any], until: float) -> bool:
    """Whether the instances that the probes of the old schema know are judged the same by the new one."""
    assert before is not None
    old, new = SchemaJudge(before), SchemaJudge(after)
    if old.valid(before, small := example(before, before)) and not new.valid(after, small):
        return False
    for probe in probes(before, old.valid, lambda each: SchemaJudge(each).valid):
        if new.valid(after, probe.value) == probe.breaks:
            return False
        if time.process_time() > until:
            return False
    return True
